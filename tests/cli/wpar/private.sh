sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --private -n web1 --hostname web1 --host-level 7200-05 -o wpar.cpio
ls -1 . wpar.cpio.d
