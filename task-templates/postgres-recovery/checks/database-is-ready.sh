#!/usr/bin/env bash
# Passes when the StatefulSet itself runs a ready pod; a pod made by hand does not count.
set -euo pipefail

ready=$(kubectl get statefulset orders --namespace shop --output jsonpath='{.status.readyReplicas}')
owner=$(kubectl get pod orders-0 --namespace shop --output jsonpath='{.metadata.ownerReferences[0].kind}')
if [[ "${ready:-0}" -lt 1 || "$owner" != StatefulSet ]]; then
  echo "ready replicas: ${ready:-0}; orders-0 belongs to: ${owner:-nobody}"
  exit 1
fi
