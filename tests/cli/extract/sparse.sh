sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -C out --sparse --quiet
sysb extract "$DATA/backup_by_name/good/rootvg-7.1/image.bff" -C plain --quiet
(cd out && find . -type f -exec sha256sum {} + | sort -k2) > a
(cd plain && find . -type f -exec sha256sum {} + | sort -k2) > b
cmp a b && echo same
