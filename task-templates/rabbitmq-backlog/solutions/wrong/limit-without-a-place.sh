#!/usr/bin/env bash
# Lets the broker give up on what was given back too often, but names no place for it: the order is gone.
set -euo pipefail

in_broker() { kubectl exec --namespace shop rabbitmq-0 -- "$@"; }

in_broker rabbitmqctl --quiet set_policy failed-orders '^orders$' '{"delivery-limit": 3}' --apply-to queues
# The broker counts every few seconds, so an empty queue has to be seen for longer than that.
empty=0
for _ in $(seq 60); do
  waiting=$(in_broker rabbitmqctl --quiet --no-table-headers list_queues name messages | awk '$1 == "orders" {print $2}')
  if [[ "$waiting" == 0 ]]; then empty=$((empty + 1)); else empty=0; fi
  ((empty == 10)) && exit 0
  sleep 1
done
echo "orders still wait: $waiting"
exit 1
