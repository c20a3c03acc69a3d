# SPDX-License-Identifier: Apache-2.0
"""Damages an image in many ways and holds what --salvage makes of it against the sound image:

    damage.py IMAGE

Of headers with a flipped bit, of images cut short, and of images that lost bytes, every member that
comes out must be a member of the sound image with the very same content, or carry the mark of a
partial one. (A flipped byte inside plain content cannot be told: the format has no checksum for it.) Every third damage,
all of them where SYSB_SANITIZED or SYSB_CAMPAIGN is set."""
import itertools
import json
import os
import random
import subprocess
import sys
import tarfile


def sysb(*args):
    return subprocess.run(["sysb", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def members(name, *options):
    done = sysb("convert", *options, "--overwrite", name, "-o", "salvaged.tar")
    out = {}
    if os.path.exists("salvaged.tar"):
        with tarfile.open("salvaged.tar") as tar:
            for m in tar:
                out[m.name] = (m.type, tar.extractfile(m).read() if m.isreg() else m.linkname)
        os.unlink("salvaged.tar")
    return done.returncode, out


def damaged(sound, starts):
    rng = random.Random(7)
    for at in starts:
        data = bytearray(sound)
        data[at + rng.randrange(40)] ^= 1 << rng.randrange(8)
        yield "a bit of a header", bytes(data)
    for at in range(512, len(sound), max(512, len(sound) // 24 // 512 * 512)):
        yield "a cut", sound[:at]
    for lost in (8, 33, 512, 1000, 4096):
        for _ in range(3):
            at = rng.randrange(72, max(73, len(sound) - lost))
            yield f"{lost} lost bytes", sound[:at] + sound[at + lost:]


def main():
    image = sys.argv[1]
    sound = open(image, "rb").read()
    whole = members(image)[1]
    listed = [json.loads(line) for line in sysb("ls", "--json", image).stdout.splitlines()]
    starts = [e["offset"] for e in listed if e.get("type") == "entry"]
    starts = starts[::max(1, len(starts) // 20)]
    runs = kept = wrong = 0
    step = 1 if os.environ.get("SYSB_SANITIZED") or os.environ.get("SYSB_CAMPAIGN") else 3
    for what, data in itertools.islice(damaged(sound, starts), 0, None, step):
        with open("damaged.img", "wb") as f:
            f.write(data)
        for options in (("--salvage",), ("--salvage", "--keep-partial")):
            code, got = members("damaged.img", *options)
            runs += 1
            for name, m in got.items():
                # A hard link may have become the first name of its file, and the first name a link.
                linked = b"1" in (m[0], whole.get(name, (b"",))[0])
                if name.endswith(".sysb-partial") or linked or whole.get(name) == m:
                    kept += 1
                    continue
                wrong += 1
                print(f"{what}: {name} is not as it was")
            if code not in (0, 3, 5):
                wrong += 1
                print(f"{what}: exit code {code}")
    print("as they were" if runs and kept and not wrong else f"{runs} runs, {kept} members, {wrong} wrong")


main()
