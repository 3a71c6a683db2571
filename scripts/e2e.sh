#!/usr/bin/env bash
# The end-to-end journeys, through the built binary, on the sandbox that is up.
#   scripts/e2e.sh          the way through everything that a preview is
#   scripts/e2e.sh --all    every journey, those that take the sandbox apart, too; takes an hour
#   scripts/e2e.sh ARGS     arguments of cargo test, such as `--test lock`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

[ -x "$TASKWRIGHT_BIN" ] || die "there is no build at $TASKWRIGHT_BIN" "run: cargo build -p cli"
place() { "$TASKWRIGHT_BIN" sandbox path "$1"; }
TASKWRIGHT_E2E_KUBECONFIG=$(place kubeconfig)
TASKWRIGHT_E2E_KUBECTL=$(place kubectl)
TASKWRIGHT_E2E_VCLUSTERCTL=$(place vclusterctl)
# The tool that other people move artifacts with.
TASKWRIGHT_E2E_ORAS=$(need_go_tool oras tests/tools/oras)
export TASKWRIGHT_E2E_ORAS
export TASKWRIGHT_TEST_KUBECONFIG=$TASKWRIGHT_E2E_KUBECONFIG
export TASKWRIGHT_E2E_KUBECONFIG TASKWRIGHT_E2E_KUBECTL TASKWRIGHT_E2E_VCLUSTERCTL

if [ "${1:-}" = --all ]; then
  code=0
  cargo test --locked --workspace --test boot --test dependencies --test export --test failures --test grading --test hosts --test isolation --test lock --test panels --test seat --test update --no-fail-fast -- --test-threads 1 || code=$?
  # Every template with every solution; those of software that not every sandbox has build and add it first.
  cargo test --locked --workspace --test templates --test controllers --no-fail-fast -- --test-threads 1 || code=$?
  # These remove every preview on the host, so they run alone.
  cargo test --locked --workspace --test leftovers -- --test-threads 1 || code=$?
  cargo test --locked -p cluster --test api --no-fail-fast -- --ignored --test-threads 1 || code=$?
  # These take the sandbox itself apart, and leave it up.
  cargo test --locked --workspace --test sandbox -- --test-threads 1 || code=$?
  exit "$code"
fi
if [ $# -gt 0 ]; then
  exec cargo test --locked --workspace "$@"
fi
# The way through everything that a preview is; `--all` adds crashes in every phase and the sandbox's own repairs.
exec cargo test --locked --workspace --test boot --test export --test failures --test grading --test hosts --test isolation --test lock --test seat --no-fail-fast -- --test-threads 1
