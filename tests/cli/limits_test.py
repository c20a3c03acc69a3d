#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""limits_test.py MAKE_LARGE_IMAGE: threads that cannot be started, and little memory.

Without threads everything is as with them: output, findings, exit code. With too little memory a run may end with
exit code 1 and its reason, never by a signal. SYSB names the binary. The limit of processes counts for
users without privileges, so as root the command runs as one that nobody is."""
import hashlib
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

NOBODY = 61_234  # no user of any system
FEWEST = 64 << 20  # of address space: the program and its libraries take most of it


def threads_of(uid):
    """All threads of a user: what RLIMIT_NPROC counts."""
    count = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if fields.get("Uid", "").split()[:1] == [str(uid)]:
            count += int(fields.get("Threads", "1"))
    return count


def digest(path):
    h = hashlib.sha256()
    for file in sorted(p for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file() and not p.is_symlink()):
        h.update(os.fsencode(file.relative_to(path.parent)) + b"\0" + file.read_bytes())
    return h.hexdigest()


def main(maker):
    sysb = os.path.abspath(os.environ["SYSB"])
    root = os.geteuid() == 0
    uid = NOBODY if root else os.getuid()
    work = pathlib.Path(tempfile.mkdtemp(prefix="sysb-limits-"))
    work.chmod(0o755)
    passed = faults = skipped = 0
    try:
        image = work / "image.bff"
        subprocess.run([maker, image], check=True)
        image.chmod(0o644)
        place = work / "out"

        def run(words, processes=None, memory=None):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            if root:
                os.chown(place, uid, uid)

            def prepare():
                if memory:
                    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
                if root:
                    os.setgroups([])
                    os.setgid(uid)
                    os.setuid(uid)
                if processes:
                    most = processes + (0 if root else threads_of(uid))
                    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

            done = subprocess.run([sysb, *words], cwd=place, preexec_fn=prepare, capture_output=True, timeout=600,
                                  check=False, env={**os.environ, "TMPDIR": str(place)})
            # How long a run took may differ; nothing else may.
            return done.returncode, done.stdout, re.sub(rb" in \d+ s", b" in N s", done.stderr), digest(place)

        try:
            first = run(["--version"])[0]
        except (OSError, subprocess.SubprocessError):
            first = 1
        if first != 0:
            print("skipped: limits: another user cannot run the binary under test")
            return 77

        jobs = {
            "check": ["check", "--json", "--threads", "6", str(image)],
            "check --progress": ["check", "--progress", "plain", "--threads", "6", str(image)],
            "list": ["ls", "-l", str(image)],
            "info": ["info", "--json", str(image)],
            "convert to .tar": ["convert", "--threads", "6", str(image), "-o", "o.tar"],
            "convert to .tar.zst": ["convert", "--threads", "6", str(image), "-o", "o.tar.zst"],
            "convert to a tree": ["convert", "--threads", "6", str(image), "-o", "o/"],
            "convert to .bff": ["convert", "--threads", "6", str(image), "-o", "o.bff"],
            "wpar": ["wpar", "--shared", "--threads", "6", str(image), "-o", "o.tar.zst"],
        }
        for name, words in jobs.items():
            free = run(words)
            for limit in (1, 2, 4):
                seen = run(words, processes=limit)
                # Progress prints when it has a thread for that, and the last line anyway.
                same = (seen[0], seen[3]) == (free[0], free[3]) and (
                    "--progress" in words or seen[1:3] == free[1:3])
                if same and free[0] == 0:
                    passed += 1
                    print(f"ok {name} with {limit} threads at most", flush=True)
                else:
                    faults += 1
                    print(f"FAILED {name} with {limit} threads at most: exit {seen[0]} (else {free[0]}): {seen[2][-400:]!r}",
                          flush=True)
            if b"asan" in pathlib.Path(sysb).read_bytes() or b"__tsan" in pathlib.Path(sysb).read_bytes():
                skipped += 1
                print(f"skipped: {name} with little memory: a sanitized program takes terabytes of addresses")
                continue
            for memory in (FEWEST // 2, FEWEST * 3 // 4, FEWEST, FEWEST * 2):
                seen = run(words, memory=memory)
                told = seen[0] == 0 and seen[3] == free[3] or seen[0] in (1, 5) and b"memory" in seen[2].lower()
                if told or seen[0] == 127:  # the loader itself found no room
                    passed += 1
                    print(f"ok {name} with {memory >> 20} MiB of addresses: exit {seen[0]}", flush=True)
                else:
                    faults += 1
                    print(f"FAILED {name} with {memory >> 20} MiB of addresses: exit {seen[0]}: {seen[2][-400:]!r}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {faults} failed, {skipped} skipped")
    return 1 if faults or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
