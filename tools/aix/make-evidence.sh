#!/usr/bin/ksh
# SPDX-License-Identifier: Apache-2.0
# make-evidence.sh: shows on AIX what no document says of its backup format.
#
# THIS SCRIPT HAS NEVER RUN ON AIX. It was checked with ksh93, with mksh and with shellcheck over
# stand-ins for the AIX commands. Read it before you start it; say in your report what went wrong.
#
# It needs AIX 5.3 or later, ksh (88 is enough) and the commands of the base system. It installs
# nothing, and it changes nothing outside the one directory that it makes. Most of it needs no root;
# what does is left out without, and said.
#
# What it makes:
#   archives/   small files of its own in every kind whose layout is unknown, each saved three
#               times: plain, with -U (extended attributes and ACLs), with -p (packed)
#   image.txt   with -i IMAGE: the volume header without its user name, and a census of records:
#               counts and sizes; no name, no content, no id
#   odm.txt     odmshow of one class that is the same on every system, beside the bytes of its file
#   wpar.txt    with -w, on a host of WPARs: stanza and attribute names, usage texts. It only reads
#   log.txt     what was done, what could not be done and why
# The archives hold your login name and numeric ids, as every backup does, and nothing else of yours.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/usr/lib/wpars
export PATH
umask 077

usage() {
  cat <<'TEXT'
usage: make-evidence.sh [-d DIR] [-i IMAGE] [-s] [-w]
  -d DIR    a directory to make, and the only place that is written to (default ./sysb-evidence)
  -i IMAGE  a mksysb or savevg image, for a census of its records (it is only read)
  -s        skip the file of 5 GiB (it is sparse: no room is needed, but some minutes)
  -w        the questions about WPARs, one by one: each command is shown before it runs (root)
TEXT
}

