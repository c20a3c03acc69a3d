good=$DATA/backup_by_name/good
for name in rootvg-7.1 rootvg-4.3.2 savevg installp undecided-level; do cp "$good/$name/image.bff" $name; done
sysb info rootvg-7.1 rootvg-4.3.2 savevg installp undecided-level
sysb info --json rootvg-7.1 savevg > out
python3 "$CHECK/../contract.py" < out
python3 "$CHECK/pick.py" summary image verdict kind images < out
