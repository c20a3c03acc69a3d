#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it takes to keep many images: bytes that a store grows by with each image of a row of them.

    storing.py --make-image PROGRAM --from DIR [--work DIR] [--megabytes N]

The images are synthetic: files of DIR, on a first day, on the next one (one file in a hundred changed, every file read
since), and on another host (one file in twenty is its own). Each is made plain and packed. Needs zstd, restic and borg.
"""
import argparse
import os
import pathlib
import random
import shutil
import subprocess


def sh(command, **kw):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kw)


def size(path):
    path = pathlib.Path(path)
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def copy_some(source, target, megabytes):
    """Files of `source`, the larger ones left out, up to a size; the same ones each time."""
    left = megabytes << 20
    for folder, dirs, files in os.walk(source):
        dirs.sort()
        for name in sorted(files):
            one = pathlib.Path(folder) / name
            if one.is_symlink() or not one.is_file() or one.stat().st_size > 8 << 20:
                continue
            there = target / one.relative_to(source)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(one, there)
            left -= there.stat().st_size
            if left <= 0:
                return


def change(tree, one_in, seed):
    """Some files get bytes of their own in the middle; all are read, so that their access times are new."""
    rng = random.Random(seed)
    for one in sorted(p for p in tree.rglob("*") if p.is_file()):
        st = one.stat()
        if rng.randrange(one_in) == 0:
            with open(one, "r+b") as f:
                f.seek(st.st_size // 2)
                f.write(rng.randbytes(max(16, st.st_size // 10)))
        os.utime(one, (1_700_000_000 + seed * 86_400 + rng.randrange(1000), st.st_mtime))


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--make-image", required=True)
    ask.add_argument("--from", dest="source", required=True)
    ask.add_argument("--work", default="/tmp/sysb-storing")
    ask.add_argument("--megabytes", type=int, default=300)
    a = ask.parse_args()
    work = pathlib.Path(a.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    names = ["first day", "next day", "other host"]
    trees, images = [], {"plain": [], "packed": []}
    for n, name in enumerate(names):
        tree = work / f"tree{n}"
        if n == 0:
            copy_some(pathlib.Path(a.source), tree, a.megabytes)
        else:
            shutil.copytree(trees[0], tree)
            change(tree, 100 if n == 1 else 20, n)
        trees.append(tree)
        for kind, row in images.items():
            row.append(work / f"{kind}{n}.bff")
            sh([a.make_image, *(["--packed"] if kind == "packed" else []), str(tree), str(row[-1])])

    def alone(row, *options):
        sizes = []
        for one in row:
            out = work / "out.zst"
            sh(["zstd", "-q", "-f", *options, str(one), "-o", str(out)])
            sizes.append(out.stat().st_size)
        return sizes

    def together(row, *options):
        """Growth of one stream of the images one after the other, as of `cat a b c | zstd`."""
        sizes = []
        for n in range(1, len(row) + 1):
            out = work / "out.zst"
            with open(out, "wb") as f:
                cat = subprocess.Popen(["cat", *map(str, row[:n])], stdout=subprocess.PIPE)
                subprocess.run(["zstd", "-q", "-c", *options], stdin=cat.stdout, stdout=f, check=True)
            sizes.append(out.stat().st_size - sum(sizes))
        return sizes

    def restic(row):
        repo, env = work / "restic", {**os.environ, "RESTIC_PASSWORD": "x"}
        shutil.rmtree(repo, ignore_errors=True)
        sh(["restic", "init", "--repository-version", "2", "-r", str(repo)], env=env)
        return grown(row, repo, lambda one: sh(["restic", "-r", str(repo), "--no-cache", "backup", str(one)], env=env))

    def borg(row):
        repo = work / "borg"
        shutil.rmtree(repo, ignore_errors=True)
        env = {**os.environ, "BORG_BASE_DIR": str(work)}
        sh(["borg", "init", "-e", "none", str(repo)], env=env)
        return grown(row, repo, lambda one: sh(["borg", "create", "-C", "zstd,3", f"{repo}::{one.name}", str(one)], env=env))

    def grown(row, repo, put):
        sizes, before = [], size(repo)
        for one in row:
            put(one)
            now = size(repo)
            sizes.append(now - before)
            before = now
        return sizes

    def line(text, sizes):
        print(f"| {text} | " + " | ".join(f"{s / (1 << 20):.1f}" for s in sizes) + " |", flush=True)

    print("| kept as | " + " | ".join(names) + " |\n|---|" + "--:|" * len(names))
    for kind, row in images.items():
        line(f"{kind} image as it is", [size(one) for one in row])
        line(f"{kind} image, zstd -3", alone(row, "-3", "-T2"))
        line(f"{kind} images, one stream of zstd -3 --long=31", together(row, "-3", "-T2", "--long=31"))
        line(f"{kind} images in restic", restic(row))
        line(f"{kind} images in borg", borg(row))
    line("trees in restic", restic(trees))
    line("trees in borg", borg(trees))
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
