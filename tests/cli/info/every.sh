for d in "$DATA"/backup_by_name/good/*/; do
  code=0
  sysb info "$d/image.bff" --json > out 2> /dev/null || code=$?
  python3 "$CHECK/../contract.py" < out > faults || cat faults
  echo "$(basename "$d") $code $(python3 "$CHECK/pick.py" image system.level system.level_source system.source volume_group readiness.verdict < out)"
done
