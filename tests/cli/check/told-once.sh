# A pass over a compressed image that begins again, because of a file of 4 GiB and more with half a size,
# tells of the members before that file once.
big=$(((1 << 32) + 1048576))
cat > make.py << 'EOF'
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
def head(name, size, stored=None):
    low = size & 0xffffffff
    room = -(-(len(name) + 1) // 8) * 8
    b = bytearray(struct.pack("<BBHHH14I", 8 + room // 8, 11, 0xea6b if stored is None else 0xea6c, 0, 1, 0,
                              0o100644, 200, 1, low, 1600000002, 1600000000, 1600000001, 10, 7, 0, 0,
                              low if stored is None else stored, 0)) + name.ljust(room, b"\0")
    rights = struct.pack("<IIIHHHHHHIIII", 2, 2, 16, 0, 0, 0, 6, 4, 4, 16, 0o100644, 0, 0)
    return seal(b) + rights
front = seal(volume) + head(b"./a", 3) + b"one\0\0\0\0\0"
front += head(b"./../up", 3) + b"up!\0\0\0\0\0"
front += head(b"./" + b"n" * 300, 3) + b"far\0\0\0\0\0"
if sys.argv[2] == "check":
    front += head(b"./packed", 100, 8) + b"\xff" * 8
open("front", "wb").write(front + head(b"./big", int(sys.argv[1])))
open("back", "wb").write(head(b"./b", 4) + b"two\n\0\0\0\0" + b"\x01\x07\x6b\xea\x84\x0a\x01\x00" + bytes(512))
EOF
any="--ratio-limit 0 --tmpdir none --json"
head -c 67108864 /dev/zero | zstd -q -1 > zeros.zst  # 64 times: faster than to press 4 GiB
show() { python3 "$CHECK/pick.py" finding id path offset | sed 's/nnnn*/nnn/'; }
for way in check extract; do
  python3 make.py $big $way
  (zstd -q -1 -c front; for i in $(seq 64); do cat zeros.zst; done; head -c 1048576 /dev/zero | zstd -q -1; zstd -q -1 -c back) > image
  echo "$way"
  case $way in
    check) sysb check image $any 2> /dev/null > said || echo "exit $?" ;;
    extract) sysb extract image -C out --sparse --threads 1 $any 2> /dev/null > said || echo "exit $?" ;;
  esac
  show < said
  python3 "$CHECK/pick.py" summary errors warnings notes entries refused output < said
done
ls out | sort
