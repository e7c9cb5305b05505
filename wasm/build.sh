#!/usr/bin/env bash
# Builds src/site/assets/fill.wasm, which the pages of `guardduty-runbooks site` run.
#
#   wasm/build.sh          builds it and puts it into the repository
#   wasm/build.sh --check  builds it and compares it with the one in the repository
#
# The file is committed, because whoever installs the program has neither this target nor these tools.
# So that everybody gets the same bytes, the compiler is not the one of the machine: Debian 12 has
# rustc 1.96 with the sources of its standard library, which is built for the target here, and LLVM's
# linker. They are unpacked below target/, nothing is installed. It needs apt-get, dpkg, cargo, node
# and npm. WASM_TOOLCHAIN names the folder of an unpacked toolchain instead.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
artifact=$repo/src/site/assets/fill.wasm
work=${WASM_WORK:-$repo/target/wasm}
toolchain=${WASM_TOOLCHAIN:-$work/toolchain}
rustc_version='rustc 1.96.0 (ac68faa20 2026-05-25)'
binaryen_version=132.0.0
packages=(rustc-web rust-web-src libstd-rust-web-dev libstd-rust-web-1.96 libllvm22 lld-22)

mkdir -p "$work"
if [ ! -x "$toolchain/usr/bin/rustc" ]; then
  mkdir -p "$work/packages" "$toolchain"
  (cd "$work/packages" && apt-get download -qq "${packages[@]}")
  for package in "$work/packages"/*.deb; do
    dpkg -x "$package" "$toolchain"
  done
fi

export LD_LIBRARY_PATH=$toolchain/usr/lib/x86_64-linux-gnu:$toolchain/usr/lib/llvm-22/lib
export RUSTC=$toolchain/usr/bin/rustc
if [[ $("$RUSTC" --version) != "$rustc_version"* ]]; then
  printf '%s is not %s, which the committed file was built with\n' "$("$RUSTC" --version)" "$rustc_version" >&2
  exit 2
fi

# No path of this machine gets into the file: a panic ends the code at once, and says nothing.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export RUSTFLAGS="--remap-path-prefix=$repo=/repo --remap-path-prefix=$cargo_home=/cargo \
  --remap-path-prefix=$toolchain=/toolchain -Zlocation-detail=none -Zunstable-options -Cpanic=immediate-abort"
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$toolchain/usr/lib/llvm-22/bin/wasm-ld
# The same versions of all crates as in the program.
cp "$repo/Cargo.lock" "$repo/wasm/Cargo.lock"
cargo build --quiet --release --manifest-path "$repo/wasm/Cargo.toml" \
  --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort
built=$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/guardduty_runbooks_wasm.wasm

if [ ! -x "$work/node/node_modules/.bin/wasm-opt" ]; then
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/node" "binaryen@$binaryen_version"
fi
node "$work/node/node_modules/.bin/wasm-opt" -Oz --strip-debug --strip-producers --enable-bulk-memory \
  --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types \
  --enable-multivalue "$built" -o "$work/fill.wasm"
printf '%s bytes, %s after wasm-opt\n' "$(wc -c <"$built")" "$(wc -c <"$work/fill.wasm")"

if [ "${1:-}" = --check ]; then
  cmp "$work/fill.wasm" "$artifact" || {
    printf 'src/site/assets/fill.wasm is not what its sources give; run wasm/build.sh and commit it\n' >&2
    exit 1
  }
else
  cp "$work/fill.wasm" "$artifact"
fi
