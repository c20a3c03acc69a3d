cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | sysb ls - etc/motd
sysb ls "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > from-file
cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | sysb ls - > from-pipe
cmp from-file from-pipe
