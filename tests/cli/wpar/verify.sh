# Every output that can be read back agrees with the plan.
image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
for out in a.tar b.tar.gz c.tar.xz d.tar.zst e.cpio f.bff g/; do
  sysb wpar "$image" --shared -o $out --verify --json | python3 "$CHECK/pick.py" summary verdict exit output content_verified
done
