# With and without an index the same comes out.
image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
sysb index "$image" -o idx --quiet 2> /dev/null
try() {
  command=$1
  shift
  sysb "$command" "$image" --no-index "$@" > a 2> a.err && one=0 || one=$?
  sysb "$command" "$image" --index idx "$@" > b 2> b.err && other=0 || other=$?
  cmp a b && cmp a.err b.err && echo "$command $*: $one $other"
}
try ls
try ls -l
try ls --json
try ls 'etc/*' --exclude etc/motd
try ls nonsense
try cat etc/motd
try cat etc
try cat nonsense
try info --json
try filesets --json
try wpar --dry-run --shared --json -o x.tar
for how in --no-index "--index idx"; do
  sysb extract "$image" etc/motd 'usr/*' -C out $how 2> /dev/null && echo "extract: 0"
  (cd out && find . | sort && cat ./etc/motd) > list
  sha256sum < list
  rm -r out out.mtree
done | sort | uniq -c | awk '{ print $1, $2 }'
