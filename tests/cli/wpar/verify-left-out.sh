# A member that the target's file system refuses was said to be left out: what was written is right all the same.
sysb wpar "$DATA/backup_by_name/good/names/image.bff" --force --private -o t/ --verify --json | python3 "$CHECK/pick.py" summary verdict exit output forced
