# A name without data leads to the member that has it.
for kind in alone data-last empty empty-bare repeated sized sized-bare; do
  image="$DATA/backup_by_name/good/hardlinks-$kind/image.bff"
  sysb index "$image" -o idx --overwrite 2> /dev/null
  for name in $(sysb ls "$image" --json | python3 "$CHECK/pick.py" entry kind path | grep '^file' | cut -f2); do
    sysb cat "$image" "$name" > a 2> a.err && one=0 || one=$?
    sysb cat "$image" "$name" --index idx > b 2> b.err && other=0 || other=$?
    cmp a b && cmp a.err b.err && echo "$kind $name $one $other"
  done
done
