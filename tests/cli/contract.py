# SPDX-License-Identifier: Apache-2.0
"""What the contract says of machine-readable output, held against a stream of JSON lines."""
import json
import sys

STRING, INTEGER, BOOLEAN, LIST, OBJECT = "string", "integer", "boolean", "list", "object"

KINDS = {"file", "directory", "symlink", "char_device", "block_device", "fifo", "socket"}
VERDICTS = {"ok", "fit", "unfit", "damaged", "undecided"}

# type -> field -> (what it is, must it be there)
FIELDS = {
    "entry": {
        "path": (STRING, True), "path_hex": (STRING, False), "kind": (STRING, True), "mode": (INTEGER, True),
        "perm": (STRING, True), "uid": (INTEGER, True), "gid": (INTEGER, True), "size": (INTEGER, True),
        "stored": (INTEGER, True), "packed": (BOOLEAN, True), "mtime": (INTEGER, True),
        "atime": (INTEGER, True), "ctime": (INTEGER, True), "nlink": (INTEGER, True), "ino": (INTEGER, True),
        "target": (STRING, False), "target_hex": (STRING, False), "rdev": (LIST, False),
        "link_to": (STRING, False), "acl": (STRING, False), "offset": (INTEGER, True), "xxh3": (STRING, False),
    },
    "finding": {
        "id": (STRING, True), "severity": (STRING, True), "text": (STRING, True), "path": (STRING, False),
        "path_hex": (STRING, False), "offset": (INTEGER, False),
    },
    "image": {
        "format": (STRING, True), "container": (LIST, True), "volume": (OBJECT, True), "system": (OBJECT, True),
        "volume_group": (STRING, True), "logical_volumes": (LIST, True), "filesystems": (LIST, True),
        "complete": (BOOLEAN, True),
    },
    "fileset": {
        "name": (STRING, True), "level": (STRING, True), "state": (STRING, True), "part": (STRING, True),
        "visibility": (STRING, True), "evidence": (STRING, True), "description": (STRING, True),
    },
    "action": {
        "path": (STRING, True), "action": (STRING, True), "rule": (STRING, True), "reason": (STRING, True),
    },
    "progress": {
        "phase": (STRING, True), "bytes": (INTEGER, True), "total": (INTEGER, False), "entries": (INTEGER, True),
    },
    "fatal": {
        "kind": (STRING, True), "text": (STRING, True), "path": (STRING, False), "offset": (INTEGER, False),
    },
    "summary": {
        "verdict": (STRING, True), "exit": (INTEGER, True), "output": (STRING, True), "refused": (INTEGER, True),
        "forced": (BOOLEAN, True), "content_verified": (BOOLEAN, False), "entries": (INTEGER, True),
        "bytes": (INTEGER, True), "errors": (INTEGER, True), "warnings": (INTEGER, True),
        "notes": (INTEGER, True), "kept": (INTEGER, True), "dropped": (INTEGER, True),
        "replaced": (INTEGER, True), "added": (INTEGER, True), "wpar": (STRING, False),
        "level": (OBJECT, False),
    },
}

WORDS = {
    ("entry", "kind"): KINDS,
    ("finding", "severity"): {"error", "warning", "note"},
    ("fileset", "part"): {"usr", "root", "share"},
    ("fileset", "visibility"): {"visible", "private", "unknown"},
    ("action", "action"): {"keep", "drop", "replace", "add"},
    ("summary", "verdict"): VERDICTS,
    ("summary", "output"): {"written", "none"},
    ("summary", "wpar"): {"shared", "private"},
}


def kind_of(value):
    # bool is an int in Python, not in JSON.
    if isinstance(value, bool):
        return BOOLEAN
    for kind, types in ((STRING, str), (INTEGER, int), (LIST, list), (OBJECT, dict)):
        if isinstance(value, types):
            return kind
    return type(value).__name__


def no_doubles(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a field comes twice: {names}")
    return dict(pairs)


def faults(text):
    found = []
    types = []
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
        if o.get("schema") != 1:
            found.append(f"{where}: schema is not 1")
        if not isinstance(name, str):
            found.append(f"{where}: no type")
            continue
        for field, (kind, must) in FIELDS.get(name, {}).items():
            if field not in o:
                if must:
                    found.append(f"{where}: {name} has no {field}")
            elif kind_of(o[field]) != kind:
                found.append(f"{where}: {name}.{field} is no {kind}")
            elif (name, field) in WORDS and o[field] not in WORDS[name, field]:
                found.append(f"{where}: {name}.{field} is {o[field]!r}")
    if types.count("summary") != 1 or types[-1:] != ["summary"]:
        found.append("json: the last object, and only it, must be the summary")
    if "fatal" in types and types[-2:] != ["fatal", "summary"]:
        found.append("json: fatal must stand right before the summary")
    return found[:10]


if __name__ == "__main__":
    problems = faults(sys.stdin.read())
    print("\n".join(problems) if problems else "ok")
    sys.exit(1 if problems else 0)
