#!/bin/sh
# Builds sysb once into build/ and runs it: ./run.sh ARGS...
# What is missing is installed (Debian packages). Build talk goes to stderr; stdout is the command's.
set -eu
top=$(cd "$(dirname "$0")" && pwd)
. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086
need_packages $build_packages
if [ ! -f "$top/build/build.ninja" ]; then
  meson setup "$top/build" "$top" --buildtype=release -Dtests=false >&2
fi
ninja -C "$top/build" sysb >"$top/build/last-build.log" 2>&1 || { cat "$top/build/last-build.log" >&2; exit 1; }
exec "$top/build/sysb" "$@"
