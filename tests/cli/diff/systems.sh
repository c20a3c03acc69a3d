# What changed as a system comes first; then members by file system.
A="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
B="$DATA/backup_by_name/good/rootvg-7.2/image.bff"
cp "$A" a.img; cp "$B" b.img
sysb diff a.img b.img && echo "exit 0" || echo "exit $?"
sysb diff b.img a.img --filesets && echo "exit 0" || echo "exit $?"
sysb diff a.img b.img --stat --no-exit-code | tail -6
sysb diff a.img b.img --config --no-exit-code
sysb diff a.img a.img && echo "exit 0" || echo "exit $?"
