#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""carrier_seeds.py IMAGE FOLDER STAMP: small carriers of every kind around an image, for fuzz_carriers."""
import bz2
import gzip
import io
import lzma
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zlib


def simh(data):
    out = b""
    for at in range(0, len(data), 1024):
        block = data[at:at + 1024]
        word = len(block).to_bytes(4, "little")
        out += word + block + bytes(len(block) % 2) + word
    return out + bytes(4) + b"\xff" * 4


def het(data, method):
    out, before = b"", 0
    for at in range(0, len(data), 1024):
        block = data[at:at + 1024]
        packed = {0: block, 1: zlib.compress(block), 2: bz2.compress(block)}[method]
        for begin in range(0, len(packed), 300):
            part = packed[begin:begin + 300]
            flags = method | (0x80 if begin == 0 else 0) | (0x20 if begin + 300 >= len(packed) else 0)
            out += len(part).to_bytes(2, "little") + before.to_bytes(2, "little") + bytes([flags, 0]) + part
            before = len(part)
    return out + bytes(2) + before.to_bytes(2, "little") + b"\x40\0"


def tar(data, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as t:
        for name, content in (("readme", b"words\n"), ("a/" * 60 + "image", data)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def by_tool(command, data):
    """What a program makes of the image; nothing where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "image").write_bytes(data)
        done = subprocess.run(["sh", "-c", command], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout if done.returncode == 0 else b""


def main():
    data = pathlib.Path(sys.argv[1]).read_bytes()[:6000]
    seeds = {
        "gzip": gzip.compress(data), "bzip2": bz2.compress(data), "xz": lzma.compress(data),
        "lzma": lzma.compress(data, format=lzma.FORMAT_ALONE), "simh": simh(data),
        "aws": het(data, 0), "het-zlib": het(data, 1), "het-bzip2": het(data, 2),
        "tar-gnu": tar(data, tarfile.GNU_FORMAT), "tar-pax": tar(data, tarfile.PAX_FORMAT),
        "tape": simh(gzip.compress(tar(data, tarfile.USTAR_FORMAT))),
        "zstd": by_tool("zstd -q -c image", data), "lz4": by_tool("lz4 -q -c image", data),
        "compress": by_tool("compress -f -c image", data),
        "cpio-newc": by_tool("echo image | cpio -o -H newc", data),
        "cpio-bin": by_tool("echo image | cpio -o -H bin", data),
        "iso": by_tool("genisoimage -quiet -no-pad -R image", data),
        "udf.gz": by_tool("genisoimage -quiet -no-pad -udf -R image | gzip -9", data),
    }
    for form in ("gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"):
        seeds["sparse-" + form.replace(" ", "")] = by_tool(
            "for i in 3 5 7 9 11; do truncate -s ${i}00K image; printf x >> image; done;"
            f" tar --format={form} -S -cf - image", data)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in seeds.items():
        if content:
            (folder / name).write_bytes(content)
    pathlib.Path(sys.argv[3]).write_bytes(b"")


if __name__ == "__main__":
    main()
