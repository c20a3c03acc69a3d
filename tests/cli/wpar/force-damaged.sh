code=0
sysb wpar "$DATA/backup_by_name/bad/checksum/image.bff" --force -o a.tar > /dev/null 2>&1 || code=$?
ls -A
exit $code
