#!/usr/bin/env bash
# The benchmarks, through the release build. Each prints its figures; docs/benchmarks.md says how they are read.
#   scripts/bench.sh boot [PAIRS]    time to the prompt, against a script of vcluster and kubectl (needs the sandbox)
#   scripts/bench.sh apply [ROUNDS]  500 objects, against kubectl apply --server-side (needs the sandbox)
#   scripts/bench.sh check           checking bundles
#   scripts/bench.sh export          packing 50 MB, against tar and zstd
#   scripts/bench.sh terminal        the candidate's terminal, against kubectl exec (needs the sandbox)
#   scripts/bench.sh window [PART…]  the desktop app, against a Chromium app window over the same core (needs the sandbox);
#                                    parts are starts, memory and terminal, all unless named
#   scripts/bench.sh --smoke         the one that needs no cluster, small: does it still run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Figures are of the release build, unless told otherwise.
TASKWRIGHT_BUILD=${TASKWRIGHT_BUILD:-release}
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

# Everything that is measured, from one build: another selection of packages would build most of it once more. The desktop
# app carries a page with what measures it inside.
build() {
  [ -z "${TASKWRIGHT_BUILT:-}" ] || return 0
  need_window_packages
  npm --prefix ui ci --silent --no-audit --no-fund
  (cd ui && npx vite build --mode bench --outDir dist-bench --logLevel warn)
  TAURI_CONFIG='{"build":{"frontendDist":"../ui/dist-bench"}}' cargo build --locked --release --workspace --bins
}

# The sandbox's own programs under the names that scripts use.
tools_on_path() {
  local folder="$cache/bench-path" tool
  mkdir -p "$folder"
  for tool in kubectl helm; do ln -sf "$("$TASKWRIGHT_BIN" sandbox path $tool)" "$folder/$tool"; done
  ln -sf "$("$TASKWRIGHT_BIN" sandbox path vclusterctl)" "$folder/vcluster"
  VCLUSTER_CHART=$("$TASKWRIGHT_BIN" sandbox path chart)
  KUBECONFIG=$("$TASKWRIGHT_BIN" sandbox path kubeconfig)
  TASKWRIGHT_E2E_KUBECONFIG=$KUBECONFIG
  export VCLUSTER_CHART KUBECONFIG TASKWRIGHT_E2E_KUBECONFIG PATH="$folder:$PATH"
}

boot() {
  "${TASKWRIGHT_BIN%/*}/bench-boot" "$1" scripts/bench/with-tools.sh task-templates
}

apply() {
  "${TASKWRIGHT_BIN%/*}/bench-apply" "$1"
}

check_bundles() { scripts/bench/check.sh "$@"; }
terminal() { scripts/bench/terminal.sh; }

# A window with what measures it inside, and the two programs that show it.
window() {
  local log id
  need_packages chromium dbus libgl1-mesa-dri webkit2gtk-driver xvfb
  need_cargo_tool tauri-driver 2.1.0
  log=$("$TASKWRIGHT_BIN" preview task-templates/blank --output json)
  id=$(sed -n 's/.*"event":"began".*"preview":"\([^"]*\)".*/\1/p' <<<"$log" | head -n 1)
  # shellcheck disable=SC2064 # the id is known now
  trap "'$TASKWRIGHT_BIN' down '$id' >/dev/null 2>&1" EXIT
  TASKWRIGHT_UI=$PWD/ui/dist-bench node ui/scripts/bench/index.mjs \
    "${TASKWRIGHT_BIN%/*}/taskwright-app" "${TASKWRIGHT_BIN%/*}/taskwright-dev" "$id" "$@"
}

case ${1:-} in
  # The programs of the tests, whatever build they are.
  --smoke)
    [ -x "$TASKWRIGHT_BIN" ] || die "there is no build at $TASKWRIGHT_BIN" "run: cargo build --workspace --bins"
    check_bundles 50 2
    exit
    ;;
  boot | apply | terminal | window)
    build
    tools_on_path
    ;;
  check | export) build ;;
  *) die "scripts/bench.sh takes boot, apply, check, export, terminal, window or --smoke" ;;
esac
case $1 in
  boot) boot "${2:-5}" ;;
  apply) apply "${2:-5}" ;;
  check) check_bundles 1000 10 ;;
  export) scripts/bench/export.sh "${2:-7}" ;;
  terminal) terminal ;;
  window) window "${@:2}" ;;
esac
