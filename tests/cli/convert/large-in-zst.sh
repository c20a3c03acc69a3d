# A file of 4 GiB and more whose header keeps the low half of its size, in a compressed image: a pass
# that skips finds it, one that reads begins again; what went to standard output cannot be taken back.
big=$(((1 << 32) + 5 * 1048576))
python3 - $big << 'EOF'
import struct, sys
def seal(b):
    s = sum(v << (v & 7) for i, v in enumerate(b) if i not in (4, 5))
    b[4:6] = struct.pack("<H", s & 0xffff)
    return b
volume = bytearray(72)
volume[0] = 9
volume[2:20] = struct.pack("<HHHIII", 0xea6b, 0, 1, 1600000000, 1600000000, 0x7fffffff)
volume[20:27] = volume[36:43] = b"by name"
volume[52:56] = b"root"
volume[68] = 100
def head(name, size):
    low = size & 0xffffffff
    b = bytearray(struct.pack("<BBHHH14I", 9, 11, 0xea6b, 0, 1, 0, 0o100644, 200, 1, low, 1600000002,
                              1600000000, 1600000001, 10, 7, 0, 0, low, 0)) + name.ljust(8, b"\0")
    rights = struct.pack("<IIIHHHHHHIIII", 2, 2, 16, 0, 0, 0, 6, 4, 4, 16, 0o100644, 0, 0)
    return seal(b) + rights
open("front", "wb").write(seal(volume) + head(b"./a", 3) + b"one\0\0\0\0\0" + head(b"./big", int(sys.argv[1])))
open("back", "wb").write(head(b"./b", 4) + b"two\n\0\0\0\0" + b"\x01\x07\x6b\xea\x84\x0a\x01\x00" + bytes(512))
EOF
head -c 67108864 /dev/zero | zstd -q -1 > zeros.zst  # 64 times: faster than to press 4 GiB
(zstd -q -1 -c front; for i in $(seq 64); do cat zeros.zst; done; head -c $((5 * 1048576)) /dev/zero | zstd -q -1; zstd -q -1 -c back) > image
any="--ratio-limit 0 --tmpdir none"
sysb ls -l image $any
sysb check image $any
sysb cat image ./b $any
sysb convert image $any -o out --format json 2> /dev/null && sed 's/.*"path":"\([^"]*\)".*"size":\([0-9]*\).*/\1 \2/' out
echo "to standard output"
sysb convert image $any -o - > /dev/null || echo "exit $?"
cat image | sysb ls - $any > /dev/null || echo "exit $?"
