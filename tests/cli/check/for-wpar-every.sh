# Verdict and exit code of every sound image as a WPAR.
n=0
for d in "$DATA"/backup_by_name/good/*/; do
  code=0
  n=$((n + 1))
  sysb check --for wpar "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  ids=$(python3 "$CHECK/pick.py" finding severity id < out.$n | grep '^error' | cut -f2 | sort -u | tr '\n' ' ')
  echo "$(basename "$d") $code $(python3 "$CHECK/pick.py" summary verdict wpar level.source level.minimum_ok < out.$n) $ids"
done
python3 "$CHECK/../contract.py" out.* > faults || cat faults
