code=0
sysb convert "$DATA/backup_by_name/good/acl/image.bff" -o a.tar --format ustar --on-loss stop || code=$?
ls
exit $code
