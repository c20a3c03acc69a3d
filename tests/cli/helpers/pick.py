#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pick.py TYPE FIELD...: fields of the JSON objects of one type on standard input, one object a
line; a.b names a field of a field. What an object has not is a dash."""
import json
import sys


def value(o, name):
    for part in name.split("."):
        if not isinstance(o, dict) or part not in o:
            return "-"
        o = o[part]
    return o if isinstance(o, str) else json.dumps(o, sort_keys=True)


if __name__ == "__main__":
    for line in sys.stdin:
        o = json.loads(line)
        if o["type"] == sys.argv[1]:
            print("\t".join(value(o, name) for name in sys.argv[2:]))
