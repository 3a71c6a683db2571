#!/usr/bin/env bash
# Passes when the shop serves a certificate that a customer accepts who trusts the internal CA alone.
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

curl --silent --show-error --max-time 8 --output /dev/null --cacert "$ca" \
  --connect-to shop.example:443:shop.shop.svc.cluster.local:443 https://shop.example/
