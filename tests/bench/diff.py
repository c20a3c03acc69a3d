#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast two images are compared, and in how much memory.

    diff.py SYSB MAKE_MEMBERS [MEMBERS]

Two images of MEMBERS members (1,000,000), a fifth of them linked, names of 100 bytes, that differ in 1 %: by their
indexes, and without them beside `check --digests` of both in turn. Prints a line each; medians of 3.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time


def run(*words):
    """(seconds, seconds of processor, MiB) of a command whose output goes nowhere."""
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(words[0], words)
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"exit {os.waitstatus_to_exitcode(status)}: {' '.join(words)}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def row(what, goal, *commands):
    seen = [[sum(x) if i < 2 else max(x) for i, x in enumerate(zip(*(run(*c) for c in commands)))] for _ in range(3)]
    wall, cpu, memory = (statistics.median(x) for x in zip(*seen))
    print(f"{what:34} {wall:7.2f} s {cpu:7.2f} s of processor {memory:6.1f} MiB   {goal}", flush=True)


def main(sysb, make, members="1000000"):
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        a, b = f"{folder}/a.img", f"{folder}/b.img"
        linked = str(int(members) // 5)
        subprocess.run([make, members, linked, "100", a], check=True)
        subprocess.run([make, members, linked, "100", b, "100"], check=True)
        for image in (a, b):
            subprocess.run([sysb, "index", image, "--quiet"], check=True, stderr=subprocess.DEVNULL)
        row("diff, both indexed, 1 % differs", "goal: < 3 s, <= 64 MiB", (sysb, "diff", a, b))
        row("diff --json, both indexed", "", (sysb, "diff", a, b, "--json"))
        row("diff, without indexes", "goal: the next row", (sysb, "diff", a, b, "--no-index"))
        row("check --digests, twice", "", (sysb, "check", "--digests", a), (sysb, "check", "--digests", b))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
