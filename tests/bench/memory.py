#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peak memory of every job on images with very many members, and on long ones.

    memory.py --build BUILD [--work DIR] [--members N] [--linked N] [--names BYTES] [--image FILE ...]

Makes an image of N members (1,000,000 with 200,000 further names of linked files, names of 100 bytes on
average), or takes the images given, and prints the peak of each job with 2 and with 8 threads. Exit
code 1 where one takes more than 64 MiB.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

LIMIT = 64.0

JOBS = [
    ("ls -l", "{sysb} ls -l {image}"),
    ("ls --json", "{sysb} ls --json {image}"),
    ("check --digests", "{sysb} check --digests --threads {threads} {image}"),
    ("info", "{sysb} info {image}"),
    ("index", "{sysb} index --threads {threads} {image} -o o.idx"),
    ("wpar --dry-run", "{sysb} wpar --dry-run --force --private --threads {threads} {image} -o o.tar"),
    ("cat of one", "{sysb} cat {image} {one}"),
    ("extract of some", "{sysb} extract --threads {threads} {image} 'd7*' '*/d7*' -C o.d"),
    ("tree", "{sysb} extract --threads {threads} {image} -C o.d"),
    ("tar", "{sysb} convert --threads {threads} {image} -o o.tar"),
    ("tar through a pipe", "cat {image} | {sysb} convert --threads {threads} - -o o.tar"),
    ("cpio", "{sysb} convert --threads {threads} {image} -o o.cpio"),
    ("tar.zst", "{sysb} convert --threads {threads} {image} -o o.tar.zst"),
    (".bff", "{sysb} convert --threads {threads} {image} -o o.bff"),
    ("json", "{sysb} convert --threads {threads} {image} -o - --format json"),
    ("questions", "SYSB_CATALOG_MEMBERS=1000000 {build}/tests/unit/catalog/unit_catalog -tc='many members*'"),
    ("mtree", "{sysb} convert --threads {threads} {image} -o - --format mtree"),
]


def peak(command, cwd):
    """(MiB, seconds, exit code) of the largest process of a shell command."""
    start = time.perf_counter()
    child = subprocess.Popen(["/bin/sh", "-c", command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, time.perf_counter() - start, child.returncode


def told(command):
    return subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout


def clean(cwd):
    for name in ("o.tar", "o.cpio", "o.tar.zst", "o.bff", "o.d.mtree"):
        (cwd / name).unlink(missing_ok=True)
    shutil.rmtree(cwd / "o.d", ignore_errors=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--work", default="/dev/shm/sysb-memory")
    p.add_argument("--members", type=int, default=1_000_000)
    p.add_argument("--linked", type=int, default=200_000)
    p.add_argument("--names", type=int, default=100)
    p.add_argument("--image", action="append", type=pathlib.Path)
    p.add_argument("--only")
    args = p.parse_args()
    cwd = pathlib.Path(args.work)
    shutil.rmtree(cwd, ignore_errors=True)
    cwd.mkdir(parents=True)
    build = pathlib.Path(args.build).resolve()
    images = [i.resolve() for i in args.image or []]
    if not images:
        images = [cwd / "members.bff"]
        subprocess.run([build / "tests/bench/make_members", str(args.members), str(args.linked), str(args.names), images[0]],
                       check=True)
    worst = 0.0
    for image in images:
        # Not in this process: a child's peak counts from what its parent had.
        count = int(told(f"{build / 'sysb'} ls {image} | wc -l"))
        one = told(f"{build / 'sysb'} ls {image} | sed -n {count // 2 + 1}p").strip()
        print(f"{image.name}: {os.path.getsize(image) >> 20} MiB, {count} members")
        for job, command in JOBS:
            if args.only and args.only != job:
                continue
            line = f"  {job:<20}"
            for threads in (2, 8) if "{threads}" in command else (2,):
                clean(cwd)
                mib, seconds, code = peak(command.format(build=build, sysb=build / "sysb", image=image, threads=threads, one=f"'{one}'"), cwd)
                worst = max(worst, mib)
                line += f"  {threads} threads {mib:6.1f} MiB {seconds:6.1f} s" + (f" exit {code}" if code > 1 else "")
            print(line, flush=True)
    shutil.rmtree(cwd, ignore_errors=True)
    print(f"the most: {worst:.1f} MiB")
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
