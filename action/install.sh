#!/usr/bin/env bash
# Builds the program from the code of the action. `key` says where it will be and by which key a cache
# knows it, `build` builds it.
set -euo pipefail

code=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$RUNNER_TEMP/guardduty-runbooks

case ${1:-} in
key)
  hash=$(cd "$code" && find Cargo.toml Cargo.lock build.rs src guidance data schemas -type f -print0 \
    | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-32)
  {
    echo "root=$root"
    echo "program=$root/bin/guardduty-runbooks"
    echo "key=guardduty-runbooks-$RUNNER_OS-$RUNNER_ARCH-$hash"
  } >>"$GITHUB_OUTPUT"
  ;;
build)
  cargo=(cargo)
  if command -v rustup >/dev/null; then
    # The oldest compiler that the program promises to build with.
    version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$code/Cargo.toml")
    rustup toolchain install "$version" --profile minimal --no-self-update
    cargo=(cargo "+$version")
  fi
  "${cargo[@]}" install --locked --path "$code" --root "$root"
  ;;
*)
  echo "usage: install.sh key|build" >&2
  exit 2
  ;;
esac
