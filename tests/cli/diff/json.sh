# JSON lines are by path, and the same with any number of threads.
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
mkdir t; sysb extract a.img -C t > /dev/null 2>&1
rm t/etc/motd; mv t/etc/hosts t/etc/hosts.moved
printf 'new\n' > t/'a name
with a newline'
printf 'x' > t/$(printf 'not\377utf8')
chmod 0700 t/etc
sysb diff a.img t --json --ignore times > one || :
sysb diff a.img t --json --ignore times --threads 4 > two || :
cmp one two && echo "threads: the same"
sysb index a.img > /dev/null 2>&1
sysb diff a.img t --json --ignore times | sed 's/"by_index":true/"by_index":false/' > three || :
cmp one three && echo "index: the same"
python3 "$CHECK/pick.py" change path path_hex mark change renamed_from renamed_to fields < one
python3 "$CHECK/pick.py" change path < one > paths
LC_ALL=C sort -c paths && echo sorted
python3 "$CHECK/pick.py" summary verdict exit added removed changed metadata_only suspect unknown renamed bytes_added bytes_removed < one
grep -v '"finding"' one
