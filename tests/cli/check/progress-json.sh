sysb check "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --progress json --json > out
python3 "$CHECK/pick.py" progress phase entries < out | tail -1
