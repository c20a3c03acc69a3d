# SPDX-License-Identifier: Apache-2.0
"""A host that is none: runs the scripts of OUT.d/ under a given shell, with fake commands of AIX."""
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
OF_AIX = """uname id oslevel lslpp lsvg lsfs lswpar crfs mount umount rmfs df mkwpar rmwpar startwpar syncwpar migwpar
aclput pax chown sh""".split()
OF_ALL = "ls awk sed cksum find wc mkdir rmdir chmod cat rm mv sort gzip zstd xz grep".split()  # on every system
COMMANDS = OF_AIX + OF_ALL
SHELLS = ["ksh", "mksh", "dash"]


def shells():
    """Those that are here; the others are named."""
    for name in SHELLS:
        if shutil.which(name):
            yield name
        else:
            print(f"skipped: no {name}")


class Host:
    """Folders of one run: top/bin, top/w, top/database, top/freeware, top/state files. Of the commands that are on every
    system only those that are `seen` are faked, so that their calls are in the log."""

    def __init__(self, top, shell, out, name="web1", seen=()):
        self.top, self.shell, self.name = pathlib.Path(top), shell, name
        self.top.mkdir(parents=True)
        self.wpars = self.top / "w"
        self.base = self.wpars / name
        self.bin = self.top / "bin"
        for folder in (self.bin, self.top / "database", self.top / "freeware", self.top / "store", self.top / "media"):
            folder.mkdir()
        for command in OF_ALL:
            real = shutil.which(command, path="/usr/bin:/bin")
            if real and command not in seen:
                (self.bin / command).symlink_to(real)
        for command in {*OF_AIX, *seen}:
            (self.bin / command).symlink_to(HERE / "fake_aix.sh")
        for command in ("tar", "cpio", "zstd", "xz"):
            (self.top / "freeware" / command).symlink_to(f"/usr/bin/{command}")
        for file, text in (("fs", ""), ("mounts", ""), ("wpars", ""), ("running", ""), ("log", ""), ("free", "1000\n"),
                           ("oslevel", "7100-05-03-1846\n")):
            (self.top / file).write_text(text)
        # What was on the host before, and must be as it was afterwards.
        other = self.wpars / "other" / "etc"
        other.mkdir(parents=True)
        (other / "passwd").write_text("another WPAR\n")
        self.add("wpars", "other")
        self.add("fs", str(self.wpars / "other"))
        self.add("mounts", str(self.wpars / "other"))
        self.bring(out)

    def add(self, file, line):
        with (self.top / file).open("a") as f:
            f.write(line + "\n")

    def lines(self, file):
        return [x for x in (self.top / file).read_text(encoding="latin-1").split("\n") if x]

    def bring(self, out):
        """The output and its folder, with the places of the host in the script."""
        out = pathlib.Path(out)
        target = self.top / "media" / out.name
        if out.is_dir():
            subprocess.run(["cp", "-a", str(out), str(target)], check=True)
        else:
            shutil.copy(out, target)
        self.side = self.top / "media" / (out.name + ".d")
        shutil.copytree(str(out) + ".d", self.side)
        script = self.side / "deploy.sh"
        text = script.read_text(errors="surrogateescape")
        for word, place in (("wpars=/wpars", self.wpars), ("freeware=/opt/freeware/bin", self.top / "freeware"),
                            ("database=/etc/wpars", self.top / "database")):
            text = text.replace(f"\n{word}\n", f"\n{word.split('=')[0]}={place}\n")
        script.write_text(text, errors="surrogateescape")
        self.out = target

    def made_small(self):
        """Only the first lines of metadata.list, and one with an access control list, and only two of the file systems:
        the rest are the same commands."""
        path = self.side / "metadata.list"
        if path.exists():
            lines = path.read_bytes().split(b"\n")
            acl = [x for x in lines if x.count(b" ") == 5 and not x.endswith((b" -", b" acl")) and x[:1] != b"#"]
            path.write_bytes(b"\n".join([*lines[:6], *acl[:1], b"# end", b""]))
        script = self.side / "deploy.sh"
        lines = script.read_text(errors="surrogateescape").split("\n")
        kept = [x for x in lines if not x.startswith('  "$1" \'') or x[8:].split("'")[0] in ("", "home")]
        script.write_text("\n".join(kept), errors="surrogateescape")
        return self

    def fail(self, command, call=1, how="before"):
        if command in OF_ALL:
            (self.bin / command).unlink(missing_ok=True)
            (self.bin / command).symlink_to(HERE / "fake_aix.sh")
        (self.top / "fail").write_text(f"{command} {call} {how}\n")
        (self.top / "calls").unlink(missing_ok=True)

    def wrap(self, command, first):
        """Shell words that are run each time before the command does its work."""
        real = self.bin / "real"
        real.mkdir(exist_ok=True)
        (real / command).symlink_to(HERE / "fake_aix.sh")
        (self.bin / command).unlink()
        (self.bin / command).write_text(f'#!/bin/sh\n{first}\nexec "{real}/{command}" "$@"\n')
        (self.bin / command).chmod(0o755)

    def heal(self):
        (self.top / "fail").unlink(missing_ok=True)

    def run(self, *args, script="deploy.sh", name=True, umask=0o77, before=""):
        env = {"PATH": f"{before}{self.bin}", "FAKE": str(self.top), "WPARS": str(self.wpars), "HOME": "/",
               "SHELL_UNDER_TEST": shutil.which(self.shell), "CDPATH": "/tmp:/",
               "FAKE_ROOT": "yes" if os.getuid() == 0 else "no"}
        # A fake may end the script as a signal does: it finds its number.
        words = ["/bin/sh", "-c", 'echo $$ >"$FAKE/pid"; exec "$@"', "sh",
                 shutil.which(self.shell), str(self.side / script), *args, *([self.name] if name else [])]
        got = subprocess.run(words, env=env, cwd=self.top, capture_output=True, timeout=1200, check=False, umask=umask)
        self.said = got.stdout.decode(errors="replace") + got.stderr.decode(errors="replace")
        return got.returncode

    @property
    def journal(self):
        return self.side / f"deploy.{self.name}.journal"

    def stored(self, place):
        """Where the content of a file system lies that is not mounted."""
        return self.top / "store" / str(place)[1:].replace("/", "%")

    def ran(self, command):
        return [line for line in self.lines("log") if line.split()[:1] == [command]]

    def untouched(self):
        """Faults: what of the host is not as it was."""
        out = []
        kept = self.wpars / "other" / "etc" / "passwd"
        if not kept.exists() or kept.read_text() != "another WPAR\n":
            out.append("a file of another WPAR was touched")
        if "other" not in self.lines("wpars"):
            out.append("another WPAR is gone")
        if str(self.wpars / "other") not in self.lines("fs"):
            out.append("a file system of another WPAR is gone")
        return out

    def nothing_made(self):
        """Faults: what a run has left."""
        out = self.untouched()
        if self.name in self.lines("wpars"):
            out.append("the WPAR is there")
        for file in ("fs", "mounts"):
            left = [x for x in self.lines(file) if x != str(self.wpars / "other")]
            if left:
                out.append(f"{file}: {left}")
        if self.base.exists():
            out.append(f"{self.base} is there")
        return out

    def made(self):
        """Faults of a run that was to succeed."""
        out = self.untouched()
        if self.name not in self.lines("wpars"):
            out.append("no WPAR was made")
        left = [x for x in self.lines("mounts") if x != str(self.wpars / "other")]
        if left:
            out.append(f"mounted: {left}")
        return out
