sysb filesets -l "$DATA/backup_by_name/good/installp/image.bff"
