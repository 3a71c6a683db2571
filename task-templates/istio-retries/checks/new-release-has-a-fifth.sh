#!/usr/bin/env bash
# Passes when the new release has booked about a fifth of two hundred payments: 20 to 65, which chance alone misses less than
# once in a thousand times.
set -euo pipefail

run=check-$(date +%s)
kubectl exec --namespace shop deployment/checkout --container nginx -- sh -c '
  seq 200 | xargs -P 10 -I N curl --silent --output /dev/null --max-time 5 --proxy http://127.0.0.1:15080 \
    -X POST "http://payments.shop.svc.cluster.local/payments?id=$0-N" || true' "$run"
booked() { kubectl exec --namespace shop "deployment/$1" -- sh -c "grep -c '^$run-' /ledger/payments || true"; }
old=$(booked payments-v1)
new=$(booked payments-v2)
all=$((old + new))
if ((all == 0 || new * 200 < 20 * all || new * 200 > 65 * all)); then
  echo "payments-v1 booked $old, payments-v2 booked $new"
  exit 1
fi
