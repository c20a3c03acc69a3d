#!/usr/bin/ksh
# Prints what sysb wants to know of the system that will host a WPAR: sysb wpar --host FILE. Part of sysb.
#
#   ksh collect-host.sh > host.txt      as root, on the host
#
# It reads, and changes nothing; for a test of pax it makes a directory below /tmp and removes what it put there.
# Proven: that every command it runs only lists. NOT TRIED ON AIX. For ksh88, ksh93 and any POSIX shell.
# The words of awk are not those of the shell:
# shellcheck disable=SC2016

# Nothing that the caller has set up changes what the words below mean.
unalias -a 2>/dev/null || :
set +aCefuvx
unset CDPATH ENV
IFS=' 	
'
PATH=${PATH:-/usr/bin}:/usr/bin:/etc:/usr/sbin:/sbin
# A folder that is not named from the root would be the one this is called in.
case :$PATH: in
  *:[!/]*) PATH=/usr/bin:/etc:/usr/sbin:/sbin ;;
esac
LC_ALL=C
export PATH LC_ALL
umask 077

# What a command prints, in $told. One that fails, is not here, or says nothing where every host has something to list,
# is named: that nothing is listed does not mean that there is none.
ask() { # COMMAND...
  told=
  if command -v "$1" >/dev/null 2>&1 && told=$("$@" 2>/dev/null </dev/null); then
    if [ -n "$told" ] || [ "$1" = lswpar ]; then return 0; fi
  fi
  printf 'failed %s\n' "$1"
  return 1
}

# The same through awk, whose last line says that it came to its end.
ask_through() { # PROGRAM COMMAND...
  program=$1
  shift
  ask "$@" || return 1
  told=$(printf '%s\n' "$told" | awk "$program"' END { print "." }') || told=
  case $told in
    *.) told=${told%.} ;;
    *)
      printf 'failed %s\n' "$1"
      return 1
      ;;
  esac
}

# Every line of a command after a word.
lines() { # WORD COMMAND...
  word=$1
  shift
  ask "$@" || :
  [ -n "$told" ] || return 0
  printf '%s\n' "$told" | while IFS= read -r line; do printf '%s %s\n' "$word" "$line"; done
}

printf 'sysb-host 1\n'
level=$(oslevel -s 2>/dev/null) || level=
[ -n "$level" ] || level=$(oslevel 2>/dev/null) || level=
printf 'oslevel %s\n' "${level%%
*}"
lines uname uname -a
lines fileset lslpp -Lqc

if ask_through 'NR == 1 && $2 == "State" { next } NF > 0 && $1 !~ /^-/ { print "wpar", $1 }' lswpar; then printf '%s' "$told"; fi
if ask lsvg -o; then
  printf '%s\n' "$told" | while IFS= read -r group; do
    ask_through '
      { for (i = 1; i < NF; i++) {
          if ($i == "PP" && $(i + 1) == "SIZE:") size = $(i + 2)
          if ($i == "FREE" && $(i + 1) == "PPs:") free = $(i + 2) } }
      END { if (size + 0 > 0 && free ~ /^[0-9]+$/) print size + 0, free }' lsvg "$group" || continue
    case $told in
      *' '*) printf 'vg %s %s' "$group" "$told" ;;
      *) printf 'failed lsvg\n' ;;
    esac
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
  mkdir "$place" || {
    printf 'failed mkdir\n'
    return
  }
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
