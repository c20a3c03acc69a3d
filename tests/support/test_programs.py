#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_programs.py [--names] BUILD NAME...: the programs of the tests with these names, as ninja calls
them; with --names the names that there are."""
import json
import pathlib
import sys


def main(args):
    names_only = args[0] == "--names"
    build, *wanted = args[names_only:]
    with open(pathlib.Path(build) / "meson-info" / "intro-tests.json", encoding="utf-8") as f:
        tests = [t for t in json.load(f) if t["name"] in wanted]
    for t in tests:
        print(t["name"] if names_only else pathlib.Path(t["cmd"][0]).relative_to(pathlib.Path(build).resolve()))
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
