#!/usr/bin/env bash
# Makes the backlog go away, with all the orders in it.
set -euo pipefail

kubectl scale deployment billing --namespace shop --replicas 0
kubectl wait pod --namespace shop --selector app=billing --for=delete --timeout=60s
kubectl exec --namespace shop rabbitmq-0 -- rabbitmqctl --quiet purge_queue orders
kubectl scale deployment billing --namespace shop --replicas 1
kubectl rollout status deployment/billing --namespace shop --timeout 60s
