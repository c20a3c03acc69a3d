for kind in savevg vios installp; do
  code=0
  sysb wpar "$DATA/backup_by_name/good/$kind/image.bff" -o a.tar 2> err || code=$?
  echo "$kind: exit $code: $(ls -A | tr '\n' ' ')"
done
