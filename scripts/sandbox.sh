#!/usr/bin/env bash
# Brings the sandbox host cluster up or down with the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

case ${1:-} in
  up) exec "$CARGO_TARGET_DIR/release/taskwright" sandbox up --yes ;;
  down) exec "$CARGO_TARGET_DIR/release/taskwright" sandbox down ;;
  *) die "scripts/sandbox.sh takes up or down" ;;
esac
