#!/usr/bin/env bash
# Replaces the broker's pod, sends another order that cannot be read and one that can, and looks where they go.
set -euo pipefail

password=$(kubectl get secret rabbitmq --namespace shop --output jsonpath='{.data.password}' | base64 --decode)
api() { curl --silent --show-error --fail --max-time 10 --user "shop:$password" --header 'content-type: application/json' "$@"; }
base=http://rabbitmq-management.shop.svc.cluster.local:15672/api
get='{"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}'
publish() {
  api --output /dev/null --data "$(jq --null-input --arg payload "$1" \
    '{properties: {delivery_mode: 2}, routing_key: "orders", payload: $payload, payload_encoding: "string"}')" \
    "$base/exchanges/%2F/amq.default/publish"
}
in_queue() { api --data "$get" "$base/queues/%2F/$1/get" | jq "map(.payload | fromjson | select($2)) | length"; }

before=$(kubectl get pod rabbitmq-0 --namespace shop --output jsonpath='{.metadata.uid}')
kubectl delete pod rabbitmq-0 --namespace shop --wait --timeout=60s
for _ in $(seq 120); do
  now=$(kubectl get pod rabbitmq-0 --namespace shop --ignore-not-found --output jsonpath='{.metadata.uid}')
  [[ -n "$now" && "$now" != "$before" ]] && break
  sleep 0.5
done
kubectl wait pod/rabbitmq-0 --namespace shop --for=condition=Ready --timeout=90s
# Names of pods are remembered for a while by those who ask for them.
for _ in $(seq 40); do
  api --output /dev/null "$base/overview" 2>/dev/null && break
  sleep 1
done

publish '{"id":9001,"customer":"probe"}'
publish '{"id":9002,"customer":"probe","items":[{"cents":100,"count":1}]}'
for _ in $(seq 90); do
  found="$(in_queue orders.failed '.id == 9001') $(in_queue invoices '.order == 9002')"
  [[ "$found" == '1 1' ]] && exit 0
  sleep 1
done
echo "in orders.failed of what cannot be read, in invoices of what can: $found; wanted: 1 1"
exit 1
