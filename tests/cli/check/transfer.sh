# What happened to an image on its way is named by its cause, with the way out.
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
show() { grep -hoE 'XFR-0[0-9]+' "$1" | sort -u | tr '\n' ' '; }
try() {
  name=$1
  shift
  "$@" >out.txt 2>err.txt && code=0 || code=$?
  echo "$name: exit $code, $(show err.txt)"
}
make() { python3 - "$good" "$1" "$2" <<'EOF'
import sys
data = open(sys.argv[1], "rb").read()
what, out = sys.argv[2:]
if what == "returns":
    data = data.replace(b"\n", b"\r\n")
elif what == "stripped":
    data = open("lines.bff", "rb").read().replace(b"\r\n", b"\n")
elif what == "swapped":
    data = b"".join(data[i + 1:i + 2] + data[i:i + 1] for i in range(0, len(data), 2))
elif what == "padded":
    data = b"".join(data[i:i + 512].ljust(1024, b"\0") for i in range(0, len(data), 512))
elif what == "twice":
    data = data + data
elif what == "lost":
    data = data[:3001] + data[3002:]
open(out, "wb").write(data)
EOF
}
make returns returns.bff
try "carriage returns added" sysb check returns.bff
# Content in which 0x0c, 0x0d and 0x0e stand before line feeds equally often, of which one kind goes.
python3 "$CHECK/alter.py" "$good" lines.bff fill=0c0a0d0a0e0a ./usr/lib/libc.a
make stripped stripped.bff
try "carriage returns taken out" sysb check stripped.bff
make swapped swapped.bff
try "bytes swapped" sysb check swapped.bff
grep -o 'dd if=IMAGE of=FIXED conv=swab' err.txt | head -n 1
make padded padded.bff
try "padded blocks" sysb check padded.bff
make lost lost.bff
try "a byte lost" sysb check lost.bff
make twice twice.bff
try "a second image" sysb check twice.bff
try "the second one" sysb check --member 2 twice.bff
python3 -c 'open("salted.bff", "wb").write(b"Salted__" + bytes(range(200)) * 9)'
try "encrypted" sysb check salted.bff
grep -o 'openssl enc -d' err.txt | head -n 1
python3 "$CHECK/alter.py" "$good" second.bff rename=./tapeblksz ./.profile rename=./etc/passwx ./etc/passwd
try "file 2 of a tape" sysb check second.bff
split -b 20000 "$good" piece.
try "a piece" sysb check piece.aa
grep -c -- '--volumes' err.txt
rm piece.*
head -c 1048576 /dev/zero > pad
python3 - "$good" <<'EOF'
import struct
import sys
data = bytearray(open(sys.argv[1], "rb").read()[:2048])
# A member of 3 GiB of which the file system took 2 GiB less a byte.
at = 72
with open("limit.bff", "wb") as f:
    head = bytearray(data[:72])
    name = b"./big\0\0\0"
    record = bytearray(struct.pack("<BBHHHIIIIIIIIIIIIII", 9, 11, 0xEA6B, 0, 1, 0, 0o100644, 0, 0, 3 << 30, 1, 1, 1, 10, 8, 0, 0,
                                   3 << 30, 0) + name)
    record[4:6] = struct.pack("<H", sum(b << (b & 7) for i, b in enumerate(record) if i not in (4, 5)) & 0xFFFF)
    security = struct.pack("<IIIIHHHH", 2, 2, 16, 0, 0, 6, 4, 4) + struct.pack("<IIII", 16, 0o100644, 0, 0)
    f.write(head + record + security)
    f.truncate((1 << 31) - 1)
EOF
try "cut at a limit" sysb ls limit.bff
rm limit.bff pad
for id in 001 002 003 004 005 006 007 008 009 010; do
  sysb explain XFR-$id | head -n 1
done
