#!/usr/bin/env bash
# Passes when the internal CA signs for the whole cluster, and its key lies in the namespace cert-manager only.
set -euo pipefail

ready=$(kubectl get clusterissuers.cert-manager.io --output json | jq --raw-output '
  [.items[] | select(.spec.ca.secretName == "internal-ca") | select(any(.status.conditions[]?; .type == "Ready" and .status == "True"))] | length')
if [[ "$ready" -lt 1 ]]; then
  echo "no ClusterIssuer signs with the Secret internal-ca"
  exit 1
fi

places=$(kubectl get secrets --all-namespaces --output json | jq --raw-output '
  (.items[] | select(.metadata.namespace == "cert-manager" and .metadata.name == "internal-ca") | .data["tls.key"]) as $key
  | [.items[] | select(any(.data // {} | .[]; . == $key)) | "\(.metadata.namespace)/\(.metadata.name)"] | sort | join(" ")')
if [[ "$places" != cert-manager/internal-ca ]]; then
  echo "the key of the internal CA lies in: ${places:-nowhere}; wanted: cert-manager/internal-ca"
  exit 1
fi
