# An image against everything that can be made of it: the same, but for what the form cannot hold.
for name in rootvg-7.1 names devices hardlinks-repeated hardlinks-empty acl times packed; do
  cp "$DATA/backup_by_name/good/$name/image.bff" a.img
  for out in a.tar a.tar.zst a.cpio.gz a.bff; do sysb convert a.img -o "$out" --overwrite > /dev/null 2>&1; done
  sysb convert a.img --format ustar -o u.tar --overwrite > /dev/null 2>&1
  sysb convert a.img --format mtree -o a.mtree.txt --overwrite > /dev/null 2>&1
  sysb index a.img -o a.idx --overwrite > /dev/null 2>&1
  rm -rf tree tree.mtree; sysb extract a.img -C tree > /dev/null 2>&1
  gzip -kf a.img
  for b in a.tar a.tar.zst a.cpio.gz a.bff u.tar a.mtree.txt a.idx tree a.img.gz; do
    # Which devices a tree can have depends on the user and on the kernel.
    [ "$name $b" = "devices tree" ] && continue
    sysb diff a.img "$b" --json > out && code=0 || code=$?
    python3 "$CHECK/pick.py" change path mark kind < out | sed "s|^|  |" | cut -c1-70 > changes
    sysb diff "$b" a.img > /dev/null && back=0 || back=$?
    echo "$name $b $code $back"; cat changes
  done
  cat a.img | sysb diff - a.bff > /dev/null && echo "$name pipe 0" || echo "$name pipe $?"
done
