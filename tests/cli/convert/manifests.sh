sysb convert "$DATA/backup_by_name/good/packed/image.bff" -o - --format json
sysb convert "$DATA/backup_by_name/good/packed/image.bff" -o - --format mtree | head -3
sysb convert "$DATA/backup_by_name/good/packed/image.bff" -o x --format null
ls
