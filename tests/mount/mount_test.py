#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sysb mount` and `sysb umount`, mounted for real.

SYSB names the binary, MAKE_IMAGE the maker of images, DATA the folder of test images. SYSB_CAMPAIGN: the large image
has 1,000,000 members instead of 50,000. Without /dev/fuse, or without the right to mount, everything is skipped by name.
Prints one line a check and a last line "N passed, N failed".
"""
import errno
import hashlib
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

SYSB = os.environ["SYSB"]
MAKE = os.environ["MAKE_IMAGE"]
DATA = pathlib.Path(os.environ["DATA"]) / "backup_by_name"
MANY = 1_000_000 if os.environ.get("SYSB_CAMPAIGN") else 50_000
ROOT = os.geteuid() == 0

checks = []


def check(name, good, detail=""):
    checks.append(bool(good))
    print(("ok " if good else "FAILED ") + name + ("" if good else f": {detail}"), flush=True)


def sysb(*words, **more):
    return subprocess.run([SYSB, *map(str, words)], capture_output=True, timeout=600, **more)


def run(*words, **more):
    return subprocess.run([str(w) for w in words], capture_output=True, timeout=600, **more)


def make(work, kind, *words):
    path = work / f"{kind}.img"
    subprocess.run([MAKE, kind, str(path), *map(str, words)], check=True)
    return path


def mounted(folder):
    return any(line.split()[4] == str(folder) for line in open("/proc/self/mountinfo"))


class Mount:
    """A mount for the length of a `with`."""

    def __init__(self, image, folder, *options):
        self.image, self.folder, self.options = image, folder, options
        self.log = folder.with_name(folder.name + ".log")

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        self.log.write_text("")
        self.done = sysb("mount", self.image, self.folder, "--log", self.log, *self.options)
        return self

    def __exit__(self, *_):
        if mounted(self.folder):
            sysb("umount", "--lazy", self.folder)

    def pid(self):
        return int(os.getxattr(self.folder, "user.sysb.server"))

    def lines(self):
        return self.log.read_text().splitlines()


def error_of(call):
    try:
        call()
        return 0
    except OSError as e:
        return e.errno


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def described(top):
    """path -> what lstat says that an extraction keeps, and who is the same file."""
    out, groups = {}, {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            s = os.lstat(path)
            rel = os.path.relpath(path, top)
            kind = stat.S_IFMT(s.st_mode)
            out[rel] = [kind, s.st_mode & 0o7777, s.st_nlink, s.st_mtime_ns]
            if ROOT:
                out[rel] += [s.st_uid, s.st_gid, s.st_rdev]
            if kind in (stat.S_IFREG, stat.S_IFLNK):
                out[rel].append(s.st_size)
            if kind == stat.S_IFREG:
                groups.setdefault(s.st_ino, []).append(rel)
    for names in groups.values():
        for name in names:
            out[name].append(sorted(names))
    return out


def differences(a, b):
    """What diff(1) has to say, but for special files, which it compares with nothing."""
    done = run("diff", "-r", "--no-dereference", a, b)
    return [x for x in (done.stdout + done.stderr).splitlines()
            if not any(x.count(kind) == 2 for kind in (b"is a fifo", b"is a socket", b"character special file", b"block special file"))]


def same_as_extracted(work, name, image):
    tree = work / f"{name}.tree"
    shutil.rmtree(tree, ignore_errors=True)
    extracted = sysb("extract", image, "-C", tree)
    with Mount(image, work / "m", "--links", "raw") as m:
        check(f"{name}: mounted", m.done.returncode == 0, m.done.stderr)
        differs = differences(tree, m.folder)
        check(f"{name}: the same as extracted", not differs and extracted.returncode == 0, (differs[:5], extracted.stderr))
        a, b = described(tree), described(m.folder)
        wrong = {k: (a.get(k), b.get(k)) for k in a.keys() | b.keys() if a.get(k) != b.get(k)}
        # A directory that is no member has no time of its own; nobody can make devices but root.
        wrong = {k: v for k, v in wrong.items() if not v[0] or not v[1] or v[0][0] != stat.S_IFDIR or v[0][:3] != v[1][:3]}
        check(f"{name}: attributes of the extracted tree", not wrong, list(wrong.items())[:3])
        done = run("tar", "-C", m.folder, "-cf", "/dev/null", ".")
        check(f"{name}: tar reads it", done.returncode == 0 or b"socket ignored" in done.stderr, done.stderr[:300])
        check(f"{name}: nothing was logged", not m.lines(), m.lines())
        done = sysb("umount", m.folder)
        check(f"{name}: unmounted", done.returncode == 0 and not mounted(m.folder), done.stderr)


def test_content(work, image):
    with Mount(image, work / "m") as m:
        top = m.folder
        check("content of a small member", (top / "etc/motd").read_text() == "welcome\n")
        check("of a name that comes twice the later", (top / "etc/twice").read_text() == "later, and longer")
        check("a second name without data has the content", digest(top / "bin/second") == digest(top / "etc/first"))
        a, b = os.stat(top / "bin/second"), os.stat(top / "etc/first")
        check("names of one file are one file", a.st_ino == b.st_ino and a.st_nlink == 2 and a.st_size == 40_000, (a, b))
        check("blocks of 512 bytes", a.st_blocks == (40_000 + 511) // 512, a.st_blocks)
        check("links count subdirectories", os.stat(top / "usr").st_nlink == 3 and os.stat(top / "usr/lib").st_nlink == 3)
        check("the raw mode is an attribute", os.getxattr(top / "etc/set-id", "user.aix.mode") == b"000089ed",
              os.getxattr(top / "etc/set-id", "user.aix.mode"))
        check("an access control list, as bytes and as text",
              b"permit" in os.getxattr(top / "etc/acl", "user.aix.acl_text") and
              {"user.aix.acl", "user.aix.acl_text", "user.aix.mode"} <= set(os.listxattr(top / "etc/acl")),
              os.listxattr(top / "etc/acl"))
        check("nothing can be written", error_of(lambda: (top / "new").write_text("x")) == errno.EROFS)
        flags = os.statvfs(top).f_flag
        check("read-only, no set-id, no devices, no programs",
              flags & (os.ST_RDONLY | os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC) ==
              os.ST_RDONLY | os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC, flags)
        large = (top / "usr/lib/large").read_bytes()
        wanted = sysb("cat", image, "usr/lib/large").stdout
        check("a large packed member", large == wanted)
        with open(top / "usr/lib/large", "rb", buffering=0) as f:
            good = True
            for at in (8_999_000, 0, 4_000_000, 262_143, 7_000_001, 5):
                f.seek(at)
                good = good and f.read(3_000) == wanted[at:at + 3_000]
        check("and from any place", good)
    with Mount(image, work / "m", "--owner", "me", "--exec") as m:
        s = os.stat(m.folder / "etc")
        check("--owner me", (s.st_uid, s.st_gid) == (os.geteuid(), os.getegid()), s)
        check("--exec", not os.statvfs(m.folder).f_flag & os.ST_NOEXEC)
    with Mount(image, work / "m", "etc", "--exclude", "etc/motd") as m:
        names = sorted(os.listdir(m.folder)), "motd" in os.listdir(m.folder / "etc")
        check("a selection", names == (["etc"], False), names)
        s = os.stat(m.folder / "etc/first")
        check("a selection has its own link counts", s.st_nlink == 1 and s.st_size == 40_000, s)
    with Mount(image, work / "m", "bin") as m:
        check("content of a name that is not selected", len((m.folder / "bin/second").read_bytes()) == 40_000)
    with Mount(image, work / "m", "no-such-name") as m:
        check("no match is exit 1, and no mount", m.done.returncode == 1 and not mounted(m.folder), m.done.stderr)


def test_cache(work, image):
    """A cache that is smaller than the files, and several readers beside each other."""
    wanted = {p: sysb("cat", image, p).stdout for p in ("usr/lib/large", "usr/lib/plain", "etc/first", "etc/small")}
    with Mount(image, work / "m", "--cache", "4M") as m:
        wrong = []

        def read(number):
            for round_ in range(3):
                for p, w in list(wanted.items())[number % 2:]:
                    with open(m.folder / p, "rb", buffering=0) as f:
                        at = (number * 77_777 * round_) % len(w)
                        f.seek(at)
                        out = b""
                        while piece := f.read(100_000 + number):
                            out += piece
                        if out != w[at:]:
                            wrong.append((number, p, at))

        threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        check("eight readers beside each other", not wrong, wrong[:3])
        memory = int(next(x for x in open(f"/proc/{m.pid()}/status") if x.startswith("VmHWM")).split()[1]) / 1024
        check("memory stays bounded", memory < 64 + 4, f"{memory:.0f} MiB")


def test_links(work):
    image = make(work, "links")
    secret = pathlib.Path("/etc/passwd").read_bytes()
    with Mount(image, work / "m") as m:
        top = m.folder
        refused = ["top", "a/b/up", "absolute-up", "a/b/trick", "a/chain"]
        codes = {p: error_of(lambda p=p: os.readlink(top / p)) for p in refused}
        check("links that leave are refused", set(codes.values()) == {errno.EPERM}, codes)
        check("an absolute link leads inside", os.readlink(top / "absolute") == "etc/passwd")
        check("and back to the top", os.readlink(top / "a/b/c/root") == "../../../")
        inside = ["a/b/inside", "a/b/fine", "to-root"]
        check("links inside are followed", all((top / p).read_text() == "inside" for p in inside))
        sizes = all(os.lstat(top / p).st_size == len(os.readlink(top / p)) for p in [*inside, "absolute", "a/b/c/root"])
        check("the size of a link is that of its target", sizes)
        leaked = []
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                path = pathlib.Path(folder) / name
                if path.is_symlink():
                    try:
                        leaked += [path] if path.read_bytes() == secret else []
                    except OSError:
                        pass
        check("no link reads the host's files", not leaked, leaked)
    with Mount(image, work / "m", "--links", "raw") as m:
        check("--links raw", os.readlink(m.folder / "absolute") == "/etc/passwd")
    with Mount(image, work / "m", "--links", "block") as m:
        check("--links block", error_of(lambda: os.readlink(m.folder / "absolute")) == errno.EPERM and
              (m.folder / "a/b/inside").read_text() == "inside")


def test_names(work):
    image = make(work, "names")
    with Mount(image, work / "m") as m:
        check("names: mounted", m.done.returncode == 0, m.done.stderr)
        names = set(os.listdir(os.fsencode(m.folder)))
        wanted = {b"a\nb", b"\x1b[31mred", b"sp ace'\"$(id)`", b"bytes\xff\xfe", b"absolute", b"file", b"dir", b"-rf", b"n" * 255, b"in"}
        check("names as they are, and none that leads out", names == wanted, names ^ wanted)
        check("a file has no names below it", (m.folder / "file").read_text() == "plain" and
              error_of(lambda: os.stat(m.folder / "file/below")) == errno.ENOTDIR)
        check("names that cannot be shown are told of", any("cannot be shown" in x for x in m.lines()), m.lines())
        check("lines are printable", all(c.isprintable() or c == "\n" for c in m.log.read_text()))


def test_damage(work):
    image = make(work, "damage")
    with Mount(image, work / "m") as m:
        for name in ("small-damaged", "large-damaged"):
            codes = {error_of(lambda n=name: open(m.folder / n, "rb")) for _ in range(3)}
            check(f"{name}: EIO when opened", codes == {errno.EIO}, codes)
            check(f"{name}: one line", sum(name in x for x in m.lines()) == 1, m.lines())
        check("the others are whole", (m.folder / "last").read_text() == "last" and
              len((m.folder / "large").read_bytes()) == 5_000_000)
    for case in ("truncated-data", "no-end", "link-mismatch", "lost-sync", "packed-sizes"):
        image = DATA / "bad" / case / "image.bff"
        if not image.exists():
            continue
        with Mount(image, work / "m") as m:
            check(f"{case}: exit 3, and what there is can be listed",
                  m.done.returncode == 3 and mounted(m.folder) and os.listdir(m.folder) is not None,
                  (m.done.returncode, m.done.stderr))
            known = {}
            for line in sysb("ls", "--json", image).stdout.splitlines():
                o = json.loads(line)
                if o["type"] == "entry" and o["kind"] == "file":
                    known[o["path"]] = o["size"]
            wrong = [p for p, size in known.items() if (m.folder / p).exists() and
                     error_of(lambda p=p: (m.folder / p).read_bytes()) not in (0, errno.EIO)]
            check(f"{case}: a member is whole, or EIO", not wrong, wrong)


def test_change(work, image):
    for how in ("touch", "cut", "overwrite"):
        copy = work / "changing.img"
        shutil.copyfile(image, copy)
        with Mount(copy, work / "m") as m:
            before = (m.folder / "etc/motd").read_text()
            time.sleep(0.02)
            if how == "touch":
                os.utime(copy)
            elif how == "cut":
                os.truncate(copy, copy.stat().st_size // 2)
            else:
                with open(copy, "r+b") as f:
                    f.seek(200_000)
                    f.write(b"other bytes" * 1000)
            code = error_of(lambda: (m.folder / "usr/lib/plain").read_bytes())
            again = error_of(lambda: (m.folder / "etc/motd").read_text())
            check(f"changed ({how}): EIO from then on", before == "welcome\n" and (code, again) == (errno.EIO, errno.EIO),
                  (code, again))
            check(f"changed ({how}): one line", len(m.lines()) == 1 and "changed" in m.lines()[0], m.lines())


def test_end(work, image):
    with Mount(image, work / "m") as m:
        with open(m.folder / "etc/motd", "rb"):
            done = sysb("umount", m.folder)
            check("busy: exit 1, and still there", done.returncode == 1 and b"--lazy" in done.stderr and mounted(m.folder),
                  done.stderr)
            done = sysb("umount", "--lazy", m.folder)
            check("--lazy takes it away", done.returncode == 0 and not mounted(m.folder), done.stderr)
    with Mount(image, work / "m") as m:
        pid = m.pid()
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        check("killed: nobody answers", error_of(lambda: os.listdir(m.folder)) in (errno.ENOTCONN, errno.ECONNABORTED))
        done = sysb("umount", m.folder)
        check("killed: umount cleans up", done.returncode == 0 and not mounted(m.folder), done.stderr)
    with Mount(image, work / "m") as m:
        pid = m.pid()
        held = open(m.folder / "usr/lib/plain", "rb")
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            if not os.path.exists(f"/proc/{pid}"):
                break
            time.sleep(0.05)
        check("SIGTERM ends it, though somebody reads", not mounted(m.folder) and not os.path.exists(f"/proc/{pid}"))
        error_of(held.close)
    sysb("mount", image, "m", cwd=work)
    pid = int(os.getxattr(work / "m", "user.sysb.server"))
    os.kill(pid, signal.SIGTERM)
    for _ in range(200):
        if not mounted(work / "m"):
            break
        time.sleep(0.05)
    check("SIGTERM ends a mount whose DIR was not named from the root", not mounted(work / "m"))
    with Mount(image, work / "m") as m:
        pid = m.pid()
        done = sysb("umount", m.folder)
        check("umount returns when the process has ended", done.returncode == 0 and not os.path.exists(f"/proc/{pid}") or
              open(f"/proc/{pid}/stat").read().split()[2] == "Z", done.stderr)
    script = f'"{SYSB}" mount "{image}" "{work}/m" --json-fd 3 --quiet 3>&1 >/dev/null 2>&1 | tail -n 1'
    done = run("sh", "-c", script)
    check("who serves keeps no pipe of the caller open", b'"output":"written"' in done.stdout and mounted(work / "m"), done.stdout)
    sysb("umount", work / "m")
    done = sysb("umount", work / "m")
    check("nothing there: exit 1", done.returncode == 1 and b"nothing is mounted" in done.stderr, done.stderr)
    done = sysb("umount", "/proc")
    check("another's mount is left alone", done.returncode == 1 and mounted("/proc"), done.stderr)
    child = subprocess.Popen([SYSB, "mount", "--foreground", str(image), str(work / "m")], stderr=subprocess.PIPE)
    line = next(x for x in child.stderr if b"mounted at" in x or b"cannot" in x)
    check("--foreground serves", b"mounted at" in line and (work / "m/etc/motd").read_text() == "welcome\n", line)
    child.send_signal(signal.SIGTERM)
    check("--foreground: SIGTERM is 143", child.wait(20) == 143 and not mounted(work / "m"), child.returncode)


def test_refused(work, image):
    folder = work / "m"
    cases = [("no folder", 1, ["mount", image, work / "none"]), ("a file", 1, ["mount", image, image]),
             ("no DIR", 2, ["mount", image]), ("rw", 2, ["mount", image, folder, "-o", "rw"]),
             ("suid", 2, ["mount", image, folder, "-o", "noatime,suid"]),
             ("rules without their view", 2, ["mount", image, folder, "--shared"]),
             ("no image", 5, ["mount", "/etc/passwd", folder]), ("missing image", 1, ["mount", work / "none", folder])]
    for name, code, words in cases:
        done = sysb(*words)
        check(f"refused: {name}", done.returncode == code and not mounted(folder), (done.returncode, done.stderr))
    packed = work / "tree.img.gz"
    with open(packed, "wb") as f:
        subprocess.run(["gzip", "-c", str(image)], stdout=f, check=True)
    done = sysb("mount", packed, folder)
    check("compressed without --spool: exit 5", done.returncode == 5 and b"--spool" in done.stderr, done.stderr)
    with Mount(packed, folder, "--spool") as m:
        check("--spool", m.done.returncode == 0 and (folder / "etc/motd").read_text() == "welcome\n" and
              len((folder / "usr/lib/large").read_bytes()) == 9_000_000, m.done.stderr)
    with open(packed, "rb") as f:
        done = sysb("mount", "-", folder, "--spool", stdin=f)
    check("--spool from a pipe", done.returncode == 0 and (folder / "etc/motd").read_text() == "welcome\n", done.stderr)
    sysb("umount", folder)


def test_wpar(work):
    image = DATA / "good" / "rootvg-7.1" / "image.bff"
    tree = work / "wpar.tree"
    done = sysb("wpar", image, "--shared", "-o", f"{tree}/")
    with Mount(image, work / "m", "--view", "wpar", "--shared", "--links", "raw") as m:
        check("--view wpar: mounted", m.done.returncode == 0 and done.returncode == 0, (m.done.stderr, done.stderr))
        differs = differences(tree, m.folder)
        check("--view wpar: what sysb wpar writes", not differs, differs[:5])
    done = sysb("mount", DATA / "good" / "savevg" / "image.bff", work / "m", "--view", "wpar")
    check("--view wpar: unfit is exit 6, and no mount", done.returncode == 6 and not mounted(work / "m"),
          (done.returncode, done.stderr))


def test_index(work, image):
    copy = work / "indexed.img"
    shutil.copyfile(image, copy)
    sysb("index", copy)
    same_as_extracted(work, "by index", copy)
    index = pathlib.Path(f"{copy}.sysbidx")
    with open(copy, "r+b") as f:  # a bit of plain content, and the old time: only the digest tells
        at = f.read().index(b"welcome\n")
        times = os.stat(copy)
        f.seek(at)
        f.write(b"W")
    os.utime(copy, ns=(times.st_atime_ns, times.st_mtime_ns))
    with Mount(copy, work / "m", "--index", index) as m:
        code = error_of(lambda: (m.folder / "etc/motd").read_text())
        check("content that is not that of the index: EIO", code in (0, errno.EIO) and
              (code == errno.EIO or b"IDX-001" in m.done.stderr), (code, m.done.stderr))


AS_NOBODY = r"""
as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups env TMPDIR=$top"
mknod "$top/fuse" c 10 229 && chmod 666 "$top/fuse" && mount --bind "$top/fuse" /dev/fuse || { echo "skipped no right"; exit; }
is_mounted() { grep -q " $top/m " /proc/self/mountinfo; }
server() { $as_nobody /usr/bin/python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "user.sysb.server").decode())' "$top/m"; }
until_gone() { for i in $(seq 200); do is_mounted || return 0; sleep 0.05; done; return 1; }
cd "$top"
$as_nobody "$sysb" mount image m --quiet; echo "mounted $?"
echo "reads $($as_nobody cat m/etc/motd)"
ls m >/dev/null 2>&1 && echo "root looks in" || echo "root is kept out"
$as_nobody sh -c 'exec 9<m/etc/motd; "$0" umount m' "$sysb" 9<&-; echo "busy $?"
$as_nobody sh -c 'exec 9<m/etc/motd; "$0" umount --lazy m' "$sysb" 9<&-; until_gone; echo "lazy $?"
$as_nobody "$sysb" mount image m --quiet; $as_nobody "$sysb" umount m; is_mounted; echo "umount $?"
$as_nobody "$sysb" mount image m --quiet; $as_nobody kill -TERM "$(server)"; until_gone; echo "term $?"
$as_nobody "$sysb" mount image m --quiet; $as_nobody kill -KILL "$(server)"; sleep 0.2; $as_nobody "$sysb" umount m; until_gone; echo "killed $?"
"$sysb" mount image m --quiet; $as_nobody "$sysb" umount m; echo "of root $?"; "$sysb" umount m
chown root m; $as_nobody "$sysb" mount image m --quiet; echo "not its folder $?"; is_mounted; echo "and nothing is there $?"
"""


def test_other_user(work, image):
    """Through fusermount3, as a user that may do nothing else; in a mount namespace whose /dev/fuse is open to all, as usual."""
    missing = [x for x in ("unshare", "setpriv", "fusermount3", "mknod", "/usr/bin/python3") if shutil.which(x) is None]
    if not ROOT or missing:
        print(f"skipped mount as another user: {'not root' if not ROOT else 'no ' + missing[0]}")
        return
    with tempfile.TemporaryDirectory(prefix="sysb-nobody-") as folder:
        top = pathlib.Path(folder)
        shutil.copy(image, top / "image")
        shutil.copy(SYSB, top / "sysb")
        (top / "m").mkdir()
        for path in (top, top / "image", top / "m"):
            path.chmod(0o755)
            os.chown(path, 65534, 65534)
        done = run("unshare", "-m", "sh", "-c", AS_NOBODY, env={**os.environ, "top": folder, "sysb": f"{top}/sysb"})
        lines = done.stdout.decode().splitlines()
        if lines[:1] == ["skipped no right"]:
            print("skipped mount as another user: /dev/fuse cannot be made")
            return
        wanted = ["mounted 0", "reads welcome", "root is kept out", "busy 1", "lazy 0", "umount 1", "term 0", "killed 0", "of root 1",
                  "not its folder 1", "and nothing is there 1"]
        for i, line in enumerate(wanted):
            check(f"as another user: {line}", lines[i:i + 1] == [line], (lines, done.stderr[-600:]))


def test_many(work):
    image = make(work, "many", MANY)
    sysb("index", image)
    started = time.monotonic()
    with Mount(image, work / "m") as m:
        seconds = time.monotonic() - started
        check("many: mounted", m.done.returncode == 0, m.done.stderr)
        print(f"   {MANY} members by index: {seconds * 1000:.0f} ms")
        started = time.monotonic()
        done = run("find", m.folder, "-type", "f", "-printf", "%n %s\n")
        print(f"   find: {time.monotonic() - started:.2f} s")
        lines = done.stdout.split(b"\n")[:-1]
        check("many: find sees every file", len(lines) == MANY, len(lines))
        check("many: two names of every fifth", sum(x.startswith(b"2 ") for x in lines) == MANY // 5 * 2)
        memory = int(next(x for x in open(f"/proc/{m.pid()}/status") if x.startswith("VmHWM")).split()[1]) / 1024
        check("many: memory", memory < 64 + 64, f"{memory:.0f} MiB")
        some = [(n, (m.folder / f"d{n // 1000}/a-name-of-the-usual-length-{n}").read_text()) for n in range(0, MANY, MANY // 50)]
        check("many: content", all(t == f"content {n - 2 if n % 5 == 3 else n}" for n, t in some))


def can_mount(work, image):
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    with Mount(image, work / "m") as m:
        if m.done.returncode == 0:
            return ""
        text = m.done.stderr.decode(errors="replace").strip()
    return text if "cannot mount" in text or "without FUSE" in text else ""


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="sysb-mount-"))
    try:
        image = make(work, "tree")
        if why := can_mount(work, image):
            for name in ("tree", "links", "names", "damage", "change", "end", "view", "many"):
                print(f"skipped mount {name}: {why}")
            print("0 passed, 0 failed")
            return 77
        same_as_extracted(work, "tree", image)
        for case in ("rootvg-7.1", "nested", "hardlinks-data-last", "hardlinks-repeated", "packed", "acl", "double-names", "empty"):
            same_as_extracted(work, case, DATA / "good" / case / "image.bff")
        test_content(work, image)
        test_cache(work, image)
        test_links(work)
        test_names(work)
        test_damage(work)
        test_change(work, image)
        test_refused(work, image)
        test_wpar(work)
        test_index(work, image)
        test_end(work, image)
        test_other_user(work, image)
        test_many(work)
    finally:
        subprocess.run(["umount", "-l", str(work / "m")], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)
    failed = checks.count(False)
    print(f"{checks.count(True)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
