sysb extract "$DATA/backup_by_name/good/absolute-names/image.bff" -C out
find out | sort
