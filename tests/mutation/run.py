#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--known] [AREA...]: changes the code a little, one change at a time, and looks whether a test notices.

By hand only, never part of a test run: each change costs an object, a link and the tests of its area. It works in a copy of the
tree with a build of its own (--work), so that neither the tree nor its builds change. Each area has its tests in an order:
the unit tests first, others only for what those let live. What does not compile does not count.

  --known          the changes of known.mutations instead: every one must be killed (exit 1 otherwise)
  --count N        changes drawn in each area (default 25), by --seed
  --only TEXT      of these, those whose place ("src/output/staging.cpp:120") or title has TEXT
  --list           says what would be changed, and builds nothing
  --golden         golden cases of the command line for what the other tests let live (slow)
  --report FILE    every change and what became of it, one JSON object a line

CXX and the like count for the build as Meson takes them. Exit 1: an area below 90 %, or a known change that lives.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
GOAL = 90  # percent
MEMORY = 8 << 30

# Area: where its code is, its tests as Meson names them, and the golden cases of what it does.
AREAS = {
    "backup_by_name": ("formats/backup_by_name", ["backup_by_name", "contract-damage", "contract-contract", "contract-large",
                                                  "contract-access", "contract-forerun", "contract-writer", "grammar"],
                       ["check", "ls"]),
    "packed": ("formats/packed", ["packed", "contract-damage"], ["cat"]),
    "output": ("src/output", ["output", "output cross checks", "registry"], ["convert", "extract"]),
    "wpar": ("src/wpar", ["wpar", "registry"], ["wpar", "check", "info"]),
    "catalog": ("src/catalog", ["catalog", "registry"], ["index", "ls", "cat"]),
    "pipeline": ("src/pipeline", ["pipeline", "output cross checks", "registry"], ["convert", "wpar"]),
    "jobs": ("src/jobs", ["jobs", "unit-cli", "registry"], ["check", "convert", "wpar", "index"]),
}

Mutation = collections.namedtuple("Mutation", "area file line title before after")


# --- what is changed ----------------------------------------------------------------------------

