#!/usr/bin/env bash
# Passes when the order that cannot be read lies in orders.failed as it came.
set -euo pipefail

password=$(kubectl get secret rabbitmq --namespace shop --output jsonpath='{.data.password}' | base64 --decode)
failed=$(curl --silent --show-error --fail --max-time 10 --user "shop:$password" --header 'content-type: application/json' \
  --data '{"count": 100, "ackmode": "ack_requeue_true", "encoding": "auto"}' \
  http://rabbitmq-management.shop.svc.cluster.local:15672/api/queues/%2F/orders.failed/get)
found=$(jq --compact-output 'map(.payload | fromjson | select(.id == 37))' <<<"$failed")
wanted='[{"id":37,"customer":"c169","lines":[{"cents":24003,"count":2}]}]'
if [[ "$found" != "$wanted" ]]; then
  echo "in orders.failed of order 37: $found; wanted: $wanted"
  exit 1
fi
