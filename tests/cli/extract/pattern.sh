sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" etc/motd 'etc/*.conf' -C out
python3 "$CHECK/tree.py" out | grep -v ' \.$'
