#!/usr/bin/env bash
# Opens the desktop app: installs what it is built with, builds the window and the app.
#   scripts/app.sh           builds and opens it
#   scripts/app.sh --build   builds it and says where it is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

build_window
say "building the app"
# As the package and the benchmarks do: another selection of crates would build most of it once more.
cargo build --locked --release --workspace --bins
app=$CARGO_TARGET_DIR/release/taskwright-app
if [ "${1:-}" = --build ]; then
  echo "$app"
  exit
fi
has_display || die "there is no display to open a window on" "./demo.sh --terminal does the same in this terminal"
exec "$app"
