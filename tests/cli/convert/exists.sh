echo mine > a.tar
code=0
sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o a.tar || code=$?
cat a.tar
exit $code
