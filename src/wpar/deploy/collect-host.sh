#!/usr/bin/ksh
# Prints what sysb wants to know of the system that will host a WPAR: sysb wpar --host FILE. Part of sysb.
#
#   ksh collect-host.sh > host.txt      as root, on the host
#
# It reads, and changes nothing; for a test of pax it makes a directory below /tmp and removes what it put there.
# Proven: that every command it runs only lists. NOT TRIED ON AIX. For ksh88, ksh93 and any POSIX shell.

PATH=${PATH:-/usr/bin}:/usr/bin:/etc:/usr/sbin:/sbin
# A folder that is not named from the root would be the one this is called in.
case :$PATH: in
  *:[!/]*) PATH=/usr/bin:/etc:/usr/sbin:/sbin ;;
esac
LC_ALL=C
export PATH LC_ALL
unset CDPATH ENV
umask 077

# Every line of a command behind a word.
lines() { # WORD COMMAND...
  word=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  "$@" 2>/dev/null | while IFS= read -r line; do printf '%s %s\n' "$word" "$line"; done
}

printf 'sysb-host 1\n'
level=$(oslevel -s 2>/dev/null) || level=
[ -n "$level" ] || level=$(oslevel 2>/dev/null) || level=
printf 'oslevel %s\n' "$level"
lines uname uname -a
lines fileset lslpp -Lqc

command -v lswpar >/dev/null 2>&1 && lswpar 2>/dev/null | awk 'NR > 1 && $1 !~ /^-/ { print "wpar", $1 }'
if command -v lsvg >/dev/null 2>&1; then
  lsvg -o 2>/dev/null | while IFS= read -r group; do
    lsvg "$group" 2>/dev/null | awk -v "g=$group" '
      { for (i = 1; i < NF; i++) {
          if ($i == "PP" && $(i + 1) == "SIZE:") size = $(i + 2)
          if ($i == "FREE" && $(i + 1) == "PPs:") free = $(i + 2) } }
      END { if (size + 0 > 0 && free != "") print "vg", g, size + 0, free + 0 }'
  done
fi
lines fs lsfs -c

for tool in mkwpar rmwpar startwpar lswpar syncwpar migwpar crfs rmfs pax restore gzip zstd xz aclput aclget cksum csum; do
  where=$(command -v "$tool" 2>/dev/null) || continue
  printf 'tool %s %s\n' "$tool" "$where"
done
for tool in tar cpio zstd xz; do
  [ ! -x "/opt/freeware/bin/$tool" ] || printf 'tool freeware-%s /opt/freeware/bin/%s\n' "$tool" "$tool"
done

# Without arguments it only prints how it is called.
command -v mkwpar >/dev/null 2>&1 && mkwpar 2>&1 </dev/null | while IFS= read -r line; do printf 'mkwpar %s\n' "$line"; done

test_pax() {
  place=/tmp/sysb-host.$$
  mkdir "$place" || return 0
  result=fails
  if (cd "$place" && mkdir in out && printf 'x\n' >in/file && ln -s file in/link &&
    cd in && pax -w -x pax . >../a.pax && cd ../out && pax -r -p e <../a.pax && [ -f file ] && [ -h link ]) >/dev/null 2>&1; then
    result=ok
  fi
  printf 'pax %s\n' "$result"
  rm -f "$place/in/file" "$place/in/link" "$place/out/file" "$place/out/link" "$place/a.pax"
  for folder in in out; do [ ! -d "$place/$folder" ] || rmdir "$place/$folder"; done
  rmdir "$place"
}
command -v pax >/dev/null 2>&1 && test_pax
printf 'end\n'
