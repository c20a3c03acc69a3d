sysb wpar "$DATA/backup_by_name/good/rootvg-4.3.2/image.bff" --force -o a.tar --json | python3 "$CHECK/pick.py" summary verdict exit forced output
