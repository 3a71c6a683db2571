#!/usr/bin/env bash
# Leads the Service to the port by its name, and gives nginx room for the tokens.
set -euo pipefail

kubectl patch service accounts --namespace shop --type json \
  --patch '[{"op": "replace", "path": "/spec/ports/0/targetPort", "value": "http"}]'

kubectl get configmap ingress --namespace edge --output json \
  | jq '.data["shop.conf"] |= sub("proxy_connect_timeout 2s;"; "proxy_connect_timeout 2s;\n    proxy_buffer_size 16k;\n    proxy_buffers 8 16k;\n    proxy_busy_buffers_size 32k;")' \
  | kubectl apply --filename -
kubectl rollout restart deployment/ingress --namespace edge
kubectl rollout status deployment/ingress --namespace edge --timeout 60s
