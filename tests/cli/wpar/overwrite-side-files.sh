# What an earlier run wrote beside OUT goes with it: nothing there tells of another image.
good=$DATA/backup_by_name/good
sysb wpar "$good/rootvg-7.1/image.bff" -o o.tar --quiet 2>/dev/null
ls o.tar.d
echo mine >o.tar.d/notes
sysb wpar "$good/no-image-data/image.bff" -o o.bff --report o.tar.d --quiet 2>err || grep -o 'exists.*' err | head -n 1
sysb wpar "$good/no-image-data/image.bff" -o o.bff --report o.tar.d --overwrite --force --quiet 2>/dev/null || echo "exit $?"
echo "--"
ls o.tar.d
