#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a directory tree to measure with, the same for the same seed:
    corpus.py DIRECTORY MEGABYTES {small,mixed,large} [SEED]
Half of the bytes are text of a skewed vocabulary, half look like programs: runs of zeros,
small integers, repeated fragments, some noise. Synthetic, and called so wherever it is quoted."""
import os
import random
import sys

POOL = 16 << 20


def text_pool(rng):
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(rng.choices(letters, weights=range(26, 0, -1), k=rng.randint(2, 9))) for _ in range(4000)]
    weights = [1.0 / (i + 1) for i in range(len(words))]
    out = bytearray()
    while len(out) < POOL:
        line = " ".join(rng.choices(words, weights=weights, k=2000)).split(" ")
        for i in range(0, len(line), 9):
            out += (" ".join(line[i:i + 9]) + "\n").encode()
    return bytes(out[:POOL])


def program_pool(rng):
    out = bytearray()
    fragments = [rng.randbytes(rng.randint(4, 24)) for _ in range(600)]
    while len(out) < POOL:
        kind = rng.random()
        if kind < 0.55:
            out += b"".join(rng.choices(fragments, k=64))
        elif kind < 0.75:
            out += b"".join(rng.choice((b"\0\0\0", b"\0\0")) + bytes([rng.randrange(64)]) for _ in range(200))
        elif kind < 0.88:
            out += bytes(rng.randint(64, 2048))
        else:
            out += rng.randbytes(rng.randint(64, 512))
    return bytes(out[:POOL])


def size_of(rng, profile):
    if profile == "small":
        return min(int(rng.lognormvariate(7.6, 1.1)), 1 << 17)
    if profile == "large":
        return rng.randint(8 << 20, 64 << 20)
    return min(int(rng.lognormvariate(8.6, 2.0)), 64 << 20)  # mixed: about 48 KiB on average


def main(root, megabytes, profile, seed=1):
    rng = random.Random(int(seed))
    pools = [text_pool(rng), program_pool(rng)]
    left, count, folder = int(megabytes) << 20, 0, root
    os.makedirs(root, exist_ok=True)
    while left > 0:
        if count % 120 == 0:
            folder = os.path.join(root, f"d{count // 12000:03}", f"part-of-the-tree-{count // 120:05}")
            os.makedirs(folder, exist_ok=True)
        size = min(size_of(rng, profile), left)
        pool = rng.choice(pools)
        path = os.path.join(folder, f"file-with-a-name-{count:07}")
        with open(path, "wb") as f:
            rest = size
            while rest > 0:
                at = rng.randrange(POOL)
                piece = pool[at:at + min(rest, 1 << 20)]
                f.write(piece)
                rest -= len(piece)
        os.chmod(path, 0o755 if count % 9 == 0 else 0o644)
        os.utime(path, (1_600_000_000 + count, 1_600_000_000 + count))
        if count % 25 == 0:
            os.symlink(os.path.basename(path), path + ".link")
        left -= size
        count += 1
    for folder, _, _ in os.walk(root, topdown=False):
        os.utime(folder, (1_600_000_000, 1_600_000_000))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
