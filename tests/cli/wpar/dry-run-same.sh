# The same findings, the same exit code, with and without the writing.
for kind in rootvg-7.1 rootvg-7.1-x rootvg-7.1-wpars rootvg-4.3.2 undecided-level savevg double-names; do
  image="$DATA/backup_by_name/good/$kind/image.bff"
  a=0; sysb wpar "$image" -o a.tar --json > run 2> /dev/null || a=$?
  rm -rf a.tar a.tar.d
  b=0; sysb wpar "$image" -o a.tar --dry-run --json > dry 2> /dev/null || b=$?
  python3 "$CHECK/pick.py" finding id severity text path < run > run.findings
  python3 "$CHECK/pick.py" finding id severity text path < dry > dry.findings
  echo "$kind $a $b $(cmp run.findings dry.findings && echo same) $(ls -d a.tar* 2> /dev/null)"
done
