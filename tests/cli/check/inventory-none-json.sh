sysb check --inventory --json "$DATA/backup_by_name/good/savevg/image.bff"
