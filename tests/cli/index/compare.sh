# `check --index`: an index of another image, one without digests, a compressed copy.
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
sysb index a.img 2> /dev/null
sysb index a.img --quick -o quick.idx 2> /dev/null
sysb check a.img --index a.img.sysbidx 2> /dev/null && echo "same: 0" || echo "same: $?"
gzip -c a.img | sysb check - --index a.img.sysbidx 2> /dev/null && echo "compressed: 0" || echo "compressed: $?"
sysb check a.img --index quick.idx > /dev/null && echo "quick: 0" || echo "quick: $?"
sysb check a.img --index a.img > /dev/null && echo "no index: 0" || echo "no index: $?"
sysb check "$DATA/backup_by_name/good/packed/image.bff" --index a.img.sysbidx --json > other && echo "other: 0" || echo "other: $?"
python3 "$CHECK/pick.py" finding id severity < other | grep IDX | sort | uniq -c | awk '{ print ($1 > 0), $2, $3 }'
