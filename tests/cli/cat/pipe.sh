cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | sysb cat - etc/motd
gzip -c "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | sysb cat - etc/motd
