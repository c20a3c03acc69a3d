sysb check "$DATA/backup_by_name/bad/checksum/image.bff"
