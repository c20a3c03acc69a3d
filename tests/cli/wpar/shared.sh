sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -o wpar.tar.zst
tar -tf wpar.tar.zst
ls -1 . wpar.tar.zst.d
