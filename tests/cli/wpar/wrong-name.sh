sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -n 'a name' -o a.tar
