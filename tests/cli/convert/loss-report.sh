sysb convert "$DATA/backup_by_name/good/acl/image.bff" -o a.tar --format ustar
ls
