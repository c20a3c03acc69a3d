for kind in alone data-last empty empty-bare repeated sized sized-bare; do
  echo "$kind:"
  for name in $(sysb ls "$DATA/backup_by_name/good/hardlinks-$kind/image.bff" --json | python3 "$CHECK/pick.py" entry kind path | grep '^file' | cut -f2); do
    code=0
    echo "$name $(sysb cat "$DATA/backup_by_name/good/hardlinks-$kind/image.bff" "$name" 2> err | sha256sum | cut -c1-16) $(wc -l < err)"
  done
done
