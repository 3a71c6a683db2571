#!/usr/bin/env bash
# What the platform team did in summer: moved the key of the internal CA into the namespace of cert-manager, where such
# keys belong, and left the Issuer of the shop behind without it. Nobody noticed for as long as the certificate lasted.
set -euo pipefail

kubectl get secret internal-ca --namespace shop --output json \
  | jq '{apiVersion, kind, type, data, metadata: {name: .metadata.name, namespace: "cert-manager"}}' \
  | kubectl create --filename -
kubectl delete secret internal-ca --namespace shop
kubectl wait issuer/internal-ca --namespace shop --for=condition=Ready=False --timeout=60s
