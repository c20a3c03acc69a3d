sysb check --for wpar "$DATA/backup_by_name/good/undecided-level/image.bff" --json
