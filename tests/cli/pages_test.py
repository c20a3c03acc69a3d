#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages that must tell what the program does: docs/rules.md, the outputs shown in README.md, and the man pages.

  docs/rules.md          is written from `sysb explain --json`
  README.md              what stands between <!-- output: COMMAND --> and <!-- end --> is what COMMAND prints
  BUILD/src/cli/*.1      as the build made them, and sysb-formats.5: mandoc -Tlint finds nothing

SYSB names the binary. --accept writes the two documents. Prints one line a check and a last line "N passed, N failed".
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "docs/rules.md"
README = ROOT / "README.md"
FORMATS = ROOT / "src/cli/sysb-formats.5"


def sysb(*words, **how):
    return subprocess.run([os.environ["SYSB"], *words], capture_output=True, text=True, check=False, **how)


def rules_page():
    out = ["# The deployment rules", "",
           "`sysb check --for wpar` and `sysb wpar` hold every image against these rules. The severity is the usual one: what is found decides, and",
           "the report says why. This page is written from the table in the program (`tests/cli/pages_test.py --accept`).", "",
           "| rule | severity | protects | stands on | basis |", "|---|---|---|---|---|"]
    texts = []
    for number in range(1, 100):
        name = f"V{number:02}"
        done = sysb("explain", name, "--json")
        if done.returncode != 0:
            break
        o = json.loads(done.stdout.splitlines()[0])
        page = re.sub(r"(https?://\S+?)(?=[;,)]|\s|$)", r"<\1>", o["page"])
        cells = [f"[{name}](#{name.lower()}-{re.sub(r'[^a-z0-9 -]', '', o['title'].lower()).replace(' ', '-')})", o["severity"], o["title"],
                 page, o["basis"]]
        out.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
        texts += ["", f"## {name} {o['title']}", "", o["text"]]
    return "\n".join(out + texts) + "\n"


def shown(readme):
    """README.md with the outputs as they are now."""
    def fill(m):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "testdata", pathlib.Path(folder) / "testdata")
            words = m[1].split()
            done = sysb(*words[1:], cwd=folder, env={**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8", "TZ": "UTC"})
            text = (done.stdout + done.stderr).rstrip("\n").replace(folder, ".")
            text = re.sub(r" in \d+ s;", " in 1 s;", text)  # whatever this machine took
        return f"<!-- output: {m[1]} -->\n```\n$ {m[1]}\n{text}\n```\n<!-- end -->"
    return re.sub(r"<!-- output: (.*?) -->\n.*?<!-- end -->", fill, readme, flags=re.S)


def main():
    accept = "--accept" in sys.argv[1:]
    folders = [pathlib.Path(a) for a in sys.argv[1:] if not a.startswith("-")]
    checks = []
    for path, want in ((RULES, rules_page()), (README, shown(README.read_text()))):
        if accept:
            path.write_text(want)
        there = path.read_text() if path.exists() else ""
        first = next((f"line {n}: {a!r} should be {b!r}" for n, (a, b) in
                      enumerate(zip(there.splitlines(), want.splitlines()), 1) if a != b), "its length")
        checks.append((f"{path.name} tells what the program tells", there == want, first))
    text = FORMATS.read_text()
    ids = [json.loads(line)["id"] for line in sysb("formats", "--json").stdout.splitlines() if '"format"' in line]
    lost = [i for i in ids if not re.search(rf"\b{i}\b", text)]
    checks.append(("sysb-formats(5) names all that sysb formats names", ids and not lost, " ".join(lost)))
    pages = [FORMATS, ROOT / "src/cli/sysb.1"] + [p for f in folders for p in sorted(f.glob("sysb-*.1"))]
    if shutil.which("mandoc"):
        for page in pages:
            done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", str(page)], capture_output=True, text=True, check=False)
            checks.append((f"mandoc finds nothing in {page.name}", done.returncode == 0, done.stdout[:300]))
    else:
        print("skipped: man pages: no mandoc")
    failed = 0
    for name, good, detail in checks:
        print(("ok " if good else "FAILED ") + name + (f": {detail}" if detail and not good else ""))
        failed += not good
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
