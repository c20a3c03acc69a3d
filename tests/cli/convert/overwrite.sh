echo mine > a.tar
sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o a.tar --overwrite
tar -tf a.tar | wc -l
