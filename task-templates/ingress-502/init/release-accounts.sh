#!/usr/bin/env bash
# This afternoon's release of the accounts service: it listens on another port, as all new services do, and its login
# sends two signed tokens in cookies, which are much longer than the session number of before. The release changed the
# Deployment, and nothing else.
set -euo pipefail

token=$(printf 'eyJhbGciOiJFUzI1NiJ9.%03d' {1..130} | head --bytes 2900)
kubectl apply --filename - <<EOF
apiVersion: v1
kind: ConfigMap
metadata:
  name: accounts-v2
  namespace: shop
data:
  default.conf: |
    server {
        listen 9090;
        default_type application/json;
        location = /healthz { return 200 "{\"version\": 2}\n"; }
        location = /accounts/orders { return 200 "{\"orders\": 1842}\n"; }
        location = /accounts/login {
            add_header Set-Cookie "access=$token; Path=/; HttpOnly";
            add_header Set-Cookie "refresh=$token; Path=/accounts; HttpOnly";
            return 200 "{\"welcome\": true}\n";
        }
        location / { return 404 "{}\n"; }
    }
EOF

kubectl patch deployment accounts --namespace shop --type json --patch '[
  {"op": "replace", "path": "/spec/template/metadata/labels/version", "value": "v2"},
  {"op": "replace", "path": "/spec/template/spec/volumes/0/configMap/name", "value": "accounts-v2"},
  {"op": "replace", "path": "/spec/template/spec/containers/0/ports/0/containerPort", "value": 9090}
]'
kubectl rollout status deployment/accounts --namespace shop --timeout 60s
