cp "$DATA/backup_by_name/good/savevg/image.bff" none
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" web1
sysb check --inventory none web1
