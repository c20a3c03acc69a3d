# SPDX-License-Identifier: Apache-2.0
"""What docs/schema/lines.schema.json and the contract say of machine-readable output, held against a stream of JSON lines."""
import json
import pathlib
import sys

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/schema/lines.schema.json").read_text())
VALIDATORS = {name: jsonschema.Draft202012Validator(one) for name, one in SCHEMA["$defs"].items()}


def no_doubles(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a field comes twice: {names}")
    return dict(pairs)


def faults(text):
    found = []
    types = []
    last = {}
    if text and not text.endswith("\n"):
        found.append("json: the last line has no newline")
    for number, line in enumerate(text.splitlines(), 1):
        where = f"json line {number}"
        try:
            o = json.loads(line, object_pairs_hook=no_doubles)
        except ValueError as e:
            found.append(f"{where}: {e}")
            continue
        if not isinstance(o, dict):
            found.append(f"{where}: not an object")
            continue
        name = o.get("type")
        types.append(name)
        last = o
        if o.get("schema") != 1:
            found.append(f"{where}: schema is not 1")
        if name not in VALIDATORS:
            found.append(f"{where}: the schema has no type {name!r}")
            continue
        found += [f"{where}: {name}{e.json_path[1:]}: {e.message}" for e in VALIDATORS[name].iter_errors(o)]
    # Of several images each has a summary, and the last one is of all.
    wanted = last.get("images", 0) + 1
    if types.count("summary") != wanted or types[-1:] != ["summary"]:
        found.append(f"json: the last object must be the summary, the number of summaries {wanted}")
    if any(a == "fatal" and b != "summary" for a, b in zip(types, types[1:] + [""])):
        found.append("json: fatal must stand right before a summary")
    return found[:10]


if __name__ == "__main__":
    # Streams in files, or the one on standard input: one start for many, since the schema is slow to load.
    problems = [f for name in sys.argv[1:] for f in faults(pathlib.Path(name).read_text())] if sys.argv[1:] else faults(sys.stdin.read())
    print("\n".join(problems) if problems else "ok")
    sys.exit(1 if problems else 0)
