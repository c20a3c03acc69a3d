sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o a.tar --json | python3 "$CHECK/pick.py" summary verdict wpar dropped output
sysb wpar "$DATA/backup_by_name/good/rootvg-7.1-x/image.bff" -o b.tar --json | python3 "$CHECK/pick.py" summary verdict wpar dropped output
