# Workers read what an index points to by themselves: the same comes out, and nothing of a record that is
# another one.
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
cp -p a.img time
sysb index a.img 2> /dev/null
tree() {
  (cd out && find . -type f -exec sha256sum {} + | sort) | sha256sum
  rm -r out out.mtree
}
for threads in 1 2 4; do
  sysb extract a.img 'usr/*' 'etc/*' 'home/*' -C out --threads $threads 2> /dev/null && tree
  sysb extract a.img 'usr/*' 'etc/*' 'home/*' -C out --threads $threads --no-index 2> /dev/null && tree
done | sort | uniq -c | awk '{ print $1 }'
python3 - << 'END'
data = bytearray(open("a.img", "rb").read())
at = data.index(b"./etc/motd\0") - 40
data[at] ^= 1
open("a.img", "wb").write(data)
END
touch -r time a.img
for threads in 1 4; do
  sysb extract a.img 'etc/*' -C out --threads $threads --json > said 2> /dev/null && echo "extract: 0" || echo "extract: $?"
  python3 "$CHECK/pick.py" finding id severity path < said | grep IDX
  ls -d out* 2> /dev/null || echo none
done
