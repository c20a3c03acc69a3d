# Every sound image: exit 0, and nothing of severity error.
for d in "$DATA"/backup_by_name/good/*/ "$DATA"/backup_by_name/compat/*/; do
  code=0
  sysb check "$d/image.bff" --json > out 2> /dev/null || code=$?
  python3 "$CHECK/../contract.py" < out > faults || cat faults
  echo "$(basename "$(dirname "$d")")/$(basename "$d") $code $(python3 "$CHECK/pick.py" summary verdict errors < out)"
done
