n=0
for d in "$DATA"/backup_by_name/good/*/; do
  code=0
  n=$((n + 1))
  sysb info "$d/image.bff" --json > out.$n 2> /dev/null || code=$?
  echo "$(basename "$d") $code $(python3 "$CHECK/pick.py" image system.level system.level_source system.source volume_group readiness.verdict < out.$n)"
done
python3 "$CHECK/../contract.py" out.* > faults || cat faults
