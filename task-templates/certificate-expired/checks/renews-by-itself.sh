#!/usr/bin/env bash
# Takes the certificate away, as if it were due, and looks whether the internal CA signs a new one.
set -euo pipefail

ca=$(mktemp)
trap 'rm -f "$ca"' EXIT
cat >"$ca" <<'PEM'
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUeX/amYw7xX3CvRLd8g0T9lD8KGIwCgYIKoZIzj0EAwIw
KTERMA8GA1UECgwIVGhlIFNob3AxFDASBgNVBAMMC0ludGVybmFsIENBMCAXDTI0
MDEwMTAwMDAwMFoYDzIxMjMxMjMxMjM1OTU5WjApMREwDwYDVQQKDAhUaGUgU2hv
cDEUMBIGA1UEAwwLSW50ZXJuYWwgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAT8E0WCHXSE7TGlZO1kBNwBeRO6Z7pocxdH5KjPVKZPL3c9rqcj+SFS53ztSdBU
OJ0CX2hVTogK6FdR5/DsEl2oo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB
/wQEAwIBBjAdBgNVHQ4EFgQUH8cQYtD34aQWYOpBpDDshGfjOikwCgYIKoZIzj0E
AwIDSAAwRQIgOx5VjdppSQMa4bmn7iGVu//ZJzz76cELdHXqSvZZkzMCIQDcmgrE
6SwjJBH1NL+igFjav45IIZ8gNFsbYM73iabrQA==
-----END CERTIFICATE-----
PEM

# certificate: the one in the Secret, or nothing.
certificate() { kubectl get secret shop-tls --namespace shop --ignore-not-found --output jsonpath='{.data.tls\.crt}' | base64 --decode; }

before=$(certificate)
kept=$(kubectl get secret shop-tls --namespace shop --output json | jq 'del(.metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp, .metadata.managedFields)')
kubectl delete secret shop-tls --namespace shop
for _ in $(seq 60); do
  now=$(certificate)
  [[ -n "$now" ]] && break
  sleep 0.5
done
if [[ -z "$now" || "$now" == "$before" ]]; then
  # Left as it was found: the work may go on after a look at it.
  kubectl create --filename - <<<"$kept"
  echo "no new certificate after 30 seconds"
  exit 1
fi
openssl verify -CAfile "$ca" -verify_hostname shop.example <<<"$now"
