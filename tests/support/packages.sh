# shellcheck shell=sh disable=SC2034
# Sourced by run.sh and test.sh: installs the Debian packages that are missing.
# need_packages PACKAGE...
need_packages() {
  missing=""
  for package in "$@"; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
      missing="$missing $package"
    fi
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages; as root run:" >&2
    echo "  apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  echo "installing:$missing" >&2
  # shellcheck disable=SC2086
  { apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >&2 </dev/null
}

build_packages="g++ meson ninja-build pkg-config libarchive-dev libzstd-dev libxxhash-dev libcli11-dev libudfread-dev
  zlib1g-dev liblzma-dev libbz2-dev liblz4-dev"
