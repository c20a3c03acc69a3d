sysb check --for wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared --json
