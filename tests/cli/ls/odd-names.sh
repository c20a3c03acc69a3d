sysb ls "$DATA/backup_by_name/good/names/image.bff"
