# An index of another image is not used, and it is said.
sysb index "$DATA/backup_by_name/good/rootvg-7.2/image.bff" -o a.img.sysbidx 2> /dev/null
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
sysb cat a.img etc/motd
sysb ls a.img etc/motd
echo trash > b.img.sysbidx
cp a.img b.img
sysb ls b.img etc/motd
sysb ls b.img etc/motd --no-index
head -c 5000 a.img.sysbidx > cut
sysb ls b.img etc/motd --index cut
sysb index a.img --overwrite 2> /dev/null
gzip -c a.img > c.img
sysb ls c.img etc/motd --index a.img.sysbidx
sysb ls b.img etc/motd --index none || echo "none: $?"
