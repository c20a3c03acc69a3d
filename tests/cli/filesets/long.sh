sysb filesets --long "$DATA/backup_by_name/good/rootvg-7.1/image.bff"
