#!/usr/bin/env bash
# Fuzz a target for some time: fuzz/run.sh TARGET SECONDS [libFuzzer's flags …]; `all` for TARGET runs each so long.
#
# Needs a nightly toolchain and a C++ compiler, nothing else. What is found is kept in fuzz/artifacts/TARGET; new inputs are collected in
# fuzz/work/TARGET, and fuzz/corpus/TARGET stays as it is: `fuzz/run.sh TARGET 0 merge` adds to it what reaches more.
set -euo pipefail
cd "$(dirname "$0")"

target=${1:?target} seconds=${2:?seconds}
shift 2
host=$(rustc -vV | sed -n 's/^host: //p')

# Where cargo-fuzz says the same: coverage for libFuzzer, and the address sanitizer.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
 -Zsanitizer=address -Ccodegen-units=1 --cfg fuzzing ${RUSTFLAGS:-}"

# SQLite is in it as C, whose globals a second compiler's sanitizer takes for doubled.
export ASAN_OPTIONS="detect_odr_violation=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

fuzz() {
    local name=$1
    shift
    mkdir -p "artifacts/$name" "work/$name"
    printf '=== %s\n' "$name"
    # A reader that is not linear shows by its time; one that hoards, by its memory.
    "target/$host/release/$name" -artifact_prefix="artifacts/$name/" -timeout=10 -rss_limit_mb=1024 -max_len=65536 "$@" \
        "work/$name" "corpus/$name"
}

if [ "$target" = all ]; then
    cargo +nightly build --release --target "$host" --bins
    for file in fuzz_targets/*.rs; do
        fuzz "$(basename "$file" .rs)" -max_total_time="$seconds" "$@"
    done
elif [ "${1:-}" = merge ]; then
    cargo +nightly build --release --target "$host" --bin "$target"
    "target/$host/release/$target" -merge=1 "corpus/$target" "work/$target"
else
    cargo +nightly build --release --target "$host" --bin "$target"
    fuzz "$target" -max_total_time="$seconds" "$@"
fi
