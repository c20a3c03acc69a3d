#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tree.py DIR: every member of a tree with kind, mode, size and time, sorted; owners as root."""
import os
import stat
import sys

root = sys.argv[1].encode()
rows = []
for folder, dirs, files in os.walk(root):
    for name in [b"."] * (folder == root) + dirs + files:
        path = os.path.join(folder, name)
        st = os.lstat(path)
        kind = stat.S_IFMT(st.st_mode)
        letter = {stat.S_IFDIR: "d", stat.S_IFREG: "-", stat.S_IFLNK: "l", stat.S_IFCHR: "c", stat.S_IFBLK: "b",
                  stat.S_IFIFO: "p", stat.S_IFSOCK: "s"}[kind]
        size = st.st_size if letter == "-" else 0
        mode = "----" if letter == "l" else f"{stat.S_IMODE(st.st_mode):04o}"
        text = os.path.relpath(path, root).decode("utf-8", "backslashreplace")
        if letter == "l":
            text += " -> " + os.readlink(path).decode("utf-8", "backslashreplace")
        rows.append(f"{letter} {mode} {size:7} {int(st.st_mtime):10} {text}")
print("\n".join(sorted(rows, key=lambda r: r.split(None, 4)[4])))
