#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts sysb and its peers side by side on one corpus and prints medians, ratios and peak memory.

    run.py --build BUILD [--work DIR] [--megabytes N] [--profile small|mixed|large] [--from DIR]
           [--runs N] [--threads N] [--sync] [--json FILE] [--save] [--only JOB]

sysb and its peers are run in turn (A B A B ...). A ratio is the peer's time over ours: above 1 sysb is faster.
Peers that are not installed are skipped by name. Beside each ratio stands that of the last committed
run of the same profile (tests/bench/last.json), so that a step back is seen.
"""
import argparse
import json
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def sh(command, **kw):
    subprocess.run(command, check=True, **kw)


def timed(command, cwd):
    """(seconds, peak MiB) of one run of a shell command; its output is thrown away."""
    start = time.perf_counter()
    child = subprocess.Popen(["/bin/sh", "-c", command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"exit {child.returncode}: {command}: {error.decode(errors='replace')[-300:]}")
    return seconds, usage.ru_maxrss / 1024


def clean(cwd):
    for name in ("o.tar", "o.bff", "o.tar.zst", "p.tar", "p.bff", "p.tar.zst"):
        (cwd / name).unlink(missing_ok=True)
    for name in ("o.d", "p.d"):
        shutil.rmtree(cwd / name, ignore_errors=True)
    (cwd / "p.d").mkdir()
    (cwd / "o.d.mtree").unlink(missing_ok=True)


# A child's peak counts from what its parent had: smaller ones are not seen.
OWN_PEAK = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def shown(mib):
    return f"<{OWN_PEAK + 1:.0f}" if mib < OWN_PEAK + 1 else f"{mib:.0f}"


class Runs:
    def __init__(self):
        self.seconds, self.peak = [], 0.0

    def add(self, round_, command, cwd):
        clean(cwd)
        seconds, mib = timed(command, cwd)
        if round_:
            self.seconds.append(seconds)
            self.peak = max(self.peak, mib)

    def median(self):
        return statistics.median(self.seconds)


JOBS = [
    # name, ours, [(peer, needs, command, goal)]; goal: least peer/ours ratio
    ("list", "exec {sysb} ls --no-index packed.bff", [
        ("bsdtar -tf", "bsdtar", "exec bsdtar -tf c.tar", 5.0),
        ("tar -tf", "tar", "exec tar -tf c.tar", None),
        ("unsquashfs -ls", "unsquashfs", "exec unsquashfs -ls c.sqfs", 1.0)]),
    ("list by index", "exec {sysb} ls --index packed.idx packed.bff", [
        ("unsquashfs -ls", "unsquashfs", "exec unsquashfs -ls c.sqfs", 1.0)]),
    ("check plain", "exec {sysb} check --digests --threads {threads} plain.bff", [
        ("cat", "cat", "exec cat plain.bff", 1 / 1.5),
        ("7zz t", "7zz", "exec 7zz t c.tar", None)]),
    ("check packed", "exec {sysb} check --digests --threads {threads} packed.bff", [
        ("zstd -t", "zstd", "exec zstd -t c.tar.zst", 1.5)]),
    ("check inventory", "exec {sysb} check --inventory --threads {threads} inventory.bff", [
        ("check --digests", "cat", "exec {sysb} check --digests --threads {threads} inventory.bff", 1 / 1.25)]),
    ("tree from plain", "exec {sysb} extract --threads {threads} plain.bff -C o.d", [
        ("tar -xpf", "tar", "exec tar -xpf c.tar -C p.d{sync}", 1.7),
        ("bsdtar -xpf", "bsdtar", "exec bsdtar -xpf c.tar -C p.d{sync}", 2.5),
        ("cp -a", "cp", "exec cp -a tree/. p.d{sync}", None)]),
    ("tree from packed", "exec {sysb} extract --threads {threads} packed.bff -C o.d", [
        ("zstd -dc | tar x", "zstd", "zstd -dc c.tar.zst | tar -xpf - -C p.d{sync}", 1.5),
        ("bsdtar .tar.zst", "bsdtar", "exec bsdtar -xpf c.tar.zst -C p.d{sync}", None)]),
    ("tar from plain", "exec {sysb} convert --threads {threads} plain.bff -o o.tar", [
        ("cp", "cp", "exec cp c.tar p.tar{sync}", 1 / 1.15),
        ("bsdtar @cpio", "bsdtar", "exec bsdtar -cf p.tar --format pax @c.cpio{sync}", None)]),
    ("tar from packed", "exec {sysb} convert --threads {threads} packed.bff -o o.tar", [
        ("cp", "cp", "exec cp c.tar p.tar{sync}", 1 / 2.0)]),
    ("bff from bff", "exec {sysb} convert --threads {threads} plain.bff -o o.bff", [
        ("cp", "cp", "exec cp plain.bff p.bff{sync}", 1 / 1.1)]),
    ("tar.zst from plain", "exec {sysb} convert --threads {threads} plain.bff -o o.tar.zst", [
        ("zstd -T2 -3", "zstd", "exec zstd -q -T{threads} -3 c.tar -o p.tar.zst{sync}", 1 / 1.05)]),
]


def corpus(args, cwd):
    tree = cwd / "tree"
    if args.source:
        sh(["cp", "-a", args.source, tree])
    else:
        sh([sys.executable, HERE / "corpus.py", tree, str(args.megabytes), args.profile])
    maker = pathlib.Path(args.build) / "tests/bench/make_image"
    sh([maker, tree, cwd / "plain.bff"])
    sh([maker, "--packed", tree, cwd / "packed.bff"])
    # After the others: its list belongs to this image alone.
    sh([sys.executable, HERE / "inventory.py", tree])
    sh([maker, tree, cwd / "inventory.bff"])
    shutil.rmtree(tree / "usr/lpp")
    sh(["tar", "--format=pax", "-cf", cwd / "c.tar", "-C", tree, "."])
    sh("cd tree && find . | cpio -o -H newc --quiet >../c.cpio", shell=True, cwd=cwd)
    sh(["zstd", "-q", "-f", "-T0", "-3", cwd / "c.tar", "-o", cwd / "c.tar.zst"])
    if shutil.which("mksquashfs"):
        sh(["mksquashfs", tree, cwd / "c.sqfs", "-quiet", "-no-progress", "-Xcompression-level", "1"], stdout=subprocess.DEVNULL)


def machine():
    model = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--work", default="/dev/shm/sysb-bench")
    p.add_argument("--megabytes", type=int, default=1024)
    p.add_argument("--profile", choices=("small", "mixed", "large"), default="mixed")
    p.add_argument("--from", dest="source")
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--sync", action="store_true", help="peers sync what they wrote, as sysb does (for disks)")
    p.add_argument("--json")
    p.add_argument("--save", action="store_true", help="keep the ratios in tests/bench/last.json")
    p.add_argument("--only")
    p.add_argument("--keep", action="store_true", help="keep the corpus")
    args = p.parse_args()

    cwd = pathlib.Path(args.work)
    if not (cwd / "c.tar.zst").exists():
        shutil.rmtree(cwd, ignore_errors=True)
        cwd.mkdir(parents=True)
        corpus(args, cwd)
    fill = {"sysb": pathlib.Path(args.build).resolve() / "sysb", "threads": args.threads, "sync": "; sync" if args.sync else ""}
    profile = f"{'directory' if args.source else args.profile}-{args.megabytes}"
    (cwd / "packed.idx").unlink(missing_ok=True)
    sh([fill["sysb"], "index", "packed.bff", "-o", "packed.idx"], cwd=cwd, stderr=subprocess.DEVNULL)
    last_file = HERE / "last.json"
    last = json.loads(last_file.read_text())["profiles"].get(profile, {}) if last_file.exists() else {}

    print(f"{machine()}; {profile} MB, plain image {os.path.getsize(cwd / 'plain.bff') >> 20} MiB, "
          f"packed {os.path.getsize(cwd / 'packed.bff') >> 20} MiB; {args.threads} threads, {args.runs} runs, medians")
    print(f"{'job':<20}{'sysb s':>8}{'MiB':>6}  {'peer':<18}{'s':>8}{'MiB':>6}{'ratio':>8}{'goal':>7}{'last':>7}")
    rows = []
    for job, ours, peers in JOBS:
        if args.only and args.only != job:
            continue
        there = [p for p in peers if shutil.which(p[1]) is not None]
        for peer in peers:
            if peer not in there:
                print(f"{job:<20} skipped: {peer[0]} (not installed)")
        # One round: sysb, then each peer. The first warms up.
        mine, theirs = Runs(), {peer[0]: Runs() for peer in there}
        for i in range(args.runs + 1):
            mine.add(i, ours.format(**fill), cwd)
            for peer, _, command, _ in there:
                line = command.format(**fill)
                theirs[peer].add(i, line.removeprefix("exec ") if args.sync else line, cwd)
        for peer, _, _, goal in there:
            other = theirs[peer]
            ratio = statistics.median(y / x for x, y in zip(mine.seconds, other.seconds))
            before = last.get(f"{job}/{peer}")
            print(f"{job:<20}{mine.median():8.3f}{shown(mine.peak):>6}  {peer:<18}{other.median():8.3f}{shown(other.peak):>6}"
                  f"{ratio:8.2f}{(f'{goal:7.2f}' if goal else '      -')}{(f'{before:7.2f}' if before else '      -')}", flush=True)
            rows.append({"job": job, "peer": peer, "seconds": mine.median(), "peer_seconds": other.median(),
                         "ratio": round(ratio, 3), "goal": goal, "peak_mib": round(mine.peak, 1), "peer_peak_mib": round(other.peak, 1)})
    clean(cwd)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({"machine": machine(), "profile": profile, "threads": args.threads,
                                                       "runs": args.runs, "rows": rows}, indent=1) + "\n")
    if args.save and not args.only:
        saved = json.loads(last_file.read_text()) if last_file.exists() else {"profiles": {}}
        saved["profiles"][profile] = {f"{r['job']}/{r['peer']}": r["ratio"] for r in rows}
        saved.setdefault("machines", {})[profile] = f"{machine()}; {args.threads} threads"
        last_file.write_text(json.dumps(saved, indent=1, sort_keys=True) + "\n")
    if not args.keep:
        shutil.rmtree(cwd, ignore_errors=True)


if __name__ == "__main__":
    main()
