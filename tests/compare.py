#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an old and a new `sysb` over the same images and prints every difference.

    tests/compare.py OLD NEW                          everything (9,000 comparisons; half an hour on two cores)
    tests/compare.py OLD NEW -c info,check            commands whose label begins so
    tests/compare.py OLD NEW -i '*rootvg*' -c wpar    images by path, as a shell pattern (-i may be repeated)
    tests/compare.py OLD NEW --list                   the labels of the commands, and the images
    tests/compare.py OLD NEW -j 2 --show 20           two at a time, 20 lines of each difference

Images are all of testdata/ and $SYSB_SAMPLES_DIR. Each command runs in an empty folder of its own,
once with each program. Compared are standard output, standard error, the exit code, and everything
that stands in the folder afterwards: kind, mode, owner, link count, link target, device, content and
time (a time of the run itself is only "now"). What differs with each run by nature (names of
temporary files) is made equal first. --ignore REGEX takes lines out of both sides, for a change that is
meant; it may be repeated.

Exit code 0: nothing differs. A refactoring must end with 0; a change of behaviour must show here
what it changes and nothing else. It is no part of the test suite, because it needs a second program.
"""
import argparse
import concurrent.futures
import difflib
import fnmatch
import gzip
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
TIME_LIMIT = 300
NOT_IMAGES = {"origin.txt", "expected.txt", "listing.txt", "README.md"}

# In a command: @ is the image, < @ feeds it to standard input, {member} one of its members.
READING = {
    "info": "info @",
    "info-json": "info --json @",
    "ls": "ls @",
    "ls-long": "ls -l @",
    "ls-json": "ls --json @",
    "ls-pattern": "ls -l @ etc '*/lib*' --exclude '*.a'",
    "ls-salvage": "ls --salvage -l @",
    "ls-pipe": "ls --json - < @",
    "ls-quiet": "ls --quiet @",
    "filesets": "filesets @",
    "filesets-json": "filesets --json @",
    "check": "check @",
    "check-json": "check --json @",
    "check-digests": "check --digests --json @",
    "check-one-thread": "check --json --threads 1 @",
    "check-many-threads": "check --json --threads 6 @",
    "check-pipe": "check --json - < @",
    "check-wpar": "check --for wpar @",
    "check-wpar-json": "check --for wpar --json @",
    "check-wpar-shared": "check --for wpar --json --shared -n web1 --host-level 7200-05 @",
    "check-wpar-private": "check --for wpar --json --private --host-level 7.3.1.0 @",
}
CONVERTING = {f"convert-{name}": f"convert --json @ -o {out}" for name, out in {
    "tar": "o.tar", "tar-gz": "o.tar.gz", "tar-xz": "o.tar.xz", "tar-zst": "o.tar.zst",
    "cpio": "o.cpio", "cpio-zst": "o.cpio.zst", "bff": "o.bff", "tree": "o/",
    "tree-sparse": "o/ --sparse", "ustar": "o.tar --format ustar", "gnutar": "o.tar --format gnutar",
    "mtree": "o.mtree --format mtree", "json": "o.json --format json", "null": "o --format null",
    "stop": "o.tar --format ustar --on-loss stop", "tree-stop": "o/ --on-loss stop",
    "selected": "o.tar --exclude '*.o' --exclude usr", "salvage": "o.tar --salvage",
    "salvage-partial": "o/ --salvage --keep-partial", "one-thread": "o/ --threads 1",
    "many-threads": "o.tar.zst --threads 6",
}.items()}
CONVERTING |= {
    "convert-text": "convert @ -o o.tar",
    "convert-stdout": "convert @ -o -",
    "convert-stdout-bff": "convert @ -o - --format bff",
    "convert-pipe": "convert - -o o.tar.zst < @",
    "extract": "extract --json @ -C o",
    "extract-some": "extract @ etc '*/bin/*' -C o",
    "extract-pipe": "extract --json - etc -C o < @",
}
WPAR = {f"wpar-{name}": f"wpar --json @ {how}" for name, how in {
    "tar": "-o o.tar", "tar-zst": "--shared -o o.tar.zst", "tree": "-o o/", "bff": "-o o.bff",
    "bff-private": "--private --empty-devices -o o.bff", "cpio-gz": "-n web1 --hostname web1 -o o.cpio.gz",
    "forced": "--private --force -o o.tar", "forced-tree": "--shared --force -o o/ --threads 3",
    "verify": "--force --verify -o o.tar", "verify-bff": "--force --verify -o o.bff", "keep": "--shared --keep /opt -o o.tar",
    "host": "--host-level 7200-05 -T preserve_private=yes -o o.tar", "dry": "--dry-run --all -o o.tar",
    "quick": "--dry-run --quick -o o.tar",
}.items()}
WPAR |= {
    "wpar-text": "wpar @ --force -o o.tar",
    "wpar-pipe": "wpar --json --force - -o o.tar < @",
    "wpar-stdout": "wpar --force @ --report r -o -",
}
# A copy of the image in the folder: beside it an index, or packed.
BESIDE = {
    "index": ["index --json @"],
    "index-ls": ["index --quiet @", "ls -l --json @"],
    "index-cat": ["index --quiet @", "cat @ {member}"],
    "index-extract": ["index --quiet @", "extract --json @ etc -C o"],
    "index-info": ["index --quiet @", "info --json @"],
    "index-filesets": ["index --quiet @", "filesets @"],
    "index-check": ["index --quiet @", "check --json --index @.sysbidx @"],
    "index-wpar": ["index --quiet @", "wpar --json --force @ -o o.tar"],
}
PACKED = {
    "gz-info": "info --json @", "gz-ls": "ls -l @", "gz-check": "check --json @", "gz-cat": "cat @ {member}",
    "gz-extract": "extract --json @ etc -C o", "gz-convert": "convert --json @ -o o.tar",
    "gz-wpar": "wpar --json --force @ -o o/", "gz-filesets": "filesets @",
}


def commands():
    """label -> (commands in turn, how the image is offered)"""
    out = {}
    for label, line in (READING | CONVERTING | WPAR).items():
        out[label] = ([line], "plain")
    for n in range(3):
        out[f"cat-{n}"] = ([f"cat @ {{member{n}}}"], "plain")
    out["cat-missing"] = (["cat @ no/such/member"], "plain")
    for label, lines in BESIDE.items():
        out[label] = (lines, "beside")
    for label, line in PACKED.items():
        out[label] = ([line], "gz")
    return out


def images():
    found = [p for p in sorted((TOP / "testdata").rglob("*")) if p.is_file() and p.name not in NOT_IMAGES]
    samples = os.environ.get("SYSB_SAMPLES_DIR")
    if samples:
        found += [p for p in sorted(pathlib.Path(samples).rglob("*")) if p.is_file() and p.name not in NOT_IMAGES]
    return found


def short(image):
    return str(image.relative_to(TOP)) if image.is_relative_to(TOP) else image.name


def members(program, image):
    """Three files of the image, the same for both programs: the first, a middle one, the last."""
    import json  # noqa: PLC0415
    got = subprocess.run([program, "ls", "--json", "--no-index", str(image)], capture_output=True, check=False,
                         timeout=TIME_LIMIT)
    paths = []
    for line in got.stdout.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("type") == "entry" and entry.get("kind") == "file" and "path_hex" not in entry:
            paths.append(entry["path"])
    if not paths:
        return ["no-file"] * 3
    return [paths[0], paths[len(paths) // 2], paths[-1]]


def equalise(text, folder, program):
    """Takes out what differs with each run by nature."""
    text = text.replace(str(folder), "FOLDER").replace(str(program), "sysb")
    text = re.sub(r"\.sysb-[0-9A-Za-z]{6,}", ".sysb-NUMBER", text)
    return text


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for piece in iter(lambda: f.read(1 << 20), b""):
            h.update(piece)
    return h.hexdigest()[:32]


def look_at(folder, begun, keep_text):
    """One line for each thing in the folder; the text of small text files too, to show what differs in them."""
    lines = []
    texts = {}
    for root, dirs, files in os.walk(folder, followlinks=False):
        dirs.sort()
        for name in sorted(dirs + files):
            path = os.path.join(root, name)
            rel = os.path.relpath(path, folder)
            st = os.lstat(path)
            when = "now" if st.st_mtime >= begun - 2 else str(st.st_mtime_ns)
            what = [stat.filemode(st.st_mode), f"{st.st_uid}:{st.st_gid}", when]
            if stat.S_ISREG(st.st_mode):
                what += [str(st.st_size), str(st.st_nlink)]
                # An index holds the times of its image and of itself; what is in it shows where it is used.
                what.append("index" if name.endswith(".sysbidx") else digest(path))
                if keep_text and st.st_size < 1 << 20:
                    with open(path, "rb") as f:
                        data = f.read()
                    if b"\0" not in data:
                        texts[rel] = data.decode("utf-8", "backslashreplace")
            elif stat.S_ISLNK(st.st_mode):
                what.append("-> " + os.readlink(path))
            elif stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode):
                what.append(str(st.st_rdev))
            lines.append(ascii(rel) + " " + " ".join(what))
    return lines, texts


def offer(image, how, folder):
    if how == "plain":
        return str(image)
    if how == "beside":
        shutil.copy2(image, folder / image.name)
        os.chmod(folder / image.name, 0o644)
        return image.name
    with open(image, "rb") as f, open(folder / (image.name + ".gz"), "wb") as out:
        out.write(gzip.compress(f.read(), 1, mtime=0))
    return image.name + ".gz"


def run(program, image, lines, how, names):
    """Everything that came of it, as lists of lines by their kind."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="compare-"))
    seen = {}
    try:
        begun = time.time()
        name = offer(image, how, folder)
        for number, line in enumerate(lines):
            stdin = subprocess.DEVNULL
            if line.endswith(" < @"):
                line = line[:-4]
                stdin = subprocess.PIPE
            words = [program]
            for word in shlex.split(line):
                for n, member in enumerate(names):
                    word = word.replace(f"{{member{n}}}", member)
                words.append(word.replace("{member}", names[1]).replace("@", name))
            feeder = subprocess.Popen(["cat", str(image)], stdout=subprocess.PIPE) if stdin == subprocess.PIPE else None
            try:
                got = subprocess.run(words, cwd=folder, stdin=feeder.stdout if feeder else stdin, capture_output=True,
                                     timeout=TIME_LIMIT, check=False)
                code, out, err = got.returncode, got.stdout, got.stderr
            except subprocess.TimeoutExpired:
                code, out, err = "time limit", b"", b""
            finally:
                if feeder:
                    feeder.stdout.close()
                    feeder.wait()
            mark = f"{number + 1}: " if len(lines) > 1 else ""
            seen[mark + "exit code"] = [str(code)]
            seen[mark + "stderr"] = equalise(err.decode("utf-8", "backslashreplace"), folder, program).splitlines()
            if b"\0" in out:
                seen[mark + "stdout"] = [f"{len(out)} bytes {hashlib.sha256(out).hexdigest()}"]
            else:
                seen[mark + "stdout"] = equalise(out.decode("utf-8", "backslashreplace"), folder, program).splitlines()
        seen["output"], texts = look_at(folder, begun, True)
        seen["output"] = [equalise(line, folder, program) for line in seen["output"]]
        for rel, text in texts.items():
            seen[f"text of {rel}"] = equalise(text, folder, program).splitlines()
    finally:
        for root, dirs, _ in os.walk(folder):
            for d in dirs:
                if not os.path.islink(os.path.join(root, d)):
                    os.chmod(os.path.join(root, d), 0o700)
        shutil.rmtree(folder, ignore_errors=True)
    return seen


