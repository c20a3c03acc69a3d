#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--known] [AREA...]: changes the code a little, one change at a time, and looks whether a test notices.

By hand only, never part of a test run. It works in a copy of the tree with a build of its own (--work), so that neither the
tree nor its builds change. All changes of an area are compiled into one build, each behind a switch of its own that
the environment turns on (SYSB_MUTATION); what no switch can hold, as a constant, is built alone, and only of
known.mutations. Each area has its tests in an order: the unit tests first, others only for what those let live.

  --known          the changes of known.mutations instead: every one must be killed (exit 1 otherwise)
  --count N        changes drawn in each area (default 25), by --seed
  --only TEXT      of these, those whose place ("src/output/staging.cpp:120") or title has TEXT
  --list           says what would be changed, and builds nothing
  --first          the first test of an area only
  --golden         golden cases of the command line for what the other tests let live (slow)
  --report FILE    every change and what became of it, one JSON object a line
  --again FILE     of these, those that lived in this earlier report

CXX and the like count for the build as Meson takes them. Exit 1: an area below 90 %, or a known change that lives.
"""
import argparse
import collections
import functools
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
    "output": ("src/output", ["output", "output cross checks", "registry", "diff"], ["convert", "extract"]),
    "wpar": ("src/wpar", ["wpar", "registry"], ["wpar", "check", "info"]),
    "catalog": ("src/catalog", ["catalog", "registry"], ["index", "ls", "cat"]),
    "pipeline": ("src/pipeline", ["pipeline", "output cross checks", "registry", "jobs"], ["convert", "wpar"]),
    "jobs": ("src/jobs", ["jobs", "cli_app", "cli_parts", "registry"], ["check", "convert", "wpar", "index"]),
}

Mutation = collections.namedtuple("Mutation", "area file line title before after")


# --- what is changed ----------------------------------------------------------------------------

@functools.cache
def text_of(name):
    """Read once: the tree may change while this runs."""
    return (TREE / name).read_text(encoding="utf-8")


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
    text = text_of(name)
    mask = masked(text)
    for pattern, replace, title in PATTERNS:
        for m in pattern.finditer(mask):
            statement = title == "a statement is gone"
            # Declarations look like calls and the like.
            if statement and (re.match(r" +[\w:<>]+ [\w]+[ {(]", m.group(0)) and " = " not in m.group(0)):
                continue
            after = replace(re.match(r"(?s)( *).*", text[m.start():m.end()])) if statement else replace(m)
            yield Mutation(area, name, text.count("\n", 0, m.start()) + 1, title, (m.start(), text[m.start():m.end()]), after)


# --- changes behind a switch ----------------------------------------------------------------------

SWITCH = ('extern "C" char* getenv(char const*) noexcept;\n'
          'extern "C" int atoi(char const*) noexcept;\n'
          'static inline bool sysb_mutated(int n) noexcept {\n'
          '  static int const active = [] { auto const* const v = getenv("SYSB_MUTATION"); return v ? atoi(v) : 0; }();\n'
          '  return active == n;\n'
          '}\n')
SWITCH_LINES = SWITCH.count("\n")
# A whole line: an expression for its effect, or an `if` with all that is its own.
STATEMENT = re.compile(r"^(\s*)((?:case [\w:]+: |default: )?)(if (?:constexpr )?\(.*\}|(?!return|auto|case|default|else|\}|using|friend|static_assert|constexpr|struct|class|enum|template|public|private|namespace)[^\s].*;)$")
DECLARATION = re.compile(r"^(?:auto|bool|int|unsigned|std::\w+(?:<[^;=]*>)?)(?: const)?[&*]* (?:const )?\w+ = (.*);$")


def is_balanced(text):
    depth = []
    for c in text:
        if c in "([{":
            depth.append(c)
        elif c in ")]}":
            if not depth or depth.pop() + c not in ("()", "[]", "{}"):
                return False
    return not depth


def closing(mask, at):
    """Where the bracket that opens at `at` closes in this line; -1: nowhere."""
    depth = 0
    for i in range(at, len(mask)):
        depth += mask[i] in "([{"
        depth -= mask[i] in ")]}"
        if depth == 0:
            return i
    return -1


def either(number, changed, original):
    return f"(sysb_mutated({number}) ? ({changed}) : ({original}))"


def switched(line, mask, begin, end, after, number):
    """The line with the change of [begin, end) behind a switch; nothing where that cannot be."""
    def inside(lo, hi):
        return lo <= begin and end <= hi and lo < hi

    def expression(lo, hi):
        part = line[lo:hi]
        if not is_balanced(mask[lo:hi]) or part.lstrip().startswith("{"):
            return None
        return line[:lo] + either(number, line[lo:begin] + after + line[end:hi], part) + line[hi:]

    for m in re.finditer(r"\breturn ", mask):
        stop = mask.find(";", m.end())
        if stop >= 0 and inside(m.end(), stop) and is_balanced(mask[m.end():stop]):
            return expression(m.end(), stop)
    for m in re.finditer(r"\b(if|while|for) \(", mask):
        stop = closing(mask, m.end() - 1)
        lo, hi = m.end(), stop
        if stop < 0 or not inside(lo, hi):
            continue
        if m.group(1) == "for" or ";" in mask[lo:hi]:
            parts = mask[lo:hi].split(";")
            if len(parts) < 2 or ":" in parts[0].replace("::", ""):
                return None
            lo = lo + len(parts[0]) + 1
            hi = lo + len(parts[1])
            if not inside(lo, hi):
                return None
        elif re.match(r"(auto|bool|unsigned|int)\b", mask[lo:hi]):
            return None
        return expression(lo, hi)
    if m := DECLARATION.match(mask.strip()):
        lo = len(line) - len(line.lstrip()) + m.start(1)
        hi = len(line.rstrip()) - 1
        if inside(lo, hi):
            return expression(lo, hi)
    m = STATEMENT.match(mask)
    if m and is_balanced(mask) and inside(m.start(3), m.end(3)) and not re.match(r"[\w:<>]+(?: const)?[&*]* \w+(?: = |\{|;)", m.group(3)):
        changed = line[m.start(3):begin] + after + line[end:]
        return f"{line[:m.start(3)]}if (sysb_mutated({number})) {{ {changed} }} else {{ {line[m.start(3):]} }}"
    return None


def with_switches(name, numbered):
    """The text of the file with every change behind its switch, and what could not be."""
    text = text_of(name)
    lines, masks = text.split("\n"), masked(text).split("\n")
    alone, used = [], set()
    for number, m in numbered:
        row = m.line - 1
        start = sum(len(l) + 1 for l in text.split("\n")[:row])
        begin = m.before[0] - start
        end = begin + len(m.before[1])
        new = None
        if "\n" not in m.before[1] and row not in used:
            after = m.after.strip() or (";" if m.before[1].rstrip().endswith(";") else "")
            lead = len(m.before[1]) - len(m.before[1].lstrip())
            new = switched(lines[row], masks[row], begin + lead, end, after, number)
        if new is None:
            alone.append((number, m))
        else:
            used.add(row)
            lines[row] = new
    return SWITCH + "\n".join(lines), alone


def drawn(area, count, seed):
    """A change a line at most, of those that a switch can hold; the same ones for the same tree and seed."""
    every = []
    for path in sorted((TREE / AREAS[area][0]).rglob("*.cpp")):
        name = str(path.relative_to(TREE))
        text = text_of(name)
        lines, masks = text.split("\n"), masked(text).split("\n")
        starts = [0]
        for l in lines:
            starts.append(starts[-1] + len(l) + 1)
        for m in of_file(area, name):
            row = m.line - 1
            begin = m.before[0] - starts[row]
            lead = len(m.before[1]) - len(m.before[1].lstrip())
            if "\n" not in m.before[1] and switched(lines[row], masks[row], begin + lead, begin + len(m.before[1]),
                                                    m.after.strip(), 1) is not None:
                every.append(m)
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
        text = text_of(name) if (TREE / name).is_file() else ""
        if text.count(before) != 1:
            faults.append(f"{name}: {title}: its text stands {text.count(before)} times there")
            continue
        at = text.index(before)
        # Only what differs, so that a switch can hold it.
        head = len(os.path.commonprefix([before, after]))
        tail = len(os.path.commonprefix([before[head:][::-1], after[head:][::-1]]))
        at, before, after = at + head, before[head:len(before) - tail], after[head:len(after) - tail]
        if not after.strip():
            at += len(before) - len(before.lstrip())
            before = before.strip()
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

    def compile(self, target, keep_going=False):
        command = ["ninja", "-j2", "-C", self.build, target] + (["-k0"] if keep_going else [])
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode == 0, re.sub(r"\x1b\[[0-9;]*[mK]", "", done.stdout)

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
            os.chmod(tmp, 0o755)  # for the tests that give up root
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


def tests_of(copy, area, first):
    if missing := [t for t in AREAS[area][1] if t not in copy.tests]:
        sys.exit(f"no test of this name any more: {', '.join(missing)}")
    return AREAS[area][1][:1 if first else None]


def judge(copy, m, o, number):
    """("killed by ...", True), ("survived", False) or ("does not compile", None). Number 0: it is in the text."""
    os.environ["SYSB_MUTATION"] = str(number)
    try:
        for test in tests_of(copy, m.area, o.first):
            if not copy.compile(copy.target_of(test))[0]:
                return "does not compile", None
            if how := copy.run(test):
                return f"killed by {test} ({how})", True
        if o.golden and (how := copy.run_golden(AREAS[m.area][2])):
            return f"killed by golden cases ({how})", True
        return "survived", False
    finally:
        os.environ.pop("SYSB_MUTATION", None)


def judge_alone(copy, m, o):
    place = copy.tree / m.file
    text = text_of(m.file)
    at, before = m.before
    try:
        place.write_text(text[:at] + m.after + text[at + len(before):], encoding="utf-8")
        return judge(copy, m, o, 0)
    finally:
        place.write_text(text, encoding="utf-8")


def build_switched(copy, area, numbered, first):
    """Compiles all changes into the area's tests. What does not compile is taken out: (number -> change, alone)."""
    alone, broken = [], set()
    while True:
        rows = {}
        alone = []
        files = sorted({m.file for _, m in numbered})
        for name in files:
            of_it = [(n, m) for n, m in numbered if m.file == name and n not in broken]
            text, rest = with_switches(name, of_it)
            alone += rest
            (copy.tree / name).write_text(text, encoding="utf-8")
            for n, m in of_it:
                if (n, m) not in rest:
                    rows[(name, m.line + SWITCH_LINES)] = n
        bad = set()
        for test in tests_of(copy, area, first):
            ok, said = copy.compile(copy.target_of(test), keep_going=True)
            if ok:
                continue
            for m in re.finditer(r"(?m)^\S*?((?:src|formats)/\S+?):(\d+):\d+: (?:fatal )?error:", said):
                if (n := rows.get((m.group(1), int(m.group(2))))) is not None:
                    bad.add(n)
            if not bad:
                sys.exit(f"{test} does not build:\n{said[-4000:]}")
            break
        if not bad:
            return {n: m for n, m in numbered if n not in broken and (n, m) not in alone}, alone, broken
        broken |= bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--again", type=pathlib.Path)
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
    if o.again:
        rows = [json.loads(line) for line in o.again.read_text(encoding="utf-8").splitlines()]
        lived = {(r["file"], r["line"], r["title"], r["before"]) for r in rows if r["result"] == "survived"}
        chosen = [m for m in chosen if (m.file, m.line, m.title, m.before[1].strip()) in lived]
    if o.list:
        for m in chosen:
            print(f"{m.file}:{m.line}: {m.title}: {m.before[1].strip()!r}")
        return status
    os.nice(10)
    o.work.mkdir(parents=True, exist_ok=True)
    copy = Copy(o.work.resolve())
    counts = collections.defaultdict(collections.Counter)
    report = o.report.open("a", encoding="utf-8") if o.report else None

    def tell(m, said, killed):
        counts[m.area][killed] += 1
        print(f"{m.file}:{m.line}: {m.title}: {m.before[1].strip()[:60]!r}: {said}", flush=True)
        if report:
            print(json.dumps({"area": m.area, "file": m.file, "line": m.line, "title": m.title, "before": m.before[1].strip(),
                              "after": m.after.strip(), "result": said}), file=report, flush=True)

    for a in dict.fromkeys(m.area for m in chosen):
        numbered = [(n, m) for n, m in enumerate(chosen, 1) if m.area == a]
        ready, alone, broken = build_switched(copy, a, numbered, o.first)
        for test in tests_of(copy, a, o.first):
            if how := copy.run(test):
                sys.exit(f"{test} fails as it is ({how})")
        for n, m in numbered:
            if n in broken:
                if o.known:
                    alone.append((n, m))
                else:
                    tell(m, "does not compile", None)
        for n, m in ready.items():
            tell(m, *judge(copy, m, o, n))
        for name in {m.file for _, m in numbered}:
            (copy.tree / name).write_text(text_of(name), encoding="utf-8")
        for n, m in alone:
            tell(m, *judge_alone(copy, m, o))
    for a, c in counts.items():
        of = c[True] + c[False]
        percent = 100 * c[True] // of if of else 100
        print(f"{a}: {c[True]} of {of} killed ({percent} %), {c[None]} did not compile")
        if percent < (100 if o.known else GOAL):
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
