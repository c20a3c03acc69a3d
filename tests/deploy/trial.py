# SPDX-License-Identifier: Apache-2.0
"""What the tests of the scripts of OUT.d/ share: outputs made once, a host for each run, and the runner.

SYSB names the program, DATA the test data. Words on the command line choose tests by name. Each test is run under one
of the shells, in turn, and those that say so under each; SYSB_CAMPAIGN=1 runs all under each, and some hundred
failures more. Ends with one line "N passed, N failed"."""
import concurrent.futures
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from host import Host, shells

SYSB = os.environ["SYSB"]
DATA = pathlib.Path(os.environ["DATA"]) / "backup_by_name" / "good"
IMAGE = DATA / "rootvg-7.1" / "image.bff"
CAMPAIGN = bool(os.environ.get("SYSB_CAMPAIGN"))
TOP = pathlib.Path(tempfile.mkdtemp(prefix="sysb-deploy-"))
OUTPUTS = {
    "a.tar.gz": ("--private", "-n", "web1"),
    "a.bff": ("--private", "-n", "web1"),
    "tree": ("--format", "tree", "--private"),
    "s.tar": ("--shared",),
    "z.tar.zst": ("--private",),
    "c.cpio": ("--private",),
    "g.tar": ("--private", "--format", "gnutar"),
    "noname.tar": ("--private",),
    "list.mtree": ("--private", "--format", "mtree"),
}
tests = {}  # name: function, whether it is run under every shell, whether it is of the campaign only
here = threading.local()  # faults of the test that runs
making = threading.Lock()
numbers = itertools.count()


def test(every=False, campaign=False):
    def add(function):
        tests[function.__name__] = (function, every, campaign)
        return function
    return add


def check(holds, *words):
    if not holds:
        here.faults.append(" ".join(str(w) for w in words))


def make(name):
    """An output, made once for all tests that want it."""
    out = TOP / "out" / name
    with making:
        if not out.with_name(name + ".d").exists():
            out.parent.mkdir(exist_ok=True)
            got = subprocess.run([SYSB, "wpar", str(IMAGE), "-o", str(out), "--quiet", *OUTPUTS[name]],
                                 capture_output=True, check=False)
            check(got.returncode == 0, name, "sysb ends with", got.returncode, got.stderr.decode(errors="replace"))
    return out


def host(shell, out, name="web1", small=True, seen=()):
    h = Host(TOP / f"h{next(numbers)}", shell, out, name, seen)
    return h.made_small() if small else h


def archive():
    return make("a.tar.gz")


def jobs(words):
    there = list(shells())
    for number, (name, (function, every, campaign)) in enumerate(tests.items()):
        if words and not any(w in name for w in words):
            continue
        if campaign and not words and not CAMPAIGN:
            print(f"skipped {name}: SYSB_CAMPAIGN is not set")
            continue
        for at, shell in enumerate(there):
            if CAMPAIGN or every or at == number % len(there):
                yield name, function, shell


def run(job):
    name, function, shell = job
    here.faults = []
    begun = time.monotonic()
    try:
        function(shell)
    except Exception as e:  # noqa: BLE001
        check(False, type(e).__name__, e)
    return f"{name} ({shell}, {time.monotonic() - begun:.1f} s)", here.faults


def main():
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for name, faults in pool.map(run, jobs(sys.argv[1:])):
            if faults:
                failed += 1
                print(f"FAILED {name}")
                for fault in faults[:20]:
                    print("  " + fault.replace("\n", "\n    "), flush=True)
            else:
                passed += 1
                print(f"ok     {name}", flush=True)
    shutil.rmtree(TOP, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
