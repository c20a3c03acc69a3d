image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
for suffix in tar tar.zst cpio bff; do
  for n in 1 2 4; do sysb wpar "$image" --shared -o $n.$suffix --threads $n --quiet 2> /dev/null; done
  cat "$image" | sysb wpar - --shared -o pipe.$suffix --quiet 2> /dev/null
  cmp 1.$suffix 2.$suffix && cmp 1.$suffix 4.$suffix && cmp 1.$suffix pipe.$suffix && echo $suffix same
done
