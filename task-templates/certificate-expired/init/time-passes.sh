#!/usr/bin/env bash
# Three months in a minute: the shop's certificate becomes one that the internal CA signed back then, and that ended two
# days ago. cert-manager sees that and asks for a new one, which nobody signs.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
secret() { kubectl get secret "$1" --namespace "$2" --output jsonpath="{.data.$3}" | base64 --decode; }
secret internal-ca cert-manager 'tls\.crt' >ca.crt
secret internal-ca cert-manager 'tls\.key' >ca.key
secret shop-tls shop 'tls\.key' >tls.key
touch index
cat >ca.cnf <<'CNF'
[ca]
default_ca = internal
[internal]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = optional
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
subjectAltName = critical, DNS:shop.example, DNS:shop.shop.svc.cluster.local
CNF
at() { date --utc --date "$1" +%Y%m%d%H%M%SZ; }
openssl req -new -key tls.key -subj / -out request.pem
openssl ca -batch -notext -config ca.cnf -cert ca.crt -keyfile ca.key -in request.pem -out tls.crt \
  -startdate "$(at '92 days ago')" -enddate "$(at '2 days ago')" 2>openssl.log || { cat openssl.log; exit 1; }

kubectl patch secret shop-tls --namespace shop --type merge --patch "{\"data\": {\"tls.crt\": \"$(base64 --wrap 0 tls.crt)\"}}"
kubectl wait certificate/shop --namespace shop --for=condition=Ready=False --timeout=60s

# What the shop shows its customers, once it answers: behind a rollout it may not do so at once.
served() {
  for _ in {1..20}; do
    openssl s_client -connect shop.shop.svc.cluster.local:443 -servername shop.example </dev/null 2>/dev/null |
      openssl x509 2>/dev/null && return
    sleep 0.5
  done
  echo "the shop does not answer" >&2
  return 1
}

# The server reads its certificate when it starts; a pod that starts at once may still be given the old one.
for _ in 1 2 3 4 5; do
  kubectl rollout restart deployment/shop --namespace shop
  kubectl rollout status deployment/shop --namespace shop --timeout=60s
  certificate=$(served)
  openssl x509 -noout -checkend 0 <<<"$certificate" >/dev/null || exit 0
  sleep 1
done
echo "the shop still serves its first certificate"
exit 1
