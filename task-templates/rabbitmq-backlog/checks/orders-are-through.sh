#!/usr/bin/env bash
# Passes when the queue is empty, with a consumer, and there is exactly one invoice for each order that can be read.
set -euo pipefail

password=$(kubectl get secret rabbitmq --namespace shop --output jsonpath='{.data.password}' | base64 --decode)
api() { curl --silent --show-error --fail --max-time 10 --user "shop:$password" --header 'content-type: application/json' "$@"; }
base=http://rabbitmq-management.shop.svc.cluster.local:15672/api/queues/%2F

# What the broker counts is seconds old, so an emptied queue is looked at again until it says so.
for _ in $(seq 20); do
  queue=$(api "$base/orders" | jq --raw-output '"\(.messages // -1) \(.consumers // 0)"')
  [[ "$queue" == '0 1' ]] && break
  sleep 1
done
if [[ "$queue" != '0 1' ]]; then
  echo "orders that wait and programs that take them: $queue; wanted: 0 1"
  exit 1
fi

found=$(api --data '{"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}' "$base/invoices/get" | jq --raw-output '
  map(.payload | fromjson) | "\(length) \(map(.order) | unique | length) \(map(.cents) | add)"')
wanted='399 399 10157367'
if [[ "$found" != "$wanted" ]]; then
  echo "invoices, orders they are for, and sum: $found; wanted: $wanted"
  exit 1
fi
