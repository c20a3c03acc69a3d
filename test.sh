#!/bin/sh
# The whole test suite: a release build, and a sanitized build with the fuzz targets where Clang is
# present. Ends with one line "N passed, N failed". SYSB_FUZZ_SECONDS: time of each target (default 20).
set -eu
top=$(cd "$(dirname "$0")" && pwd)
cd "$top"
. tests/support/packages.sh
# shellcheck disable=SC2086
need_packages $build_packages python3 python3-yaml doctest-dev nlohmann-json3-dev \
  clang libclang-rt-14-dev libarchive-tools cpio genisoimage xorriso bzip2 xz-utils zstd lz4 gzip ncompress mandoc ksh93u+m mksh shellcheck

meson_setup() { # DIR OPTION...
  dir=$1
  shift
  if [ -f "$dir/build.ninja" ]; then
    meson setup --reconfigure "$dir" "$@" >/dev/null
  else
    meson setup "$dir" "$@" >/dev/null
  fi
}

status=0
meson_setup build --buildtype=release -Dtests=true -Dwerror=true
ninja -C build
meson test -C build --no-rebuild --print-errorlogs || status=1
logs="build/meson-logs/testlog.json"

if command -v clang++ >/dev/null; then
  CC=clang CXX=clang++ meson_setup build-sanitized --buildtype=plain -Doptimization=1 -Dtests=true -Dwerror=true \
    -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false
  ninja -C build-sanitized
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    meson test -C build-sanitized --no-rebuild --print-errorlogs --timeout-multiplier 4 || status=1
  logs="$logs build-sanitized/meson-logs/testlog.json"
else
  echo "skipped: sanitized build and fuzz targets (no clang++)"
fi
# shellcheck disable=SC2086
/usr/bin/python3 tests/support/summary.py $logs || status=1
exit $status
