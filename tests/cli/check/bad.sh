# Every damaged image: the exit code and the ids of what was found, beside what its origin expects.
n=0
for d in "$DATA"/backup_by_name/bad/*/; do
  code=0
  n=$((n + 1))
  sysb check "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  echo "out.$n|$code|${d##*/bad/}|expected: $(cat "$d/expected.txt")" | tr '\n' ' '
  echo
done | sed 's, *$,,; s,/|,|,' > runs
python3 "$CHECK/each.py" --errors verdict < runs
python3 "$CHECK/../contract.py" out.* > faults || cat faults