dir=./sysb-evidence
image=
large=yes
wpar=no
while getopts d:i:swh flag; do
  case $flag in
    d) dir=$OPTARG ;;
    i) image=$OPTARG ;;
    s) large=no ;;
    w) wpar=yes ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if [ $# -ne 0 ]; then
  usage >&2
  exit 2
fi

fail() {
  printf 'make-evidence.sh: %s\n' "$1" >&2
  exit 1
}

[ "$(uname -s)" = AIX ] || fail "this is not AIX"
command -v backup >/dev/null || fail "there is no backup command"
if [ -n "$image" ]; then
  [ -f "$image" ] || fail "$image is no file"
  [ -r "$image" ] || fail "cannot read $image"
  case $image in
    /*) ;;
    *) image=$(pwd)/$image ;;
  esac
fi
# mkdir, not mkdir -p: what is there already is not touched.
mkdir "$dir" || fail "cannot make $dir (name one that does not exist: -d DIR)"
cd "$dir" || fail "cannot enter $dir"
mkdir files archives || fail "cannot write in $dir"
ulimit -f unlimited 2>/dev/null

say() {
  printf '%s\n' "$1"
  printf '%s\n' "$1" >>log.txt
}

# The first line of a complaint, without the image's path.
complaint() { # FILE
  head -n 1 "$1" | image=$image awk '
    BEGIN { path = ENVIRON["image"] }
    { while (path != "" && (at = index($0, path)) > 0) $0 = substr($0, 1, at - 1) "IMAGE" substr($0, at + length(path)); print }'
}

# try WHAT COMMAND...: runs it; what it complains of goes to the log.
try() {
  what=$1
  shift
  if "$@" >try.out 2>&1; then
    return 0
  fi
  say "not done: $what: $(complaint try.out)"
  return 1
}

root=no
[ "$(id -u)" = 0 ] && root=yes
: >log.txt
say "sysb evidence 1"
say "level: $(oslevel -s 2>/dev/null || oslevel)"
say "root: $root"

# ---------------------------------------------------------------------------------------------
# Files of every kind that no public archive shows. The names are ours, the contents too.

lines() { # COUNT: text that packs well
  awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) print "line", i, "of a text that packs well" }'
}

set_ea() {
  setea -n user.sysb -v "a value of 24 characters" files/ea/file
}

set_aixc() {
  aclget files/aixc/file >acl.txt || return 1
  # An entry for a user that every system has; the attribute line stays as it is.
  sed -e 's/disabled/enabled/' acl.txt >acl.new
  printf '    permit   rw-     u:daemon\n    deny     --x     g:staff\n' >>acl.new
  aclput files/aixc/file <acl.new
}

set_nfs4() {
  aclconvert -t NFS4 files/nfs4/file
}

make_large() {
  dd if=/dev/zero of=files/large/file bs=1024k seek=5120 count=1
}

make_sparse() {
  printf 'first' >files/sparse/file || return 1
  printf 'last' | dd of=files/sparse/file bs=64k seek=16 conv=notrunc
}

kinds=
made() {
  kinds="$kinds $1"
}

for kind in plain symlink hardlink fifo device sparse ea aixc nfs4 large; do
  mkdir "files/$kind"
done
lines 900 >files/plain/text
: >files/plain/empty
printf 'x' >files/plain/one
made plain
try "symbolic links" ln -s a/target/that/is/not/there files/symlink/relative && made symlink
try "symbolic links" ln -s /eight888 files/symlink/eight
lines 3 >files/hardlink/first
try "hard links" ln files/hardlink/first files/hardlink/second && made hardlink
: >files/hardlink/empty
ln files/hardlink/empty files/hardlink/empty2 2>/dev/null
try "a FIFO" mkfifo files/fifo/fifo && made fifo
if [ $root = yes ]; then
  # A number without a driver: nobody opens it.
  try "a character device" mknod files/device/char c 250 259 && made device
  try "a block device" mknod files/device/block b 250 260
else
  say "not done: devices: root is needed"
fi
try "a sparse file" make_sparse && made sparse
lines 3 >files/ea/file
try "an extended attribute (needs JFS2 with EA version 2)" set_ea && made ea
lines 3 >files/aixc/file
try "an AIXC ACL" set_aixc && made aixc
lines 3 >files/nfs4/file
try "an NFS4 ACL (needs JFS2 with EA version 2)" set_nfs4 && made nfs4

# save KIND SUFFIX FLAG...: one archive, from a list of names as mksysb makes it
save() {
  kind=$1
  suffix=$2
  shift 2
  find "./files/$kind" -print | sort >list.txt
  backup -i -q -b 8 "$@" -f "archives/$kind.$suffix.bff" <list.txt
}

for kind in $kinds; do
  try "$kind, plain" save "$kind" plain && say "saved: $kind, plain"
  try "$kind with -U" save "$kind" U -U && say "saved: $kind with -U"
  try "$kind with -p" save "$kind" p -p && say "saved: $kind with -p"
done

# Beyond 4 GiB only the ends of the archive are wanted: it goes through a pipe, once to be measured,
# once to be cut. Numbers of this size are for awk: ksh may count in 32 bits.
large_stream() {
  printf './files/large/file\n' | backup -i -q -b 100 "$@" -f -
}
save_large() {
  suffix=$1
  shift
  bytes=$(large_stream "$@" 2>large.err | wc -c | awk '{ print $1 }')
  echo "$bytes" | awk '{ exit !($1 > 4294967296) }' || return 1
  skip=$(echo "$bytes" | awk '{ printf "%d", $1 / 512 - 128 }')
  large_stream "$@" 2>>large.err | dd bs=512 count=128 >"archives/large.$suffix.first64k" 2>/dev/null
  large_stream "$@" 2>>large.err | dd bs=512 skip="$skip" >"archives/large.$suffix.last64k" 2>/dev/null
  say "saved: a file of 5 GiB, $suffix: the first and the last 64 KiB of $bytes bytes"
}
if [ $large = no ]; then
  say "not done: a file of 5 GiB: -s was given"
elif try "a file of 5 GiB (needs a file system for large files)" make_large; then
  save_large plain || say "not done: a file of 5 GiB, plain: $(complaint large.err)"
  save_large U -U || say "not done: a file of 5 GiB with -U: $(complaint large.err)"
fi
rm -f files/large/file large.err

# ---------------------------------------------------------------------------------------------
# An image of yours: its header without the user's name, and counts.

census() {
  echo "volume header, 72 bytes; the 16 bytes of the user's name are left out:"
  dd if="$image" bs=4 count=13 2>/dev/null | od -An -v -tx1
  echo " -- 16 bytes --"
  dd if="$image" bs=4 skip=17 count=1 2>/dev/null | od -An -v -tx1
  echo "what looks like a record header in the first 8 MiB (a nested archive is counted too):"
  dd if="$image" bs=1024k count=8 2>/dev/null | od -An -v -tx1 | awk '
    # Sixteen bytes a line, two units of eight; a header begins with length, type, and a magic of two bytes.
    function unit(n,  key) {
      if (want > 0) {                      # the fixed part of a record that is shown
        take(n); want--
        if (want == 0) show()
      }
      if ($(n + 3) == "ea" && $(n + 2) ~ /^6[b-f]$/ && ($(n + 1) ~ /^0[0-9a-f]$/)) {
        key = "type " $(n + 1) ", magic ea" $(n + 2)
        count[key]++
        lengths[key ", length " $n]++
        if (shown[key] < 6 && want == 0) { shown[key]++; want = 8; fields = ""; at = place; units = 0; take(n); want-- }
      }
      place += 8
    }
    # Of a header only what tells the layout: not the i-node, ids, times or devices, and nothing of the name.
    function take(n) {
      if (units == 0) fields = fields " head " $n $(n + 1) $(n + 2) $(n + 3)
      if (units == 1) fields = fields " mode " $(n + 7) $(n + 6) $(n + 5) $(n + 4)
      if (units == 3) fields = fields " size " $(n + 3) $(n + 2) $(n + 1) $n
      if (units == 7) fields = fields " dsize " $(n + 3) $(n + 2) $(n + 1) $n " pad " $(n + 7) $(n + 6) $(n + 5) $(n + 4)
      units++
    }
    function show() { sample[++samples] = "  at " at ":" fields }
    NF == 16 { unit(1); unit(9) }
    NF == 8 { unit(1) }
    END {
      for (key in count) print "  " key ": " count[key]
      print "by length of the header:"
      for (key in lengths) print "  " key ": " lengths[key]
      print "some of them, without name, ids and times:"
      for (i = 1; i <= samples; i++) print sample[i]
    }'
  echo "what restore lists, by length of the name:"
  restore -Tqf "$image" 2>/dev/null </dev/null | awk '
    { count++; n = length($0); band = n < 16 ? "under 16" : n < 64 ? "16 to 63" : n < 256 ? "64 to 255" : "256 and more"; bands[band]++ }
    END { print "  members: " count + 0; for (b in bands) print "  " b ": " bands[b] }'
  echo "the order of the first twenty members; names that are the same in every image are shown, others by length:"
  restore -Tqf "$image" 2>/dev/null </dev/null | head -n 20 | awk '
    $NF ~ /^\.\/(bosinst\.data|image\.data|tapeblksz|tmp|tmp\/vgdata|tmp\/vgdata\/rootvg|tmp\/vgdata\/rootvg\/image\.info|tmp\/vgdata\/rootvg\/backup\.data|tmp\/vgdata\/rootvg\/filesystems)?$/ { print "  " $NF; next }
    { print "  (a name of " length($NF) " bytes)" }'
}
if [ -n "$image" ]; then
  census >image.txt
  say "read: the image: header and census"
fi

# ---------------------------------------------------------------------------------------------
# The object data manager's files: one class that holds nothing of a host.

class=Config_Rules
odm() {
  echo "odmshow $class"
  odmshow $class
  echo "odmget $class"
  odmget $class
  echo "odmshow lpp, product (the definition of the class and its population; no rows)"
  ODMDIR=/usr/lib/objrepos odmshow lpp
  ODMDIR=/usr/lib/objrepos odmshow product
  for file in "/etc/objrepos/$class" "/etc/objrepos/$class.vc"; do
    if [ -r "$file" ]; then
      echo "the first 64 KiB of $file"
      dd if="$file" bs=1024 count=64 2>/dev/null | od -Ax -v -tx1
    fi
  done
}
if command -v odmshow >/dev/null; then
  odm >odm.txt 2>&1
  say "read: the class $class"
else
  say "not done: the class $class: there is no odmshow"
fi

# ---------------------------------------------------------------------------------------------
# On a host of WPARs: what its files are made of. Each step is shown first and may be left out.

# Stanza and attribute names, and the values yes and no: no host name, no address, no path.
structure() { # FILE
  awk '
    /^[ \t]*$/ || /^[ \t]*[#*]/ { next }
    /^[^ \t=][^=]*:[ \t]*$/ { print; next }
    {
      split($0, part, "=")
      name = part[1]; value = part[2]
      gsub(/[ \t"]/, "", name); gsub(/[ \t"]/, "", value)
      if (value == "yes" || value == "no" || value == "") print "\t" name " = " value
      else print "\t" name " = (" length(value) " characters)"
    }' "$1"
}

ask() { # TEXT
  printf '\n%s\nRun it? [y/N] ' "$1"
  read -r answer || return 1
  [ "$answer" = y ] || [ "$answer" = yes ]
}

guided() {
  printf '%s\n' "The next steps read files and usage texts of this host; nothing is changed."
  for file in /usr/samples/wpars/sample.spec /etc/wpars/devexports /etc/wpars/secexports /etc/wpars/*.cf; do
    [ -r "$file" ] || continue
    case $file in
      /etc/wpars/*.cf) shown="a WPAR's configuration" ;;
      *) shown=$file ;;
    esac
    if ask "stanza and attribute names of $file, values by their length"; then
      { echo "== $shown"; structure "$file"; } >>wpar.txt
    fi
  done
  if command -v swvpdmgr >/dev/null && ask "swvpdmgr -h: its usage text"; then
    { echo "== swvpdmgr -h"; swvpdmgr -h; } >>wpar.txt 2>&1 </dev/null
  fi
  if ask "odmget lpp, odmget product: how often each value of cp_flag occurs"; then
    {
      echo "== cp_flag, by value"
      for class in lpp product; do
        ODMDIR=/usr/lib/objrepos odmget "$class" |
          awk -v class="$class" '$1 == "cp_flag" { n[$3]++ } END { for (v in n) print class, v, n[v] }'
      done
    } >>wpar.txt 2>&1
  fi
  if [ -n "$image" ] && ask "mkwpar -w -o ./spec -t -B $image: writes a specification file here, makes no WPAR"; then
    if try "mkwpar -w" mkwpar -w -o ./spec -t -B "$image"; then
      { echo "== mkwpar -t -B IMAGE -o FILE -w"; structure spec; } >>wpar.txt
    fi
    rm -f spec
  fi
}
if [ $wpar = yes ]; then
  if [ $root = yes ]; then
    guided
    say "read: what was allowed of the WPAR questions"
  else
    say "not done: the WPAR questions: root is needed"
  fi
fi

# ---------------------------------------------------------------------------------------------
rm -rf files
rm -f list.txt acl.txt acl.new try.out
set -- log.txt archives
for file in image.txt odm.txt wpar.txt; do
  [ -f "$file" ] && set -- "$@" "$file"
done
tar -cf evidence.tar "$@" || fail "cannot make $dir/evidence.tar"
say ""
say "$dir/evidence.tar holds:"
tar -tf evidence.tar | sed 's/^/  /'
printf '%s\n' "Look into it, compress it if you like, and attach it to an issue of the project."
