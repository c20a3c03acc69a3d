sysb check --digests "$DATA/backup_by_name/good/packed/image.bff"
