#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy_check.py SOURCE BUILD: what .clang-tidy asks of the code.

It reads each file as the compiler does, which takes seconds a file: some that decode what comes from an image are
looked at each time, with the headers of the vocabulary; all of src/ and formats/ where SYSB_CAMPAIGN is set. Another
version has other opinions, so only the one of Debian 12 is asked."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VERSION = "14."
QUICK = re.compile(r"formats/(packed/(decoder|kernel|tree)|aix_acl/aix_acl|stanza/stanza)\.cpp|src/core/ledger\.cpp")
# The compiler of the build folder may be another one; its warnings are not ours to judge here.
FOREIGN = ("-Wno-unknown-warning-option", "-Wno-unused-command-line-argument", "-Wno-ignored-optimization-argument")
INCLUDED = re.compile(r"^#include\s*<(.+)>$", re.MULTILINE)


def each_file(build):
    """The commands of the build, one for each source file: a build with --unity names only the files that Meson
    makes, which include the sources."""
    for command in json.loads((build / "compile_commands.json").read_text()):
        named = pathlib.Path(command["directory"]) / command["file"]
        if "-unity" not in named.name:
            yield command | {"file": os.path.realpath(named)}
            continue
        for one in INCLUDED.findall(named.read_text()):
            one = os.path.realpath(one)
            yield command | {"file": one, "command": command["command"].replace(command["file"], one)}


def main(source, build):
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
    if f"version {VERSION}" not in version:
        print(f"skipped: tidy: clang-tidy {VERSION}x is wanted, found {version.split() or 'none'}")
        return 77
    commands = {c["file"]: c for c in each_file(build)}
    names = sorted(str(pathlib.Path(f).relative_to(source)) for f in commands if pathlib.Path(f).is_relative_to(source))
    names = [n for n in names if n.startswith(("src/", "formats/"))]
    if not os.environ.get("SYSB_CAMPAIGN"):
        names = [n for n in names if QUICK.fullmatch(n)]
    if not names:
        print("0 passed, 1 failed: no file to look at")
        return 1

    def look(name, folder):
        done = subprocess.run([program, "-p", folder, "--quiet", *(f"--extra-arg={w}" for w in FOREIGN), source / name],
                              capture_output=True, text=True, check=False)
        return name, done.returncode, done.stdout

    failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        (pathlib.Path(folder) / "compile_commands.json").write_text(json.dumps(list(commands.values())))
        for name, code, text in pool.map(look, names, [folder] * len(names)):
            if code != 0:
                failed += 1
                print(f"FAILED {name}\n{text}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
