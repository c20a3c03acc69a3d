# A bit that flipped in plain content: only an index knows.
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
sysb index a.img 2> /dev/null
python3 - << 'END'
data = bytearray(open("a.img", "rb").read())
at = data.index(b"Welcome to an invented")
data[at] ^= 0x20
open("a.img", "wb").write(data)
END
sysb check a.img --quiet > /dev/null 2>&1 && echo "check: 0" || echo "check: $?"
(sysb check a.img --index a.img.sysbidx --json || :) | python3 "$CHECK/pick.py" finding id severity path | grep IDX
sysb check a.img --index a.img.sysbidx > /dev/null 2>&1 && echo "check --index: 0" || echo "check --index: $?"
sysb cat a.img etc/motd 2>&1 && echo "cat: 0" || echo "cat: $?"
sysb extract a.img etc/motd -C out > /dev/null 2>&1 && echo "extract: 0" || echo "extract: $?"
ls
# A header that changed: the name alone is walked for, a selection stops.
python3 - << 'END'
data = bytearray(open("a.img", "rb").read())
at = data.index(b"./etc/motd\0") - 40
data[at] ^= 1
open("a.img", "wb").write(data)
END
sysb cat a.img etc/motd 2>&1 && echo "cat: 0" || echo "cat: $?"
