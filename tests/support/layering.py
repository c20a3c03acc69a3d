#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The floors: who may include whom, who may see which library, and what is left to the command.

A folder may include itself, and what stands on a lower floor. Rooms of one floor meet in core/.
"""
import pathlib
import re
import sys

PARTS = {"packed", "aix_acl", "stanza", "odm", "swvpd", "aix_archive"}
FLOOR = {"base": 0, "core": 10, "part": 20, "format": 30, "io": 30, "output": 30, "catalog": 30, "inventory": 30,
         "registry": 40, "pipeline": 50, "wpar": 50, "jobs": 55, "diff": 56, "batch": 57, "mount": 57, "cli": 60, "include": 70}
# A carrier needs a byte source to stand on; io/ offers that and includes no format.
EXTRA = {("format", "io")}
# odm is what swvpd's files are made of.
PART_USES = {("swvpd", "odm"), ("swvpd", "stanza"), ("swvpd", "aix_archive")}
# Of a reader's folder the floors above see its one public header: nobody else knows what its records look like.
ALSO_PUBLIC = {
    "backup_by_name/evidence.hpp",  # a report on records, for whoever maintains that folder
    "tape/stream.hpp",              # a tape that was read as one stream: the search for the image on it
    "udf/library_messages.hpp",     # where main() sends what libudfread prints
}
LIBRARIES = {
    r"archive(_entry)?\.h": {"io", "output", "format"},
    r"zstd\.h": {"io", "output", "format"},
    r"xxh(ash|_x86dispatch)\.h": {"base"},
    r"udfread/.*": {"format"},
    r"fuse3?/.*|fuse(_lowlevel)?\.h": {"mount"},
    r"CLI/.*": {"cli"},
    r"nlohmann/.*": {"batch", "diff"},
}
# What only the command may do: it belongs to the process, and the library is a guest there.
CALLS = re.compile(
    r"(?<![\w.>:])(?:std::|::)?(?:printf|puts|putchar|exit|_exit|_Exit|quick_exit|abort|atexit|setlocale|umask|"
    r"chdir|fchdir|signal|sigaction|sigprocmask|pthread_sigmask|setitimer|alarm|mallopt|setenv|putenv|unsetenv|"
    r"setrlimit|freopen|daemon)\s*\("
    r"|std::c(?:out|err|log)\b|(?<![\w.>])(?:std::)?std(?:err|out)\s*=[^=]"
    r"|(?<![\w.>])(?:::)?dup[23]\s*\([^;]*\b(?:[012]|STD(?:IN|OUT|ERR)_FILENO)\s*[,)]"
    r"|\bstd::locale::global\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def room(path):
    """(name, floor key) of a source path or of an include path below the project."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "formats":
        return parts[1], ("part" if parts[1] in PARTS else "format")
    if parts[0] in FLOOR:
        return parts[0], parts[0]
    return None, None


def check(root):
    faults, files = [], 0
    for top in ("src", "formats"):
        for file in sorted((root / top).rglob("*.[ch]pp")):
            files += 1
            rel = file.relative_to(root if top == "formats" else root / "src").as_posix()
            name, kind = room(rel)
            if name is None:
                faults.append(f"{rel}: stands in no room of the drawing")
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                where = f"{file.relative_to(root)}:{number}"
                code = line.split("//")[0]
                if m := INCLUDE.match(line):
                    target = m[1]
                    for pattern, allowed in LIBRARIES.items():
                        if re.fullmatch(pattern, target) and kind not in allowed:
                            faults.append(f"{where}: {target} is not for {name}/")
                    other, other_kind = room(target)
                    if other is None or other == name:
                        continue
                    inner = pathlib.PurePosixPath(target).relative_to("formats").as_posix() if other_kind == "format" else ""
                    if inner and kind != "format" and inner != f"{other}/{other}.hpp" and inner not in ALSO_PUBLIC:
                        faults.append(f"{where}: {target} is the format's own")
                        continue
                    if FLOOR[other_kind] < FLOOR[kind] or (kind, other_kind) in EXTRA or (name, other) in PART_USES:
                        continue
                    faults.append(f"{where}: {name}/ may not include {other}/")
                elif kind != "cli" and CALLS.search(re.sub(r'"(\\.|[^"\\])*"', '""', code)):
                    faults.append(f"{where}: only cli/ may do this: {line.strip()}")
    return files, faults


if __name__ == "__main__":
    count, found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    print(f"{count - len({f.split(':')[0] for f in found})} passed, {len({f.split(':')[0] for f in found})} failed")
    sys.exit(1 if found or not count else 0)
