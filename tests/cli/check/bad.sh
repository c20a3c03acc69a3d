# Every damaged image: the exit code and the ids of what was found, beside what its origin expects.
n=0
for d in "$DATA"/backup_by_name/bad/*/; do
  code=0
  n=$((n + 1))
  sysb check "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  ids=$(python3 "$CHECK/pick.py" finding severity id < out.$n | grep '^error' | cut -f2 | sort -u | tr '\n' ' ')
  echo "$(basename "$d") $code $(python3 "$CHECK/pick.py" summary verdict < out.$n) found: ${ids}expected: $(tr '\n' ' ' < "$d/expected.txt")"
done
python3 "$CHECK/../contract.py" out.* > faults || cat faults
