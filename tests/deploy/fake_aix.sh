#!/bin/sh
# A host for the scripts of OUT.d/: every command of AIX that they call, by the name it is called with. State in
# $FAKE: fs, mounts, wpars (one a line), store/ (content of what is not mounted), log. What AIX prints is as far as
# known from its documentation. $FAKE/fail holds "NAME N HOW": call N of NAME fails, "before" or "after" its work, or
# "half" way (mkwpar); it is "mute" and does nothing with status 0; the script is ended by SIGKILL before it or after
# ("kill", "killed"), or gets SIGTERM while it works ("term"). Hundreds of calls a run: what the shell can do itself starts no process.
name=${0##*/}
nl='
'
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
signal() {
  read -r script <"$FAKE/pid"
  kill "-$1" "$script"
}
case $how in
  before)
    echo "$name: made to fail" >&2
    exit 1
    ;;
  mute) exit 0 ;;
  kill)
    signal KILL
    exit 1
    ;;
  term) signal TERM ;;
esac
PATH=/usr/bin:/bin
# What is on every system needs nothing of this one.
case $name in
  ls | awk | sed | cksum | find | wc | mkdir | rmdir | chmod | cat | rm | mv | sort | gzip | zstd | xz | grep)
    [ -n "$how" ] || exec "$name" "$@"
    ;;
  chown) [ "$FAKE_ROOT" != yes ] || [ -n "$how" ] || exec chown "$@" ;;
  sh)
    PATH=$FAKE/bin:$PATH
    [ -n "$how" ] || exec "$SHELL_UNDER_TEST" "$@"
    ;;
