sysb filesets "$DATA/backup_by_name/good/packed/image.bff" --json
