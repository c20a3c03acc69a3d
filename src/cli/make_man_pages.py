#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_man_pages.py SOURCE FOLDER PAGE...: a man page a command, out of the sections of sysb.1.

PAGE is the name of a file to make: sysb-wpar.1. A command of two words stands in the page of its first word: sysb-batch.1 has
all sections of `batch`. A section without a page, or a page without a section, is an error. What is in sysb.1 is held against --help by a
test, so the pages cannot disagree with it.
"""
import pathlib
import re
import sys


def sections(text):
    """[(macro, heading, body lines)] of everything below a .Sh or .Ss."""
    found = []
    for line in text.splitlines():
        if m := re.match(r"\.(S[hs]) (.*)", line):
            found.append((m[1], m[2], []))
        elif found:
            found[-1][2].append(line)
    return found


def first_sentence(body):
    """What a command does, as .Nd takes it: macros become their words."""
    words = []
    for line in body:
        if line.startswith((".Bl", ".Pp")):
            break
        if line.startswith("."):
            macros = {"Ql", "Pa", "Cm", "Ar", "Fl", "Pq", "Sq", "Nm", "Ev", "Dq", "Ns"}
            line = " ".join(w for w in line[1:].split() if w not in macros)
        words.append(line)
        if re.search(r"[.:]( |$)", line):
            break
    text = re.split(r"[.:;](?: |$)", " ".join(words))[0]
    text = re.sub(r" ([,.)])", r"\1", text).strip()
    return text if re.match(r"[A-Z]{2}|JSON", text) else text[:1].lower() + text[1:]



def page(name, date, mine, shared):
    title = name.rsplit(".", 1)[0]
    out = [r".\" SPDX-License-Identifier: Apache-2.0", r".\" Made from sysb.1 by make_man_pages.py.", f".Dd {date}",
           f".Dt {title.upper()} 1", ".Os", ".Sh NAME", f".Nm {title}"]
    if len(mine) == 1:
        out.append(f".Nd {first_sentence(mine[0][1])}")
    else:
        out.append(".Nd many images: plan, work, resume, engines, report")
    out.append(".Sh SYNOPSIS")
    for heading, _ in mine:
        words = heading.split(" ", 2 if heading.startswith("batch ") else 1)
        command = " ".join(words[:-1]) if len(words) > 1 and words[-1].startswith(("Ar", "Op", "Oo", "Fl")) else heading
        rest = heading[len(command):].strip()
        out += [f".Nm sysb {command}", ".Op Ar option ..."]
        if rest:
            out.append("." + rest)
    out.append(".Sh DESCRIPTION")
    for heading, body in mine:
        if len(mine) > 1:
            out.append(f".Ss {heading}")
        out += body
    for heading, body in shared:
        out += [f".Ss {heading}", *body]
    out += [".Sh EXIT STATUS", "As in", ".Xr sysb 1 .", ".Sh SEE ALSO", ".Xr sysb 1 ,", ".Xr sysb-formats 5"]
    return "\n".join(out) + "\n"


def main(source, folder, pages):
    text = pathlib.Path(source).read_text()
    date = re.search(r"^\.Dd (.*)$", text, re.M)[1]
    everything = sections(text)
    start = next(i for i, s in enumerate(everything) if s[:2] == ("Sh", "COMMANDS"))
    stop = next(i for i, s in enumerate(everything) if i > start and s[0] == "Sh")
    commands = [(heading, body) for _, heading, body in everything[start + 1:stop]]
    shared = [(heading, body) for macro, heading, body in everything[:start] if macro == "Ss"]
    by_page = {}
    for heading, body in commands:
        by_page.setdefault(f"sysb-{heading.split()[0]}.1", []).append((heading, body))
    if missing := sorted(set(by_page) ^ set(pages)):
        sys.exit(f"make_man_pages.py: section without a page, or page without a section: {' '.join(missing)}")
    without_image = {"clean", "formats", "explain", "batch", "umount", "help"}
    for name, mine in by_page.items():
        own = [s for s in shared if "reads an image" not in s[0] or name[5:-2] not in without_image]
        pathlib.Path(folder, name).write_text(page(name, date, mine, own))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
