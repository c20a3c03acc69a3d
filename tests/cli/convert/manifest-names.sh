# Names as they stand in the image, whatever the command: ./a, a and /a are not written alike.
good="$DATA/backup_by_name/good"
fields="path path_hex link_to link_to_hex kind offset"
for kind in names absolute-names double-names hardlinks-repeated hardlinks-empty rootvg-7.1; do
  image="$good/$kind/image.bff"
  sysb ls "$image" --json 2> /dev/null | python3 "$CHECK/pick.py" entry $fields > ls.names
  sysb check "$image" --digests --json 2> /dev/null | python3 "$CHECK/pick.py" entry $fields > check.names
  for threads in 1 2; do
    sysb convert "$image" -o - --format json --threads $threads 2> /dev/null |
      python3 "$CHECK/pick.py" entry $fields > manifest.names
    cmp ls.names manifest.names && cmp ls.names check.names && echo "$kind same"
  done
done
sysb convert "$good/names/image.bff" -o - --format json 2> /dev/null | grep -c '"path":"no-dot"'
sysb wpar "$good/savevg/image.bff" --shared --force -o - --format json 2> /dev/null | grep -c '"path":"./usr"'
