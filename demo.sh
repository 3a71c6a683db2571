#!/usr/bin/env bash
# The main job: builds Taskwright and boots a task in a real vCluster, ending in the candidate's prompt.
# Where there is a display it opens the desktop app, which does the same with three clicks; without one, or with
# `--terminal` or any option for `taskwright preview`, it stays in this terminal.
# Brings its own host cluster up when there is none, after asking; `--yes` answers for you.
# Without a terminal, `--exec COMMAND` runs one command at the prompt and exits with its code.
#
#   ./demo.sh [--terminal] [--template NAME] [--yes] [--exec COMMAND…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

if [ $# -eq 0 ] && has_display; then
  say "opening the desktop app; ./demo.sh --terminal stays in this terminal"
  exec scripts/app.sh
fi
[ "${1:-}" != --terminal ] || shift
template=postgres-recovery
if [ "${1:-}" = --template ]; then
  template=${2:?--template needs a name}
  shift 2
fi

need_toolchains
need_packages build-essential cmake pkg-config git ca-certificates
say "building taskwright"
cargo build --locked --release -p cli
exec "$CARGO_TARGET_DIR/release/taskwright" preview "task-templates/$template" "$@"
