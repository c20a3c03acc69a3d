#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds usr/lpp/bench/liblpp.a to a directory: a row for every file, as an installed system has.

    inventory.py DIRECTORY
"""
import os
import pathlib
import subprocess
import sys


def rows(root):
    """(path, sum, blocks) of every file, by sum(1)."""
    done = subprocess.run("find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sum -r --", shell=True, cwd=root,
                          capture_output=True, check=True)
    for line in done.stdout.decode().splitlines():
        digits, blocks, path = line.split(None, 2)
        yield path.removeprefix("./"), digits, blocks


def archive(members):
    """A small-format archive without member table: the chain is what a reader follows."""
    out, offsets = bytearray(68), []
    for name, content in members:
        offsets.append(len(out))
        out += b" " * 88 + name + b"\0" * (len(name) % 2) + b"`\n" + content + b"\0" * (len(content) % 2)
    for i, (name, content) in enumerate(members):
        fields = [len(content), offsets[i + 1] if i + 1 < len(offsets) else 0, offsets[i - 1] if i else 0, 0, 0, 0, "644"]
        head = b"".join(str(f).encode().ljust(12) for f in fields) + str(len(name)).encode().ljust(4)
        out[offsets[i]:offsets[i] + 88] = head
    out[:68] = b"<aiaff>\n" + b"".join(str(f).encode().ljust(12) for f in (0, 0, offsets[0], offsets[-1], 0))
    return bytes(out)


def main(root):
    root = pathlib.Path(root)
    text = "".join(f"/{path}:\n\tmode = {os.stat(root / path).st_mode & 0o7777:o}\n\ttype = FILE\n"
                   f"\tsize = {os.stat(root / path).st_size}\n\tchecksum = \"{digits}    {blocks} \"\n\n"
                   for path, digits, blocks in rows(root))
    folder = root / "usr/lpp/bench"
    folder.mkdir(parents=True)
    (folder / "liblpp.a").write_bytes(archive([(b"bench.rte.inventory", text.encode())]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