esac
has() { # FILE LINE
  while IFS= read -r line; do [ "$line" != "$2" ] || return 0; done <"$FAKE/$1"
  return 1
}
drop() {
  kept=
  while IFS= read -r line; do [ "$line" = "$2" ] || kept=$kept$line$nl; done <"$FAKE/$1"
  printf '%s' "$kept" >"$FAKE/$1"
}
hidden() { # sets $place: where the content of a file system that is not mounted lies
  rest=${1#/}
  place=$FAKE/store/
  while [ "$rest" != "${rest#*/}" ]; do
    place=$place${rest%%/*}%
    rest=${rest#*/}
  done
  place=$place$rest
}
refuse() {
  echo "$name: $*" >&2
  exit 1
}
last() { for word in "$@"; do :; done; }
mounted_inside() {
  while IFS= read -r line; do case $line in "$1"/*) return 0 ;; esac; done <"$FAKE/mounts"
  return 1
}
make_fs() {
  ! has fs "$1" || refuse "$1 exists"
  echo "$1" >>"$FAKE/fs"
  hidden "$1"
  mkdir -p "$place" "$1"
}

work() {
  case $name in
    uname) echo AIX ;;
    id) echo 0 ;;
    oslevel)
      read -r line <"$FAKE/oslevel"
      echo "$line"
      ;;
    lslpp) echo 'bos.wpars:bos.wpars:7.2.5.0:::C:::::::0:' ;;
    lsvg)
      read -r line <"$FAKE/free"
      case $1 in
        -o) echo rootvg ;;
        rootvg)
          echo 'VOLUME GROUP:       rootvg                   VG IDENTIFIER:  00f6'
          echo 'VG STATE:           active                   PP SIZE:        64 megabyte(s)'
          echo "MAX LVs:            256                      FREE PPs:       $line (64000 megabytes)"
          ;;
        *) refuse 'no such volume group' ;;
      esac
      ;;
    lsfs)
      [ "$1" = -c ] || refuse "$1 is not asked for here"
      echo '#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct'
      echo '/:/dev/hd4:jfs2::bootfs:1048576:rw:yes:no'
      while IFS= read -r line; do echo "$line:/dev/fslv00:jfs2:::65536:rw:no:no"; done <"$FAKE/fs"
      ;;
    lswpar)
      if [ "$1" = -L ]; then
        has wpars "$2" || refuse "0960-419 no such WPAR $2"
        echo "$2 - Defined"
      elif [ -s "$FAKE/wpars" ]; then
        echo 'Name  State  Type  Hostname  Directory  RootVG WPAR'
        while IFS= read -r line; do echo "$line D S $line /wpars/$line no"; done <"$FAKE/wpars"
      fi
      ;;
    crfs)
      while [ $# -gt 0 ]; do
        [ "$1" != -m ] || wanted=$2
        shift
      done
      [ -n "$wanted" ] || refuse 'no mount point'
      make_fs "$wanted"
      ;;
    mount)
      has fs "$1" || refuse "$1 is not known"
      ! has mounts "$1" || refuse "$1 is mounted"
      rmdir "$1" || refuse "$1 is not empty"
      hidden "$1"
      mv "$place" "$1"
      echo "$1" >>"$FAKE/mounts"
      ;;
    umount)
      has mounts "$1" || refuse "$1 is not mounted"
      ! mounted_inside "$1" || refuse "$1 is busy"
      case $PWD in "$1" | "$1"/*) refuse "$1 is busy: working directory" ;; esac
      ! has running "$1" || refuse "$1 is busy: a WPAR runs"
      drop mounts "$1"
      hidden "$1"
      mv "$1" "$place"
      mkdir "$1"
      ;;
    rmfs)
      has fs "$1" || refuse "$1 is not known"
      ! has mounts "$1" || refuse "$1 is mounted"
      drop fs "$1"
      hidden "$1"
      rm -rf "$place"
      ;;
    df)
      last "$@"
      [ -e "$word" ] || refuse "$word: no such file"
      on=/
      while IFS= read -r line; do
        case $word in "$line" | "$line"/*) [ "${#line}" -le "${#on}" ] || on=$line ;; esac
      done <"$FAKE/mounts"
      echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
      echo "/dev/lv 65536 400 65136 1% $on"
      ;;
    mkwpar)
      wpar=
      system=no
      for word in "$@"; do
        [ "$before" != -p ] && [ "$before" != -n ] || wpar=$word
        [ "$word" != -t ] || system=yes
        before=$word
      done
      [ -n "$wpar" ] || refuse 'no name'
      ! has wpars "$wpar" || refuse "$wpar exists"
      ! mounted_inside "$WPARS/$wpar" && ! has mounts "$WPARS/$wpar" || refuse 'file systems are mounted'
      case $PWD in "$WPARS"/*) refuse 'the working directory is in the way' ;; esac
      if [ "$system" = yes ]; then
        for word in "$WPARS/$wpar" "$WPARS/$wpar/home"; do make_fs "$word"; done
        rmdir "$WPARS/$wpar/home"
      fi
      [ "$how" != half ] || refuse 'made to fail half way'
      echo "$wpar" >>"$FAKE/wpars"
      echo "mkwpar: Workload partition $wpar created successfully."
      ;;
    rmwpar)
      last "$@"
      has wpars "$word" || refuse "0960-419 $word"
      drop wpars "$word"
      if [ "$1" != -p ]; then
        for each in "$WPARS/$word/home" "$WPARS/$word"; do
          drop fs "$each"
          hidden "$each"
          rm -rf "$place"
        done
        rmdir "$WPARS/$word"
      fi
      ;;
    startwpar | syncwpar | migwpar) echo "$name runs" ;;
    aclput)
      {
        echo "file: $1"
        while IFS= read -r line; do printf '%s\n' "$line"; done
      } >>"$FAKE/acls"
      ;;
    pax)
      case $* in
        '-r -p e') tar -xpf - ;;
        '-w -x pax .') tar -cf - . ;;
        *) refuse "not as AIX knows it: $*" ;;
      esac
      ;;
    chown) [ "$FAKE_ROOT" != yes ] || chown "$@" ;;
    sh) "$SHELL_UNDER_TEST" "$@" ;;
    *) "$name" "$@" ;;
  esac
}
work "$@"
status=$?
[ "$how" != killed ] || signal KILL
if [ "$how" = after ]; then
  echo "$name: made to fail after its work" >&2
  exit 1
fi
exit $status
