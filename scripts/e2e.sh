#!/usr/bin/env bash
# The end-to-end journeys, through the built binary, on the sandbox that is up.
#   scripts/e2e.sh          the short way through everything
#   scripts/e2e.sh --all    every journey; takes a quarter of an hour
#   scripts/e2e.sh ARGS     arguments of cargo test
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

[ -x "$TASKWRIGHT_BIN" ] || die "there is no build at $TASKWRIGHT_BIN" "run: cargo build -p cli"
place() { "$TASKWRIGHT_BIN" sandbox path "$1"; }
TASKWRIGHT_E2E_KUBECONFIG=$(place kubeconfig)
TASKWRIGHT_E2E_KUBECTL=$(place kubectl)
TASKWRIGHT_E2E_VCLUSTERCTL=$(place vclusterctl)
export TASKWRIGHT_TEST_KUBECONFIG=$TASKWRIGHT_E2E_KUBECONFIG
export TASKWRIGHT_E2E_KUBECONFIG TASKWRIGHT_E2E_KUBECTL TASKWRIGHT_E2E_VCLUSTERCTL

if [ "${1:-}" = --all ]; then
  code=0
  cargo test --locked -p e2e --test boot --test failures --test isolation --test seat --no-fail-fast -- --test-threads 1 || code=$?
  # These remove every preview on the host, so they run alone.
  cargo test --locked -p e2e --test leftovers -- --test-threads 1 || code=$?
  cargo test --locked -p cluster --test api --no-fail-fast -- --ignored --test-threads 1 || code=$?
  exit "$code"
fi
if [ $# -gt 0 ]; then
  exec cargo test --locked -p e2e "$@"
fi
# The short way through everything: from a bundle to the prompt, a kubeconfig, the home, a command, and nothing left.
exec cargo test --locked -p e2e --test boot --test seat -- --test-threads 1 \
  a_kubeconfig_reaches_the_vcluster_from_outside \
  home_files_and_message_of_the_day_are_there \
  a_command_without_a_terminal_passes_everything_on \
  nothing_that_a_session_started_is_left_behind
