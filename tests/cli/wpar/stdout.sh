sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -o - --format newc --quiet | head -c 6
echo
ls
