#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help, man page and completions must name the same commands and options; the README every command,
and no option that is not there.

SYSB names the binary. Prints one line a check and a last line "N passed, N failed".
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAN = ROOT / "src/cli/sysb.1"
README = ROOT / "README.md"
COMPLETIONS = [ROOT / "src/cli/completions/sysb.bash", ROOT / "src/cli/completions/_sysb"]


def help_of(*words):
    done = subprocess.run([os.environ["SYSB"], *words, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def commands():
    """Every command; those of `batch` have two words."""
    text = help_of().split("Commands:\n")[1].split("\n\n")[0]
    names = [line.split()[0] for line in text.splitlines() if re.match(r"  \S", line)]
    below = re.findall(r"^  (batch \S+)", help_of("batch"), re.M)
    return [name for one in names for name in (below if one == "batch" else [one])]


# Whose options a command takes as its own; the man page says so instead of listing them again.
TAKES_OVER = {"batch plan": "wpar"}


def options(text):
    """Spellings of the options that a help text lists, -h and --help apart."""
    found = set()
    for line in text.split("\nOptions:\n")[1].splitlines():
        if re.match(r" {2,6}-", line):
            head = re.split(r"\s{2,}", line.strip())[0]
            found |= set(re.findall(r"(?<!\S)(--?[A-Za-z][A-Za-z-]*)", head))
    return found - {"-h", "--help"}


def man_sections():
    """command -> options of its subsection in the man page; "" for what all share."""
    text = MAN.read_text()
    sections, name = {"": set()}, ""
    for line in text.splitlines():
        heading = re.match(r"\.S[sh] (batch \S+|\S+)", line)
        if heading:
            name = heading.group(1) if heading.group(1).islower() else ""
            sections.setdefault(name, set())
        if line.startswith(".It Fl "):
            for long, short in re.findall(r"\bFl (?:Fl (\S+)|(?!Fl)(\S+))", line):
                sections[name].add("--" + long if long else "-" + short)
    return sections


def main():
    checks = []
    names = commands()
    everything = {"--version"}
    man = man_sections()
    shared = man[""]
    for c in names:
        given = options(help_of(*c.split()))
        everything |= given
        described = man.get(c, set())
        checks.append((f"man page has a section for {c}", c in man, ""))
        lost = given - described - shared - man.get(TAKES_OVER.get(c), set())
        checks.append((f"man page describes every option of {c}", not lost, " ".join(sorted(lost))))
        extra = described - given
        checks.append((f"man page describes no other option of {c}", not extra, " ".join(sorted(extra))))
        wide = [line for line in help_of(*c.split()).splitlines() if len(line) > 80]
        checks.append((f"help of {c} fits 80 columns", not wide, repr(wide[:1])))
    extra = shared - everything - {"-h", "--help"}
    checks.append(("man page shares no option that nobody has", not extra, " ".join(sorted(extra))))
    checks.append(("general help fits 80 columns", all(len(x) <= 80 for x in help_of().splitlines()), ""))
    if README.exists():
        text = README.read_text()
        in_sysb = set()
        for span in re.findall(r"`([^`\n]*)`", text) + re.findall(r"^(?:\./run\.sh|sysb) .*$", text, re.M):
            if re.match(r"(\./run\.sh|sysb|--)", span):
                in_sysb |= set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*[a-z])", span.split("|")[0]))
        extra = in_sysb - everything - {"--help", "--benchmark"}
        checks.append(("README names no option that is not built", not extra, " ".join(sorted(extra))))
        lost = [c for c in names if f"sysb {c}" not in text]
        checks.append(("README names every command", not lost, " ".join(lost)))
    # Every finding that the source names is known to `sysb explain`, with cause and remedy; it knows no other.
    in_source = set()
    for top in ("src", "formats"):
        for file in (ROOT / top).rglob("*.[ch]pp"):
            in_source |= set(re.findall(r'"([A-Z]{3}-\d{3}|V\d\d)"', file.read_text()))
    said = subprocess.run([os.environ["SYSB"], "explain", "--json"], capture_output=True, text=True, check=True).stdout
    explained = {o["id"]: o for o in map(json.loads, said.splitlines()) if o["type"] == "explanation"}
    checks.append(("every finding of the source is explained", not in_source - set(explained),
                   " ".join(sorted(in_source - set(explained)))))
    checks.append(("nothing is explained that no source names", not set(explained) - in_source,
                   " ".join(sorted(set(explained) - in_source))))
    bare = [i for i, o in explained.items()
            if o["severity"] not in ("error", "warning", "note") or len(o["text"]) < 40 or len(o["remedy"]) < 15]
    checks.append(("every finding has a severity, a cause and a remedy", not bare, " ".join(bare)))
    for path in COMPLETIONS:
        text = path.read_text()
        said = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*[a-z])", text))
        want = {o for o in everything if o.startswith("--")} | {"--help"}
        checks.append((f"{path.name} offers every option", not want - said, " ".join(sorted(want - said))))
        checks.append((f"{path.name} offers no other option", not said - want, " ".join(sorted(said - want))))
        lost = [c for c in names if not re.search(rf"\b{c}\b", text)]
        checks.append((f"{path.name} offers every command", not lost, " ".join(lost)))
    failed = 0
    for name, good, detail in checks:
        print(("ok " if good else "FAILED ") + name + (f": {detail}" if detail and not good else ""))
        failed += not good
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
