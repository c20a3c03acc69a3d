sysb cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd
sysb cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" ./etc/motd
sysb cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" /etc/motd
