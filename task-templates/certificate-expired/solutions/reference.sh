#!/usr/bin/env bash
# Lets the internal CA sign for the whole cluster, from where its key is now, and makes the shop read what it signed.
set -euo pipefail

kubectl apply --filename - <<'YAML'
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: internal-ca
spec:
  ca: {secretName: internal-ca}
YAML
kubectl wait clusterissuer/internal-ca --for=condition=Ready --timeout=60s
kubectl patch certificate shop --namespace shop --type merge \
  --patch '{"spec": {"issuerRef": {"name": "internal-ca", "kind": "ClusterIssuer"}}}'
kubectl wait certificate/shop --namespace shop --for=condition=Ready --timeout=60s
kubectl delete issuer internal-ca --namespace shop

served() {
  openssl s_client -connect shop.shop.svc.cluster.local:443 -servername shop.example </dev/null 2>/dev/null \
    | openssl x509 -checkend 0 >/dev/null
}
for _ in 1 2 3 4 5; do
  kubectl rollout restart deployment/shop --namespace shop
  kubectl rollout status deployment/shop --namespace shop --timeout=60s
  served && exit 0
  sleep 1
done
echo "the shop still serves the certificate that has expired"
exit 1
