sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -n web1 --host-level 7.2.5.0 -o a.tar --report side --quiet
ls
cat side/report.txt side/deploy.sh side/wpar.spec
python3 -c 'import json; json.load(open("side/report.json"))'
