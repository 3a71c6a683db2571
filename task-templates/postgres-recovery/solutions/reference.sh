#!/usr/bin/env bash
# Gives the claim template its old name back, which leads the StatefulSet to its old claim.
set -euo pipefail

restored=$(kubectl get statefulset orders --namespace shop --output json | jq '
  {
    apiVersion, kind,
    metadata: {name: .metadata.name, namespace: .metadata.namespace, labels: .metadata.labels},
    spec: (.spec | del(.volumeClaimTemplates[].status)
      | .volumeClaimTemplates[0].metadata = {name: "data"}
      | .template.spec.containers[0].volumeMounts[0].name = "data")
  }')

kubectl delete statefulset orders --namespace shop --cascade=foreground --wait
kubectl wait pod/orders-0 --namespace shop --for=delete --timeout=60s
kubectl create --filename - <<<"$restored"
kubectl rollout status statefulset/orders --namespace shop --timeout=90s
