# Files that changed while they were saved: an error that names both causes, or taken as they were stored.
# A grep that finds nothing is one of the results.
set +e
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
bad=$DATA/backup_by_name/bad
run() { "$@" >out.txt 2>err.txt && echo "exit 0" || echo "exit $?"; }
alter() { python3 "$CHECK/alter.py" "$good" "$@"; }
alter changed.bff resize=-5 ./etc/motd resize=100 ./usr/bin/ksh
echo "== refused"
run sysb wpar changed.bff --private -n web1 -o a.tar
grep -c 'the file changed while it was saved, or' err.txt
tail -n 2 err.txt
echo "== taken"
run sysb wpar changed.bff --private -n web1 -o a.tar --accept-changed --verify
grep -c 'warning: .*--accept-changed' err.txt
sysb convert "$good" -o good.tar
for f in etc/motd usr/bin/ksh; do
  tar xOf good.tar "$f" >want
  tar xOf a.tar "$f" >have
  cmp want have && echo "$f as stored"
done
grep -A3 '^Changed' a.tar.d/report.txt
echo "== as an image, and by the other commands"
run sysb wpar changed.bff --private -n web1 -o a.bff --accept-changed
run sysb check a.bff
run sysb convert changed.bff -o b.tar
run sysb convert changed.bff -o b.tar --accept-changed
cmp b.tar good.tar && echo same
run sysb convert changed.bff -o c.bff --accept-changed
run sysb check c.bff
run sysb extract changed.bff -C tree --accept-changed
cat changed.bff | sysb convert - -o piped.tar --accept-changed --quiet 2>/dev/null
cmp piped.tar good.tar && echo same
echo "== with salvage: left out, or taken"
run sysb wpar changed.bff --private -n web1 -o d.tar --salvage
cut -f 1 d.tar.d/missing.txt | grep -v '^#'
run sysb wpar changed.bff --private -n web1 -o e.tar --salvage --accept-changed
cut -f 1 e.tar.d/missing.txt | grep -v '^#'
echo "== every way of changing"
for name in changed-grown changed-padding changed-shrunk changed-packed-grown changed-packed-shrunk changed-packed-emptied; do
  sysb convert "$bad/$name/image.bff" -o "$name.tar" 2>/dev/null && echo "exit 0" || echo "$name: exit $?"
  sysb convert "$bad/$name/image.bff" -o "$name.tar" --accept-changed 2>/dev/null && tar tvf "$name.tar" | sed 's/^\([^ ]*\) [^ ]* *\([0-9]*\) .* /\1 \2 /'
done
echo "== names of one file that differ"
run sysb convert "$bad/link-mismatch/image.bff" -o l.tar
grep -o 'BBN-012' err.txt
run sysb convert "$bad/link-mismatch/image.bff" -o l.tar --accept-changed
tar --numeric-owner -tvf l.tar | sed 's/ [0-9-]* [0-9:]* / /'
