mkdir out
echo mine > out/file
code=0
sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -C out || code=$?
ls -A . out
exit $code
