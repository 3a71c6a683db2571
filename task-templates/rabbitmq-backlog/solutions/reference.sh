#!/usr/bin/env bash
# Lets the broker set aside what was given back too often, and waits until that one is, and the queue is empty.
set -euo pipefail

in_broker() { kubectl exec --namespace shop rabbitmq-0 -- "$@"; }

in_broker rabbitmqctl --quiet set_policy failed-orders '^orders$' \
  '{"delivery-limit": 3, "dead-letter-exchange": "", "dead-letter-routing-key": "orders.failed"}' --apply-to queues
# The broker counts every few seconds, so an empty queue alone may be one of before the night.
for _ in $(seq 60); do
  queues=$(in_broker rabbitmqctl --quiet --no-table-headers list_queues name messages)
  waiting=$(awk '$1 == "orders" {print $2}' <<<"$queues")
  failed=$(awk '$1 == "orders.failed" {print $2}' <<<"$queues")
  [[ "$waiting" == 0 && "$failed" == 1 ]] && exit 0
  sleep 1
done
echo "orders still wait: $waiting; set aside: $failed, wanted: 1"
exit 1
