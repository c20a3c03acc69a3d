# The same bytes for any number of threads, from a file and from a pipe.
image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
for suffix in tar tar.gz tar.zst cpio bff; do
  for n in 1 2 4; do sysb convert "$image" -o $n.$suffix --threads $n; done
  cat "$image" | sysb convert - -o pipe.$suffix
  cmp 1.$suffix 2.$suffix && cmp 1.$suffix 4.$suffix && cmp 1.$suffix pipe.$suffix && echo $suffix same
done
