#!/usr/bin/env bash
# Passes when the queue is empty, with a consumer, and there is exactly one invoice for each order that can be read.
set -euo pipefail

password=$(kubectl get secret rabbitmq --namespace shop --output jsonpath='{.data.password}' | base64 --decode)
api() { curl --silent --show-error --fail --max-time 10 --user "shop:$password" --header 'content-type: application/json' "$@"; }
base=http://rabbitmq-management.shop.svc.cluster.local:15672/api/queues/%2F

invoices() {
  api --data '{"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}' "$base/invoices/get" | jq --raw-output '
    map(.payload | fromjson) | "\(length) \(map(.order) | unique | length) \(map(.cents) | add)"'
}
wanted='399 399 10157367'

# What the broker counts is seconds old, so it is looked at again until it says so.
for _ in $(seq 20); do
  queue=$(api "$base/orders" | jq --raw-output '"\(.messages // -1) \(.consumers // 0)"')
  if [[ "$queue" == '0 1' ]]; then
    found=$(invoices)
    [[ "$found" == "$wanted" ]] && exit 0
  fi
  sleep 1
done
if [[ "$queue" != '0 1' ]]; then
  echo "orders that wait and programs that take them: $queue; wanted: 0 1"
else
  echo "invoices, orders they are for, and sum: $found; wanted: $wanted"
fi
exit 1
