code=0
sysb wpar "$DATA/backup_by_name/good/undecided-level/image.bff" -o a.tar > /dev/null 2>&1 || code=$?
echo "without: $code"
sysb wpar "$DATA/backup_by_name/good/undecided-level/image.bff" --assume-level 7.1.0.0 --force -o a.tar --json | python3 "$CHECK/pick.py" summary exit level.source level.minimum_ok
