# shellcheck shell=bash
# Shared by the scripts: sourced, never run. Leaves the shell strict and in the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need_packages PACKAGE…: installs Debian packages, as root or through sudo; without either it says what to type.
need_packages() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || die "missing: $*. Install with: sudo apt-get install $*"
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || die "missing: $*. This is no Debian; install what these packages hold and run again"
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q </dev/null >&2
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@" </dev/null >&2
}

# need_rust: finds cargo, also where rustup has put it without telling this shell. Never downloads a toolchain.
need_rust() {
    if ! command -v cargo >/dev/null && [ -r "${CARGO_HOME:-$HOME/.cargo}/env" ]; then
        # shellcheck disable=SC1091
        . "${CARGO_HOME:-$HOME/.cargo}/env"
    fi
    command -v cargo >/dev/null || die "no cargo found. syndic needs a Rust toolchain, 1.95 or newer: https://rustup.rs"
}

# need_compiler: ring, zstd and jemalloc hold C code, jemalloc is made by make, and rustc links through cc.
need_compiler() {
    if ! command -v make >/dev/null || ! command -v cc >/dev/null || ! printf '#include <stdlib.h>\nint main(void){return 0;}\n' | cc -x c -o /dev/null - 2>/dev/null; then
        need_packages build-essential
    fi
}

# need_browser: what the tests of pages ask for: Chromium with Chinese letters, nginx, and axe-core, which finds what keeps people out.
need_browser() {
    local missing=() axe=4.14.1 tools
    command -v "${SYNDIC_CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
    command -v fc-list >/dev/null && fc-list :lang=zh | grep -q . || missing+=(fontconfig fonts-noto-cjk)
    [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || missing+=(nginx-light)
    command -v npm >/dev/null || missing+=(npm)
    [ ${#missing[@]} = 0 ] || need_packages "${missing[@]}"
    tools="$PWD/target/tools"
    if ! grep -qs "\"version\": \"$axe\"" "$tools/node_modules/axe-core/package.json"; then
        say "installing axe-core $axe into $tools"
        mkdir -p "$tools"
        npm install --prefix "$tools" --no-save --no-audit --no-fund --ignore-scripts --silent "axe-core@$axe" </dev/null >&2
    fi
}

# need_readers_of_pages: what judges manual pages and completions.
need_readers_of_pages() {
    local missing=() program
    for program in man:man-db mandoc:mandoc zsh:zsh fish:fish; do
        command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
    done
    [ ${#missing[@]} = 0 ] || need_packages "${missing[@]}"
}

# target_folder: where cargo builds.
target_folder() { printf '%s\n' "${CARGO_TARGET_DIR:-target}"; }

# shared_folder: the scorers and the load rig live beside the repository, not in it.
shared_folder() {
    local folder=${SYNDIC_SHARED:-../shared}
    [ -d "$folder" ] || die "$folder is not there. It holds the scorers and the load rig; name the folder in SYNDIC_SHARED"
    (cd "$folder" && pwd)
}
