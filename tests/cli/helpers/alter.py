# SPDX-License-Identifier: Apache-2.0
"""Alters members of a by-name image, and keeps its headers' checksums right:

    alter.py IN OUT ACTION PATH [ACTION PATH...]

ACTION: flip (a bit in the middle of the stored content), unprove (the copy of the mode behind the access control
list), resize=N (the size that the header records, by N), header (a bit of the name, without a new checksum),
misstate=N (both sizes, without a new checksum),
mtime=N (seconds later),
rename=NAME (of the same padded length), fill=HEX (a pattern as the stored content),
lose (the first half of the record's header)."""
import json
import os
import struct
import subprocess
import sys


def checksum(header):
    return sum(b << (b & 7) for i, b in enumerate(header) if i not in (4, 5)) & 0xFFFF


def seal(data, at):
    length = data[at] * 8
    struct.pack_into("<H", data, at + 4, checksum(data[at:at + length]))


def main():
    image, out, words = sys.argv[1], sys.argv[2], sys.argv[3:]
    data = bytearray(open(image, "rb").read())
    listed = subprocess.run(["sysb", "ls", "--json", image], stdout=subprocess.PIPE, check=False).stdout
    entries = {e["path"]: e for e in map(json.loads, listed.splitlines()) if e.get("type") == "entry"}
    lost = []
    for action, path in zip(words[::2], words[1::2]):
        at = entries[path]["offset"]
        body = at + data[at] * 8
        acl, pcl = struct.unpack_from("<II", data, body)
        content = body + 8 + (acl + pcl) * 8
        word, _, value = action.partition("=")
        if word == "flip":
            data[content + entries[path]["stored"] // 2] ^= 0x10
        elif word == "unprove":
            data[body + 8 + acl * 8 + 4] ^= 1
        elif word == "resize":
            size, = struct.unpack_from("<I", data, at + 24)
            struct.pack_into("<I", data, at + 24, size + int(value))
            seal(data, at)
        elif word == "misstate":
            for field in (24, 56):
                size, = struct.unpack_from("<I", data, at + field)
                struct.pack_into("<I", data, at + field, size + int(value))
        elif word == "rename":
            area = body - at - 64
            name = value.encode() + b"\0"
            assert (len(name) + 7) // 8 * 8 == area, "the new name needs a field of the same length"
            data[at + 64:body] = name.ljust(area, b"\0")
            seal(data, at)
        elif word == "fill":
            pattern = bytes.fromhex(value)
            size = entries[path]["stored"]
            data[content:content + size] = (pattern * size)[:size]
        elif word == "header":
            data[at + 64 + 3] ^= 1
        elif word == "mtime":
            when, = struct.unpack_from("<I", data, at + 32)
            struct.pack_into("<I", data, at + 32, when + int(value))
            seal(data, at)
        elif word == "lose":
            lost.append((at, at + (body - at) // 2))
        else:
            sys.exit(f"no such action: {action}")
    for begin, end in sorted(lost, reverse=True):
        del data[begin:end]
    with open(out, "wb") as f:
        f.write(data)
    os.chmod(out, 0o644)


main()
