# A healthy image on terminals of three widths: one screen; colour only where it is wanted; words are the same in any locale.
export SOURCE_DATE_EPOCH=1800000000
cp "$DATA/backup_by_name/good/rootvg-7.3/image.bff" image
show() { env "$@" python3 "$CHECK/terminal.py" "$COLUMNS_WANTED" sysb check --for wpar image --quiet; }
for COLUMNS_WANTED in 60 80 132; do
  echo "== $COLUMNS_WANTED"
  show NO_COLOR=1 LC_ALL=C.UTF-8 | tee "at-$COLUMNS_WANTED"
done
test "$(wc -l < at-80)" -le 24 || echo "more than a screen"
awk 'length > 60' at-60
COLUMNS_WANTED=80
show NO_COLOR=1 LC_ALL=C | cmp - at-80
show LC_ALL=C.UTF-8 TERM=xterm | head -1
show LC_ALL=C.UTF-8 TERM=dumb | cmp - at-80
