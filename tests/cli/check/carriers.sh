# A carrier that is cut short, has more layers than anybody needs, or stores the image in a way that
# cannot be read in place: the exit code, and the findings where there are any.
image="$DATA/backup_by_name/good/rootvg-7.2/image.bff"
cp "$image" image
gzip -c image > cut.gz
xz -c image > cut.xz
zstd -q -c image > cut.zst
bzip2 -c image > cut.bz2
lz4 -q -c image > cut.lz4
compress -f -c image > cut.Z
tar -cf cut.tar image
echo image | cpio -o -H newc > cut.cpio 2> /dev/null
genisoimage -quiet -no-pad -R -graft-points images/image=image > cut.iso 2> /dev/null
genisoimage -quiet -no-pad -udf -R -graft-points images/image=image > cut.udf 2> /dev/null
gzip -c cut.tar > cut.tar.gz
python3 - image cut.tar.gz <<'END'
import sys, zlib
def simh(data, out):
    with open(out, "wb") as f:
        for at in range(0, len(data), 10240):
            block = data[at:at + 10240]
            word = len(block).to_bytes(4, "little")
            f.write(word + block + bytes(len(block) % 2) + word)
        f.write(bytes(4) + b"\xff" * 4)
def het(data, out):
    with open(out, "wb") as f:
        before = 0
        for at in range(0, len(data), 32760):
            block = zlib.compress(data[at:at + 32760])
            f.write(len(block).to_bytes(2, "little") + before.to_bytes(2, "little") + b"\xa1\0" + block)
            before = len(block)
        f.write(bytes(2) + before.to_bytes(2, "little") + b"\x40\0")
simh(open(sys.argv[1], "rb").read(), "cut.tap")
simh(open(sys.argv[2], "rb").read(), "cut.tar.gz.tap")
het(open(sys.argv[1], "rb").read(), "cut.het")
END
try() {
  code=0
  sysb check "$@" --json > out 2> err || code=$?
  echo "$* $code" $(python3 "$CHECK/pick.py" finding id < out | sort -u)
}
for f in cut.*; do
  try "$f" | sed 's/^cut/whole/'
  truncate -s $(($(stat -c %s "$f") * 3 / 4)) "$f"
  try "$f"
done
# Sparse in a tar archive, with few holes and with many; packed by the disc's own means (zisofs).
cp image hole
truncate -s 40M hole
tar --sparse -cf sparse.tar hole
try sparse.tar
truncate -s 900G hole
tar --sparse -cf sparse.tar hole
try sparse.tar
grep '^sysb' err
mkdir top
cp image top/image
xorriso -outdev zisofs.iso -map top / -set_filter_r --zisofs / -- > /dev/null 2>&1
try zisofs.iso --member image
grep '^sysb' err
# As many layers as a hostile file may have.
python3 - <<'END'
import struct, zlib
data = b"nothing"
for layer in range(10000):
    packed = b"".join(
        struct.pack("<BHH", at + 65535 >= len(data), len(part), len(part) ^ 0xffff) + part
        for at in range(0, len(data), 65535) for part in [data[at:at + 65535]])
    data = b"\x1f\x8b\x08" + bytes(7) + packed + struct.pack("<II", zlib.crc32(data), len(data))
open("nested.gz", "wb").write(data)
END
try nested.gz
grep '^sysb' err
