#!/usr/bin/env bash
# Replaces the pod and looks for the rows again.
set -euo pipefail

before=$(kubectl get pod orders-0 --namespace shop --output jsonpath='{.metadata.uid}')
kubectl delete pod orders-0 --namespace shop --wait --timeout=45s
for _ in $(seq 60); do
  now=$(kubectl get pod orders-0 --namespace shop --ignore-not-found --output jsonpath='{.metadata.uid}')
  [[ -n "$now" && "$now" != "$before" ]] && break
  sleep 0.5
done
kubectl wait pod/orders-0 --namespace shop --for=condition=Ready --timeout=60s
rows=$(kubectl exec --namespace shop orders-0 --container postgres -- \
  psql --username shop --dbname orders --no-psqlrc --tuples-only --no-align --command 'SELECT count(*) FROM orders')
if [[ "$rows" != 1842 ]]; then
  echo "rows after the pod was replaced: $rows, wanted: 1842"
  exit 1
fi
