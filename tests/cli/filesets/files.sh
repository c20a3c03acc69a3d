sysb filesets --files bos.rte "$DATA/backup_by_name/good/rootvg-7.1/image.bff"
