#!/usr/bin/env bash
# Brings the sandbox host cluster up or down with the built binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

case ${1:-} in
  up) exec "$TASKWRIGHT_BIN" sandbox up --yes ;;
  down) exec "$TASKWRIGHT_BIN" sandbox down ;;
  *) die "scripts/sandbox.sh takes up or down" ;;
esac
