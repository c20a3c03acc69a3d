#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh FUZZER SEEDS [DICTIONARY]: runs a libFuzzer target for SYSB_FUZZ_SECONDS (default 20), seeded from a folder and from
# what it failed on once (found/NAME beside this script), which is run first and each time.
# What it finds interesting goes to a folder of its own; an input that fails is kept and named.
set -eu
fuzzer=$1
seeds=$2
words=${3:-}
found=$(dirname "$0")/found/$(basename "$fuzzer")
work=$(mktemp -d)
run() {
  "$fuzzer" -timeout=30 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=65536 -artifact_prefix="$work/failed-" "$@" 2>"$work.log" && return 0
  tail -n 60 "$work.log"
  echo "the input stands in $work"
  exit 1 # its own, 77, would say "skipped"
}
if [ -d "$found" ]; then
  # shellcheck disable=SC2046
  run -runs=1 $(find "$found" -type f)
fi
run -max_total_time="${SYSB_FUZZ_SECONDS:-20}" -print_final_stats=1 ${words:+-dict="$words"} "$work" "$seeds"
grep -E 'stat::|Done' "$work.log"
rm -rf "$work" "$work.log"
