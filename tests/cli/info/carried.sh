gzip -c "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > image.gz
xz -c "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > image.xz
for f in image.gz image.xz; do sysb info $f --json | python3 "$CHECK/pick.py" image format container system.level complete; done
