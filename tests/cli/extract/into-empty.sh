mkdir out
sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd -C out
cat out/etc/motd
mkdir here
cd here
sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd -C .
cat etc/motd
