code=0
sysb extract "$DATA/backup_by_name/bad/packed-cut/image.bff" -C out 2> /dev/null || code=$?
ls -A
exit $code
