# A pipe that somebody has set to O_NONBLOCK, as ssh and CI systems do, is waited for.
python3 - "$DATA/backup_by_name/good/rootvg-7.1/image.bff" <<'END'
import os, subprocess, sys, threading, time
data = open(sys.argv[1], "rb").read()
here, there = os.pipe()
os.set_blocking(here, False)
def feed():
    for at in range(0, len(data), 50000):
        time.sleep(0.05)
        with_rest = memoryview(data)[at:at + 50000]
        while with_rest:
            with_rest = with_rest[os.write(there, with_rest):]
    os.close(there)
child = subprocess.Popen(["sysb", "check", "-"], stdin=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.close(here)
threading.Thread(target=feed).start()
print("exit", child.wait())
END
