#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand rows, a thousand images with an index: seconds, and at most 64 MiB in who coordinates.

SYSB names the binary, DATA the folder of test images. Seconds are those of the processor, of all threads together: how much
else the machine does means little then. SYSB_SLACK multiplies the limits (default 3: a build without optimisation passes too).
Prints one line a check and a last line "N passed, N failed".
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

from harness import FIT, GOOD, SYSB, check, of_type, run_parts, sysb, totals

SLACK = float(os.environ.get("SYSB_SLACK", "3"))
ROWS, INDEXED = 10_000, 1_000
MEMORY = 64 << 20
SMALL = GOOD / "savevg" / "image.bff"

# A child's peak counts from what its parent had: a small process of its own measures.
MEASURE = """
import os, sys
pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print("PEAK", usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, file=sys.stderr)
"""


def measured(*words):
    """(seconds of the processor, peak bytes, exit code, output)."""
    done = subprocess.run([sys.executable, "-S", "-E", "-c", MEASURE, SYSB, *map(str, words)], capture_output=True)
    peak, code, seconds = done.stderr.decode(errors="replace").split("PEAK ")[1].split()[:3]
    return float(seconds), int(peak), int(code), done


def within(name, seconds, peak, limit):
    check(f"{name}: within {limit} s", seconds < limit * SLACK, f"{seconds:.1f} s")
    check(f"{name}: at most 64 MiB", peak <= MEMORY, f"{peak / (1 << 20):.1f} MiB")
    print(f"  {name}: {seconds:.2f} s, {peak / (1 << 20):.1f} MiB", flush=True)


def rows_tests(top):
    (top / "image").mkdir()
    shutil.copyfile(SMALL, top / "image" / "one.savevg")
    with open(top / "m.csv", "w") as manifest:
        manifest.write("image,key\n")
        manifest.writelines(f"{top}/image/one.savevg,host-{i:05}\n" for i in range(ROWS))
    batch = top / "b"
    seconds, peak, code, done = measured("batch", "plan", top / "m.csv", "-d", batch, "--quiet")
    check("ten thousand rows are planned", code == 0, done.stderr[-300:])
    within("plan of 10,000 rows", seconds, peak, 15)
    seconds, peak, code, done = measured("batch", "plan", top / "m.csv", "-d", batch, "--json")
    check("planned again, nothing is looked at", of_type(done, "plan")[0]["looked_at"] == 0)
    within("the same plan again", seconds, peak, 10)
    seconds, peak, code, done = measured("batch", "status", "-d", batch, "--json")
    check("status counts them", totals(done)["pending"] == ROWS)
    within("status", seconds, peak, 5)
    seconds, peak, code, done = measured("batch", "run", "-d", batch, "--dry-run", "--quiet")
    within("run --dry-run", seconds, peak, 5)
    seconds, peak, code, done = measured("batch", "run-one", "-d", batch, "host-09999", "--quiet")
    check("the last row is done", code in (0, 6), done.stderr[-300:])
    within("run-one of the last row", seconds, 0, 2)
    run = subprocess.Popen([SYSB, "batch", "run", "-d", str(batch), "-j", "2", "--quiet"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    deadline, peak = time.time() + 60, 0
    while time.time() < deadline and len(list((batch / "jobs").glob("host-0000*/result.json"))) < 2:
        time.sleep(0.1)
    for line in pathlib.Path(f"/proc/{run.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            peak = int(line.split()[1]) * 1024
    run.terminate()
    check("a run over 10,000 rows ends in order when it is told to", run.wait() == 143, run.returncode)
    within("run", 0, peak, 1)


def indexed_tests(top):
    folder = top / "images"
    folder.mkdir()
    for i in range(INDEXED):
        shutil.copyfile(FIT, folder / f"h{i:04}.mksysb")
    sysb("index", folder / "h0000.mksysb")
    for i in range(1, INDEXED):
        shutil.copyfile(folder / "h0000.mksysb.sysbidx", folder / f"h{i:04}.mksysb.sysbidx")
        os.utime(folder / f"h{i:04}.mksysb", ns=(0, os.stat(folder / "h0000.mksysb").st_mtime_ns))
    seconds, peak, code, done = measured("batch", "plan", folder, "-d", top / "b", "--json")
    check("a thousand images with an index are planned", code == 0 and len(of_type(done, "row")) == INDEXED, done.stderr[-300:])
    within("plan of 1,000 images with an index", seconds, peak, 10)
    walked = sysb("batch", "plan", folder, "-d", top / "again", "--json")
    rows = {r["key"]: r for r in of_type(done, "row")}
    for p in folder.glob("*.sysbidx"):
        p.unlink()
    without = {r["key"]: r for r in of_type(sysb("batch", "plan", folder, "-d", top / "w", "--json"), "row")}
    check("an index tells what the headers tell", rows == without and walked.returncode == 0)


if __name__ == "__main__":
    run_parts((rows_tests, indexed_tests))
