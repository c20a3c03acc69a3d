sysb extract "$DATA/backup_by_name/good/double-names/image.bff" -C out
python3 "$CHECK/tree.py" out | cut -c1-15,28-
