#!/usr/bin/env bash
# Lets the broker give up on what was given back too often, but names no place for it: the order is gone.
set -euo pipefail

in_broker() { kubectl exec --namespace shop rabbitmq-0 -- "$@"; }

in_broker rabbitmqctl --quiet set_policy failed-orders '^orders$' '{"delivery-limit": 3}' --apply-to queues
for _ in $(seq 60); do
  waiting=$(in_broker rabbitmqctl --quiet --no-table-headers list_queues name messages | awk '$1 == "orders" {print $2}')
  [[ "$waiting" == 0 ]] && exit 0
  sleep 1
done
echo "orders still wait: $waiting"
exit 1
