sysb check --for wpar "$DATA/backup_by_name/bad/checksum/image.bff"
