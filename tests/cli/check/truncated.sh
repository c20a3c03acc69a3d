# Any cut before the last byte of the end record is 3, after it 0.
head -c 100000 "$DATA/backup_by_name/good/rootvg-7.1/image.bff" > cut
code=0; sysb check cut 2> /dev/null || code=$?
echo "exit $code"
