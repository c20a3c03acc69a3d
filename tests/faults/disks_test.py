#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Limits: small disks by bytes and by inodes, few descriptors, small files. An exit code and a sentence each, never a signal, and
nothing left behind. Threads and memory: tests/cli/limits_test.py. As root, since disks are mounted; else those are skipped by name.
"""
import contextlib
import os
import resource
import subprocess
import sys
import tempfile

from runs import COMMANDS, place, undisturbed

WRITING = [n for n, c in COMMANDS.items() if c.output and c.words[0] != "batch" and not c.before]
passed = failed = skipped = 0


def judge(name, text, p, right):
    global passed, failed
    before, parts, _ = right
    seen, left = p.look()
    wrong = None
    if not isinstance(p.exit, int) or p.exit not in (0, 1):
        wrong = f"exit {p.exit}"
    elif p.exit == 0 and seen != parts:
        wrong = "exit 0 with something else"
    elif p.exit == 1 and (seen != before or left):
        wrong = f"exit 1 with {sorted(seen)}, left {left}"
    elif p.exit == 1 and p.err.count("sysb:") == 0:
        wrong = "no sentence"
    passed += wrong is None
    failed += wrong is not None
    if wrong:
        print(f"FAILED {name}, {text}: {wrong}: {p.err[-300:]!r}", flush=True)


@contextlib.contextmanager
def disk(options):
    with tempfile.TemporaryDirectory(prefix="sysb-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True, stderr=subprocess.DEVNULL)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def main():
    global skipped
    for name in WRITING:
        what = COMMANDS[name]
        right = undisturbed(what)
        for most in (4, 8, 12, 24):
            with place(what) as p:
                p.run(prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
                if p.exit == 127:  # the loader needs some itself
                    continue
                judge(name, f"{most} descriptors", p, right)
        for most in (0, 1, 4096, 50_000):
            with place(what) as p:
                judge(name, f"files of {most} bytes", p.run(prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))), right)
        for options in ("size=4k", "size=64k", "size=200k", "nr_inodes=4", "nr_inodes=12", "nr_inodes=40"):
            try:
                with disk(options) as folder, place(what, folder) as p:
                    judge(name, f"a disk with {options}", p.run(), right)
            except (subprocess.CalledProcessError, OSError) as e:
                skipped += 1
                print(f"skipped: {name}, a disk with {options}: {'not root' if os.geteuid() else e}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
