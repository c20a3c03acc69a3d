umask 022
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
sysb index a.img 2>&1 | grep sysbidx | sed "s, in [0-9]* s;, in N s;,"
stat -c %a a.img.sysbidx
sysb cat a.img etc/motd
sysb index a.img 2> err && echo "again: 0" || echo "again: $?"
cat err
sysb index a.img --overwrite --json | python3 "$CHECK/pick.py" summary verdict exit output content_verified entries
