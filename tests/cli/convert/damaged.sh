# Damage leaves no output, whatever the format. A .bff takes packed records as they stand: their content
# is not decoded on the way.
for kind in checksum truncated-data packed-cut no-end; do
  for out in a.tar a.tar.zst a.cpio a.bff tree/; do
    code=0
    sysb convert "$DATA/backup_by_name/bad/$kind/image.bff" -o $out 2> /dev/null || code=$?
    echo "$kind $out exit $code: $(ls -A | tr '\n' ' ')"
    rm -rf a.* tree
  done
done
