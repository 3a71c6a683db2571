#!/usr/bin/env bash
# Lets the broker set aside what was given back too often, and waits until the queue is empty.
set -euo pipefail

in_broker() { kubectl exec --namespace shop rabbitmq-0 -- "$@"; }

in_broker rabbitmqctl --quiet set_policy failed-orders '^orders$' \
  '{"delivery-limit": 3, "dead-letter-exchange": "", "dead-letter-routing-key": "orders.failed"}' --apply-to queues
for _ in $(seq 60); do
  waiting=$(in_broker rabbitmqctl --quiet --no-table-headers list_queues name messages | awk '$1 == "orders" {print $2}')
  [[ "$waiting" == 0 ]] && exit 0
  sleep 1
done
echo "orders still wait: $waiting"
exit 1
