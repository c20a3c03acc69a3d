image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
install="$DATA/backup_by_name/good/acl/image.bff"
mkdir files
head -c 40960 /dev/zero | tr '\0' 'B' | tr 'B' '\377' > files/file1
cp "$install" files/file2
printf 'DUMMY TAPE TOC' | dd of=files/file3 bs=512 conv=sync 2> /dev/null
cp "$image" files/file4
cat files/file1 files/file2 files/file3 files/file4 > whole
split -b 102400 -a 1 --numeric-suffixes=1 "$image" set.
for f in files whole set.1; do
  sysb info $f --json | python3 "$CHECK/pick.py" image format container system.level complete
done
cat whole | sysb info - --json | python3 "$CHECK/pick.py" image format container system.level complete
sysb ls files > from-files
sysb ls set.1 > from-set
sysb ls "$image" > from-image
cmp from-files from-image
cmp from-set from-image
