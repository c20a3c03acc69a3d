sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o image.tar
tar --numeric-owner -tvf image.tar --full-time | sed 's/ *[0-9]* 20/ 20/' | head -60
ls