def masked(text):
    """The text with comments, strings and preprocessor lines blanked, every character in its place."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\'|(?m:^#[^\n]*)', blank, text,
                  flags=re.S)


def swap(old, new, title):
    return re.compile(rf"(?<= ){re.escape(old)}(?= )"), lambda m: new, title


# clang-format puts blanks around binary operators, and none inside the brackets of templates.
PATTERNS = [
    swap("<", "<=", "< becomes <="), swap("<=", "<", "<= becomes <"), swap(">", ">=", "> becomes >="),
    swap(">=", ">", ">= becomes >"), swap("==", "!=", "== becomes !="), swap("!=", "==", "!= becomes =="),
    swap("&&", "||", "&& becomes ||"), swap("||", "&&", "|| becomes &&"),
    swap("+", "-", "+ becomes -"), swap("-", "+", "- becomes +"), swap("&", "|", "& becomes |"),
    swap("+=", "-=", "+= becomes -="), swap("|=", "&=", "|= becomes &="),
    (re.compile(r"\bstd::min\b"), lambda m: "std::max", "min becomes max"),
    (re.compile(r"\bstd::max\b"), lambda m: "std::min", "max becomes min"),
    (re.compile(r"\btrue\b"), lambda m: "false", "true becomes false"),
    (re.compile(r"\bfalse\b"), lambda m: "true", "false becomes true"),
    (re.compile(r"(?<=[ (])!(?=[a-z])"), lambda m: "", "! is gone"),
    (re.compile(r"(?<![\w.'])\d+(?=u?[\s;,)\]}])"), lambda m: str(int(m.group(0)) + 1), "a number is one more"),
    (re.compile(r"\b(?:break|continue);"), lambda m: ";", "a jump is gone"),
    # A statement for its effect, on a line of its own.
    (re.compile(r"(?m)^( +)(?!return|throw|using|auto|case|default|else|if|for|while|do|friend|static_assert)"
                r"[a-zA-Z_:>.\-]+(?:\[[^\]\n]*\])?(?:\(.*\)| [|+\-]?= .*);$"), lambda m: m.group(1) + ";",
     "a statement is gone"),
]


def of_file(area, name):
    text = (TREE / name).read_text(encoding="utf-8")
    mask = masked(text)
    for pattern, replace, title in PATTERNS:
        for m in pattern.finditer(mask):
            statement = title == "a statement is gone"
            # Declarations look like calls and the like.
            if statement and (re.match(r" +[\w:<>]+ [\w]+[ {(]", m.group(0)) and " = " not in m.group(0)):
                continue
            after = replace(re.match(r"(?s)( *).*", text[m.start():m.end()])) if statement else replace(m)
            yield Mutation(area, name, text.count("\n", 0, m.start()) + 1, title, (m.start(), text[m.start():m.end()]), after)


def drawn(area, count, seed):
    """A change a line at most, the same ones for the same tree and seed."""
    every = []
    for path in sorted((TREE / AREAS[area][0]).rglob("*.cpp")):
        every += of_file(area, str(path.relative_to(TREE)))
    random.Random(f"{seed} {area}").shuffle(every)
    seen, out = set(), []
    for m in every:
        if len(out) < count and (m.file, m.line) not in seen:
            seen.add((m.file, m.line))
            out.append(m)
    return out, len(every)


def area_of(name):
    return next((a for a, (folder, _, _) in AREAS.items() if name.startswith(folder + "/")), None)


def known():
    out, faults = [], []
    blocks = re.split(r"(?m)^@ ", (HERE / "known.mutations").read_text(encoding="utf-8"))[1:]
    for block in blocks:
        head, *lines = block.rstrip("\n").split("\n")
        name, title = head.split(": ", 1)
        before = "\n".join(l[1:] for l in lines if l.startswith("-"))
        after = "\n".join(l[1:] for l in lines if l.startswith("+"))
        text = (TREE / name).read_text(encoding="utf-8") if (TREE / name).is_file() else ""
        if text.count(before) != 1:
            faults.append(f"{name}: {title}: its text stands {text.count(before)} times there")
            continue
        at = text.index(before)
        out.append(Mutation(area_of(name), name, text.count("\n", 0, at) + 1, title, (at, before), after))
    return out, faults


# --- the copy and its build ---------------------------------------------------------------------

class Copy:
    def __init__(self, work):
        # Named like the tree: a compiler cache then knows what was compiled there.
        self.tree = work / TREE.name
        self.build = work / (TREE.name + "-b")
        names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TREE, check=True,
                               capture_output=True, text=True).stdout.split("\0")
        wanted = {n for n in names if n and (TREE / n).is_file()}
        for name in wanted:
            self.refresh(name)
        for old in list(self.tree.rglob("*")):
            if old.is_file() and str(old.relative_to(self.tree)) not in wanted:
                old.unlink()
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", self.build, self.tree, "--buildtype=plain", "-Doptimization=0", "-Dtests=true"],
                           check=True, stdout=subprocess.DEVNULL)
        out = subprocess.run(["meson", "introspect", "--tests", self.build], check=True, capture_output=True, text=True)
        self.tests = {t["name"]: t for t in json.loads(out.stdout)}
        self.base = {}

    def refresh(self, name):
        here, there = TREE / name, self.tree / name
        if there.is_file() and there.read_bytes() == here.read_bytes():
            return
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here, there)
        shutil.copymode(here, there)

    def compile(self, target):
        done = subprocess.run(["ninja", "-C", self.build, target], capture_output=True, text=True)
        return done.returncode == 0, done.stdout[-4000:]

    def target_of(self, test):
        program = next(c for c in self.tests[test]["cmd"] if c.startswith(str(self.build)))
        return os.path.relpath(program, self.build)

    def run(self, test):
        """None: passed; else how it failed."""
        t = self.tests[test]
        env = {**os.environ, **(t["env"] or {})}
        args = t["cmd"] + ([] if "python" in t["cmd"][0] else ["--abort-after=1", "--minimal"])
        limit = 10 + 8 * self.base[test] if test in self.base else 600

        def bound():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="sysb-mutation-") as tmp:
            p = subprocess.Popen(args, env={**env, "TMPDIR": tmp}, cwd=tmp, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, preexec_fn=bound, start_new_session=True)
            try:
                code = p.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
                return "time"
        self.base.setdefault(test, time.monotonic() - begun)
        return None if code == 0 else f"signal {-code}" if code < 0 else "failure"

    def run_golden(self, commands):
        ok, _ = self.compile("sysb")
        if not ok:
            return "build"
        env = {**os.environ, "SYSB": str(self.build / "sysb"), "DATA": str(self.tree / "testdata")}
        try:
            done = subprocess.run([sys.executable, self.tree / "tests/cli/run.py", *commands], env=env, timeout=900,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return "time"
        return None if done.returncode == 0 else "failure"


def judge(copy, m, golden):
    """("killed by ...", True), ("survived", False) or ("does not compile", None)."""
    place = copy.tree / m.file
    text = place.read_text(encoding="utf-8")
    at, before = m.before
    assert text[at:at + len(before)] == before, f"{m.file} changed meanwhile"
    try:
        place.write_text(text[:at] + m.after + text[at + len(before):], encoding="utf-8")
        _, tests, commands = AREAS[m.area]
        for test in tests:
            if test not in copy.tests:
                continue
            ok, _ = copy.compile(copy.target_of(test))
            if not ok:
                return "does not compile", None
            how = copy.run(test)
            if how:
                return f"killed by {test} ({how})", True
        if golden and (how := copy.run_golden(commands)):
            return f"killed by golden cases ({how})", True
        return "survived", False
    finally:
        place.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/sysb-mutation"))
    o = parser.parse_args()
    unknown = [a for a in o.areas if a not in AREAS]
    if unknown:
        parser.error(f"no area {unknown[0]}: {', '.join(AREAS)}")
    areas = o.areas or list(AREAS)
    status = 0
    if o.known:
        chosen, faults = known()
        chosen = [m for m in chosen if m.area in areas]
        for f in faults:
            print(f"known.mutations: {f}")
            status = 1
    else:
        chosen = []
        for a in areas:
            some, possible = drawn(a, o.count, o.seed)
            print(f"{a}: {len(some)} of {possible} possible changes, seed {o.seed}")
            chosen += some
    chosen = [m for m in chosen if o.only in f"{m.file}:{m.line} {m.title}"]
    if o.list:
        for m in chosen:
            print(f"{m.file}:{m.line}: {m.title}: {m.before[1].strip()!r}")
        return status
    os.nice(10)
    o.work.mkdir(parents=True, exist_ok=True)
    copy = Copy(o.work.resolve())
    for a in dict.fromkeys(m.area for m in chosen):
        for test in AREAS[a][1]:
            if test not in copy.tests:
                continue
            ok, said = copy.compile(copy.target_of(test))
            if not ok:
                sys.exit(f"{test} does not build as it is:\n{said}")
            if test not in copy.base and (how := copy.run(test)):
                sys.exit(f"{test} fails as it is ({how})")
    counts = collections.defaultdict(collections.Counter)
    report = o.report.open("a", encoding="utf-8") if o.report else None
    for m in chosen:
        said, killed = judge(copy, m, o.golden)
        counts[m.area][killed] += 1
        print(f"{m.file}:{m.line}: {m.title}: {m.before[1].strip()[:60]!r}: {said}", flush=True)
        if report:
            print(json.dumps({"area": m.area, "file": m.file, "line": m.line, "title": m.title, "before": m.before[1].strip(),
                              "after": m.after.strip(), "result": said}), file=report, flush=True)
    for a, c in counts.items():
        of = c[True] + c[False]
        percent = 100 * c[True] // of if of else 100
        print(f"{a}: {c[True]} of {of} killed ({percent} %), {c[None]} did not compile")
        if percent < (100 if o.known else GOAL):
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
