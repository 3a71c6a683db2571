#!/usr/bin/env bash
# Passes when exporter works, its log grows slowly on a volume as large as before, and nothing dead is left.
set -euo pipefail

dead=$(kubectl get pods --namespace shop --field-selector status.phase=Failed --output name)
if [[ -n "$dead" ]]; then
  echo "dead pods: $(tr '\n' ' ' <<<"$dead")"
  exit 1
fi

volume=$(kubectl get deployment exporter --namespace shop --output json | jq --raw-output '
  (.spec.template.spec.containers[0].volumeMounts[] | select(.mountPath == "/var/log/exporter") | .name) as $name
  | .spec.template.spec.volumes[] | select(.name == $name) | .emptyDir | "\(.sizeLimit)\(.medium // "")"')
if [[ "$volume" != 48Mi ]]; then
  echo "the scratch volume of exporter: ${volume:-none}; wanted: 48Mi"
  exit 1
fi

kubectl rollout status deployment/exporter --namespace shop --timeout=20s
bytes() { kubectl exec --namespace shop deployment/exporter -- sh -c 'cat /var/log/exporter/* | wc -c'; }
exported() { kubectl logs --namespace shop deployment/exporter --tail 1; }
before=$(bytes) sale=$(exported)
sleep 6
after=$(bytes)
if [[ "$(exported)" == "$sale" ]]; then
  echo "exporter exports nothing: $sale"
  exit 1
fi
if ((after - before > 20000 || after > 40000000)); then
  echo "the log has $after bytes and grew by $((after - before)) in six seconds"
  exit 1
fi
