sysb ls "$DATA/backup_by_name/good/acl/image.bff" --json
