#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy_check.py SOURCE BUILD: what .clang-tidy asks of the code.

It reads each file as the compiler does, which takes seconds a file: some that decode what comes from an image are
looked at each time, with the headers of the vocabulary; all of src/ and formats/ where SYSB_CAMPAIGN is set. Another version has other opinions, so
only the one of Debian 12 is asked."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

VERSION = "14."
QUICK = re.compile(r"formats/(packed/(decoder|kernel|tree)|aix_acl/aix_acl|stanza/stanza)\.cpp|src/core/ledger\.cpp")
# The compiler of the build folder may be another one; its warnings are not ours to judge here.
FOREIGN = ("-Wno-unknown-warning-option", "-Wno-unused-command-line-argument", "-Wno-ignored-optimization-argument")


def main(source, build):
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
    if f"version {VERSION}" not in version:
        print(f"skipped: tidy: clang-tidy {VERSION}x is wanted, found {version.split() or 'none'}")
        return 77
    commands = json.loads((build / "compile_commands.json").read_text())
    files = {os.path.realpath(pathlib.Path(c["directory"]) / c["file"]) for c in commands}
    names = sorted(str(pathlib.Path(f).relative_to(source)) for f in files if pathlib.Path(f).is_relative_to(source))
    names = [n for n in names if n.startswith(("src/", "formats/"))]
    if not os.environ.get("SYSB_CAMPAIGN"):
        names = [n for n in names if QUICK.fullmatch(n)]
    if not names:
        print("0 passed, 1 failed: no file to look at")
        return 1

    def look(name):
        done = subprocess.run([program, "-p", build, "--quiet", *(f"--extra-arg={w}" for w in FOREIGN), source / name],
                              capture_output=True, text=True, check=False)
        return name, done.returncode, done.stdout

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, code, text in pool.map(look, names):
            if code != 0:
                failed += 1
                print(f"FAILED {name}\n{text}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
