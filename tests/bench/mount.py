#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sysb mount` beside its peers, on equal content.

    mount.py --sysb SYSB --make MAKE_MOUNT_IMAGE [--work DIR] [--members N] [--megabytes N] [--kind mixed|large|small] [--runs N]

First an image of N members (1,000,000; every fifth with a second name): how long until the folder can be listed, with an index and
without, beyond the start of the program; `find` over it and over the same tree on tmpfs; memory of the process that serves. Then a tree of
about N megabytes (512): `find` and `tar` of the mount, of archivemount (tar), squashfuse (squashfs without compression) and fuse-zip (stored), and `sysb
convert`; and `tar` of the tree itself. Beside both stands fuse_floor, which shows the same tree out of memory: what FUSE itself costs. Peers that are not installed are skipped by name. Medians. A mount is a fresh one for every run, so nothing is known to the kernel.
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


def seconds(command, **more):
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, shell=isinstance(command, str), **more)
    return time.perf_counter() - started


def peak_of(folder):
    pid = int(os.getxattr(folder, "user.sysb.server"))
    return int(next(x for x in open(f"/proc/{pid}/status") if x.startswith("VmHWM")).split()[1]) / 1024


class Bench:
    def __init__(self, args):
        self.args = args
        self.work = pathlib.Path(args.work)
        self.folder = self.work / "mnt"
        self.peak = 0.0

    def wait_unmounted(self):
        subprocess.run(["umount", str(self.folder)], check=True)

    def ours(self, image, *options):
        taken = seconds([self.args.sysb, "mount", str(image), str(self.folder), "--quiet", *options])
        return taken

    def timed_in_mount(self, mount, job):
        """Median of (mounting, job), a fresh mount each."""
        rows = []
        for _ in range(self.args.runs):
            first = mount()
            rows.append((first, seconds(job)))
            if mount.__name__ == "ours":
                self.peak = max(self.peak, peak_of(self.folder))
            self.wait_unmounted()
        return statistics.median(r[0] for r in rows), statistics.median(r[1] for r in rows)

    def many(self):
        image = self.work / "many.img"
        subprocess.run([self.args.make, "many", str(image), str(self.args.members)], check=True)

        def ours():
            return self.ours(image)

        start = statistics.median(seconds([self.args.sysb, "--version"]) for _ in range(11))
        find = f"find {self.folder} -printf %s"
        walked, _ = self.timed_in_mount(ours, ["true"])
        seconds([self.args.sysb, "index", str(image)])
        size = os.stat(f"{image}.sysbidx").st_size
        ready, found = self.timed_in_mount(ours, find)
        tree = self.work / "tree"
        seconds([self.args.sysb, "extract", str(image), "-C", str(tree), "--quiet"])
        floor = None
        if self.args.floor.exists():
            _, floor = self.timed_in_mount(lambda: seconds([self.args.floor, tree, self.folder]), find)
        on_tmpfs = statistics.median(seconds(f"find {tree} -printf %s") for _ in range(self.args.runs))
        shutil.rmtree(tree)
        n = self.args.members
        print(f"{n} members, index of {size / 1e6:.0f} MB; start of the program {start * 1000:.1f} ms")
        print(f"  mounted without an index   {walked:8.3f} s")
        print(f"  mounted by index           {ready * 1000:8.1f} ms, {(ready - start) * 1000:.1f} beyond the start")
        print(f"  find                       {found:8.3f} s, {found / n * 1e6:.2f} us an entry")
        print(f"  find on tmpfs              {on_tmpfs:8.3f} s, {on_tmpfs / n * 1e6:.2f} us an entry: ratio {found / on_tmpfs:.2f}")
        if floor:
            print(f"  find, FUSE's own cost      {floor:8.3f} s, {floor / n * 1e6:.2f} us an entry")
        print(f"  memory of the server       {self.peak:8.0f} MiB")
        image.unlink()

    def content(self):
        tree = self.work / "tree"
        subprocess.run([sys.executable, str(HERE / "corpus.py"), *self.corpus_words(tree)], check=True, stdout=subprocess.DEVNULL)
        tar, squashfs, archive, image = (self.work / f"c.{x}" for x in ("tar", "squashfs", "zip", "img"))
        seconds(f"tar -C {tree} -cf {tar} .")
        subprocess.run([self.args.make_image, str(tree), str(image)], check=True, stdout=subprocess.DEVNULL)
        seconds([self.args.sysb, "index", str(image)])
        entries = sum(len(f) + len(d) for _, d, f in os.walk(tree))
        peers = [("sysb mount", None, lambda: self.ours(image))]
        if shutil.which("archivemount"):
            peers.append(("archivemount", None, lambda: seconds(f"archivemount -o readonly {tar} {self.folder}")))
        if shutil.which("squashfuse") and shutil.which("mksquashfs"):
            seconds(f"mksquashfs {tree} {squashfs} -noI -noD -noF -noX -quiet -no-progress")
            peers.append(("squashfuse", None, lambda: seconds(f"squashfuse {squashfs} {self.folder}")))
        if shutil.which("fuse-zip") and shutil.which("zip"):
            seconds(f"cd {tree} && zip -q -0 -r {archive} .")
            peers.append(("fuse-zip", None, lambda: seconds(f"fuse-zip -r {archive} {self.folder}")))
        for name in ("archivemount", "squashfuse", "fuse-zip"):
            if not any(p[0] == name for p in peers):
                print(f"skipped: {name} is not installed")
        out = self.work / "o.tar"
        if self.args.floor.exists():
            peers.append(("FUSE's own", None, lambda: seconds([self.args.floor, tree, self.folder])))
        else:
            print("skipped: FUSE's own cost: there is no fuse_floor (meson setup -Dbenchmarks=true)")
        plain = statistics.median(seconds(f"tar -C {tree} -cf {out} .") for _ in range(self.args.runs))
        converted = []
        for _ in range(self.args.runs):
            out.unlink(missing_ok=True)
            converted.append(seconds([self.args.sysb, "convert", str(image), "-o", str(out), "--quiet"]))
        out.unlink()
        convert = statistics.median(converted)
        print(f"{entries} entries, {os.stat(image).st_size / 1e6:.0f} MB; sysb convert to .tar {convert:.3f} s; "
              f"tar of the tree itself {plain:.3f} s")
        mine = None
        for name, _, mount in peers:
            ready, found = self.timed_in_mount(mount, f"find {self.folder} -printf %s")
            _, tarred = self.timed_in_mount(mount, f"tar -C {self.folder} -cf {out} .")
            mine = mine or (found, tarred)
            print(f"  {name:13} ready {ready * 1000:7.1f} ms  find {found:7.3f} s ({found / mine[0]:5.2f})  "
                  f"tar {tarred:7.3f} s ({tarred / mine[1]:5.2f}; convert / tar {convert / tarred:.2f})")

    def corpus_words(self, tree):
        return [str(tree), str(self.args.megabytes), self.args.kind]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--sysb", default="build/sysb")
    p.add_argument("--make", default="build/tests/mount/make_mount_image")
    p.add_argument("--make-image", default="build/tests/bench/make_image", help="needs -Dbenchmarks=true")
    p.add_argument("--work", default="/dev/shm/sysb-mount-bench")
    p.add_argument("--members", type=int, default=1_000_000)
    p.add_argument("--megabytes", type=int, default=512)
    p.add_argument("--kind", choices=("small", "mixed", "large"), default="mixed", help="of the tree")
    p.add_argument("--floor", default="build/tests/bench/fuse_floor", type=pathlib.Path, help="needs -Dbenchmarks=true")
    p.add_argument("--runs", type=int, default=3)
    args = p.parse_args()
    args.floor = args.floor.resolve()
    args.sysb, args.make, args.make_image = (str(pathlib.Path(x).resolve()) for x in (args.sysb, args.make, args.make_image))
    bench = Bench(args)
    shutil.rmtree(bench.work, ignore_errors=True)
    bench.folder.mkdir(parents=True)
    try:
        bench.many()
        if pathlib.Path(args.make_image).exists():
            bench.content()
        else:
            print("skipped: equal content: there is no make_image (meson setup -Dbenchmarks=true)")
    finally:
        subprocess.run(["umount", "-l", str(bench.folder)], stderr=subprocess.DEVNULL)
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    main()
