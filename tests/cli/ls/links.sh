for kind in alone data-last empty empty-bare repeated sized sized-bare; do
  echo "$kind:"
  sysb ls "$DATA/backup_by_name/good/hardlinks-$kind/image.bff" --json | python3 "$CHECK/pick.py" entry path size nlink link_to
done
