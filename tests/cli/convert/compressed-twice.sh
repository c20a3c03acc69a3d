# A compressed image is read twice, as wpar, cat, extract and a selection need it, without a temporary
# file (--tmpdir names a folder that is not there), and gives what the plain image gives.
image="$DATA/backup_by_name/good/rootvg-7.2/image.bff"
cp "$image" image
gzip -c image > image.gz
xz -c image > image.xz
zstd -q -c image > image.zst
bzip2 -c image > image.bz2
lz4 -q -c image > image.lz4
xz --format=lzma -c image > image.lzma
compress -f -c image > image.Z
gzip -c image.xz > image.xz.gz
echo words > readme
tar -cf - readme image | gzip > image.tar.gz
echo image | cpio -o -H newc 2> /dev/null | zstd -q > image.cpio.zst
genisoimage -quiet -R -graft-points images/image=image > disc 2> /dev/null
xz -1 -c disc > disc.xz
# A SIMH tape file: a length, a block, the length again; a mark and the end of the medium.
python3 -c '
import sys
data = open(sys.argv[1], "rb").read()
for at in range(0, len(data), 10240):
    block = data[at:at + 10240]
    word = len(block).to_bytes(4, "little")
    sys.stdout.buffer.write(word + block + bytes(len(block) % 2) + word)
sys.stdout.buffer.write(bytes(4) + b"\377" * 4)' image.tar.gz > tape
gzip -c tape > tape.gz
run() {
  sysb wpar "$1" --shared -n w --host-level 7200-05 -o wpar.tar --report report --tmpdir none > wpar.txt 2>&1 || echo "wpar failed"
  sysb convert "$1" --exclude './usr/*' -o some.tar --tmpdir none > convert.txt 2>&1 || echo "convert failed"
  sysb extract "$1" './etc/*' -C tree --tmpdir none > extract.txt 2>&1 || echo "extract failed"
  sysb cat "$1" ./etc/objrepos/CuAt --tmpdir none > cat.out 2> /dev/null || echo "cat failed"
  sysb check --for wpar "$1" --json --tmpdir none 2> /dev/null | grep -v '"type":"\(progress\|image\)"' > check.txt
  (cat wpar.tar some.tar cat.out check.txt; tar -cf - --sort=name --mtime=@0 tree; find report -type f | sort | xargs cat) \
    | sed -e "s,$1,image,g" -e 's/"size":[0-9]*,"samples":"[0-9a-f]*"//' -e 's/^\(image: *image\), [0-9]* bytes$/\1/' \
      -e '/^image, samples: /d' | sha256sum | cut -c1-16
  rm -rf wpar.tar report some.tar tree tree.mtree cat.out check.txt
}
want=$(run image)
for f in image.gz image.xz image.zst image.bz2 image.lz4 image.lzma image.Z image.xz.gz image.tar.gz image.cpio.zst disc disc.xz tape tape.gz; do
  have=$(run $f)
  test "$have" = "$want" && echo "$f as the plain image" || echo "$f differs: $have, $want"
done
