sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o - --format pax | tar -tf - | wc -l
sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o - --format pax --json-fd 3 3> objects > a.tar
python3 "$CHECK/pick.py" summary verdict exit output < objects
ls
