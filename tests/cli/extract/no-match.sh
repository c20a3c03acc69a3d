code=0
sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd nonsense -C out || code=$?
ls -A
exit $code
