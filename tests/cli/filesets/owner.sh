sysb filesets --owner /usr/bin/ls "$DATA/backup_by_name/good/rootvg-7.1/image.bff"
