# SPDX-License-Identifier: Apache-2.0
"""Commands that are run while something fails, and what became of them."""
import dataclasses
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

SYSB = os.path.abspath(os.environ["SYSB"])
SHIM = os.path.abspath(os.environ["SHIM"])
IMAGE = pathlib.Path(os.environ["DATA"]).absolute() / "backup_by_name" / "good" / "rootvg-7.1" / "image.bff"
CAMPAIGN = bool(os.environ.get("SYSB_CAMPAIGN"))
SEED = int(os.environ.get("SYSB_FAULT_SEED", "15"))
HANGS = 20  # seconds; on a quiet machine a run takes some hundredths


@dataclasses.dataclass(frozen=True)
class command:
    words: tuple
    output: str = ""  # the name of OUT
    beside: tuple = ()  # what belongs to it
    before: tuple = ()  # commands that make what it needs

    @property
    def piped(self):
        return "-" in self.words

    @property
    def tree(self):
        return bool(self.beside) and self.beside[-1].endswith(".mtree")


def _writes(*words, out, side=False, tree=False, before=()):
    beside = ((out + ".d",) if side else ()) + ((out + ".mtree",) if tree else ())
    return command((*words, "-o", out + "/" if tree else out), out, beside, before)


COMMANDS = {
    "check": command(("check", "IMAGE")),
    "check --json": command(("check", "--json", "IMAGE")),
    "check from a pipe": command(("check", "-")),
    "ls": command(("ls", "-l", "IMAGE")),
    "ls by index": command(("ls", "--index", "made.idx", "IMAGE"), before=(("index", "IMAGE", "-o", "made.idx"),)),
    "index": _writes("index", "IMAGE", out="out.idx"),
    "extract": command(("extract", "IMAGE", "-C", "out"), "out", ("out.mtree",)),
    "extract from a pipe": command(("extract", "-", "-C", "out"), "out", ("out.mtree",)),
    "convert from a pipe": _writes("convert", "-", out="out.tar"),
    "convert to a tree": _writes("convert", "IMAGE", out="out", tree=True),
    "wpar --verify from a pipe": _writes("wpar", "-", "--verify", out="out.tar.zst", side=True),
    "wpar --overwrite": _writes("wpar", "IMAGE", "--overwrite", out="out.tar", side=True,
                                before=(("wpar", "IMAGE", "--quiesce", "-o", "out.tar"),)),
    "batch run": command(("batch", "run", "-d", "b", "-j", "1"), "out.tar", ("out.tar.d",),
                         before=(("sh", 'printf \'{"image":"%s","out":"%s/out.tar"}\\n\' "$IMAGE" "$PWD" >m.jsonl'),
                                 ("batch", "plan", "m.jsonl", "-d", "b"))),
}
for _out in ("out.tar", "out.cpio", "out.bff", "out.tar.gz", "out.tar.xz", "out.tar.zst"):
    COMMANDS["convert to " + _out[3:]] = _writes("convert", "IMAGE", "--threads", "2", out=_out)
for _format in ("ustar", "gnutar", "mtree", "json"):
    COMMANDS["convert to " + _format] = _writes("convert", "IMAGE", "--format", _format, out="out.file")
for _verify in ((), ("--verify",)):
    for _out in ("out.tar", "out.cpio.gz", "out.bff"):
        COMMANDS[" ".join(("wpar", *_verify, "to", _out[3:]))] = _writes("wpar", "IMAGE", *_verify, out=_out, side=True)
    COMMANDS[" ".join(("wpar", *_verify, "to a tree"))] = _writes("wpar", "IMAGE", *_verify, out="out", side=True, tree=True)


def digest(path):
    """Of a file, or of all of a tree. Names, modes, owners, times and content; side files without what tells of the run."""
    if not path.is_dir() or path.is_symlink():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    h = hashlib.sha256()
    for folder, dirs, files in sorted(os.walk(path)):
        for name in sorted(n for n in dirs + files if not n.startswith(".sysb-")):
            one = pathlib.Path(folder) / name
            st = one.lstat()
            h.update(f"{one.relative_to(path)} {st.st_mode:o} {st.st_uid}".encode("utf-8", "surrogateescape"))
            if path.suffix != ".d":
                h.update(f" {int(st.st_mtime)} {st.st_nlink}".encode())
            if one.is_symlink():
                h.update(os.fsencode(os.readlink(one)))
            elif one.is_file():
                h.update(one.read_bytes())
    return h.hexdigest()


def remove(folder):
    for top, dirs, _ in os.walk(folder):
        for d in dirs:
            if not os.path.islink(os.path.join(top, d)):
                os.chmod(os.path.join(top, d), 0o700)
    shutil.rmtree(folder, ignore_errors=True)


class place:
    """A folder in which one command runs, once or again."""

    def __init__(self, what, under=None):
        self.what, self.exit, self.out, self.err = what, None, b"", ""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sysb-fault-", dir=under))
        for words in what.before:
            self.run(words=words)
        self.needed = {p.name for p in self.folder.iterdir()} - {what.output, *what.beside}

    def run(self, env=None, words=None, prepare=None):
        words = words or self.what.words
        own = {**os.environ, "TMPDIR": str(self.folder), "LC_ALL": "C", "IMAGE": str(IMAGE), **(env or {})}
        if env:
            own["LD_PRELOAD"] = SHIM
        line = ["sh", "-c", words[1]] if words[0] == "sh" else [SYSB, *(str(IMAGE) if w == "IMAGE" else w for w in words)]
        feeder = subprocess.Popen(["cat", str(IMAGE)], stdout=subprocess.PIPE) if "-" in words else None
        try:
            done = subprocess.run(line, cwd=self.folder, env=own, capture_output=True, timeout=HANGS, check=False,
                                  stdin=feeder.stdout if feeder else subprocess.DEVNULL, preexec_fn=prepare)
            self.exit, self.out, self.err = done.returncode, done.stdout, done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            self.exit, self.out, self.err = "hangs", b"", ""
        finally:
            if feeder:
                feeder.stdout.close()
                feeder.kill()
                feeder.wait()
        return self

    def look(self):
        """What stands there now: the digest of each part, and names that nobody asked for."""
        parts = {}
        left = []
        for p in sorted(self.folder.iterdir()):
            if p.name == self.what.output or p.name in self.what.beside:
                parts[p.name] = digest(p)
                left += [f"{p.name}/{c}" for c in sorted(os.listdir(p)) if c.startswith(".sysb-")] if p.is_dir() else []
            elif p.name not in self.needed:
                left.append(p.name)
        if not self.what.output:
            parts["standard output"] = hashlib.sha256(self.out).hexdigest()
        return parts, left

    def __enter__(self):
        return self

    def __exit__(self, *_):
        remove(self.folder)


def undisturbed(what):
    """Exit 0, its parts, and how often it makes calls of each kind."""
    with tempfile.TemporaryDirectory(prefix="sysb-fault-") as aside, place(what) as p:
        counts_file = pathlib.Path(aside) / "counts"
        before, _ = p.look()
        p.run({"SYSB_FAULT_COUNTS": str(counts_file)})
        assert p.exit == 0, (what, p.exit, p.err)
        parts, left = p.look()
        assert not left, (what, left)
        counts = {}
        for line in counts_file.read_text().splitlines():
            kind, n = line.split()
            counts[kind] = max(counts.get(kind, 0), int(n))  # of a batch: of the process that makes most of them
        return before, parts, counts
