#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sysb batch` as people and engines run it: plan, run, resume, report, scripts.

SYSB names the binary, DATA the folder of test images. Prints one line a check and a last line "N passed, N failed".
"""
import csv
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import time

import yaml

from harness import FIT, GOOD, SYSB, UNFIT, check, digests, many_images, of_type, results, run_parts, skip, sysb, totals


def folder_tests(top):
    """Nothing in a folder that was an image, or should have been one, is missed in silence."""
    images = top / "images"
    (images / "below" / "further").mkdir(parents=True)
    image = FIT.read_bytes()
    (images / "fit").write_bytes(image)
    (images / "below" / "further" / "fit").write_bytes(image)
    swapped = bytearray(image)
    swapped[0::2], swapped[1::2] = image[1::2], image[0::2]
    (images / "swapped").write_bytes(swapped)
    (images / "sealed").write_bytes(b"Salted__" + bytes(range(256)) * 40)
    (images / "broken.gz").write_bytes(gzip.compress(image)[:12] + bytes(range(256)) * 20)
    (images / "nothing").write_bytes(b"")
    (images / "zeros").write_bytes(bytes(50_000))
    (images / "notes").write_bytes(b"no image\n" * 9)
    (images / "notes.gz").write_bytes(gzip.compress(b"no image\n" * 9))
    (images / "nowhere").symlink_to("missing")
    (images / "round").symlink_to("round")
    (images / "up").symlink_to(".")
    done = sysb("batch", "plan", images, "-d", top / "b", "--json")
    rows = {r["key"]: r["verdict"] for r in of_type(done, "row")}
    check("images that suffered on the way are rows", sorted(rows) == ["below/further/fit", "broken.gz", "fit", "sealed", "swapped"], rows)
    check("and none of them is fit", [k for k, v in rows.items() if v == "fit"] == ["below/further/fit", "fit"], rows)
    found = {f["id"]: f["severity"] for f in of_type(done, "finding")}
    check("files without content are a warning", found.get("BAT-007") == "warning", found)
    lines = (top / "b" / "passed-over.txt").read_text().splitlines()
    told = sorted((line.split(" ")[0], line.rsplit("/", 1)[1].rstrip('"')) for line in lines)
    check("each file that was passed over is listed", told == [("empty", "nothing"), ("empty", "zeros"), ("no-image", "notes"),
          ("no-image", "notes.gz"), ("no-image", "nowhere"), ("no-image", "round"), ("no-image", "up")], lines)
    (images / "fit").chmod(0)
    (images / "below" / "further").chmod(0)
    theirs = top / "theirs"
    theirs.mkdir()
    theirs.chmod(0o777)
    top.chmod(0o755)
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        done = sysb("batch", "plan", images, "-d", theirs / "b", "--json", **other)
    except PermissionError:
        skip("files that may not be read", "another user cannot run the binary under test")
        return
    finally:
        (images / "below" / "further").chmod(0o700)
    rows = {r["key"]: r["verdict"] for r in of_type(done, "row")}
    check("a file that may not be read is a row", rows.get("fit") == "unknown", (rows, done.stderr))
    check("a folder that may not be read is a warning, and the rest is planned",
          done.returncode == 0 and any(f["id"] == "BAT-008" for f in of_type(done, "finding")), done.stdout)


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
    deadline = time.time() + 60
    while time.time() < deadline and not list((top / "b" / "jobs").glob("*/running.json")):
        time.sleep(0.02)
    run.terminate()
    return run.wait()


def salvage_tests(top):
    """A damaged image whose rest is written: final, with its output, and everybody is told that it is not complete."""
    images = top / "images"
    images.mkdir()
    image = bytearray(FIT.read_bytes())
    packed = next(o for o in of_type(sysb("ls", FIT, "--json"), "entry") if o["path"] == "./home/alpha/notes.txt")
    at = packed["offset"] + 3_000
    image[at:at + 2_000] = bytes(2_000)
    (images / "hurt.mksysb").write_bytes(image)
    shutil.copyfile(FIT, images / "whole.mksysb")
    (top / "out").mkdir()
    plan = ("batch", "plan", images, "-d", top / "b", "-o", f"{top}/out/", "--format", "pax")
    sysb(*plan)
    done = sysb("batch", "run", "-d", top / "b", "--json")
    hurt = results(top / "b")["hurt.mksysb"]
    check("a damaged image fails and writes nothing", done.returncode == 7 and hurt["state"] == "failed" and hurt["exit"] == 3
          and "output" not in hurt and sorted(p.name for p in (top / "out").glob("*.tar")) == ["whole.mksysb.tar"], hurt)
    sysb(*plan, "--salvage")
    done = sysb("batch", "run", "-d", top / "b", "--json")
    all_jobs = results(top / "b")
    hurt = all_jobs["hurt.mksysb"]
    out = top / "out" / "hurt.mksysb.tar"
    check("--salvage: the job failed, and its output is there", done.returncode == 7 and hurt["state"] == "failed" and hurt["exit"] == 3
          and hurt["output"]["size"] == out.stat().st_size and len(hurt["attempts"]) == 1, (hurt, done.stderr))
    check("--salvage: the first reason says that it is not complete", "not complete" in hurt["reasons"][0]["text"]
          and len(hurt["reasons"]) > 1, hurt["reasons"])
    check("--salvage: what is missing is named", "home/alpha/notes.txt" in (top / "out" / "hurt.mksysb.tar.d" / "missing.txt").read_text())
    check("a whole image succeeds with --salvage, too", all_jobs["whole.mksysb"]["state"] == "succeeded", all_jobs["whole.mksysb"])
    again = totals(sysb("batch", "run", "-d", top / "b", "--json"))
    one = sysb("batch", "run-one", "-d", top / "b", "hurt.mksysb", "--json")
    check("--salvage: it is final", again["started"] == 0 and one.returncode == 3 and of_type(one, "job")[0]["already"], (again, one.stdout))
    status = sysb("batch", "status", "-d", top / "b")
    check("--salvage: status says so", b"not complete" in status.stdout + status.stderr, status)
    sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    index = (top / "r" / "index.html").read_text()
    page = next(p.read_text() for p in (top / "r" / "i").glob("*.html") if "hurt" in p.read_text())
    check("--salvage: the report shows it", "failed, incomplete" in index and "1 failed job has" in index and "(not complete)" in page
          and "sysb_batch_incomplete_outputs 1" in (top / "r" / "sysb.prom").read_text(), page)
    out.unlink()
    one = sysb("batch", "run-one", "-d", top / "b", "hurt.mksysb", "--json")
    check("--salvage: an output that is gone is made again", out.exists() and not of_type(one, "job")[0]["already"], one.stdout)


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


def estate_tests(top):
    """File sets by name, outliers, and what equal members would save."""
    images = top / "images"
    images.mkdir()
    for i in range(5):
        shutil.copyfile(FIT, images / f"same{i}.mksysb")
        os.utime(images / f"same{i}.mksysb", (1_700_000_000 + i, 1_700_000_000 + i))
    shutil.copyfile(GOOD / "rootvg-7.2" / "image.bff", images / "other.mksysb")
    plan = ("batch", "plan", images, "-d", top / "b", "--json")
    sysb(*plan)
    sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    index = (top / "r" / "index.html").read_text()
    table = list(csv.DictReader((top / "r" / "data" / "filesets.csv").read_text().splitlines()))
    bos = {r["level"]: int(r["images"]) for r in table if r["fileset"] == "bos.rte"}
    check("file sets are counted by name and level", sum(bos.values()) == 6 and sorted(bos.values()) == [1, 5], bos)
    check("an image at an unusual level is named", "unlike the others" in index and "unusual level: " in index
          and index.count("bos.rte") >= 1 and "other.mksysb" in index[index.index("unlike the others"):], index[-3000:])
    check("file sets have a page of their own", "bos.rte" in (top / "r" / "filesets.html").read_text())
    check("without an index nothing is said of equal members", "have an index with digests" in index)
    for i in range(5):
        sysb("index", images / f"same{i}.mksysb")
    again = sysb(*plan)
    check("planned again, images with a new index are looked at, by it", of_type(again, "plan")[0]["looked_at"] == 5, again.stdout)
    third = sysb(*plan)
    check("and once only", of_type(third, "plan")[0]["looked_at"] == 0, third.stdout)
    sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    figures = dict(line.rsplit(" ", 1) for line in (top / "r" / "sysb.prom").read_text().splitlines() if line[0] != "#")
    total, equal = (int(figures[f"sysb_batch_{n}_bytes"]) for n in ("member", "equal_member"))
    entries = of_type(sysb("check", "--digests", "--json", images / "same0.mksysb"), "entry")
    sizes = {e["xxh3"]: e["size"] for e in entries if "xxh3" in e}
    one = sum(e["size"] for e in entries if "xxh3" in e)
    check("equal members would save four of five images, and doubles in each", total == 5 * one and equal == 5 * one - sum(sizes.values()),
          (total, equal, one, sum(sizes.values())))
    check("the page says it", "members with equal content once would save" in (top / "r" / "index.html").read_text())


def script_of(batch, engine, *words):
    return sysb("batch", "script", "-d", batch, "--engine", engine, *words).stdout


def shell_text_tests(batch):
    for engine in ("slurm", "parallel", "lsf"):
        text = script_of(batch, engine)
        for tool in (["sh", "-n"], ["bash", "-n"], ["shellcheck", "-s", "sh", "-S", "style", "-e", "SC2016,SC2089,SC2090", "-"]):
            if shutil.which(tool[0]) is None:
                skip(f"the text for {engine}", f"{tool[0]} is not installed")
                continue
            done = subprocess.run(tool, input=text, capture_output=True)
            check(f"{tool[0]} has nothing against the text for {engine}", done.returncode == 0 and text, (done.stdout, done.stderr))


def yaml_text_tests(batch):
    texts = {engine: script_of(batch, engine) for engine in ("k8s", "ansible")}
    if shutil.which("yamllint") is None:
        skip("the texts in YAML", "yamllint is not installed")
    for engine, text in texts.items():
        if shutil.which("yamllint"):
            done = subprocess.run(["yamllint", "-d", "{extends: relaxed, rules: {line-length: disable}}", "-"], input=text, capture_output=True)
            check(f"yamllint has nothing against the text for {engine}", done.returncode == 0 and not done.stdout, done.stdout)
    job = yaml.safe_load(texts["k8s"])
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    mounts, volumes = {m["name"] for m in container["volumeMounts"]}, {v["name"] for v in pod["volumes"]}
    check("the text for k8s is an indexed Job whose words are our own",
          (job["apiVersion"], job["kind"], spec["completionMode"], pod["restartPolicy"]) == ("batch/v1", "Job", "Indexed", "Never")
          and 1 <= spec["parallelism"] <= spec["completions"] and container["command"][-1] == str(batch) and mounts == volumes, job)
    rule = spec["podFailurePolicy"]["rules"][0]["onExitCodes"]
    check("a wrong definition ends the Job of k8s", rule["values"] == [2] and rule["containerName"] == container["name"], rule)
    shell = subprocess.run(["sh", "-n"], input=container["command"][2].encode(), capture_output=True)
    check("sh reads what a pod of k8s runs", shell.returncode == 0, shell.stderr)


def run_with(top, batch, engine, command, env=None):
    if shutil.which(command[0]) is None:
        return skip(f"jobs by {engine}", f"{command[0]} is not installed")
    sysb("batch", "retry", "-d", batch, "--state", "succeeded")
    script = top / f"script.{engine}"
    script.write_bytes(script_of(batch, engine, "--program", SYSB))
    done = subprocess.run([*command, str(script)], capture_output=True, env={**os.environ, **(env or {})})
    status = of_type(sysb("batch", "status", "-d", batch, "--json"), "batch")[0]
    check(f"{engine} does every job", done.returncode == 0 and status["succeeded"] == 6, (done.stdout, done.stderr, status))
    return None


def script_tests(top):
    many_images(top / "images", 6)
    (top / "out").mkdir()
    batch = top / "a b'c$(x){{y}}"
    sysb("batch", "plan", top / "images", "-d", batch, "-o", f"{top}/out/")
    shell_text_tests(batch)
    yaml_text_tests(batch)
    run_with(top, batch, "make", ["make", "-k", "-j", "2", "-f"])
    if shutil.which("parallel") is None:
        skip("jobs by parallel", "parallel is not installed")
    else:
        run_with(top, batch, "parallel", ["sh"])
    (top / "hosts").write_text("[sysb]\none ansible_connection=local\ntwo ansible_connection=local\n")
    run_with(top, batch, "ansible", ["ansible-playbook", "-i", str(top / "hosts")],
             {"ANSIBLE_LOCAL_TEMP": str(top / "ansible"), "HOME": str(top), "LC_ALL": "C.UTF-8"})


if __name__ == "__main__":
    run_parts((folder_tests, plan_tests, manifest_tests, together_tests, salvage_tests, report_tests, estate_tests, script_tests))
