#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a batch must survive: kills at any moment, a full disk, images that vanish or change, a clock that jumps.

SYSB names the binary, DATA the folder of test images. With SYSB_CAMPAIGN set 200 images and 200 kills, else 24 and 12.
SYSB_BATCH_SEED throws other dice. Prints one line a check and a last line "N passed, N failed".
"""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

from harness import (CAMPAIGN, FIT, SYSB, check, digests, many_images, of_type, results, run_parts, skip, sysb, totals)

IMAGES, KILLS = (200, 200) if CAMPAIGN else (24, 12)
REACTION = 0.5  # seconds between a look for a result and the work, on a loaded machine
SEED = int(os.environ.get("SYSB_BATCH_SEED", "20261128"))


def workers(batch):
    """Processes that work for this batch: the coordinator, jobs, and the commands that they run."""
    found = subprocess.run(["pgrep", "-f", str(batch)], capture_output=True, text=True).stdout.split()
    return [int(pid) for pid in found]


def kill(pids):
    killed = 0
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        except ProcessLookupError:
            pass
    return killed


class campaign:
    """Kills workers, the coordinator, or both, at moments that the dice choose, and starts the same command again."""

    def __init__(self, top):
        self.batch = top / "k"
        self.dice = random.Random(SEED)
        self.finished = {}
        self.redone = self.rounds = 0
        self.killed = {"worker": 0, "coordinator": 0, "both": 0}
        self.run = None

    def start(self):
        self.run = subprocess.Popen([SYSB, "batch", "run", "-d", str(self.batch), "-j", "2"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)

    def look(self):
        """Counts jobs that somebody began after they were finished. Two who worked on one at once both finish: that is none."""
        for path in (self.batch / "jobs").glob("*/result.json"):
            result, written = json.loads(path.read_text()), os.stat(path).st_mtime
            if result["state"] != "succeeded":
                continue
            before = self.finished.get(result["key"])
            self.redone += before is not None and before != written and written - result["milliseconds"] / 1000 > before + REACTION
            self.finished[result["key"]] = written

    def strike(self):
        """One kill that hit somebody."""
        while True:
            if self.run is None or self.run.poll() is not None:
                self.look()
                if len(self.finished) == IMAGES:  # all done: another round
                    self.wait_for_workers()
                    self.look()
                    sysb("batch", "retry", "-d", self.batch, "--state", "succeeded")
                    self.finished = {}
                    self.rounds += 1
                self.start()
            time.sleep(self.dice.uniform(0.01, 0.4))
            mode = self.dice.choice(("worker", "coordinator", "both"))
            others = [pid for pid in workers(self.batch) if pid != self.run.pid]
            chosen = [pid for pid in others if self.dice.random() < 0.6] if mode != "coordinator" else []
            hit = 0
            if mode != "worker" and self.run.poll() is None:
                self.run.kill()
                self.run.wait()
                hit += 1
            hit += kill(chosen)
            if hit:
                self.killed[mode] += 1
                return

    def wait_for_workers(self):
        deadline = time.time() + 60
        while time.time() < deadline and workers(self.batch):
            time.sleep(0.05)

    def finish(self):
        if self.run.poll() is None:
            self.run.kill()
        self.run.wait()
        self.wait_for_workers()
        self.look()


def kill_tests(top):
    many_images(top / "images", IMAGES)
    (top / "whole").mkdir()
    sysb("batch", "plan", top / "images", "-d", top / "w", "-o", f"{top}/whole/")
    done = sysb("batch", "run", "-d", top / "w", "-j", "2")
    check("an undisturbed batch succeeds", done.returncode == 0, done.stderr)
    (top / "out").mkdir()
    sysb("batch", "plan", top / "images", "-d", top / "k", "-o", f"{top}/out/")
    c = campaign(top)
    for _ in range(KILLS):
        c.strike()
    c.finish()
    done = sysb("batch", "run", "-d", top / "k", "-j", "2", "--json")
    check("after kills the same command finishes", done.returncode == 0, done.stdout[-800:])
    check("it does what is left, and no more", totals(done)["started"] == IMAGES - len(c.finished), totals(done))
    states = [r["state"] for r in results(top / "k").values()]
    check("every job has one result", states == ["succeeded"] * IMAGES, states)
    check("finished jobs are not done again", c.redone == 0, c.redone)
    sysb("batch", "clean", "-d", top / "k")
    left = [p.name for p in (top / "out").iterdir() if p.name.startswith(".")]
    left += [p.name for p in (top / "k").rglob(".sysb-*")] + [p.name for p in (top / "k").rglob("running.json")]
    check("batch clean leaves nothing half-written", not left, left)
    check("every output is that of an undisturbed run", digests(top / "out") == digests(top / "whole"))
    print(f"seed {SEED}: {IMAGES} images, {sum(c.killed.values())} kills ({c.killed}), {c.rounds} further rounds, "
          f"{c.redone} finished jobs done again", flush=True)


class small_disk:
    """A file system of a few MiB, where we may mount one."""

    def __init__(self, place, mebibytes):
        self.place = place
        place.mkdir()
        self.mounted = self.mount(f"size={mebibytes}m")

    def mount(self, options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "sysb-test", str(self.place)], capture_output=True)
        return done.returncode == 0

    def grow(self, mebibytes):
        subprocess.run(["mount", "-o", f"remount,size={mebibytes}m", str(self.place)], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=True)


def full_disk(top, with_batch):
    """Outputs, and the batch's own folder too, on a file system that takes a few of them."""
    count, where = 12, "outputs and batch" if with_batch else "outputs"
    images = top / f"images-{with_batch}"
    many_images(images, count)
    with small_disk(top / f"small-{with_batch}", 2) as disk:
        if not disk.mounted:
            return skip(f"a full disk ({where})", "no file system can be mounted here")
        (disk.place / "out").mkdir()
        batch = (disk.place if with_batch else top) / "full"
        sysb("batch", "plan", images, "-d", batch, "-o", f"{disk.place}/out/")
        done = sysb("batch", "run", "-d", batch, "-j", "2", "--attempts", "1", "--json")
        first = results(batch)
        good = {key for key, r in first.items() if r["state"] == "succeeded"}
        bad = {key: r for key, r in first.items() if r["state"] != "succeeded"}
        check(f"full disk ({where}): the run goes on to the end", done.returncode == 7 and 0 < len(good) < count,
              (done.returncode, len(good), done.stderr[-300:]))
        check(f"full disk ({where}): a job that had no space says so",
              all(r["state"] == "failed" and any("space" in x["text"].lower() for x in r["reasons"]) for r in bad.values())
              and (with_batch or len(bad) == count - len(good)), bad)
        disk.grow(64)
        again = sysb("batch", "run", "-d", batch, "-j", "2", "--json")
        check(f"full disk ({where}): with space the same command finishes",
              again.returncode == 0 and totals(again)["before"] == len(good)
              and totals(again)["started"] == count - len(good), totals(again))
        last = results(batch)
        check(f"full disk ({where}): what was done was not done again",
              all(last[key]["attempts"] == first[key]["attempts"] for key in good))
        sysb("batch", "clean", "-d", batch)
        hidden = [p.name for p in (disk.place / "out").iterdir() if p.name.startswith(".")]
        check(f"full disk ({where}): nothing half-written stays", not hidden, hidden)


