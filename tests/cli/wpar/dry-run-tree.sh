# A tree that is not written: the same findings and the same exit code as when it is, and nothing made.
good="$DATA/backup_by_name/good"
fields="id severity text path"
compare() {
  a=0; "$@" -o out --format tree --force --json > run 2> /dev/null || a=$?
  rm -rf out out.d out.mtree
  b=0; "$@" -o out --format tree --force --json --dry-run > dry 2> /dev/null || b=$?
  for type in finding fatal; do
    python3 "$CHECK/pick.py" $type $fields kind < run > run.$type
    python3 "$CHECK/pick.py" $type $fields kind < dry > dry.$type
    cmp run.$type dry.$type
  done
  echo "$a $b $(grep -c '^OUT-007' dry.finding || :) $(ls -d out* 2> /dev/null)"
}
for kind in rootvg-7.1 rootvg-7.1-x devices names hardlinks-repeated double-names symlinks-target; do
  echo "$kind $(compare sysb wpar "$good/$kind/image.bff" --threads 1)"
  echo "$kind $(compare sysb wpar "$good/$kind/image.bff" --threads 4)"
done
echo "stop $(compare sysb wpar "$good/names/image.bff" --on-loss stop)"
echo "quick $(sysb wpar "$good/acl/image.bff" --force -o out --format tree --dry-run --quick --json 2> /dev/null | grep -c OUT-007)"
# What stands in the way of the real run stands in the way of this one.
wpar() { sysb wpar "$good/rootvg-7.1/image.bff" -o out/ --quiet "$@" 2>&1 > /dev/null | grep -v 'warning\|note' || :; }
try() {
  wpar > a
  wpar --dry-run > b
  cmp a b && cat b
}
mkdir out; touch out/file; try; rm -r out
touch out; try; rm out
touch out.mtree; try; rm out.mtree
mkdir out.d; touch out.d/report.txt; try; rm -r out.d
ls
