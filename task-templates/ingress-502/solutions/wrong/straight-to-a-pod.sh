#!/usr/bin/env bash
# Sends the proxy past the Service, to the address of one pod, which works until that pod is replaced.
set -euo pipefail

pod=$(kubectl get pods --namespace shop --selector app=accounts,version=v2 --output jsonpath='{.items[0].status.podIP}')
kubectl get configmap ingress --namespace edge --output json \
  | jq --arg pod "$pod" '.data["shop.conf"] |= (sub("http://accounts.shop.svc.cluster.local"; "http://\($pod):9090")
      | sub("proxy_connect_timeout 2s;"; "proxy_connect_timeout 2s;\n    proxy_buffer_size 16k;\n    proxy_buffers 8 16k;\n    proxy_busy_buffers_size 32k;"))' \
  | kubectl apply --filename -
kubectl rollout restart deployment/ingress --namespace edge
kubectl rollout status deployment/ingress --namespace edge --timeout 60s
