# Whatever the damage, a member comes out as it was or is marked: also where an archive stands inside
# another, where content is packed, and where files have several names.
for name in rootvg-7.1 nested packed hardlinks-repeated hardlinks-data-last names; do
  echo "$name"
  python3 "$CHECK/damage.py" "$DATA/backup_by_name/good/$name/image.bff"
done
