# A later volume alone, and an image without its first bytes.
bad=$DATA/backup_by_name/bad
sysb ls "$bad/later-volume/image.bff" && echo "exit 0" || echo "exit $?"
sysb ls --salvage "$bad/later-volume/image.bff" && echo "exit 0" || echo "exit $?"
tail -c +101 "$DATA/backup_by_name/good/rootvg-7.1/image.bff" >headless.img
sysb ls headless.img && echo "exit 0" || echo "exit $?"
sysb ls --salvage headless.img >names && echo "exit 0" || echo "exit $?"
sysb ls "$DATA/backup_by_name/good/rootvg-7.1/image.bff" | tail -n +2 | cmp - names && echo "all but the first"
head -c 4096 /dev/zero | sysb ls --salvage - && echo "exit 0" || echo "exit $?"
