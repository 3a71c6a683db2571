#!/usr/bin/env bash
set -euo pipefail

kubectl create deployment web --namespace default --image nginx:1.22 --replicas 2
kubectl rollout status deployment/web --namespace default --timeout 60s
