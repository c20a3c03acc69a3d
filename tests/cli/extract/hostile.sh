# What points outside is left out, the rest is whole; nothing appears beside the target.
for kind in name-dotdot hardlink-outside name-symlink-parent name-file-parent name-replaces-directory; do
  code=0
  sysb extract "$DATA/backup_by_name/bad/$kind/image.bff" -C "$kind" --json > out 2> /dev/null || code=$?
  python3 "$CHECK/../contract.py" < out > faults || cat faults
  echo "$kind: exit $code, $(python3 "$CHECK/pick.py" summary output refused < out)"
  if test -d "$kind"; then (cd "$kind" && find . | sort); fi
done
rm -f out faults
ls
