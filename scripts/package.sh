#!/usr/bin/env bash
# Makes a Debian package of the desktop app and the command line, and says where it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

build_window
say "building the programs"
cargo build --locked --release --workspace --bins
say "packing"
files=$(printf '{"bundle":{"linux":{"deb":{"files":{"/usr/bin/taskwright":"%s"}}}}}' "$CARGO_TARGET_DIR/release/taskwright")
(cd src-tauri && ../ui/node_modules/.bin/tauri bundle --bundles deb --config "$files")
find "$CARGO_TARGET_DIR/release/bundle/deb" -name '*.deb' -newer ui/dist/index.html
