#!/usr/bin/env bash
# The candidate's terminal against `kubectl exec -it`, in alternating rounds, on a preview of its own.
#   terminal.sh [--smoke]
# Expects kubectl on PATH, KUBECONFIG of the host, and the built programs.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=5
[ "${1:-}" != --smoke ] || rounds=1

log=$("$TASKWRIGHT_BIN" preview "$project/task-templates/blank" --host taskwright-sandbox --output json)
id=$(sed -n 's/.*"event":"began".*"preview":"\([^"]*\)".*/\1/p' <<<"$log" | head -n 1)
trap '"$TASKWRIGHT_BIN" down "$id" --host taskwright-sandbox >/dev/null 2>&1' EXIT
"${TASKWRIGHT_BIN%/*}/bench-terminal" "$id" "$KUBECONFIG" "$rounds"
