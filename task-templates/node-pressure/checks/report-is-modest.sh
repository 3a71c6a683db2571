#!/usr/bin/env bash
# Passes when report runs and asks for no more memory than it may.
set -euo pipefail

kubectl rollout status deployment/report --namespace shop --timeout=20s
found=$(kubectl get pods --namespace shop --selector app=report --output json | jq --raw-output '
  [.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True"))
    | .spec.containers[0].resources.requests.memory // "nothing"] | join(" ")')
case "$found" in
  '') echo "no pod of report is ready"; exit 1 ;;
  *' '* | nothing) echo "pods of report ask for: $found; wanted: one pod that asks for at most 64Mi"; exit 1 ;;
esac
bytes=$(numfmt --from auto "${found%Ki}${found##*[0-9]}" 2>/dev/null || numfmt --from auto "$found")
if ((bytes > 67108864)); then
  echo "report asks for $found of memory; wanted: at most 64Mi"
  exit 1
fi
