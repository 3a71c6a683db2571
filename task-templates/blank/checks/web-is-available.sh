#!/usr/bin/env bash
# Passes when the Deployment has two available replicas, however they came to be.
set -euo pipefail

available=$(kubectl get deployment web --namespace default --output jsonpath='{.status.availableReplicas}')
if [[ "$available" != 2 ]]; then
  echo "available replicas: ${available:-0}, wanted: 2"
  exit 1
fi
