#!/usr/bin/env bash
# Passes when thirty payments, one after another, are all taken by the mesh within three seconds each.
set -euo pipefail

answers=$(kubectl exec --namespace shop deployment/checkout --container nginx -- sh -c '
  for n in $(seq 30); do
    curl --silent --output /dev/null --write-out "%{http_code}\n" --max-time 3 --proxy http://127.0.0.1:15080 \
      -X POST "http://payments.shop.svc.cluster.local/payments?id=check-$(date +%s)-$n" || true
  done')
taken=$(grep -c '^201$' <<<"$answers" || true)
if ((taken != 30)); then
  echo "of 30 payments, $taken were taken; answers: $(sort <<<"$answers" | uniq -c | tr -s ' \n' ' ')"
  exit 1
fi
