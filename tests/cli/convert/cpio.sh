sysb convert "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -o image.cpio
cpio -it < image.cpio 2> /dev/null | sed 's|^\./||' | head -20
