for kind in security-target target target-dsize target-nul target-nul-security target-security; do
  echo "$kind:"
  sysb ls "$DATA/backup_by_name/good/symlinks-$kind/image.bff" --json | python3 "$CHECK/pick.py" entry path kind target
done
