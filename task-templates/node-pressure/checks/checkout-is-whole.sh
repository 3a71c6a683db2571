#!/usr/bin/env bash
# Passes when three pods of checkout are ready, each with the memory that was measured.
set -euo pipefail

found=$(kubectl get deployment checkout --namespace shop --output json | jq --raw-output '
  "\(.status.readyReplicas // 0) of \(.spec.replicas) with \(.spec.template.spec.containers[0].resources.requests.memory)"')
if [[ "$found" != '3 of 3 with 192Mi' ]]; then
  echo "ready pods of checkout: $found; wanted: 3 of 3 with 192Mi"
  exit 1
fi
