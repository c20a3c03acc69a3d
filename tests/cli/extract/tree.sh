sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -C out
python3 "$CHECK/tree.py" out
ls
