#!/usr/bin/env bash
# The orders of one night, of which one came from a shop front that was released too early: it names its goods `lines`.
# The same orders in every boot, so that the checks know them.
set -euo pipefail

secret() { kubectl get secret rabbitmq --namespace shop --output jsonpath="{.data.$1}" | base64 --decode; }

exec 3<>/dev/tcp/rabbitmq.shop.svc.cluster.local/61613
printf 'CONNECT\naccept-version:1.2\nhost:/\nlogin:%s\npasscode:%s\n\n\0' "$(secret username)" "$(secret password)" >&3
IFS= read -r -d '' answer <&3
[[ $answer == CONNECTED* ]] || { echo "the broker refuses: $answer"; exit 1; }

for id in {1..400}; do
  goods=items
  if ((id == 37)); then goods=lines; fi
  printf 'SEND\ndestination:/amq/queue/orders\npersistent:true\ncontent-type:application/json\n\n'
  printf '{"id":%d,"customer":"c%03d","%s":[{"cents":%d,"count":%d}]}\0' \
    "$id" $((id * 37 % 240)) "$goods" $((500 + id * 7919 % 24500)) $((1 + id % 3))
done >&3

# The broker answers once it has taken everything that came before.
printf 'DISCONNECT\nreceipt:all\n\n\0' >&3
IFS= read -r -d '' answer <&3
[[ $answer == *receipt-id:all* ]] || { echo "the broker did not take the orders: $answer"; exit 1; }
