# What libudfread says of a damaged disc is a finding of ours, and what it says by itself never shows.
mkdir -p top/sub top/two
cp "$DATA/backup_by_name/good/packed/image.bff" top/sub/image
echo two > top/two/file
genisoimage -quiet -udf -R -o disc top
python3 - <<'END'
import subprocess
disc = open("disc", "rb").read()
told = 0
for sector in range(257, 300):
    broken = bytearray(disc)
    broken[sector * 2048:(sector + 1) * 2048] = b"\x5a" * 2048
    open("broken", "wb").write(broken)
    seen = subprocess.run(["sysb", "ls", "broken"], capture_output=True, text=True, check=False).stderr
    assert all(line.startswith("sysb: ") for line in seen.splitlines()), seen
    told += "[UDF-002]" in seen
print("told" if told else "never told")
END
