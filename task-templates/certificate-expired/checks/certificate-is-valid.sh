#!/usr/bin/env bash
# Passes when cert-manager counts the Certificate as ready, and what lies in its Secret is valid and of the internal CA.
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

ready=$(kubectl get certificate shop --namespace shop --output jsonpath='{.status.conditions[?(@.type=="Ready")].status}')
if [[ "$ready" != True ]]; then
  kubectl get certificate shop --namespace shop --output jsonpath='{.status.conditions[?(@.type=="Ready")].message}{"\n"}'
  exit 1
fi
kubectl get secret shop-tls --namespace shop --output jsonpath='{.data.tls\.crt}' | base64 --decode \
  | openssl verify -CAfile "$ca" -verify_hostname shop.example
