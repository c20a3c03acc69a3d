#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/aix/make-evidence.sh over stand-ins for the AIX commands, in every shell that is near enough to
AIX's ksh88 and present here. A shell that is missing is skipped by name."""
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1].endswith(".sh") else "tools/aix/make-evidence.sh").resolve()
SHELLS = {"ksh93": ["ksh93"], "mksh": ["mksh", "-o", "posix"]}

# All that the script may call: commands of AIX's base system. The folder of stand-ins is the whole PATH,
# so that a command outside this list is not found.
FROM_HERE = ["awk", "cat", "dd", "find", "head", "ln", "mkdir", "mkfifo", "od", "rm", "sed", "sort", "tar", "wc", "printf"]

# A header of the documented form whose every identifying field is a marker that must not come out.
SECRET_NAME = b"SECRETNAME"
STUBS = {
    "uname": "echo AIX",
    "oslevel": "echo 7200-05-03-2148",
    "id": 'echo "${STUB_UID:-201}"',
    # Writes what it was asked for: enough to see that every list and flag came here.
    "backup": """
out= ; flags=
while [ $# -gt 0 ]; do
  case $1 in
    -f) out=$2; shift ;;
    -b) shift ;;
    -*) flags="$flags $1" ;;
  esac
  shift
done
text="backup$flags of $(cat | tr '\\n' ' ')"
if [ "$out" = - ]; then
  echo "$text" ; [ -z "${STUB_LARGE:-}" ] || "$STUB_LARGE"
else
  echo "$text" >"$out"
fi""",
    "tr": None,
    "restore": 'echo ./bosinst.data; echo ./home/SECRETNAME/file; echo ./tmp/vgdata/rootvg/image.info',
    "setea": '[ -z "${STUB_NO_EA:-}" ] || { echo "setea: 0761-001 the file system has no such attributes" >&2; exit 1; }',
    "aclget": "printf 'attributes:\\nbase permissions\\nextended permissions\\n    disabled\\n'",
    "aclput": "cat >/dev/null",
    "aclconvert": ":",
    "mknod": 'echo "$@" >>"$STUB_LOG"; : >"$1"',
    "odmshow": 'echo "class $1 {"; echo "population: 50 objects"',
    "odmget": 'printf "%s:\\n\\tcp_flag = 273\\n\\tname = \\"SECRETNAME\\"\\n" "$1"',
    "swvpdmgr": "echo usage: swvpdmgr",
    "mkwpar": """
[ -z "${STUB_MKWPAR_FAILS:-}" ] || { echo "mkwpar: cannot use $6" >&2; exit 1; }
printf 'general:\\n\\tname = "SECRETNAME"\\n\\tprivateusr = yes\\n' >"$3" """,
}


def record(kind, magic, name, size, secret=b"SECR"):
    """A header of 64 bytes and a name, with `secret` in its i-node, ids, times and devices."""
    area = name + b"\0" * (8 - len(name) % 8)
    fixed = bytearray(64)
    fixed[0] = (64 + len(area)) // 8
    fixed[1] = kind
    fixed[2:4] = magic.to_bytes(2, "little")
    fixed[12:16] = (0o100644).to_bytes(4, "little")
    fixed[24:28] = size.to_bytes(4, "little")
    fixed[56:60] = size.to_bytes(4, "little")
    for at in (8, 16, 20, 28, 32, 36, 40, 44, 48, 52):
        fixed[at:at + 4] = secret
    return bytes(fixed) + area


