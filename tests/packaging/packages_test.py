#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packages_test.py static|ppc64le|deb|container FOLDER: what packaging/ makes, built and used as a stranger would.

static     one file below 10 MB without an interpreter; it passes the golden suite, and gives what the dynamic program gives
ppc64le    the same for Linux on Power, run under qemu-user: outputs byte for byte those of this machine's program
deb        built twice, in paths of different lengths: the same bytes; lintian finds nothing; installed in a clean root, where
           the package's own tests (packaging/debian/tests) run
container  built and run as its first lines say, where a builder is

Builds stay in FOLDER. SYSB is the program of this build, DATA is testdata. Needs SYSB_CAMPAIGN in the environment.
"""
import hashlib
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
SYSB = os.environ["SYSB"]
IMAGE = pathlib.Path(os.environ["DATA"]).absolute() / "backup_by_name/good/rootvg-7.1/image.bff"
SKIP = 77
MOST_BYTES = 10_000_000


class unmet(Exception):
    """What the case needs and is not here."""


def need(*programs):
    for p in programs:
        if not shutil.which(p):
            raise unmet(f"no {p}")


def run(*words, cwd=None, env=None, check=True):
    done = subprocess.run([str(w) for w in words], cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}: {(done.stderr + done.stdout).decode(errors='replace')[-1500:]}")
    return done


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_static(program):
    return b"INTERP" not in run("readelf", "-lW", program).stdout


def what_it_does(program, *wrapper):
    """Exit codes, texts and outputs of the main jobs."""
    samples = os.environ.get("SYSB_SAMPLES_DIR")
    images = [IMAGE, *(sorted(p for p in pathlib.Path(samples).rglob("*.bff")) if samples else [])]
    told = {}
    with tempfile.TemporaryDirectory(prefix="sysb-packages-") as folder:
        for image in images:
            for words in (("info", image), ("check", "--digests", image), ("ls", "-l", image), ("filesets", image)):
                done = run(*wrapper, program, *words, cwd=folder, check=False)
                told[words[0], image.name] = (done.returncode, done.stdout)
            for out in ("o.tar", "o.bff", "o.cpio"):
                done = run(*wrapper, program, "convert", image, "-o", out, "--overwrite", cwd=folder, check=False)
                told["convert", out, image.name] = (done.returncode, digest(pathlib.Path(folder) / out))
        run(*wrapper, program, "wpar", IMAGE, "--shared", "-o", "w.tar.zst", cwd=folder)
        told["wpar"] = digest(pathlib.Path(folder) / "w.tar.zst")
    return told


def same_as_here(program, *wrapper):
    here, there = what_it_does(SYSB), what_it_does(program, *wrapper)
    differ = [k for k in here if here[k] != there[k]]
    assert not differ, f"differs from the program of this build: {differ}"
    return f"{len(here)} results as those of the program of this build"


def built_static(folder, *arch):
    run(TOP / "packaging/build-static.sh", folder, *arch)
    program = folder / "sysb"
    assert is_static(program), "asks for an interpreter"
    size = program.stat().st_size
    assert size < MOST_BYTES, f"{size} bytes"
    return program, size


def start_seconds(program, times=40):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(times):
        run(program, "--version")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times


def static(folder):
    need("cmake", "gcc", "readelf")
    program, size = built_static(folder)
    yield f"{size} bytes, no interpreter"
    yield same_as_here(program)
    golden = run(sys.executable, TOP / "tests/cli/run.py", env={"SYSB": str(program)}).stdout.decode().splitlines()[-1]
    assert ", 0 failed" in golden, golden
    yield f"golden suite: {golden}"
    yield f"start: {start_seconds(program) / start_seconds(SYSB):.2f} of the CPU time of the dynamic program's start"


def ppc64le(folder):
    need("cmake", "powerpc64le-linux-gnu-g++", "qemu-ppc64le", "readelf")
    program, size = built_static(folder, "ppc64le")
    yield f"{size} bytes, no interpreter"
    yield same_as_here(program, "qemu-ppc64le")


def deb(folder):
    need("dpkg-buildpackage", "dh", "lintian", "debootstrap")
    if os.geteuid() != 0:
        raise unmet("not root, which a clean root needs")
    made = []
    for name in ("one", "a-longer-name-than-one"):
        out, work = folder / name, folder / (name + ".work")
        for d in (out, work):
            shutil.rmtree(d, ignore_errors=True)
            d.mkdir(parents=True)
        run(TOP / "packaging/build-deb.sh", out, env={"TMPDIR": str(work), "DEB_BUILD_OPTIONS": f"parallel={os.cpu_count()}"})
        made.append({p.name: digest(p) for p in out.glob("*.deb")})
    assert made[0] and made[0] == made[1], f"built twice, and not the same: {made}"
    yield f"built twice, the same bytes: {', '.join(sorted(made[0]))}"
    changes = next((folder / "one").glob("*.changes"))
    told = run("lintian", "--fail-on", "none", changes).stdout.decode()
    faults = [line for line in told.splitlines() if line[:2] in ("E:", "W:")]
    faults = [line for line in faults if "bogus-mail-host" not in line]  # DEBEMAIL names who answers
    assert not faults, "\n".join(faults)
    yield "lintian: no error, no warning"
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    run("debootstrap", "--variant=minbase", "bookworm", root)
    try:
        run("cp", "-r", *(folder / "one").glob("*.deb"), TOP / "testdata", TOP / "docs", TOP / "packaging/debian/tests", root / "srv")
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        script = "cd /srv && apt-get update -q && apt-get install -y -q --no-install-recommends ./*.deb g++ pkg-config"
        run("chroot", root, "sh", "-c", script, env={"DEBIAN_FRONTEND": "noninteractive"})
        for test in ("main-job", "examples"):
            run("chroot", root, "sh", "-c", f"cd /srv && mkdir -p /tmp/{test} && AUTOPKGTEST_TMP=/tmp/{test} sh tests/{test}")
            yield f"in a clean root: {test}"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def container(folder):
    builder = next((b for b in ("podman", "docker") if shutil.which(b) and run(b, "info", check=False).returncode == 0), None)
    if not builder:
        raise unmet("no podman or docker that answers")
    folder.mkdir(parents=True, exist_ok=True)
    tag = "sysb-packages-test"
    run(builder, "build", "-f", "packaging/container/Containerfile", "-t", tag, ".", cwd=TOP)
    try:
        words = (builder, "run", "--rm", "--read-only", "--user", "65534", "-v", f"{IMAGE.parent}:/images:ro", tag)
        run(*words, "check", "--for", "wpar", f"/images/{IMAGE.name}")
        yield "built; it checks an image as nobody on a read-only root"
    finally:
        run(builder, "rmi", tag, check=False)


def main(name, folder):
    if not os.environ.get("SYSB_CAMPAIGN"):
        print("skipped: SYSB_CAMPAIGN is not set")
        return SKIP
    passed = failed = 0
    try:
        for line in {"static": static, "ppc64le": ppc64le, "deb": deb, "container": container}[name](pathlib.Path(folder).absolute()):
            print(f"ok {name}: {line}", flush=True)
            passed += 1
    except unmet as why:
        print(f"skipped: {why}")
        return SKIP
    except AssertionError as why:
        print(f"FAILED {name}: {why}")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
