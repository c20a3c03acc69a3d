gzip -c "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > a.gz
sysb index a.gz && echo "compressed: 0" || echo "compressed: $?"
sysb index "$DATA/backup_by_name/bad/checksum/image.bff" -o b.idx && echo "damaged: 0" || echo "damaged: $?"
sysb index - -o c.idx < "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > /dev/null && echo "standard input: 0" || echo "standard input: $?"
cat "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | sysb index - -o d.idx && echo "pipe: 0" || echo "pipe: $?"
sysb index - < a.gz && echo "no name: 0" || echo "no name: $?"
sysb index a.gz -o - && echo "to standard output: 0" || echo "to standard output: $?"
sysb ls a.gz --index x --no-index && echo "both: 0" || echo "both: $?"
ls
