# Verdict and exit code of every sound image as a WPAR.
n=0
for d in "$DATA"/backup_by_name/good/*/; do
  code=0
  n=$((n + 1))
  sysb check --for wpar "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  echo "out.$n|$code|$(basename "$d")"
done > runs
python3 "$CHECK/each.py" --errors verdict wpar level.source level.minimum_ok < runs
python3 "$CHECK/../contract.py" out.* > faults || cat faults
