# shellcheck shell=sh disable=SC2034
# Sourced by run.sh and test.sh: installs the Debian packages that are missing, makes build folders, and
# says now and then how far a build is. What cannot be is said in one sentence.

build_packages="g++ meson ninja-build pkg-config libarchive-dev libzstd-dev libxxhash-dev libcli11-dev nlohmann-json3-dev libudfread-dev libfuse3-dev fuse3
  zlib1g-dev liblzma-dev libbz2-dev liblz4-dev"
oldest_meson=1.0.1

stop() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

# need_packages PACKAGE...
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "$(basename "$0"): not a Debian system: nothing is installed; needed are what Debian 12 calls $*" |
      tr -s ' \n' ' ' >&2
    echo >&2
    return 0
  fi
  missing=""
  for package in "$@"; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
      missing="$missing $package"
    fi
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    stop "packages are missing and only root can install them: sudo apt-get update && sudo apt-get install --no-install-recommends$missing"
  fi
  echo "$(basename "$0"): installing$missing" >&2
  apt_log=$(mktemp)
  # shellcheck disable=SC2086
  if ! { apt-get update -q &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } >"$apt_log" 2>&1 </dev/null; then
    if grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Network is unreachable|Unable to locate package' "$apt_log"; then
      rm -f "$apt_log"
      stop "no network to the package archive; without it these packages must be there already:$missing"
    fi
    tail -n 20 "$apt_log" >&2
    rm -f "$apt_log"
    stop "the packages could not be installed:$missing"
  fi
  rm -f "$apt_log"
}

# want_packages PACKAGE...: the suite goes on without them; the tests that use them say "skipped".
want_packages() {
  (need_packages "$@") || echo "$(basename "$0"): going on without $*" >&2
}

# need_meson: one that is new enough.
need_meson() {
  have=$(meson --version 2>/dev/null) || stop "there is no meson on the PATH; $oldest_meson or newer is needed"
  oldest=$(printf '%s\n%s\n' "$oldest_meson" "$have" | sort -V | head -n 1)
  [ "$oldest" = "$oldest_meson" ] || stop "meson $have is too old: $oldest_meson or newer is needed"
}

# need_folder DIR: a build folder that is ours to write, of this checkout.
need_folder() {
  if [ -d "$1" ]; then
    [ -w "$1" ] || stop "the build folder $1 belongs to $(stat -c %U "$1") and cannot be written: name another with BUILD_DIR=/some/folder"
    made_for=$(sed -n 's/.*"source": "\([^"]*\)".*/\1/p' "$1/meson-info/meson-info.json" 2>/dev/null) || made_for=""
    if [ -n "$made_for" ] && [ "$made_for" != "$top" ]; then
      stop "the build folder $1 was made for another checkout ($made_for): remove it, or name another with BUILD_DIR=/some/folder"
    fi
  else
    mkdir -p "$1" 2>/dev/null || stop "the build folder $1 cannot be made here: name another with BUILD_DIR=/some/folder"
  fi
}

# Most of a compiler's time goes into the headers of the standard library: libraries are compiled eight files at once.
joined="--unity on --unity-size 8"

# Warnings are errors with the compilers that this code was last tried with: others know warnings of their own.
# The same for run.sh and test.sh, so that one goes on with what the other compiled.
strictness() {
  case $(${CXX:-c++} -dumpfullversion -dumpversion 2>/dev/null) in
    12.* | 14.0.6) echo -Dwerror=true ;;
    *) echo -Dwerror=false ;;
  esac
}

# meson_setup DIR OPTION...: made once; later the options are only looked at where they changed.
meson_setup() {
  dir=$1
  shift
  need_folder "$dir"
  # shellcheck disable=SC2086
  set -- $joined "$@"
  if [ -f "$dir/build.ninja" ]; then
    [ "$(cat "$dir/.options" 2>/dev/null)" = "$*" ] && return 0
    set -- --reconfigure "$dir" "$top" "$@"
  else
    set -- "$dir" "$top" "$@"
  fi
  if ! meson setup "$@" >"$dir/last-setup.log" 2>&1; then
    cat "$dir/last-setup.log" >&2
    stop "the build could not be set up in $dir"
  fi
  case $1 in --reconfigure) shift ;; esac
  shift 2
  echo "$*" >"$dir/.options"
}

# build DIR TARGET...: quiet, but for a line now and then; what the compiler said where it fails.
build() {
  dir=$1
  shift
  log="$dir/last-build.log"
  : >"$log"
  (
    while sleep 10 >/dev/null 2>&1 </dev/null; do
      line=$(tail -n 1 "$log" 2>/dev/null | cut -c 1-100)
      case $line in
        \[*) echo "building: $line" >&2 ;;
      esac
    done
  ) &
  watcher=$!
  built=0
  ninja -C "$dir" "$@" >"$log" 2>&1 || built=$?
  kill "$watcher" 2>/dev/null || :
  wait "$watcher" 2>/dev/null || :
  [ "$built" -eq 0 ] && return 0
  [ "$built" -ge 128 ] && exit "$built"
  grep -vE '^\[[0-9]+/[0-9]+\]|^ninja: ' "$log" | tail -n 60 >&2
  stop "the build failed; all of its log is $log"
}
