#!/usr/bin/env bash
# Passes when what orders-0 mounts as the server's data folder is the claim from before the change.
set -euo pipefail

pod=$(kubectl get pod orders-0 --namespace shop --output json)
claim=$(jq --raw-output '
  (.spec.containers[] | select(.name == "postgres") | .volumeMounts[]
    | select(.mountPath == "/var/lib/postgresql/data") | .name) as $volume
  | .spec.volumes[] | select(.name == $volume) | .persistentVolumeClaim.claimName' <<<"$pod")
if [[ "$claim" != data-orders-0 ]]; then
  echo "orders-0 keeps its data on the claim ${claim:-(none)}; the original one is data-orders-0"
  exit 1
fi
