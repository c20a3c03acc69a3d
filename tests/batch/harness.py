# SPDX-License-Identifier: Apache-2.0
"""What the tests of `sysb batch` share: running the command, its JSON, images, checks that are counted.

SYSB names the binary, DATA the folder of test images.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SYSB = os.environ["SYSB"]
GOOD = pathlib.Path(os.environ["DATA"]) / "backup_by_name" / "good"
CAMPAIGN = bool(os.environ.get("SYSB_CAMPAIGN"))
FIT = GOOD / "rootvg-7.1" / "image.bff"
UNFIT = GOOD / "savevg" / "image.bff"

checks = []


def check(name, good, detail=""):
    checks.append(bool(good))
    print(("ok " if good else "FAILED ") + name + ("" if good else f": {detail}"), flush=True)


def skip(name, why):
    print(f"skipped: {name}: {why}", flush=True)


def sysb(*words, env=None, **more):
    return subprocess.run([SYSB, *map(str, words)], capture_output=True, env={**os.environ, **(env or {})}, **more)


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def of_type(done, kind):
    return [o for o in objects(done) if o["type"] == kind]


def totals(done):
    return of_type(done, "batch")[0]


def results(batch):
    return {r["key"]: r for r in (json.loads(p.read_text()) for p in (batch / "jobs").glob("*/result.json"))}


def digests(folder):
    """Every file below, but for what names a time or a run."""
    out = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink():
            out[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return out


def many_images(folder, count):
    folder.mkdir()
    for i in range(count):
        path = folder / f"host{i:03}.mksysb"
        shutil.copyfile(FIT, path)
        # Other times, so that each is an image of its own.
        os.utime(path, (1_700_000_000 + i, 1_700_000_000 + i))


def run_parts(parts):
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="sysb-batch-") as folder:
            part(pathlib.Path(folder))
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    sys.exit(0 if all(checks) else 1)
