sysb ls "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --exclude usr --exclude 'etc/*' --exclude opt --exclude var
