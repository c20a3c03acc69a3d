sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -o tree/ --quiet
python3 "$CHECK/tree.py" tree
ls
