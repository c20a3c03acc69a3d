# Every sound image: exit 0, and nothing of severity error.
n=0
for d in "$DATA"/backup_by_name/good/*/ "$DATA"/backup_by_name/compat/*/; do
  code=0
  n=$((n + 1))
  sysb check "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  echo "out.$n|$code|$(basename "$(dirname "$d")")/$(basename "$d")"
done > runs
python3 "$CHECK/each.py" verdict errors < runs
python3 "$CHECK/../contract.py" out.* > faults || cat faults
