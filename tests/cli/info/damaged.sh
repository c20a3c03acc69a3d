sysb info "$DATA/backup_by_name/bad/no-end/image.bff" > out
