#!/usr/bin/env bash
# Gets a valid certificate quickly, from an issuer that no customer trusts.
set -euo pipefail

kubectl apply --filename - <<'YAML'
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: quick
  namespace: shop
spec:
  selfSigned: {}
YAML
kubectl patch certificate shop --namespace shop --type merge \
  --patch '{"spec": {"issuerRef": {"name": "quick", "kind": "Issuer"}}}'
kubectl wait certificate/shop --namespace shop --for=condition=Ready --timeout=60s
kubectl rollout restart deployment/shop --namespace shop
kubectl rollout status deployment/shop --namespace shop --timeout=60s
