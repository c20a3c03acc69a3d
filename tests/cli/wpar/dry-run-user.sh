# Who may not give files away is told so beforehand; so is root where the kernel does not let him.
good="$DATA/backup_by_name/good"
cp "$good/rootvg-7.1/image.bff" rootvg.bff
cp "$good/devices/image.bff" devices.bff
cp "$(command -v sysb)" mine
mkdir work && chmod 777 work && chmod 711 .. . && chmod 755 mine && chmod 644 ./*.bff && cd work
run() {
  for image in rootvg devices; do
    "$@" ../mine wpar ../$image.bff -o out/ --force --json 2> ../err > run || echo "exit $?"
    "$@" rm -rf out out.d out.mtree
    "$@" ../mine wpar ../$image.bff -o out/ --force --json --dry-run 2> ../err > dry || echo "exit $?"
    python3 "$CHECK/pick.py" finding id severity text path < run > ../run.findings
    python3 "$CHECK/pick.py" finding id severity text path < dry > ../dry.findings
    cmp ../run.findings ../dry.findings && grep -c 'OUT-00[567]' ../dry.findings
  done
}
echo "user"; run setpriv --reuid 65534 --regid 65534 --clear-groups
echo "root without capabilities"; run setpriv --bounding-set=-mknod,-chown --inh-caps=-mknod,-chown
ls
