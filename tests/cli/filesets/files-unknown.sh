sysb filesets --files no.such.fileset "$DATA/backup_by_name/good/rootvg-7.1/image.bff"
