#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C++ file has the form that .clang-format describes. Another version of clang-format has other
opinions, so only the one of Debian 12 is asked."""
import pathlib
import shutil
import subprocess
import sys

VERSION = "14."


def main(root):
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
    if f"version {VERSION}" not in version:
        print(f"skipped: format: clang-format {VERSION}x is wanted, found {version.strip() or 'none'}")
        return 77
    files = sorted(p for top in ("src", "formats", "tests", "docs") for p in (root / top).rglob("*.[ch]pp"))
    done = subprocess.run([program, "--dry-run", *map(str, files)], capture_output=True, text=True, check=False)
    bad = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line})
    for name in bad:
        print(f"clang-format -i {pathlib.Path(name).relative_to(root)}")
    print(f"{len(files) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
