#!/usr/bin/env bash
# What three people did before the busy week, each for a good reason: one wanted to see what the exporter sends, one was
# afraid that the report would not get its memory, and one wanted three checkouts instead of one.
set -euo pipefail

kubectl patch configmap exporter --namespace shop --type merge --patch '{"data": {"LOG_LEVEL": "debug"}}'
kubectl rollout restart deployment/exporter --namespace shop

kubectl patch deployment report --namespace shop --patch '{"spec": {"template": {"spec": {"containers": [
  {"name": "report", "resources": {"requests": {"memory": "640Mi"}, "limits": {"memory": "640Mi"}}}]}}}}'
kubectl rollout status deployment/report --namespace shop --timeout=60s

kubectl scale deployment checkout --namespace shop --replicas 3
