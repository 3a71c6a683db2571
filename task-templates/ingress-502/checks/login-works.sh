#!/usr/bin/env bash
# Passes when a customer gets both tokens, whole, through the proxy.
set -euo pipefail

headers=$(curl --silent --show-error --max-time 8 --header 'Host: shop.example' --output /dev/null --dump-header - \
  http://ingress.edge.svc.cluster.local/accounts/login)
status=$(head --lines 1 <<<"$headers" | cut --delimiter ' ' --fields 2)
tokens=$(grep --ignore-case --extended-regexp --count '^set-cookie: (access|refresh)=.{2900}; Path=' <<<"$headers" || true)
if [[ "$status" != 200 || "$tokens" != 2 ]]; then
  echo "/accounts/login: status $status with $tokens whole tokens of 2"
  exit 1
fi
