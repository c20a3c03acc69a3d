# Nothing is made above an output: the disk for it may not be mounted.
# A grep that finds nothing is one of the results.
set +e
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
try() { "$@" >/dev/null 2>err.txt && echo "exit 0" || echo "exit $?"; grep -o 'the folder "[^"]*"' err.txt; }
try sysb wpar "$good" --private -n web1 -o backup/web1.tar
try sysb wpar "$good" --private -n web1 -o backup/web1/ --dry-run
try sysb wpar "$good" --private -n web1 -o web1.tar --report disk/reports
try sysb convert "$good" -o backup/deep/web1.tar
try sysb extract "$good" -C backup/web1
ls -A | grep -v err.txt
mkdir backup
try sysb extract "$good" -C backup/web1
touch file
try sysb convert "$good" -o file/web1.tar
grep -o 'is not a directory' err.txt
