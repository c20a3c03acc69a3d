#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images built to be costly (costly.py): four times as much of them must not take much more than four times the work.

Work is counted, not timed: the calls of the system and the allocations of a run (SHIM counts them, and the numbers are the same each time),
and the processor time that the kernel charges to it, which other processes do not change much. Two sizes that differ by four; what is
quadratic takes sixteen times as much. SYSB names the binary. With SYSB_CAMPAIGN the images have up to a million members.
`--curves` prints what each size takes and judges nothing; arguments name the inputs.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import costly

SYSB = os.path.abspath(os.environ["SYSB"])
SHIM = os.path.abspath(os.environ["SHIM"])
TIMES = 4
MOST = 8  # of 4 a linear step takes, and of 16 a quadratic one
LITTLE = 0.3  # seconds of processor time: what takes less is not judged by it
LONGER = 25 if os.environ.get("SYSB_CAMPAIGN") else 1

# what -> (how many, commands, exit code); FILE is the image.
INPUTS = {
    "names_alike": (2500, ["check FILE", "convert FILE -o out.tar"], 0),
    "one_name": (2500, ["check FILE", "convert FILE -o out.tar", "convert FILE -o out.cpio", "index FILE -o out.idx"], 0),
    "one_inode": (2500, ["check FILE", "convert FILE -o out.tar", "convert FILE -o out.cpio", "index FILE -o out.idx"], 0),
    "one_inode_with_data": (2500, ["check FILE", "convert FILE -o out.cpio"], 0),
    "linked_and_replaced": (2500, ["check FILE", "convert FILE -o out.cpio", "extract FILE -C out"], 0),
    "deep": (150, ["check FILE", "extract FILE -C out"], 0),
    "stanzas": (500, ["info FILE", "wpar FILE --private --force --dry-run -o out.tar"], 0),
    "long_line": (500, ["info FILE", "wpar FILE --private --force --dry-run -o out.tar"], 0),
    "all_fit": (1000, ["check FILE", "ls FILE"], 0),
    "headers_in_content": (2500, ["check FILE"], 0),
    "damaged_between": (400, ["convert --salvage FILE -o out.tar"], 3),
    "layers": (100, ["check FILE"], 5),
    "tars": (50, ["check FILE"], 5),
}


def measure(command, image, exit_code):
    """Calls, allocations, seconds of the processor."""
    with tempfile.TemporaryDirectory(prefix="sysb-cost-") as folder:
        counts = pathlib.Path(folder) / "counts"
        env = {**os.environ, "TMPDIR": folder, "LD_PRELOAD": SHIM, "SYSB_FAULT_COUNTS": str(counts)}
        words = [str(image) if w == "FILE" else w for w in command.split()]
        run = subprocess.Popen([SYSB, *words, "--quiet"], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        found = dict(line.split() for line in counts.read_text().splitlines())
        if run.returncode != exit_code:
            raise AssertionError(f"exit {run.returncode}, expected {exit_code}")
        return int(found["kill"]), int(found["malloc"]), used.ru_utime + used.ru_stime


def too_much(small, large):
    for what, a, b, least in (("calls", small[0], large[0], 2000), ("allocations", small[1], large[1], 20_000),
                              ("seconds of the processor", small[2], large[2], LITTLE)):
        if b > least and b > MOST * a:
            yield f"{b:.4g} {what} after {a:.4g}"


def main():
    curves = "--curves" in sys.argv
    passed = failed = 0
    for name in [a for a in sys.argv[1:] if a != "--curves"] or INPUTS:
        count, commands, exit_code = INPUTS[name]
        with tempfile.TemporaryDirectory(prefix="sysb-cost-") as folder:
            sizes = [count * LONGER * TIMES**k for k in range(3 if curves else 2)]
            images = [pathlib.Path(folder) / str(n) for n in sizes]
            for n, image in zip(sizes, images):
                image.write_bytes(getattr(costly, name)(n))
            for command in commands:
                try:
                    seen = [measure(command, i, exit_code) for i in images]
                    wrong = [] if curves else list(too_much(*seen))
                except AssertionError as e:
                    seen, wrong = [], [str(e)]
                text = "; ".join(f"{n}: {c} calls, {m} allocations, {s:.2f} s" for n, (c, m, s) in zip(sizes, seen))
                passed += not wrong
                failed += bool(wrong)
                print(f"{'FAILED' if wrong else 'ok'} {name}, {command}: {' and '.join(wrong)}{text}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
