for f in "$SAMPLES"/*.bff "$SAMPLES"/*.I; do
  case $f in *synthetic*) continue ;; esac
  echo "${f##*/}:"
  sysb ls "$f" --json | python3 "$CHECK/pick.py" entry path kind perm size
done
