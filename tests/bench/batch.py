#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throughput of a batch: `batch run -j 2` against `-j 1`, and against GNU parallel over the same commands.

    batch.py --build BUILD [--work DIR] [--images N] [--megabytes M] [--runs N]

N images of M megabytes (64 of 50) of one corpus, each made a tar archive with one thread. The three are run in turn, medians of
the ratios count. Exit code 1 where -j 2 is less than 1.6 times as fast as -j 1, or slower than GNU parallel beyond noise (a twentieth).
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
GOAL, PEER_GOAL = 1.6, 1.0
NOISE = 0.05


def sh(words, **more):
    subprocess.run(list(map(str, words)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def fresh(work):
    shutil.rmtree(work / "out", ignore_errors=True)
    (work / "out").mkdir()


def timed(words):
    start = time.perf_counter()
    sh(words)
    return time.perf_counter() - start


def batch(sysb, work, jobs):
    fresh(work)
    shutil.rmtree(work / "batch", ignore_errors=True)
    sh([sysb, "batch", "plan", work / "images", "-d", work / "batch", "-o", f"{work}/out/", "--force", "--quiet"])
    return timed([sysb, "batch", "run", "-d", work / "batch", "-j", jobs, "--threads", 1, "--quiet"])


def peer(sysb, work):
    fresh(work)
    return timed(["sh", "-c", f"ls {work}/images | parallel -j 2 {sysb} wpar {work}/images/{{}} -o {work}/out/{{}}.tar --threads 1 --force --quiet"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--work", default="/dev/shm/sysb-batch-bench")
    p.add_argument("--images", type=int, default=64)
    p.add_argument("--megabytes", type=int, default=50)
    p.add_argument("--runs", type=int, default=3)
    args = p.parse_args()
    build, work = pathlib.Path(args.build).resolve(), pathlib.Path(args.work)
    sysb = build / "sysb"
    shutil.rmtree(work, ignore_errors=True)
    (work / "images").mkdir(parents=True)
    try:
        sh([sys.executable, HERE / "corpus.py", work / "tree", args.megabytes, "mixed"])
        # A root volume group of a known level; what else a WPAR needs it does not have: --force.
        (work / "tree" / "image.data").write_text(
            "image_data:\n\tOSLEVEL= 7.1.0.0\n\tUNAME_INFO= AIX bench 1 7 000000000000\n\nlogical_volume_policy:\n\nvg_data:\n\tVGNAME= rootvg\n")
        for name in ("usr/lib", "opt/bench", "etc"):
            (work / "tree" / name).mkdir(parents=True, exist_ok=True)
            (work / "tree" / name / "a").write_text("a\n")
        sh([build / "tests/bench/make_image", work / "tree", work / "one.bff"])
        shutil.rmtree(work / "tree")
        for i in range(args.images):
            # Names of one file: reading them costs the same, and memory holds them.
            os.link(work / "one.bff", work / "images" / f"h{i:03}.mksysb")
        one, two, others = [], [], []
        for _ in range(args.runs):
            one.append(batch(sysb, work, 1))
            two.append(batch(sysb, work, 2))
            if len(list((work / "out").glob("*.tar"))) != args.images:
                sys.exit("the batch did not do every job")
            if shutil.which("parallel"):
                others.append(peer(sysb, work))
        gain = statistics.median(a / b for a, b in zip(one, two))
        print(f"{args.images} images of {args.megabytes} MB: -j 1 {statistics.median(one):.2f} s, -j 2 {statistics.median(two):.2f} s: "
              f"{gain:.2f} times as fast (goal {GOAL})")
        good = gain >= GOAL
        if others:
            ratio = statistics.median(a / b for a, b in zip(others, two))
            print(f"GNU parallel -j 2 {statistics.median(others):.2f} s: ratio {ratio:.2f} (goal {PEER_GOAL})")
            good = good and ratio >= PEER_GOAL - NOISE
        else:
            print("skipped: GNU parallel is not installed")
        return 0 if good else 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
