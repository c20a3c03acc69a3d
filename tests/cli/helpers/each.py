#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""each.py [--errors] FIELD...: what many runs with --json said, a line a run. Standard input has for each the file of its
objects, its exit code, and what begins and may end the line, with | between them. The fields are the summary's, as
pick.py has them; --errors adds the ids of the errors. One start of Python for all of them."""
import json
import sys

from pick import value

words = sys.argv[1:]
with_errors = words[:1] == ["--errors"]
fields = words[with_errors:]
for line in sys.stdin:
    name, code, label, *rest = line.rstrip("\n").split("|")
    with open(name, encoding="utf-8") as f:
        objects = [json.loads(o) for o in f]
    said = [value(o, field) for o in objects if o["type"] == "summary" for field in fields]
    ids = sorted({o["id"] for o in objects if with_errors and o["type"] == "finding" and o["severity"] == "error"})
    print(f"{label} {code} " + "\t".join(said) + "".join(f" {i}" for i in ids) + "".join(f" {r}" for r in rest))
