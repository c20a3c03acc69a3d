# SPDX-License-Identifier: Apache-2.0
"""Images built to be costly: what is looked at once for each member, or for each pair of them, is there very often."""
import gzip
import io
import struct
import tarfile

BY_NAME = 0xEA6B


def _sealed(header):
    head = bytearray(header)
    value = sum(b << (b & 7) for b in head) & 0xFFFF
    struct.pack_into("<H", head, 4, value)
    return bytes(head)


def _padded(data):
    return data + bytes(-len(data) % 8)


def _member(name, mode, size, ino=0, nlink=1, stored=None):
    name = _padded(name.encode() + b"\0")
    when = 1_690_000_000
    return _sealed(struct.pack("<BBHHHIIIIIIIIIIIIII", (64 + len(name)) // 8, 11, BY_NAME, 0, nlink, ino, mode, 0, 0, size, when, when, when,
                               10, 5, 0, 0, size if stored is None else stored, 0) + name)


def _security(mode):
    return struct.pack("<IIIIHHHHII8x", 2, 2, 16, 0, 0, mode >> 6 & 7, mode >> 3 & 7, mode & 7, 16, mode)


def file(name, data=b"", ino=0, nlink=1, with_data=True):
    data = data.encode() if isinstance(data, str) else data
    return _member(name, 0o100644, len(data), ino, nlink) + _security(0o100644) + (_padded(data) if with_data else b"")


def directory(name):
    return _member(name, 0o200755 | 0o40000, 0, 0, 2, 256) + _security(0o200755 | 0o40000)


def symlink(name, target, stored=None):
    return _member(name, 0o120777, len(target), stored=stored) + _padded(target.encode())


def image(records):
    volume = _sealed(struct.pack("<BBHHHIII16s16s16sHH", 9, 0, BY_NAME, 0, 1, 1_700_000_000, 1_700_000_000, 0x7FFFFFFF, b"by name",
                                 b"by name", b"root", 100, 0))
    end = _sealed(struct.pack("<BBHHH", 1, 7, BY_NAME, 0, 1))
    data = volume + b"".join(records) + end
    return data + bytes(-len(data) % 51200)


def names_alike(n):
    return image([file(f"./{'a' * 90}{i:07}") for i in range(n)])


def one_name(n):
    return image([file("./usr/lib/one", f"{i}") for i in range(n)])


def one_inode(n):
    return image([file("./a", "first", 502, 9)] + [file(f"./b{i:07}", "first", 502, 9, with_data=False) for i in range(n)])


def one_inode_with_data(n):
    return image([file(f"./b{i:07}", "first", 502, 9) for i in range(n)])


def linked_and_replaced(n):
    return image([file(f"./{'ab'[i % 2]}", "first", 502, 9) for i in range(n)])


def deep(n):
    """Directories in each other, as deep as a name can be, over and over."""
    return image([file("./" + "d/" * (480 - i % 4) + f"{i:07}") for i in range(n)])


def image_data(text):
    return image([directory("."), file("./bosinst.data", "control_flow:\n    PROMPT = no\n"), file("./image.data", text)])


def stanzas(n):
    text = "image_data:\n\tIMAGE_TYPE= bff\n\tDATE_TIME= Mon Jan 2 03:04:05 2023\n\tOSLEVEL= 7.2.0.0\n\tPRODUCT_TAPE= no\n\n"
    for i in range(n):
        text += f"fs_data:\n\tFS_NAME= /{'long/' * 60}{i}\n\tFS_SIZE= 65536\n\tFS_LV= /dev/lv{i}\n\tFS_FS= 4096\n\tFS_MIN_SIZE= 1024\n\n"
        text += f"lv_data:\n\tVOLUME_GROUP= rootvg\n\tLOGICAL_VOLUME= lv{i}\n\tLPs= 1\n\tMOUNT_POINT= /{'long/' * 60}{i}\n\tTYPE= jfs2\n\n"
    return image_data(text)


def long_line(n):
    return image_data("image_data:\n\tIMAGE_TYPE= " + "x" * (n * 1000) + "\n")


def all_fit(n):
    """After each symbolic link a record that belongs to it or not: either way the chain goes on."""
    out = []
    for i in range(n):
        decoy = file(f"./d{i:07}", "x")
        out += [symlink(f"./l{i:07}", "targetto", stored=8 + len(decoy)), decoy]
    return image(out)


def headers_in_content(n):
    """One file whose content is headers."""
    return image([file("./nested", b"".join(file(f"./x{i:07}") for i in range(n)))])


def damaged_between(n):
    """Sound members with a broken header between each two: salvage looks for the next one each time."""
    return image([r for i in range(n) for r in (file(f"./a{i:07}", "x" * 64), b"\x0a\x0b" + bytes(78))])


def layers(n):
    data = image([file("./a", "x")])
    for _ in range(n):
        data = gzip.compress(data, 0, mtime=0)
    return data


def tars(n):
    data = image([file("./a", "x")])
    for _ in range(n):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
            one = tarfile.TarInfo("inner.tar")
            one.size = len(data)
            t.addfile(one, io.BytesIO(data))
        data = out.getvalue().rstrip(b"\0") + bytes(1024)
        data += bytes(-len(data) % 512)
    return data
