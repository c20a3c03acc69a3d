#!/bin/sh
# build-static.sh OUT [ppc64le]: the program without any library of the system it runs on, as OUT/sysb. Build files stay in OUT/build.
# Needs cmake, gcc and what run.sh installs; for ppc64le also g++-powerpc64le-linux-gnu and qemu-user, and a Debian 12: the libraries
# of that architecture are fetched into OUT/sysroot, and nothing of this system is changed.
set -eu
usage() { echo "usage: $0 OUT [ppc64le]" >&2; exit 2; }
case $# in 1 | 2) ;; *) usage ;; esac
top=$(cd "$(dirname "$0")/.." && pwd -P)
mkdir -p "$1"
out=$(cd "$1" && pwd -P)
. "$top/tests/support/packages.sh"
need_meson
arch=${2:-}
set -- --buildtype=release --strip -Dstatic=true -Dtests=false
case $arch in
  '') ;;
  ppc64le)
    sysroot=$out/sysroot
    if [ ! -e "$sysroot/complete" ]; then
      rm -rf "$sysroot" "$out/apt"
      mkdir -p "$sysroot" "$out/apt/lists/partial" "$out/apt/cache/archives/partial" "$out/apt/deb"
      : >"$out/apt/status"
      cat >"$out/apt/conf" <<CONF
APT::Architecture "ppc64el";
APT::Architectures { "ppc64el"; };
APT::Sandbox::User "root";
Dir::State "$out/apt";
Dir::State::status "$out/apt/status";
Dir::State::lists "$out/apt/lists";
Dir::Cache "$out/apt/cache";
CONF
      (
        export APT_CONFIG="$out/apt/conf"
        cd "$out/apt/deb"
        apt-get -q update
        apt-get -q download zlib1g-dev liblzma-dev libbz2-dev liblz4-dev libzstd-dev libfuse3-dev libcli11-dev nlohmann-json3-dev
      ) >"$out/apt.log" 2>&1 || {
        tail -n 5 "$out/apt.log" >&2
        stop "the libraries for ppc64le could not be fetched; all of the log is $out/apt.log"
      }
      for package in "$out"/apt/deb/*.deb; do
        dpkg-deb -x "$package" "$sysroot"
      done
      : >"$sysroot/complete"
    fi
    sed "s|@SYSROOT@|$sysroot|g" "$top/packaging/cross/ppc64le.ini" >"$out/cross.ini"
    set -- "$@" -Doptimization=2 --cross-file "$out/cross.ini"
    ;;
  *) usage ;;
esac
meson_setup "$out/build" "$@"
build "$out/build" sysb
# Stripped as `meson install` would.
tools=""
[ -z "$arch" ] || tools=powerpc64le-linux-gnu-
"${tools}strip" -o "$out/sysb.part" "$out/build/sysb"
mv "$out/sysb.part" "$out/sysb"
ls -l "$out/sysb"
