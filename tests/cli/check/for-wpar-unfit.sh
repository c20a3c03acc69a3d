sysb check --for wpar "$DATA/backup_by_name/good/rootvg-4.3.2/image.bff"
