#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The curves of inputs that are built to be costly: processor time and peak memory at three sizes, each four times the one before.

    costs.py --build BUILD [--work DIR] [--longer N] [INPUT...]

A row for each input of tests/faults/costly.py and command, at most a million members with `--longer 25`. A row that is linear ends with about 4, one that
is quadratic with 16. Exit code 1 where a step takes more than 8 times as long, or a job more than 64 MiB. tests/faults/costs_test.py
asserts the same by what is counted.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

TIMES, MOST, LITTLE, LIMIT = 4, 8, 0.3, 64.0
FAULTS = pathlib.Path(__file__).resolve().parent.parent / "faults"
EVERY = ("info", "ls", "check", "convert tar", "convert bff", "wpar")
# Members or layers at the smallest size, and the commands.
INPUTS = {
    "names_alike": (2500, EVERY), "one_name": (2500, EVERY), "one_inode": (2500, EVERY), "one_inode_with_data": (2500, EVERY),
    "linked_and_replaced": (2500, (*EVERY, "extract")), "deep": (5, (*EVERY, "extract")), "stanzas": (50, ("info", "wpar")),
    "long_line": (100, ("info", "wpar")), "all_fit": (250, ("info", "ls", "check", "convert tar")), "headers_in_content": (2500, ("check", "convert tar")),
    "damaged_between": (250, ("info", "salvage")), "layers": (10, ("info", "check")), "tars": (3, ("info", "check")),
}
COMMANDS = {
    "info": "info {image}", "ls": "ls {image}", "check": "check --digests {image}", "convert tar": "convert {image} -o o.tar",
    "convert bff": "convert {image} -o o.bff", "wpar": "wpar {image} --private --force -o o.tar", "extract": "extract {image} -C o.d",
    "salvage": "convert --salvage {image} -o o.tar",
}


def peak(words, cwd):
    """(seconds of the processor, MiB). Nothing large may ever have been in this process: a child's peak counts from that of its parent."""
    child = subprocess.Popen(words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3, 5):
        raise SystemExit(f"{' '.join(map(str, words))}: exit {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--work", default="/dev/shm/sysb-costs")
    p.add_argument("--longer", type=int, default=1)
    p.add_argument("inputs", nargs="*")
    args = p.parse_args()
    sysb = pathlib.Path(args.build).resolve() / "sysb"
    work = pathlib.Path(args.work)
    status = 0
    for name in args.inputs or INPUTS:
        least, commands = INPUTS[name]
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        sizes = [least * args.longer * TIMES**k for k in range(3)]
        for n in sizes:
            make = f"import sys; sys.path.insert(0, {str(FAULTS)!r}); import costly; open('{n}', 'wb').write(costly.{name}({n}))"
            subprocess.run([sys.executable, "-B", "-c", make], cwd=work, check=True)
        for command in commands:
            seen = []
            for n in sizes:
                seen.append(peak([sysb, *COMMANDS[command].format(image=n).split(), "--quiet"], work))
                for left in work.glob("o.*"):
                    subprocess.run(["rm", "-rf", left], check=True)
            steps = [b[0] / max(a[0], 0.01) for a, b in zip(seen, seen[1:])]
            bad = any(s > MOST and b[0] > LITTLE for s, b in zip(steps, seen[1:])) or max(m for _, m in seen) > LIMIT
            status |= bad
            print(f"{'FAILED' if bad else 'ok':<7}{name:<20} {command:<12}" + "".join(f"  {n:>8}: {s:7.2f} s {m:5.1f} MiB" for n, (s, m) in zip(sizes, seen)) +
                  f"  last step {steps[-1]:.1f}", flush=True)
    shutil.rmtree(work, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
