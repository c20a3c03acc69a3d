sysb ls -l "$DATA/backup_by_name/good/devices/image.bff"
