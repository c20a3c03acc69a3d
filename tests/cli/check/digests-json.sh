sysb check --digests "$DATA/backup_by_name/good/hardlinks-empty/image.bff" --json
