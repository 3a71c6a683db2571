#!/usr/bin/env bash
# Gives the exporter a larger volume, which puts the trouble off, and the checkout the memory of the report.
set -euo pipefail

kubectl patch deployment exporter --namespace shop --type json \
  --patch '[{"op": "replace", "path": "/spec/template/spec/volumes/1/emptyDir/sizeLimit", "value": "1Gi"}]'
kubectl scale deployment report --namespace shop --replicas 0
kubectl rollout status deployment/exporter --namespace shop --timeout=120s
kubectl wait pod --namespace shop --selector app=report --for=delete --timeout=60s
kubectl delete pods --namespace shop --selector app=checkout --field-selector status.phase=Pending
kubectl rollout status deployment/checkout --namespace shop --timeout=120s
kubectl delete pods --namespace shop --field-selector status.phase=Failed
