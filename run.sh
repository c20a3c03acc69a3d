#!/bin/sh
# Builds sysb once into build/ (or $BUILD_DIR) and runs it: ./run.sh ARGS...
# What is missing is installed (Debian packages). Build talk goes to stderr; stdout is the command's.
set -eu
top=$(cd "$(dirname "$0")" && pwd -P)
folder=${BUILD_DIR:-$top/build}
. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086
need_packages $build_packages
need_folder "$folder"
if [ ! -f "$folder/build.ninja" ]; then
  need_meson
  echo "run.sh: building sysb into $folder, once; some minutes" >&2
  meson_setup "$folder" --buildtype=release "$(strictness)" -Dtests=false
fi
build "$folder" sysb
exec "$folder/sysb" "$@"