def differences(old, new, ignored, show):
    out = []
    for key in sorted(set(old) | set(new)):
        a, b = ([line for line in side.get(key, []) if not any(p.search(line) for p in ignored)] for side in (old, new))
        if a == b:
            continue
        lines = [line for line in difflib.unified_diff(a, b, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
        out.append(f"  {key}:")
        out += ["    " + (line if len(line) < 400 else line[:400] + " ...") for line in lines[:show]]
        if len(lines) > show:
            out.append(f"    ... {len(lines) - show} more lines")
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("old")
    p.add_argument("new")
    p.add_argument("-i", "--images", action="append", help="only images whose path this shell pattern matches")
    p.add_argument("-c", "--commands", help="only commands whose label begins with one of these, separated by commas")
    p.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--show", type=int, default=8, help="lines shown of each difference")
    p.add_argument("--ignore", action="append", default=[], help="lines that match this are left out of both sides")
    p.add_argument("--list", action="store_true")
    args = p.parse_args()

    chosen = {label: c for label, c in commands().items()
              if not args.commands or label.startswith(tuple(args.commands.split(",")))}
    files = [f for f in images()
             if not args.images or any(fnmatch.fnmatch(short(f), pattern) for pattern in args.images)]
    if args.list:
        for label, (lines, how) in chosen.items():
            print(f"{label:20} {how:6} {'; '.join(lines)}")
        for f in files:
            print(short(f))
        return 0
    old, new = (shutil.which(name) or sys.exit(f"no program {name}") for name in (args.old, args.new))
    old, new = os.path.abspath(old), os.path.abspath(new)
    ignored = [re.compile(r) for r in args.ignore]
    os.environ["LC_ALL"] = "C.UTF-8"

    def compare(image, label, names):
        lines, how = chosen[label]
        return differences(run(old, image, lines, how, names), run(new, image, lines, how, names), ignored, args.show)

    differing = count = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        names = dict(zip(files, pool.map(lambda f: members(old, f), files)))
        waiting = [(f, label, pool.submit(compare, f, label, names[f])) for f in files for label in chosen]
        for f, label, job in waiting:
            found = job.result()
            count += 1
            if found:
                differing += 1
                print(f"{label} of {short(f)}", *found, sep="\n", flush=True)
    print(f"{count} comparisons of {len(files)} images, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
