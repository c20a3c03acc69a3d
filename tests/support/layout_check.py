#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the Kaitai description of every format with its layout.hpp: each struct that is drawn with
// [0x..] offsets must be a type of the same name whose fields stand at the same offsets."""
import pathlib
import re
import sys

import yaml

STRUCT = re.compile(r"^struct\s+(\w+)\s*\{(.*?)^\};", re.M | re.S)
FIELD = re.compile(r"^\s*[\w:<>, ]+?\s+(\w+)\s*(?:\[[^\]]+\])?\s*(?:\{[^}]*\})?\s*;\s*//\s*\[(0x[0-9a-fA-F]+)\]", re.M)
INT = re.compile(r"^[us](\d)(?:le|be)?$")


def sizes(seq):
    """Offsets of the fields of a type, as long as their sizes are fixed."""
    at, out = 0, {}
    for field in seq:
        out[field["id"]] = at
        kind, size = field.get("type"), field.get("size")
        if "repeat" in field:
            count = field.get("repeat-expr")
            m = INT.match(str(kind))
            if not (m and isinstance(count, int)):
                break
            at += int(m[1]) * count
        elif isinstance(kind, str) and INT.match(kind):
            at += int(INT.match(kind)[1])
        elif isinstance(size, int):
            at += size
        elif "contents" in field:
            at += len(field["contents"])
        else:
            break
    return out


def check(folder):
    faults = []
    description = yaml.safe_load(next(folder.glob("*.ksy")).read_text(encoding="utf-8"))
    if description.get("meta", {}).get("license") != "CC0-1.0":
        faults.append("license is not CC0-1.0")
    types = dict(description.get("types") or {})
    types[description["meta"]["id"]] = description
    # The top level is a type too; "-layout" names its struct where that has another name.
    if "-layout" in description:
        types[description["-layout"]] = description
    layout = folder / "layout.hpp"
    structs = STRUCT.findall(layout.read_text(encoding="utf-8")) if layout.exists() else []
    for name, body in structs:
        fields = FIELD.findall(body)
        if not fields:
            continue
        if name not in types:
            faults.append(f"struct {name} is not described")
            continue
        offsets = sizes(types[name].get("seq") or [])
        for field, offset in fields:
            if field not in offsets:
                faults.append(f"{name}.{field} is not described")
            elif offsets[field] != int(offset, 16):
                faults.append(f"{name}.{field}: {offset} in layout.hpp, {offsets[field]:#x} in the description")
    return faults


def main(root):
    passed = failed = 0
    for folder in sorted(p.parent for p in (root / "formats").glob("*/*.ksy")):
        found = check(folder)
        for fault in found:
            print(f"{folder.name}: {fault}")
        passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
