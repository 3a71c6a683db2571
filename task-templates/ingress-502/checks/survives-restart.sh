#!/usr/bin/env bash
# Replaces the pods of both and asks again: what was typed into a running container, or leads to one pod, is gone.
set -euo pipefail

kubectl rollout restart deployment/accounts --namespace shop
kubectl rollout status deployment/accounts --namespace shop --timeout 60s
kubectl rollout restart deployment/ingress --namespace edge
kubectl rollout status deployment/ingress --namespace edge --timeout 60s
for path in / /accounts/orders /accounts/login; do
  for _ in 1 2 3 4 5; do
    status=$(curl --silent --max-time 8 --header 'Host: shop.example' --output /dev/null --write-out '%{http_code}' \
      "http://ingress.edge.svc.cluster.local$path" || true)
    [[ "$status" == 200 ]] && continue 2
    sleep 1
  done
  echo "$path after the pods were replaced: $status"
  exit 1
done
