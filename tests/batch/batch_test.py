#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sysb batch` as people and engines run it: plan, run, resume, kill, report, scripts.

SYSB names the binary, DATA the folder of test images. SYSB_BATCH_KILLS: how often the coordinator is killed (default 8).
Prints one line a check and a last line "N passed, N failed".
"""
import csv
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SYSB = os.environ["SYSB"]
GOOD = pathlib.Path(os.environ["DATA"]) / "backup_by_name" / "good"
KILLS = int(os.environ.get("SYSB_BATCH_KILLS", "8"))
FIT = GOOD / "rootvg-7.1" / "image.bff"
UNFIT = GOOD / "savevg" / "image.bff"

checks = []


def check(name, good, detail=""):
    checks.append(bool(good))
    print(("ok " if good else "FAILED ") + name + ("" if good else f": {detail}"), flush=True)


def sysb(*words, env=None, **more):
    return subprocess.run([SYSB, *map(str, words)], capture_output=True, env={**os.environ, **(env or {})}, **more)


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def of_type(done, kind):
    return [o for o in objects(done) if o["type"] == kind]


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


def plan_tests(top):
    images = top / "images"
    images.mkdir()
    shutil.copyfile(FIT, images / "fit.mksysb")
    shutil.copyfile(UNFIT, images / "data.savevg")
    odd = os.fsencode(images) + b"/odd \n'\"$(x)\xff.mksysb"
    shutil.copyfile(os.fsencode(FIT), odd)
    (images / "notes.txt").write_text("no image")
    (top / "out").mkdir()
    done = sysb("batch", "plan", images, "-d", top / "b", "-o", f"{top}/out/", "--json")
    rows = of_type(done, "row")
    check("a folder's images become rows", done.returncode == 0 and len(rows) == 3, done.stderr)
    check("a file that is no image is passed over with a note",
          [f["id"] for f in of_type(done, "finding") if f["severity"] == "note"] == ["BAT-003"], done.stdout)
    check("two rows of one system are a warning", any(f["id"] == "BAT-002" for f in of_type(done, "finding")))
    verdicts = {r["key"]: r["verdict"] for r in rows}
    check("verdicts are those of wpar", verdicts["fit.mksysb"] == "fit" and verdicts["data.savevg"] == "unfit", verdicts)
    again = sysb("batch", "plan", images, "-d", top / "b", "-o", f"{top}/out/", "--json")
    check("planned again, unchanged images are not looked at", of_type(again, "plan")[0]["looked_at"] == 0)
    ran = sysb("batch", "run", "-d", top / "b", "--json")
    jobs = {j["key"]: j for j in of_type(ran, "job")}
    check("an unfit image ends blocked and the batch goes on with exit 7", ran.returncode == 7 and len(jobs) == 3, ran.stderr)
    check("a name of any bytes is done", sum(j["state"] == "succeeded" for j in jobs.values()) == 2, jobs)
    check("what ended without success has a reason", jobs["data.savevg"]["reason_id"] == "V05", jobs["data.savevg"])
    second = sysb("batch", "run", "-d", top / "b", "--json")
    total = of_type(second, "batch")[0]
    check("a rerun does nothing again", total["started"] == 0 and total["before"] == 2, total)
    sysb("batch", "retry", "-d", top / "b", "--state", "blocked")
    third = of_type(sysb("batch", "run", "-d", top / "b", "--json"), "batch")[0]
    check("retry gives a blocked job another try", third["started"] == 1, third)
    one = sysb("batch", "run-one", "-d", top / "b", "fit.mksysb", "--json")
    check("run-one of a finished job is done already", one.returncode == 0 and of_type(one, "job")[0]["already"])
    final = sysb("batch", "run-one", "-d", top / "b", "data.savevg", "--json")
    check("run-one tells a final exit code again", final.returncode == 6 and of_type(final, "job")[0]["already"])
    direct = top / "direct"
    direct.mkdir()
    sysb("wpar", images / "fit.mksysb", "-o", direct / "fit.mksysb.tar")
    check("the output is the one that wpar writes",
          (direct / "fit.mksysb.tar").read_bytes() == (top / "out" / "fit.mksysb.tar").read_bytes())
    os.utime(images / "fit.mksysb", (1, 1))
    sysb("batch", "retry", "-d", top / "b", "--state", "succeeded", "--key", "fit*")
    stale = sysb("batch", "run-one", "-d", top / "b", "fit.mksysb", "--json")
    check("an image that changed since the plan is stale", of_type(stale, "job")[0]["state"] == "stale", stale.stdout)
    os.unlink(images / "fit.mksysb")
    gone = of_type(sysb("batch", "run-one", "-d", top / "b", "fit.mksysb", "--json"), "job")[0]
    check("an image that vanished is stale, with the reason", gone["state"] == "stale" and "cannot be read" in gone["reason"], gone)


def manifest_tests(top):
    (top / "out").mkdir()
    bad = {
        "an unknown column": f"image,colour\n{FIT},red\n",
        "a key twice": f"image,key\n{FIT},a\n{FIT},a\n",
        "an output twice": f"image,key,out\n{FIT},a,{top}/out/x.tar\n{FIT},b,{top}/out/x.tar\n",
        "an output inside another": f"image,key,out\n{FIT},a,{top}/out/t/\n{FIT},b,{top}/out/t/x.tar\n",
        "an output over an image": f"image,key,out\n{FIT},a,{FIT}\n",
        "a wrong option": f"image,host-level\n{FIT},seven\n",
        "a quote that is not closed": f'image\n"{FIT}\n',
        "a row without image": "key\na\n",
        "no rows": "image\n",
    }
    for name, text in bad.items():
        (top / "m.csv").write_text(text)
        done = sysb("batch", "plan", top / "m.csv", "-d", top / "b")
        check(f"{name} is exit 2 and no plan", done.returncode == 2 and not (top / "b").exists(), done.stderr)
    good = {
        "csv": f"\ufeffimage,key,out,wave,shared,host-level\r\n{FIT},one,{top}/out/c.tar,w1,yes,7300-02\r\n\"{UNFIT}\",two,,,no,\r\n",
        "tsv": f"image\tkey\tout\twave\tshared\n{FIT}\tone\t{top}/out/c.tar\tw1\tyes\n{UNFIT}\ttwo\t\t\t\n",
        "jsonl": json.dumps({"image": str(FIT), "key": "one", "out": f"{top}/out/c.tar", "wave": "w1", "shared": True})
                 + "\n" + json.dumps({"image": str(UNFIT), "key": "two", "shared": False}) + "\n",
    }
    for name, text in good.items():
        (top / "m").write_bytes(text.encode())
        done = sysb("batch", "plan", top / "m", "-d", top / name, "--json")
        rows = {r["key"]: r for r in of_type(done, "row")}
        check(f"a {name} manifest is read", done.returncode == 0 and rows["one"]["wpar"] == "shared" and "out" not in rows["two"],
              (done.stderr, rows))
    ran = sysb("batch", "run", "-d", top / "csv", "--wave", "w1", "--json")
    check("a wave is done alone", ran.returncode == 0 and of_type(ran, "batch")[0]["jobs"] == 1, ran.stdout)
    mine = top / "out" / "mine.tar"
    mine.write_text("not yours")
    (top / "m").write_text(f"image,out\n{FIT},{mine}\n")
    planned = sysb("batch", "plan", top / "m", "-d", top / "foreign", "--json")
    check("an output that is there already is a warning of the plan", any(f["id"] == "BAT-004" for f in of_type(planned, "finding")))
    ran = sysb("batch", "run", "-d", top / "foreign", "--json")
    check("what the batch did not make is never replaced", ran.returncode == 7 and mine.read_text() == "not yours", ran.stdout)


def kill_tests(top):
    count = 24
    many_images(top / "images", count)
    (top / "whole").mkdir()
    sysb("batch", "plan", top / "images", "-d", top / "w", "-o", f"{top}/whole/")
    done = sysb("batch", "run", "-d", top / "w", "-j", "2")
    check("an undisturbed batch succeeds", done.returncode == 0, done.stderr)
    (top / "out").mkdir()
    sysb("batch", "plan", top / "images", "-d", top / "k", "-o", f"{top}/out/")
    dice = random.Random(20261128)
    finished = {}
    redone = 0
    for _ in range(KILLS):
        run = subprocess.Popen([SYSB, "batch", "run", "-d", str(top / "k"), "-j", "2"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.02, 0.6))
        if dice.random() < 0.7:
            run.kill()
        workers = subprocess.run(["pgrep", "-f", str(top / "k")], capture_output=True, text=True).stdout.split()
        for worker in workers:
            if dice.random() < 0.5:
                try:
                    os.kill(int(worker), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        run.kill()
        run.wait()
        for result in (top / "k" / "jobs").glob("*/result.json"):
            data = json.loads(result.read_text())
            if data["state"] == "succeeded":
                before = finished.setdefault(data["key"], data["attempts"])
                redone += before != data["attempts"]
    deadline = time.time() + 20
    while time.time() < deadline and subprocess.run(["pgrep", "-f", str(top / "k")], capture_output=True).stdout:
        time.sleep(0.1)
    done = sysb("batch", "run", "-d", top / "k", "-j", "2", "--json")
    check("after kills the same command finishes", done.returncode == 0, done.stdout[-800:])
    states = [json.loads(r.read_text())["state"] for r in (top / "k" / "jobs").glob("*/result.json")]
    check("every job has one result", states == ["succeeded"] * count, states)
    check("finished jobs are not done again", redone == 0, redone)
    sysb("batch", "clean", "-d", top / "k")
    left = [p.name for p in (top / "out").iterdir() if p.name.startswith(".")]
    left += [p.name for p in (top / "k").rglob(".sysb-*")]
    check("batch clean leaves nothing half-written", not left, left)
    check("every output is that of an undisturbed run", digests(top / "out") == digests(top / "whole"))


def together_tests(top):
    many_images(top / "images", 12)
    (top / "out").mkdir()
    sysb("batch", "plan", top / "images", "-d", top / "b", "-o", f"{top}/out/", "--format", "tree")
    runs = [subprocess.Popen([SYSB, "batch", "run", "-d", str(top / "b"), "-j", "1"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL) for _ in range(2)]
    codes = [r.wait() for r in runs]
    check("two runs on one batch both end well", codes == [0, 0], codes)
    check("their outputs are whole", sorted(p.name for p in (top / "out").iterdir() if not p.name.endswith((".d", ".mtree")))
          == [f"host{i:03}.mksysb" for i in range(12)], list((top / "out").iterdir()))
    check("a batch interrupted by SIGTERM ends with 143", term(top) == 143)


def term(top):
    sysb("batch", "retry", "-d", top / "b", "--state", "succeeded")
    run = subprocess.Popen([SYSB, "batch", "run", "-d", str(top / "b"), "-j", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    run.terminate()
    return run.wait()


def report_tests(top):
    images = top / "images"
    images.mkdir()
    shutil.copyfile(FIT, images / "<script>alert(1)</script>.mksysb".replace("/", "_"))
    shutil.copyfile(UNFIT, images / "=cmd.mksysb")
    (top / "out").mkdir()
    sysb("batch", "plan", images, "-d", top / "b", "-o", f"{top}/out/")
    sysb("batch", "run", "-d", top / "b")
    done = sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    index = (top / "r" / "index.html").read_text()
    check("a report is written", done.returncode == 0 and "<table" in index, done.stderr)
    check("names are escaped", "<script>alert" not in index and "&lt;script&gt;alert" in index)
    check("there is no inline script and a strict policy", "default-src 'none'" in index and "onclick" not in index)
    table = list(csv.DictReader((top / "r" / "data" / "images.csv").read_text().splitlines()))
    check("CSV has a row an image, and no formulas", len(table) == 2 and any(r["key"] == "'=cmd.mksysb" for r in table), table)
    check("JSON Lines parse", len([json.loads(x) for x in (top / "r" / "data" / "images.jsonl").read_text().splitlines()]) == 2)
    check("figures for Prometheus", 'sysb_batch_jobs{state="succeeded"} 1' in (top / "r" / "sysb.prom").read_text())
    first = digests(top / "r")
    sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    check("the same batch gives the same report", digests(top / "r") == first)
    sysb("batch", "report", "-d", top / "b", "-o", top / "hidden", "--redact")
    text = "".join(p.read_text() for p in (top / "hidden").rglob("*") if p.is_file())
    check("--redact hides names", "alert(1)" not in text and "=cmd" not in text and str(top) not in text)
    foreign = sysb("batch", "report", "-d", top / "b", "-o", images)
    check("a folder of somebody else is refused", foreign.returncode == 1, foreign.stderr)


def script_tests(top):
    many_images(top / "images", 6)
    (top / "out").mkdir()
    batch = top / "a b'c$(x)"
    sysb("batch", "plan", top / "images", "-d", batch, "-o", f"{top}/out/")
    for engine in ("slurm", "parallel", "lsf"):
        text = sysb("batch", "script", "-d", batch, "--engine", engine).stdout
        for shell in ("sh", "bash"):
            done = subprocess.run([shell, "-n"], input=text, capture_output=True)
            check(f"{shell} reads the text for {engine}", done.returncode == 0 and text, done.stderr)
    for engine, command in (("make", ["make", "-k", "-j", "2", "-f"]), ("parallel", ["sh"])):
        if shutil.which(command[0] if engine == "make" else "parallel") is None:
            print(f"skipped: {engine} is not installed")
            continue
        sysb("batch", "retry", "-d", batch, "--state", "succeeded")
        script = top / f"script.{engine}"
        script.write_bytes(sysb("batch", "script", "-d", batch, "--engine", engine, "--program", SYSB).stdout)
        done = subprocess.run([*command, str(script)], capture_output=True)
        status = of_type(sysb("batch", "status", "-d", batch, "--json"), "batch")[0]
        check(f"{engine} does every job", done.returncode == 0 and status["succeeded"] == 6, (done.stderr, status))


def main():
    for part in (plan_tests, manifest_tests, kill_tests, together_tests, report_tests, script_tests):
        with tempfile.TemporaryDirectory(prefix="sysb-batch-") as folder:
            part(pathlib.Path(folder))
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
