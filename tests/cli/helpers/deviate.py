#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes an image by the documented grammar one with a grammar of its own: deviate.py IMAGE OUT WHAT...

WHAT is any of
  magic=N             of plain members         packed=N            of packed members
  fixed=N             N bytes more before the name
  words=N             N length words at the head of the security record (3, 4), with blocks after it
  unit=N              what they count (8, 4, 1)
  before=KIND:N,N,..  a block of one of these lengths before the content, after=KIND:N,N,.. after it;
                      KIND is said (its first four bytes are its length) or blind
  every=N             only in every Nth member
  records=N           a record of type N, with a body of its own, before every 50th member
Contents, names and order stay as they are."""
import random
import struct
import sys

PACKED = 0xEA6C


def checksum(header):
    return sum(b << (b & 7) for b in header[:4] + b"\0\0" + header[6:]) & 0xFFFF


def sealed(header):
    return header[:4] + struct.pack("<H", checksum(header)) + header[6:]


def up(n):
    return (n + 7) // 8 * 8


class Deviation:
    def __init__(self, words):
        self.of = dict(w.split("=", 1) for w in words)
        self.random = random.Random(1)
        self.count = 0

    def number(self, name, default):
        return int(str(self.of.get(name, default)), 0)

    def header(self, header, packed):
        header = bytearray(header)
        magic = self.number("packed" if packed else "magic", hex(struct.unpack_from("<H", header, 2)[0]))
        struct.pack_into("<H", header, 2, magic)
        header[64:64] = bytes(self.random.randrange(1, 256) for _ in range(self.number("fixed", 0)))
        header[0] = len(header) // 8
        return sealed(bytes(header))

    def security(self, record):
        acl, pcl = (8 * n for n in struct.unpack_from("<II", record))
        words, unit = self.number("words", 2), self.number("unit", 8)
        blocks = [self.random.randbytes(8 * self.random.randrange(0, 5)) for _ in range(words - 2)]
        head = struct.pack("<%dI" % words, acl // unit, pcl // unit, *(len(b) // unit for b in blocks))
        out = head + record[8:] + b"".join(blocks)
        return out + bytes(up(len(out)) - len(out))

    def block(self, where):
        if where not in self.of or self.count % self.number("every", 1) != 0:
            return b""
        kind, lengths = self.of[where].split(":")
        n = int(self.random.choice(lengths.split(",")))
        return (struct.pack("<I", n) if kind == "said" else b"ATTR") + self.random.randbytes(n - 4)

    def record(self):
        if "records" not in self.of or self.count % 50 != 0:
            return b""
        header = struct.pack("<BBHHH", 3, self.number("records", 0), self.number("magic", "0xea6b"), 0, 0) + bytes(16)
        return sealed(header) + self.random.randbytes(8 * self.random.randrange(1, 9))


def main():
    image = open(sys.argv[1], "rb").read()
    change = Deviation(sys.argv[3:])
    out = bytearray(image[:72])
    at = 72
    while image[at + 1] != 7:
        length, magic = image[at] * 8, struct.unpack_from("<H", image, at + 2)[0]
        mode, size, stored = (struct.unpack_from("<I", image, at + o)[0] for o in (12, 24, 56))
        kind = mode & 0o170000
        body = at + length
        security = 0
        if kind != 0o120000:
            security = 8 + 8 * sum(struct.unpack_from("<II", image, body))
        content = {0o100000: stored if magic == PACKED else size, 0o120000: size}.get(kind, 0)
        data = body + security
        end = data + up(content)
        change.count += 1
        out += change.record()
        out += change.header(image[at:body], magic == PACKED)
        if security:
            out += change.security(image[body:data])
        out += change.block("before") + image[data:end] + change.block("after")
        at = end
    out += image[at:at + 8]
    out += bytes(-len(out) % 51200)
    open(sys.argv[2], "wb").write(out)


main()
