#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden tests of the command line.

A case is COMMAND/NAME.sh, run by sh in an empty directory of its own. Beside it:
  NAME.sh.stdout.exact   what stdout must be (absent: not looked at)
  NAME.sh.stderr.glob    a pattern, line by line, in which * stands for anything
  NAME.sh.exit           the exit code (absent: 0)
  NAME.sh.needs          words that must hold: root, nonroot, samples, or names of programs
In a case, `sysb` is the binary under test, $DATA is testdata, $SAMPLES the real samples,
$CHECK the folder with helpers that this runner offers (see helpers/).

SYSB names the binary, DATA the test data. --accept writes what came out. Cases run beside each other
(-j). Prints one line a case, in order, and a last line "N passed, N failed".
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import contract  # noqa: E402

TIME_LIMIT = 600  # seconds a case; on a quiet machine the longest takes a few


def missing_need(case):
    """The first thing that the case needs and that is not here."""
    needs = case.with_name(case.name + ".needs")
    if not needs.exists():
        return None
    for word in needs.read_text().split():
        if word == "root":
            if os.geteuid() != 0:
                return "not root"
        elif word == "nonroot":
            if os.geteuid() == 0:
                return "root"
        elif word == "samples":
            if not os.environ.get("SYSB_SAMPLES_DIR"):
                return "SYSB_SAMPLES_DIR is unset"
        elif not shutil.which(word):
            return f"no program {word}"
    return None


def check_json(text):
    """Faults of a stream of JSON objects against what the contract says of every one."""
    return contract.faults(text)


def make_writable(folder):
    for root, dirs, _ in os.walk(folder):
        for d in dirs:
            path = os.path.join(root, d)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)


def run(case, binary, data):
    """(exit, stdout, stderr) of a case."""
    work = tempfile.mkdtemp(prefix="sysb-cli-")
    try:
        tools = pathlib.Path(work) / ".bin"
        tools.mkdir()
        (tools / "sysb").symlink_to(binary)
        # This Python, and not a wrapper that looks for one: cases start it thousands of times.
        python = tools / "python3"
        python.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} \"$@\"\n")
        python.chmod(0o755)
        place = pathlib.Path(work) / "work"
        place.mkdir()
        env = {
            "PATH": f"{tools}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": work, "TMPDIR": work, "TZ": "UTC", "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1",
            "DATA": str(data), "CHECK": str(HERE / "helpers"),
            "SAMPLES": os.environ.get("SYSB_SAMPLES_DIR", ""),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "SYSB_SANITIZED", "SYSB_CAMPAIGN"):
            if name in os.environ:
                env[name] = os.environ[name]
        done = subprocess.run(["sh", "-e", str(case)], cwd=place, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIME_LIMIT, check=False)
        out = done.stdout.decode("utf-8", "backslashreplace").replace(str(data), "$DATA")
        err = done.stderr.decode("utf-8", "backslashreplace").replace(str(data), "$DATA")
        return done.returncode, out.replace(work, "$WORK"), err.replace(work, "$WORK")
    finally:
        make_writable(work)
        shutil.rmtree(work, ignore_errors=True)


def first_difference(expected, found):
    a, b = expected.splitlines(), found.splitlines()
    for i in range(max(len(a), len(b))):
        left = a[i] if i < len(a) else "(nothing)"
        right = b[i] if i < len(b) else "(nothing)"
        if left != right:
            return f"line {i + 1}: expected {left[:300]!r}, found {right[:300]!r}"
    return "the last newline"


def glob_matches(pattern, text):
    """Every line of the pattern matches one line of the text, in order; nothing is left over."""
    wanted, lines = pattern.splitlines(), text.splitlines()
    if len(wanted) != len(lines):
        return False
    # Brackets stand for themselves: findings end in [ID].
    return all(fnmatch.fnmatchcase(have, want.replace("[", "[[]")) for want, have in zip(wanted, lines))


def judge(case, result):
    code, out, err = result
    faults = []
    exit_file = case.with_name(case.name + ".exit")
    wanted = int(exit_file.read_text()) if exit_file.exists() else 0
    if code != wanted:
        faults.append(f"exit {code}, expected {wanted}; stderr: {err[-400:]!r}")
    exact = case.with_name(case.name + ".stdout.exact")
    if exact.exists():
        expected = exact.read_text()
        if out != expected:
            faults.append("stdout: " + first_difference(expected, out))
    pattern = case.with_name(case.name + ".stderr.glob")
    if pattern.exists() and not glob_matches(pattern.read_text(), err):
        faults.append(f"stderr does not match: {err[-600:]!r}")
    if "--json" in case.read_text() and out.startswith("{"):
        faults += check_json(out)
    return faults


def accept(case, result):
    code, out, err = result
    exact = case.with_name(case.name + ".stdout.exact")
    exact.write_text(out)
    exit_file = case.with_name(case.name + ".exit")
    if code != 0:
        exit_file.write_text(f"{code}\n")
    elif exit_file.exists():
        exit_file.unlink()
    pattern = case.with_name(case.name + ".stderr.glob")
    if not pattern.exists() or not glob_matches(pattern.read_text(), err):
        pattern.write_text(err)


def main():
    options = argparse.ArgumentParser(description="golden tests of the command line")
    options.add_argument("--accept", action="store_true", help="write what came out as what is expected")
    options.add_argument("--but", nargs="+", metavar="COMMAND", default=[], help="every case but those of these commands")
    options.add_argument("-j", "--jobs", type=int, default=min(os.cpu_count() or 1, 4))
    options.add_argument("cases", nargs="*", help="COMMAND/NAME, or a COMMAND")
    args = options.parse_args()
    binary = os.environ.get("SYSB")
    data = os.environ.get("DATA") or str(HERE.parent.parent / "testdata")
    if not binary or not os.access(binary, os.X_OK):
        print("SYSB must name the sysb binary", file=sys.stderr)
        return 2
    binary = os.path.abspath(binary)
    data = os.path.abspath(data)
    cases = sorted(HERE.glob("*/*.sh"))
    if args.cases:
        cases = [c for c in cases
                 if any(str(c.relative_to(HERE)).startswith(w) for w in args.cases)]
    cases = [c for c in cases if c.parent.name not in args.but]

    def outcome(case):
        """(kind, line to print)"""
        name = str(case.relative_to(HERE))[:-3]
        need = missing_need(case)
        if need:
            return "skipped", f"skipped: {name}: {need}"
        try:
            result = run(case, binary, data)
        except subprocess.TimeoutExpired:
            return "failed", f"FAILED {name}: longer than {TIME_LIMIT} s"
        if args.accept:
            accept(case, result)
            return "passed", f"accepted {name}"
        faults = judge(case, result)
        if faults:
            return "failed", f"FAILED {name}: " + "; ".join(faults)
        return "passed", f"ok {name}"

    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for kind, line in pool.map(outcome, cases):
            print(line, flush=True)
            passed += kind == "passed"
            failed += kind == "failed"
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
