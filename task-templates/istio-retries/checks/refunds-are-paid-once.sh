#!/usr/bin/env bash
# Passes when each of thirty refunds is in the ledgers once, and its answer is one of those that payments gives.
set -euo pipefail

run=check-$(date +%s)
answers=$(kubectl exec --namespace shop deployment/checkout --container nginx -- sh -c '
  for n in $(seq 30); do
    curl --silent --output /dev/null --write-out "%{http_code}\n" --max-time 5 --proxy http://127.0.0.1:15080 \
      -X POST "http://payments.shop.svc.cluster.local/refunds?id=$0-$n" || true
  done' "$run")
paid=$(for release in payments-v1 payments-v2; do
  kubectl exec --namespace shop "deployment/$release" -- sh -c "grep '^$run-' /ledger/refunds || true"
done)
each=$(grep -c . <<<"$(sort -u <<<"$paid")" || true)
all=$(grep -c . <<<"$paid" || true)
if ((all != 30 || each != 30)); then
  echo "30 refunds were asked for; paid out: $each of them, in $all payments"
  exit 1
fi
if other=$(grep -vE '^(201|502)$' <<<"$answers"); then
  echo "answers that payments does not give: $(sort <<<"$other" | uniq -c | tr -s ' \n' ' ')"
  exit 1
fi
