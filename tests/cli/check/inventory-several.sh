sysb check --inventory "$DATA/backup_by_name/good/savevg/image.bff" "$DATA/backup_by_name/good/rootvg-7.1/image.bff"
