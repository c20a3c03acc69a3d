#!/bin/sh
# A host for the scripts of OUT.d/: every command of AIX that they call, by the name it is called with. State in
# $FAKE: fs, mounts, wpars (one a line), store/ (content of what is not mounted), log. What AIX prints is as far as
# known from its documentation. $FAKE/fail holds "NAME N HOW": call N of NAME fails, "before" or "after" its work.
name=${0##*/}
real=/usr/bin:/bin
echo "$name $*" >>"$FAKE/log"
how=
if [ -f "$FAKE/fail" ]; then
  read -r who when how_then <"$FAKE/fail"
  if [ "$who" = "$name" ]; then
    calls=0
    [ ! -f "$FAKE/calls" ] || read -r calls <"$FAKE/calls"
    calls=$((calls + 1))
    echo "$calls" >"$FAKE/calls"
    [ "$calls" != "$when" ] || how=$how_then
  fi
fi
if [ "$how" = before ]; then
  echo "$name: made to fail" >&2
  exit 1
fi
# What is on every system needs nothing of this one.
case $name in
  ls | awk | sed | cksum | find | wc | mkdir | rmdir | chmod | cat | rm | mv | gzip | zstd | xz | grep)
    if [ "$how" = '' ]; then
      PATH=$real
      exec "$name" "$@"
    fi
    ;;
esac
real() {
  PATH=$real command "$@"
}
has() { real grep -qxF -- "$2" "$FAKE/$1"; }
drop() {
  real grep -vxF -- "$2" "$FAKE/$1" >"$FAKE/$1.new"
  real mv "$FAKE/$1.new" "$FAKE/$1"
}
hidden() { real printf '%s/store/%s' "$FAKE" "$(real printf '%s' "$1" | real sed 's,/,%,g')"; }
refuse() {
  echo "$name: $*" >&2
  exit 1
}
last() { for one in "$@"; do :; done; echo "$one"; }
inside_mounts() { real grep -F -- "$1/" "$FAKE/mounts"; }

work() {
  case $name in
    uname) echo AIX ;;
    id) echo 0 ;;
    oslevel) real cat "$FAKE/oslevel" ;;
    lslpp) echo 'bos.wpars:bos.wpars:7.2.5.0:::C:::::::0:' ;;
    lsvg)
      if [ "$1" = -o ]; then
        echo rootvg
      elif [ "$1" = rootvg ]; then
        echo 'VOLUME GROUP:       rootvg                   VG IDENTIFIER:  00f6'
        echo 'VG STATE:           active                   PP SIZE:        64 megabyte(s)'
        echo "MAX LVs:            256                      FREE PPs:       $(real cat "$FAKE/free") (64000 megabytes)"
      else
        refuse 'no such volume group'
      fi
      ;;
    lsfs)
      [ "$1" = -c ] || refuse "$1 is not asked for here"
      echo '#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct'
      echo '/:/dev/hd4:jfs2::bootfs:1048576:rw:yes:no'
      real sed 's,.*,&:/dev/fslv00:jfs2:::65536:rw:no:no,' "$FAKE/fs"
      ;;
    lswpar)
      if [ "$1" = -L ]; then
        has wpars "$2" || refuse "0960-419 no such WPAR $2"
        echo "$2 - Defined"
      elif [ -s "$FAKE/wpars" ]; then
        echo 'Name  State  Type  Hostname  Directory  RootVG WPAR'
        real sed 's,.*,& D S & /wpars/& no,' "$FAKE/wpars"
      fi
      ;;
    crfs)
      while [ $# -gt 0 ]; do
        [ "$1" != -m ] || place=$2
        shift
      done
      [ -n "$place" ] || refuse 'no mount point'
      ! has fs "$place" || refuse "$place exists"
      echo "$place" >>"$FAKE/fs"
      real mkdir -p "$(hidden "$place")"
      [ -d "$place" ] || real mkdir -p "$place"
      ;;
    mount)
      has fs "$1" || refuse "$1 is not known"
      ! has mounts "$1" || refuse "$1 is mounted"
      real rmdir "$1" || refuse "$1 is not empty"
      real mv "$(hidden "$1")" "$1"
      echo "$1" >>"$FAKE/mounts"
      ;;
    umount)
      has mounts "$1" || refuse "$1 is not mounted"
      [ -z "$(inside_mounts "$1")" ] || refuse "$1 is busy"
      case $PWD in "$1" | "$1"/*) refuse "$1 is busy: working directory" ;; esac
      drop mounts "$1"
      real mv "$1" "$(hidden "$1")"
      real mkdir "$1"
      ;;
    rmfs)
      has fs "$1" || refuse "$1 is not known"
      ! has mounts "$1" || refuse "$1 is mounted"
      drop fs "$1"
      real rm -rf "$(hidden "$1")"
      ;;
    df)
      path=$(last "$@")
      [ -e "$path" ] || refuse "$path: no such file"
      on=/
      while read -r m; do
        case $path in "$m" | "$m"/*) [ "${#m}" -le "${#on}" ] || on=$m ;; esac
      done <"$FAKE/mounts"
      echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
      echo "/dev/lv 65536 400 65136 1% $on"
      ;;
    mkwpar)
      wpar=
      for one in "$@"; do
        [ "$before" != -p ] && [ "$before" != -n ] || wpar=$one
        before=$one
      done
      [ -n "$wpar" ] || refuse 'no name'
      ! has wpars "$wpar" || refuse "$wpar exists"
      [ -z "$(inside_mounts "$WPARS/$wpar")" ] && ! has mounts "$WPARS/$wpar" || refuse 'file systems are mounted'
      case $PWD in "$WPARS"/*) refuse 'the working directory is in the way' ;; esac
      echo "$wpar" >>"$FAKE/wpars"
      echo "mkwpar: Workload partition $wpar created successfully."
      ;;
    rmwpar)
      wpar=$(last "$@")
      has wpars "$wpar" || refuse "0960-419 $wpar"
      drop wpars "$wpar"
      ;;
    startwpar | syncwpar | migwpar) echo "$name runs" ;;
    aclput)
      echo "file: $1" >>"$FAKE/acls"
      real cat >>"$FAKE/acls"
      ;;
    pax)
      case $* in
        '-r -p e') real tar -xpf - ;;
        '-w -x pax .') real tar -cf - . ;;
        *) refuse "not as AIX knows it: $*" ;;
      esac
      ;;
    chown) if [ "$(real id -u)" = 0 ]; then real chown "$@"; fi ;;
    sh) PATH=$FAKE/bin:$real "$SHELL_UNDER_TEST" "$@" ;;
    *) real "$name" "$@" ;;
  esac
}
work "$@"
status=$?
if [ "$how" = after ]; then
  echo "$name: made to fail after its work" >&2
  exit 1
fi
exit $status
