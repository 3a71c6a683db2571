#!/usr/bin/env bash
# Time enough, another try for what is not a refund, and a fifth for the new release.
set -euo pipefail

kubectl apply --filename - <<'YAML'
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: payments
  namespace: shop
spec:
  host: payments.shop.svc.cluster.local
  subsets:
  - name: v1
    labels: {version: v1}
  - name: v2
    labels: {version: v2}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: payments
  namespace: shop
spec:
  hosts: [payments.shop.svc.cluster.local]
  http:
  - name: refunds
    match:
    - uri: {prefix: /refunds}
    rewrite: {uri: /cgi-bin/refunds}
    timeout: 3s
    retries: {attempts: 0}
    route:
    - destination: {host: payments.shop.svc.cluster.local, subset: v1}
      weight: 80
    - destination: {host: payments.shop.svc.cluster.local, subset: v2}
      weight: 20
  - name: all
    match:
    - uri: {prefix: /}
    rewrite: {uri: /cgi-bin/}
    timeout: 3s
    retries: {attempts: 4, perTryTimeout: 1s, retryOn: "gateway-error,connect-failure,refused-stream"}
    route:
    - destination: {host: payments.shop.svc.cluster.local, subset: v1}
      weight: 80
    - destination: {host: payments.shop.svc.cluster.local, subset: v2}
      weight: 20
YAML
# The sidecar hears of it a moment later.
sleep 5
