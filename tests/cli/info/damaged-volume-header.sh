# What is damaged for the run is damaged for the copy, too: a bit of the volume header's checksum.
python3 - "$DATA/backup_by_name/good/rootvg-7.1/image.bff" <<'END'
import sys
image = bytearray(open(sys.argv[1], "rb").read())
image[4] ^= 1
open("image", "wb").write(image)
END
sysb info --json image > info.json || true
python3 "$CHECK/pick.py" image readiness.verdict < info.json
python3 "$CHECK/pick.py" summary verdict exit < info.json
sysb check --for wpar --json image > check.json || true
python3 "$CHECK/pick.py" summary verdict exit < check.json
