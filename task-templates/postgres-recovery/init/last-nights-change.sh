#!/usr/bin/env bash
# What the colleague did: renamed the volume and its claim template. As templates cannot be changed in place, the
# StatefulSet was deleted and created again; the new name led to a new, empty claim. The old one is still there.
set -euo pipefail

tidied=$(kubectl get statefulset orders --namespace shop --output json | jq '
  {
    apiVersion, kind,
    metadata: {name: .metadata.name, namespace: .metadata.namespace, labels: .metadata.labels},
    spec: (.spec | del(.volumeClaimTemplates[].status)
      | .volumeClaimTemplates[0].metadata = {name: "pgdata"}
      | .template.spec.containers[0].volumeMounts[0].name = "pgdata")
  }')

kubectl delete statefulset orders --namespace shop --cascade=foreground --wait
kubectl wait pod/orders-0 --namespace shop --for=delete --timeout=60s
kubectl create --filename - <<<"$tidied"
kubectl rollout status statefulset/orders --namespace shop --timeout=90s
