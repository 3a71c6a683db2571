#!/usr/bin/env bash
# Passes when the orders come through the proxy, from version 2 as it was released.
set -euo pipefail

answer=$(curl --silent --show-error --max-time 8 --header 'Host: shop.example' --write-out ' %{http_code}' \
  http://ingress.edge.svc.cluster.local/accounts/orders | tr --delete '\n')
if [[ "$answer" != '{"orders": 1842} 200' ]]; then
  echo "/accounts/orders: $answer"
  exit 1
fi

released=$(kubectl get deployment accounts --namespace shop --output json | jq --raw-output '
  "\(.status.readyReplicas // 0) \(.spec.template.metadata.labels.version) \(.spec.template.spec.volumes[0].configMap.name) \(.spec.template.spec.containers[0].ports[0].containerPort)"')
port=$(kubectl get configmap accounts-v2 --namespace shop --output jsonpath='{.data.default\.conf}' | grep --only-matching 'listen [0-9]*')
if [[ "$released, $port" != '2 v2 accounts-v2 9090, listen 9090' ]]; then
  echo "accounts: $released, $port; wanted: 2 v2 accounts-v2 9090, listen 9090"
  exit 1
fi
