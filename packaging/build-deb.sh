#!/bin/sh
# build-deb.sh OUT: Debian packages of the committed state of this checkout, into the folder OUT.
# The version comes from meson.build and the time from the last commit, so that the same commit gives the same bytes.
# DEBFULLNAME and DEBEMAIL name who answers for the packages. Without them the address leads nowhere, which lintian says.
# Needs debhelper and what packaging/debian/control says under Build-Depends.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 OUT" >&2; exit 2; }
top=$(cd "$(dirname "$0")/.." && pwd -P)
mkdir -p "$1"
out=$(cd "$1" && pwd -P)
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$top/meson.build")
SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
who="${DEBFULLNAME:-sysb developers} <${DEBEMAIL:-sysb@localhost.localdomain}>"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/sysb-$version"
git -C "$top" archive HEAD | tar -xf - -C "$work/sysb-$version"
cp -r "$work/sysb-$version/packaging/debian" "$work/sysb-$version/debian"
awk -v "who=$who" '/^Maintainer:/ { $0 = "Maintainer: " who } { print }' "$top/packaging/debian/control" \
  >"$work/sysb-$version/debian/control"
cat >"$work/sysb-$version/debian/changelog" <<CHANGELOG
sysb ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $who  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
(cd "$work/sysb-$version" && dpkg-buildpackage -us -uc -b) >"$out/build.log" 2>&1 || {
  tail -n 30 "$out/build.log" >&2
  echo "build-deb.sh: the build failed; all of its log is $out/build.log" >&2
  exit 1
}
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out/"
ls -l "$out"/*.deb
