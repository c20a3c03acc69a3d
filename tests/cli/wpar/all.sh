sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -o a.tar --all --json | python3 "$CHECK/pick.py" action action | sort | uniq -c | sed 's/^ *//'
