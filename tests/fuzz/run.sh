#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh FUZZER SEEDS: runs a libFuzzer target for SYSB_FUZZ_SECONDS (default 20), seeded from a folder.
# What it finds interesting goes to a folder of its own; an input that fails is kept and named.
set -eu
fuzzer=$1
seeds=$2
work=$(mktemp -d)
if "$fuzzer" -max_total_time="${SYSB_FUZZ_SECONDS:-20}" -timeout=30 -rss_limit_mb=2048 -max_len=65536 \
  -print_final_stats=1 -artifact_prefix="$work/failed-" "$work" "$seeds" 2>"$work.log"; then
  grep -E 'stat::|Done' "$work.log"
  rm -rf "$work" "$work.log"
else
  status=$?
  tail -n 60 "$work.log"
  echo "the input stands in $work"
  exit "$status"
fi