def no_space_at_all(top):
    """Not even a result can be written: the run tells every job and ends; afterwards nothing is known, and all is pending."""
    many_images(top / "images-none", 3)
    with small_disk(top / "none", 2) as disk:
        if not disk.mounted:
            return skip("no space at all", "no file system can be mounted here")
        (disk.place / "out").mkdir()
        batch = disk.place / "batch"
        sysb("batch", "plan", top / "images-none", "-d", batch, "-o", f"{disk.place}/out/")
        with open(disk.place / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(b"x" * 4096):
                pass
        done = sysb("batch", "run", "-d", batch, "--json")
        jobs = of_type(done, "job")
        check("no space at all: every job ends failed", done.returncode == 7 and len(jobs) == 3
              and all(j["state"] == "failed" and j["reason"] for j in jobs), (done.returncode, jobs, done.stderr[-300:]))
        os.unlink(disk.place / "filler")
        again = sysb("batch", "run", "-d", batch, "--json")
        check("no space at all: with space the same command does all", again.returncode == 0 and totals(again)["succeeded"] == 3, again.stdout)


def full_disk_tests(top):
    full_disk(top, False)
    full_disk(top, True)
    no_space_at_all(top)


def changed_tests(top):
    many_images(top / "images", 6)
    (top / "out").mkdir()
    plan = ("batch", "plan", top / "images", "-d", top / "b", "-o", f"{top}/out/")
    sysb(*plan)
    os.unlink(top / "images" / "host001.mksysb")
    longer = top / "images" / "host003.mksysb"
    longer.write_bytes(longer.read_bytes() + b"\0" * 512)
    swapped = top / "images" / "host004.mksysb"  # size and time stay
    was, data = os.stat(swapped), bytearray(swapped.read_bytes())
    data[1000] ^= 1
    swapped.write_bytes(data)
    os.utime(swapped, ns=(was.st_atime_ns, was.st_mtime_ns))
    done = sysb("batch", "run", "-d", top / "b", "--json")
    ended = {j["key"]: j for j in of_type(done, "job")}
    check("vanished and changed images are stale, the others are done", done.returncode == 7 and totals(done)["succeeded"] == 3
          and {k for k, j in ended.items() if j["state"] == "stale"} == {f"host00{i}.mksysb" for i in (1, 3, 4)}, ended)
    whys = [ended[f"host00{i}.mksysb"]["reason"] for i in (1, 3, 4)]
    check("each says what changed", "cannot be read" in whys[0] and "bytes" in whys[1] and "other content" in whys[2], whys)
    status = sysb("batch", "status", "-d", top / "b", "--json")
    check("status counts them", status.returncode == 7 and totals(status)["stale"] == 3, status.stdout)
    longer.write_bytes(longer.read_bytes()[:-512])
    data[1000] ^= 1
    swapped.write_bytes(data)
    sysb(*plan)
    again = totals(sysb("batch", "run", "-d", top / "b", "--json"))
    check("planned again, only what changed is done", again["before"] == 3 and again["started"] == 2 and again["succeeded"] == 2, again)


def read_only_tests(top):
    many_images(top / "images", 2)
    (top / "out").mkdir()
    store = top / "store"
    store.mkdir()
    if subprocess.run(["mount", "--bind", str(top / "images"), str(store)], capture_output=True).returncode != 0:
        return skip("a read-only image store", "nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(store)], check=True)
        before = sorted(p.name for p in store.iterdir())
        sysb("batch", "plan", store, "-d", top / "b", "-o", f"{top}/out/")
        done = sysb("batch", "run", "-d", top / "b", "--json")
        check("images on a read-only store are done", done.returncode == 0 and totals(done)["succeeded"] == 2, done.stderr)
        check("and nothing is left beside them", sorted(p.name for p in store.iterdir()) == before)
    finally:
        subprocess.run(["umount", "-l", str(store)], check=True)


def clock_tests(top):
    if shutil.which("faketime") is None:
        return skip("a clock that jumps", "faketime is not installed")
    many_images(top / "images", 6)
    (top / "m.csv").write_text("image,out,wave\n" + "".join(
        f"{p},{top}/out/{p.name}.tar,w{i % 3}\n" for i, p in enumerate(sorted((top / "images").iterdir()))))
    (top / "out").mkdir()
    sysb("batch", "plan", top / "m.csv", "-d", top / "b")
    env = {**os.environ, "NO_FAKE_STAT": "1"}

    def run_at(when, *words):
        return subprocess.run(["faketime", when, SYSB, "batch", *words], capture_output=True, env=env)

    for when, wave in (("2038-06-01 12:00:00", "w0"), ("2001-01-01 00:00:00", "w1")):
        done = run_at(when, "run", "-d", str(top / "b"), "--wave", wave, "--json")
        check(f"jobs are done at a clock of {when[:4]}", done.returncode == 0 and totals(done)["succeeded"] == 2, done.stderr)
    done = sysb("batch", "run", "-d", top / "b", "--json")
    check("after two jumps the rest is done, and only the rest", totals(done)["before"] == 4 and totals(done)["started"] == 2, totals(done))
    all_of_them = results(top / "b").values()
    check("no job took less than nothing", all(0 <= r["seconds"] < 60 for r in all_of_them), [r["seconds"] for r in all_of_them])
    back = run_at("2001-01-01 00:00:00", "run", "-d", str(top / "b"), "--json")
    check("a clock that went back makes nothing pending", totals(back)["before"] == 6 and totals(back)["started"] == 0, totals(back))
    # A worker's mark of another host is judged by the file system's clock, not by ours.
    job = next((top / "b" / "jobs").glob("host000*"))
    (job / "result.json").unlink()
    (job / "running.json").write_text('{"schema":1,"type":"running","host":"elsewhere","engine":"slurm","start":1,"pid":1,"born":1}\n')
    for when in ("2038-06-01 12:00:00", "2001-01-01 00:00:00"):
        seen = run_at(when, "status", "-d", str(top / "b"), "--json")
        check(f"who works elsewhere is seen at a clock of {when[:4]}", totals(seen)["running"] == 1, seen.stdout)


if __name__ == "__main__":
    run_parts((kill_tests, full_disk_tests, changed_tests, read_only_tests, clock_tests))
