sysb cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd --json-fd 3 3> objects > content
python3 "$CHECK/../contract.py" < objects
cat content
python3 "$CHECK/pick.py" summary verdict exit bytes kept < objects
