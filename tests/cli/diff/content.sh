# Inside one member: text by lines, ODM classes by rows, stanza files by stanza; names and bytes do no harm.
A="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
B="$DATA/backup_by_name/good/rootvg-7.2/image.bff"
cp "$A" a.img; cp "$B" b.img
for path in image.data ./etc/objrepos/lpp /var/adm/ras/vgbackuplog etc/motd; do
  sysb diff a.img b.img --content "$path" | cut -c1-100 && echo "$path"
done
sysb diff a.img b.img --content image.data --json | python3 "$CHECK/pick.py" content_line mark text
sysb diff a.img b.img --content image.data --json | python3 "$CHECK/pick.py" summary verdict exit form
mkdir a b
printf 'one\ntwo\n' > a/f; printf 'one\n\033[31mtwo\377\n' > b/f
sysb diff a b --content f || echo "exit $?"
printf 'a\0b' > a/f
sysb diff a b --content f || echo "exit $?"
rm a/f
sysb diff a b --content f || echo "exit $?"
sysb diff a b --content nothing 2>&1 || echo "exit $?"
gzip -k a.img
sysb diff a.img.gz b.img --content image.data | grep -c OSLEVEL
cat a.img | sysb diff - b.img --content image.data | grep -c OSLEVEL
sysb index a.img -o a.idx 2> /dev/null
sysb diff a.idx b.img --content image.data 2>&1 || echo "exit $?"