class on_aix(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="sysb-aix-"))
        self.bin = self.top / "bin"
        self.work = self.top / "work"
        self.bin.mkdir()
        self.work.mkdir()
        for name in FROM_HERE + ["tr"]:
            if (found := shutil.which(name)):
                (self.bin / name).symlink_to(found)
        for name, body in STUBS.items():
            if body is not None:
                path = self.bin / name
                path.write_text(f"#!/bin/sh\n{body}\n")
                path.chmod(0o755)
        (self.bin / "sh").symlink_to("/bin/sh")

    def tearDown(self):
        shutil.rmtree(self.top)

    def run_in(self, shell, *args, answers="", **env):
        return subprocess.run([shutil.which(shell[0]), *shell[1:], str(SCRIPT), *args], cwd=self.work, input=answers,
                              text=True, capture_output=True, timeout=120,
                              env={"PATH": str(self.bin), "HOME": str(self.top / "home"),
                                   "STUB_LOG": str(self.top / "stub.log"), **env})

    def each_shell(self):
        some = False
        for name, shell in SHELLS.items():
            if shutil.which(shell[0]) is None:
                print(f"skipped: {name} is not here", file=sys.stderr)
                continue
            some = True
            with self.subTest(shell=name):
                for left in self.work.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
                yield shell
        if not some:
            self.skipTest("neither ksh93 nor mksh is here")

    def bundle(self, name="sysb-evidence"):
        with tarfile.open(self.work / name / "evidence.tar") as tar:
            return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}

    def test_every_kind_is_saved_plain_with_U_and_with_p(self):
        for shell in self.each_shell():
            done = self.run_in(shell, "-s")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, "")
            files = self.bundle()
            for kind in ("plain", "symlink", "hardlink", "fifo", "sparse", "ea", "aixc", "nfs4"):
                for suffix, flag in (("plain", b"-q of"), ("U", b"-U of"), ("p", b"-p of")):
                    text = files[f"archives/{kind}.{suffix}.bff"]
                    self.assertIn(flag, text)
                    self.assertIn(f"./files/{kind} ".encode(), text)
            self.assertIn(b"./files/hardlink/first ./files/hardlink/second", files["archives/hardlink.plain.bff"])
            self.assertIn("odm.txt", files)
            self.assertIn(b"population: 50", files["odm.txt"])

    def test_what_cannot_be_made_is_said_and_the_rest_goes_on(self):
        for shell in self.each_shell():
            done = self.run_in(shell, "-s", STUB_NO_EA="1")
            self.assertEqual(done.returncode, 0, done.stderr)
            files = self.bundle()
            self.assertIn(b"not done: an extended attribute", files["log.txt"])
            self.assertIn(b"0761-001", files["log.txt"])
            self.assertIn(b"not done: devices: root is needed", files["log.txt"])
            self.assertNotIn("archives/ea.plain.bff", files)
            self.assertIn("archives/nfs4.plain.bff", files)
            self.assertFalse((self.top / "stub.log").exists(), "mknod ran without root")

    def test_devices_are_made_by_root_only(self):
        for shell in self.each_shell():
            self.assertEqual(self.run_in(shell, "-s", STUB_UID="0").returncode, 0)
            self.assertIn("archives/device.plain.bff", self.bundle())
            self.assertIn("c 250 259", (self.top / "stub.log").read_text())

    def test_beyond_4_gib_only_the_ends_are_kept(self):
        # Whole blocks, as backup writes them; a stand-in for wc tells more bytes than there are.
        (self.bin / "large_stream").write_text("#!/bin/sh\ndd if=/dev/zero bs=512 count=300 2>/dev/null\n")
        (self.bin / "large_stream").chmod(0o755)
        for name, body in (("wc", "cat >/dev/null; echo '  5368811520'"),
                           ("dd", f'echo "$@" >>"$STUB_LOG"; exec {shutil.which("dd")} "$@"')):
            (self.bin / name).unlink()
            (self.bin / name).write_text(f"#!/bin/sh\n{body}\n")
            (self.bin / name).chmod(0o755)
        (self.bin / "backup").write_text((self.bin / "backup").read_text().replace('echo "$text" ;', 'printf "%-512s" "$text" ;'))
        for shell in self.each_shell():
            done = self.run_in(shell, STUB_LARGE="large_stream")
            self.assertEqual(done.returncode, 0, done.stderr)
            files = self.bundle()
            self.assertEqual(len(files["archives/large.plain.first64k"]), 65536)
            self.assertTrue(files["archives/large.plain.first64k"].startswith(b"backup -i -q of ./files/large/file"))
            self.assertTrue(files["archives/large.U.first64k"].startswith(b"backup -i -q -U of ./files/large/file"))
            self.assertIn("archives/large.U.last64k", files)
            log = (self.top / "stub.log").read_text()
            self.assertIn("bs=512 skip=10485832\n", log)  # 5368811520 / 512 - 128: more than 32 bits can count
            self.assertIn("of=files/large/file bs=1024k seek=5120 count=1\n", log)
            self.assertFalse((self.work / "sysb-evidence" / "files").exists())

    def test_of_an_image_no_name_and_no_id_comes_out(self):
        volume = bytearray(72)
        volume[0:4] = b"\x09\x00\x6b\xea"
        volume[20:27] = volume[36:43] = b"by name"
        volume[52:68] = b"SECRETUSERSECRET"
        image = bytes(volume) + record(11, 0xea6b, b"./" + SECRET_NAME, 16) + b"SECRETCONTENT..." \
            + record(11, 0xea6c, b"./home/" + SECRET_NAME, 8) + b"SECRETS!"
        for shell in self.each_shell():
            path = self.top / "SECRETPATH.mksysb"
            path.write_bytes(image)
            done = self.run_in(shell, "-s", "-w", "-i", str(path), answers="yes\n" * 20, STUB_UID="0", STUB_MKWPAR_FAILS="1")
            self.assertEqual(done.returncode, 0, done.stderr)
            files = self.bundle()
            text = files["image.txt"].decode()
            self.assertIn("type 0b, magic ea6b: 1", text)
            self.assertIn("type 0b, magic ea6c: 1", text)
            self.assertIn("size 00000010", text)
            self.assertIn("  ./bosinst.data\n  (a name of 22 bytes)\n  ./tmp/vgdata/rootvg/image.info\n", text)
            shown = b"".join(files[f] for f in ("image.txt", "log.txt", "wpar.txt"))
            self.assertNotIn(b"SECRET", shown)
            for secret in (b"SECR", b"SECRETNAME"):
                self.assertNotIn(secret.hex(" ").encode(), shown)
                self.assertNotIn(secret.hex().encode(), shown)
                self.assertNotIn(secret[::-1].hex().encode(), shown)
            self.assertEqual(path.read_bytes(), image)
            self.assertIn(b"not done: mkwpar -w: mkwpar: cannot use IMAGE", files["log.txt"])
            path.unlink()

    def test_the_wpar_questions_are_asked_one_by_one(self):
        image = self.top / "image"
        image.write_bytes(b"\x09\x00\x6b\xea" + b"\0" * 68)
        for shell in self.each_shell():
            done = self.run_in(shell, "-s", "-w", "-i", str(image), answers="n\n" * 20, STUB_UID="0")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("wpar.txt", self.bundle())
            shutil.rmtree(self.work / "sysb-evidence")
            done = self.run_in(shell, "-s", "-w", "-i", str(image), answers="y\n" * 20, STUB_UID="0")
            text = self.bundle()["wpar.txt"].decode()
            self.assertIn("usage: swvpdmgr", text)
            self.assertIn("lpp 273 1", text)
            self.assertIn("general:\n\tname = (10 characters)\n\tprivateusr = yes\n", text)

    def test_only_one_directory_is_written_to_and_none_that_exists(self):
        for shell in self.each_shell():
            (self.work / "mine").mkdir()
            done = self.run_in(shell, "-s", "-d", "mine")
            self.assertEqual(done.returncode, 1)
            self.assertIn("cannot make mine", done.stderr)
            self.assertEqual(list((self.work / "mine").iterdir()), [])
            done = self.run_in(shell, "-s", "-d", "new")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(sorted(p.name for p in self.work.iterdir()), ["mine", "new"])
            self.assertEqual(sorted(p.name for p in self.top.iterdir() if p.name != "stub.log"), ["bin", "work"])
            self.assertEqual(stat.S_IMODE((self.work / "new").stat().st_mode), 0o700)
            self.assertEqual(sorted(p.name for p in (self.work / "new").iterdir()),
                             ["archives", "evidence.tar", "log.txt", "odm.txt"])

    def test_refuses_what_it_cannot_do(self):
        for shell in self.each_shell():
            self.assertEqual(self.run_in(shell, "-x").returncode, 2)
            self.assertEqual(self.run_in(shell, "more").returncode, 2)
            self.assertEqual(self.run_in(shell, "-i", "/nowhere").returncode, 1)
            (self.bin / "uname").write_text("#!/bin/sh\necho Linux\n")
            done = self.run_in(shell)
            self.assertEqual(done.returncode, 1)
            self.assertIn("this is not AIX", done.stderr)
            self.assertEqual(list(self.work.iterdir()), [])
            (self.bin / "uname").write_text("#!/bin/sh\necho AIX\n")

    def test_shellcheck_finds_nothing(self):
        if shutil.which("shellcheck") is None:
            self.skipTest("shellcheck is not here")
        done = subprocess.run(["shellcheck", "-s", "ksh", str(SCRIPT)], text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_it_says_that_it_never_ran_on_aix(self):
        self.assertIn("NEVER RUN ON AIX", SCRIPT.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=1)
