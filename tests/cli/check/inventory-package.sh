sysb check --inventory "$DATA/backup_by_name/good/installp/image.bff"
