# An image whose grammar deviates in a regular way is read whole: exit 0, the contents of the documented one, one warning.
image=$DATA/backup_by_name/good/rootvg-7.1/image.bff
sysb convert "$image" -o whole.tar 2>/dev/null
try() {
  python3 "$CHECK/deviate.py" "$image" deviating.bff "$@"
  echo "$*"
  sysb check deviating.bff 2>&1 >/dev/null | grep 'warning: ' | sed -e 's/.*([^(]* of its own (//' -e 's/^sysb: [^:]*: warning: //'
  sysb convert --overwrite deviating.bff -o out.tar 2>/dev/null && cmp out.tar whole.tar
  gzip -c deviating.bff | sysb convert --overwrite - -o out.tar 2>/dev/null && cmp out.tar whole.tar
}
try magic=0xeb01 packed=0x1234
try fixed=24
try words=3
try words=4 unit=1
try before=said:16,24,40,72 every=2
try after=blind:24,48
try records=33 before=blind:32
