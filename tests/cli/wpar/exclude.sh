# Members that nobody needs: damage inside them does not count.
# A grep that finds nothing is one of the results.
set +e
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
run() { "$@" >out.txt 2>err.txt && echo "exit 0" || echo "exit $?"; }
alter() { python3 "$CHECK/alter.py" "$good" "$@"; }
alter damaged.bff flip ./usr/bin/ksh unprove ./etc/motd
run sysb wpar damaged.bff --private -n web1 -o a.tar
run sysb wpar damaged.bff --private -n web1 -o a.tar --exclude ./usr/bin/ksh --exclude 'etc/mo*'
grep -c 'left out by --exclude' err.txt
tar tf a.tar | grep -cE 'ksh|motd'
grep selection a.tar.d/dropped.txt
echo "== one of them"
run sysb wpar damaged.bff --private -n web1 -o b.tar --exclude /usr/bin/ksh
echo "== what a rule needs"
run sysb wpar "$good" --private -n web1 -o c.tar --exclude ./etc/passwd
grep 'V10' err.txt | head -n 1
echo "== a header that is damaged is damage"
alter header.bff header ./etc/motd
run sysb wpar header.bff --private -n web1 -o d.tar --exclude './etc/*'
echo "== the other commands"
run sysb convert damaged.bff -o e.tar --exclude './usr/bin/ksh' --exclude ./etc/motd
run sysb extract damaged.bff -C tree --exclude './usr/bin/ksh' --exclude ./etc/motd
ls
