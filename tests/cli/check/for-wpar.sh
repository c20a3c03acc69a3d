sysb check --for wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -n web1 --host-level 7200-05
