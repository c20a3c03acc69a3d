good=$DATA/backup_by_name/good
for name in rootvg-7.1 savevg installp; do cp "$good/$name/image.bff" $name; done
sysb filesets rootvg-7.1 savevg installp nowhere || echo "exit $?"
# One number of filesets everywhere.
sysb filesets rootvg-7.1 | grep -vc '^#'
sysb info rootvg-7.1 | grep filesets
sysb filesets --json rootvg-7.1 installp > out
python3 "$CHECK/../contract.py" < out
grep -c '"fileset"' out
sysb filesets -l rootvg-7.1 savevg || echo "exit $?"
