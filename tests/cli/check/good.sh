# Every sound image: exit 0, and nothing of severity error.
n=0
for d in "$DATA"/backup_by_name/good/*/ "$DATA"/backup_by_name/compat/*/; do
  code=0
  n=$((n + 1))
  sysb check "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  echo "$(basename "$(dirname "$d")")/$(basename "$d") $code $(python3 "$CHECK/pick.py" summary verdict errors < out.$n)"
done
python3 "$CHECK/../contract.py" out.* > faults || cat faults
