#!/usr/bin/env bash
# Gives payments the time to say that the line was busy, and leaves it at that.
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
    retries: {attempts: 0}
    route:
    - destination: {host: payments.shop.svc.cluster.local, subset: v1}
      weight: 80
    - destination: {host: payments.shop.svc.cluster.local, subset: v2}
      weight: 20
YAML
# The sidecar hears of it a moment later.
sleep 5
