for f in "$SAMPLES"/*.bff "$SAMPLES"/*.I; do
  case $f in *synthetic*) continue ;; esac
  sysb convert "$f" -o a.tar --overwrite --quiet 2> /dev/null
  echo "${f##*/} $(tar -tf a.tar | wc -l) $(sysb ls "$f" | wc -l)"
done
code=0
sysb check "$SAMPLES/synthetic_inconsistent.bff" > /dev/null 2>&1 || code=$?
echo "synthetic_inconsistent $code"
