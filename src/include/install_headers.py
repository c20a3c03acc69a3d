#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""install_headers.py SOURCE BUILD: the headers of the library, below include/sysb.

The public ones stand in src/include/sysb. What they include of ours goes with them, and nothing else; in all of
them "core/entry.hpp" becomes <sysb/core/entry.hpp>, so that only `sysb/` is on a user's include path."""
import os
import pathlib
import re
import sys

INCLUDE = re.compile(r'^(\s*#\s*include\s*)"([^"]+)"', re.M)


def closure(roots, names):
    """name -> text of every header that these reach."""
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        file = next((root / name for root in roots if (root / name).is_file()), None)
        if file is None:
            sys.exit(f"install_headers: {name} is included and nowhere")
        found[name] = file.read_text(encoding="utf-8")
        waiting += [m[2] for m in INCLUDE.finditer(found[name])]
    return found


def main(source, build):
    roots = [source / "src" / "include", build / "src" / "include", source / "src", source]
    public = sorted(f"sysb/{p.name.removesuffix('.in')}" for p in (source / "src/include/sysb").glob("*.hpp*"))
    to = pathlib.Path(os.environ["MESON_INSTALL_DESTDIR_PREFIX"]) / "include" / "sysb"
    for name, text in closure(roots, public).items():
        file = to / name.removeprefix("sysb/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(INCLUDE.sub(lambda m: f"{m[1]}<sysb/{m[2].removeprefix('sysb/')}>", text), encoding="utf-8")
        file.chmod(0o644)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
