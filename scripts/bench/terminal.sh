#!/usr/bin/env bash
# The candidate's terminal against `kubectl exec -it`, in alternating rounds, on a preview of its own.
#   terminal.sh [--smoke]
# Expects kubectl on PATH and KUBECONFIG of the host.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=5
[ "${1:-}" != --smoke ] || rounds=1

log=$("$TASKWRIGHT_BIN" preview "$project/task-templates/blank" --host taskwright-sandbox --output json)
id=$(sed -n 's/.*"event":"began".*"preview":"\([^"]*\)".*/\1/p' <<<"$log" | head -n 1)
trap '"$TASKWRIGHT_BIN" down "$id" --host taskwright-sandbox >/dev/null 2>&1' EXIT
cd "$project"
cargo bench --locked -p cli --bench terminal -- "$id" "$KUBECONFIG" "$rounds"
