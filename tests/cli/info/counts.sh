# One number of members and bytes, whatever counts them: a file of several names has one content.
for image in rootvg-7.1 hardlinks-data-last hardlinks-repeated names; do
  cp "$DATA/backup_by_name/good/$image/image.bff" "$image.bff"
  for command in info ls check; do
    sysb $command "$image.bff" --json 2> /dev/null | python3 "$CHECK/pick.py" summary entries bytes | sed "s/^/$image $command: /"
  done
  sysb diff "$image.bff" "$image.bff" --json 2> /dev/null | python3 "$CHECK/pick.py" side entries bytes | sed "s/^/$image diff: /"
done
