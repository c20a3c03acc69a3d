sysb filesets --json "$DATA/backup_by_name/good/installp/image.bff"
