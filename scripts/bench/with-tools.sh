#!/usr/bin/env bash
# The other side of the boot benchmark: what a careful person types to get from nothing to a prompt in the candidate's
# pod with the tools of the field and their defaults: vcluster, kubectl.
#
#   with-tools.sh blank|postgres-recovery ID     prints nothing; ends when a command ran in the pod
#   with-tools.sh down ID
#
# Expects KUBECONFIG, and kubectl, vcluster and helm on PATH; VCLUSTER_CHART names the folder of the chart. The only
# values given are the images, as the defaults need a licence; everything else is the chart's.
set -euo pipefail
task=$1
id=$2
namespace=tools-$id
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ "$task" = down ]; then
  vcluster delete "$id" --namespace "$namespace" --driver helm --log-output plain >/dev/null 2>&1 || true
  kubectl delete namespace "$namespace" --wait >/dev/null
  exit 0
fi

work=$(mktemp -d)
forward=
trap 'kill $forward 2>/dev/null; rm -rf "$work"' EXIT

cat >"$work/values.yaml" <<'YAML'
controlPlane:
  statefulSet:
    image: {registry: ghcr.io, repository: loft-sh/vcluster-oss, tag: 0.36.1}
telemetry: {enabled: false}
YAML

kubectl create namespace "$namespace" >/dev/null
vcluster create "$id" --namespace "$namespace" --driver helm --connect=false --values "$work/values.yaml" \
  --local-chart-dir "$VCLUSTER_CHART" --log-output plain >/dev/null
vcluster connect "$id" --namespace "$namespace" --driver helm --update-current=false --background-proxy=false \
  --kube-config "$work/kubeconfig" --log-output plain >/dev/null &
forward=$!
until [ -s "$work/kubeconfig" ]; do sleep 0.2; done
export HOST_KUBECONFIG=$KUBECONFIG KUBECONFIG=$work/kubeconfig
until kubectl get serviceaccount default >/dev/null 2>&1; do sleep 0.2; done

kubectl create namespace seat >/dev/null
kubectl create serviceaccount tty --namespace seat >/dev/null
kubectl create clusterrolebinding candidate --clusterrole cluster-admin --serviceaccount seat:tty >/dev/null
kubectl apply -f - >/dev/null <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: tty, namespace: seat}
spec:
  serviceAccountName: tty
  containers:
  - name: tty
    image: registry.taskwright.dev/tty:0.1.0
    command: [sleep, infinity]
    env:
    - {name: PGHOST, value: orders.shop.svc.cluster.local}
    - {name: PGUSER, value: shop}
    - {name: PGDATABASE, value: orders}
YAML

in_seat() { kubectl exec --namespace seat --stdin tty -- "$@"; }

if [ "$task" = postgres-recovery ]; then
  bundle=$project/task-templates/postgres-recovery
  kubectl apply -f "$bundle/dependencies/orders/namespace.yaml" >/dev/null
  kubectl apply -f "$bundle/dependencies/orders" >/dev/null
  kubectl rollout status statefulset/orders --namespace shop --timeout 5m >/dev/null
fi
kubectl wait pod/tty --namespace seat --for condition=Ready --timeout 5m >/dev/null
if [ "$task" = postgres-recovery ]; then
  in_seat bash -s <"$bundle/init/seed.sh" >/dev/null
  in_seat bash -s <"$bundle/init/last-nights-change.sh" >/dev/null
fi
in_seat true
