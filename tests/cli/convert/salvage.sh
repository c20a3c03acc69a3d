# What is left of damaged images: every member that comes out is whole, or is marked.
bad=$DATA/backup_by_name/bad
for name in lost-sync damaged-header truncated-data packed-early-end volume-inside truncated-padding; do
  echo "== $name"
  sysb convert --salvage "$bad/$name/image.bff" -o "$name.tar" 2>"$name.err" && echo "exit 0" || echo "exit $?"
  tar tf "$name.tar"
  grep -o 'BBN-05[0-9]\|PCK-[0-9]*' "$name.err" | sort | uniq -c | sed 's/^ *//'
done
echo "== kept in part"
sysb convert --salvage --keep-partial "$bad/truncated-data/image.bff" -o part.tar 2>/dev/null && echo "exit 0" || echo "exit $?"
tar tvf part.tar | sed 's/^\([^ ]*\) [^ ]* *\([0-9]*\) .* /\1 \2 /'
echo "== as a backup"
sysb convert --salvage --keep-partial "$bad/truncated-data/image.bff" -o part.bff 2>/dev/null && echo "exit 0" || echo "exit $?"
sysb check part.bff
sysb convert --salvage "$bad/truncated-padding/image.bff" -o padding.bff 2>/dev/null && echo "exit 0" || echo "exit $?"
sysb check padding.bff
echo "== a sound image"
good=$DATA/backup_by_name/good/nested/image.bff
sysb convert --salvage "$good" -o salvaged.tar && echo "exit 0" || echo "exit $?"
sysb convert "$good" -o plain.tar
cmp salvaged.tar plain.tar && echo same
