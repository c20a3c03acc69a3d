code=0
sysb wpar "$DATA/backup_by_name/good/rootvg-7.1-x/image.bff" --private -o a.tar || code=$?
ls -A
exit $code
