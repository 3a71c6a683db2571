#!/usr/bin/env bash
set -euo pipefail
available=$(kubectl get deployment web -o jsonpath={.status.availableReplicas})
[ "$available" = 2 ] || { echo "available: $available"; exit 1; }
