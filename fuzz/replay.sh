#!/usr/bin/env bash
# Builds the targets with the compiler that builds the program, without the fuzzer's instrumentation,
# and runs each over its corpus. Fails at the first input that breaks a law, hangs or takes too much.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
target=${CARGO_TARGET_DIR:-$PWD/target}
CARGO_TARGET_DIR=$target cargo build --locked --quiet --bins
for corpus in corpus/*/; do
  name=$(basename "$corpus")
  inputs=("$corpus"*)
  if ! "$target/debug/$name" -timeout=10 -rss_limit_mb=1024 "${inputs[@]}" >"$target/$name.log" 2>&1; then
    tail -n 40 "$target/$name.log"
    echo "$name: an input of fuzz/$corpus breaks a law, see above"
    exit 1
  fi
  printf '%s: %d inputs\n' "$name" "${#inputs[@]}"
done
