sysb ls -l "$DATA/backup_by_name/good/double-names/image.bff"
for name in $(sysb ls "$DATA/backup_by_name/good/double-names/image.bff" --json | python3 "$CHECK/pick.py" entry kind path | grep '^file' | cut -f2 | sort -u); do
  echo "$name:"
  sysb cat "$DATA/backup_by_name/good/double-names/image.bff" "$name" 2> /dev/null
done
