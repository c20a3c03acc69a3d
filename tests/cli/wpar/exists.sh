echo mine > a.tar
code=0
sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -o a.tar || code=$?
ls
exit $code
