sysb check --inventory "$DATA/backup_by_name/good/savevg/image.bff"
