#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_programs.py [--names] BUILD NAME...: the programs of the tests with these names, and what they depend on,
as ninja calls them; with --names the names that there are."""
import json
import pathlib
import sys


def main(args):
    names_only = args[0] == "--names"
    build, *wanted = args[names_only:]
    build = pathlib.Path(build).resolve()
    known = build / "meson-info"
    tests = [t for t in json.loads((known / "intro-tests.json").read_text(encoding="utf-8")) if t["name"] in wanted]
    files = {t["id"]: t["filename"] for t in json.loads((known / "intro-targets.json").read_text(encoding="utf-8"))}
    needed = {t["name"]: None for t in tests}
    if not names_only:
        needed = {pathlib.Path(f).relative_to(build): None for t in tests for d in t["depends"] for f in files[d]}
    print(*needed, sep="\n")
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
