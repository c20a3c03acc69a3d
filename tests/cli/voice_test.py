#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every command says, on terminals of three widths and without one.

voice/NAME.txt holds what a person sees: standard output and error together, on terminals of 40, 80 and 132 columns, then
without a terminal. Held true beside it: words are the same in a C and in a UTF-8 locale, NO_COLOR leaves no escape
sequence and takes nothing else away, no byte of an image reaches a terminal raw, and a healthy image fits one screen.
SYSB names the binary, DATA the test data. --accept writes what came out; names choose cases."""
import fcntl
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

HERE = pathlib.Path(__file__).resolve().parent
SYSB = os.path.abspath(os.environ["SYSB"])
DATA = pathlib.Path(os.environ["DATA"]).resolve() / "backup_by_name"
WIDTHS = (40, 80, 132)
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# What is typed, beside a copy of a good image, a damaged one, and a batch of both.
CASES = {
    "info": "info image",
    "info-several": "info image other bad nowhere",
    "ls": "ls -l image home/*",
    "cat": "cat image etc/motd",
    "cat-nothing": "cat image etc/nothing",
    "filesets": "filesets image",
    "filesets-several": "filesets image other package",
    "check": "check image",
    "check-rules": "check --for wpar image",
    "check-several": "check --for wpar image other bad nowhere",
    "check-damaged": "check bad",
    "extract": "extract image etc/motd -C new",
    "convert": "convert image -o new.tar",
    "wpar": "wpar image --shared -o new.tar --quiet",
    "wpar-plan": "wpar image --shared -o new.tar --dry-run",
    "wpar-unfit": "wpar old -o new.tar",
    "index": "index image -o new.index",
    "mount": "mount image nowhere",
    "umount": "umount nowhere",
    "diff": "diff image other",
    "evidence": "evidence image -o new",
    "evidence-read": "evidence --read evidence",
    "clean": "clean .",
    "formats": "formats",
    "explain": "explain V12",
    "explain-all": "explain",
    "batch-plan": "batch plan images -d batch",
    "batch-run": "batch run -d batch",
    "batch-run-one": "batch run-one -d batch bad",
    "batch-status": "batch status -d batch",
    "batch-retry": "batch retry -d batch",
    "batch-clean": "batch clean -d batch",
    "batch-report": "batch report -d batch -o new",
    "batch-script": "batch script -d batch --engine make",
    "usage": "check --for wrap image",
    "help": "help filesets",
}


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")}
    return {**kept, "TZ": "UTC", "SOURCE_DATE_EPOCH": "1800000000", "TERM": "xterm", "LC_ALL": "C.UTF-8", **more}


def on_terminal(words, folder, columns, env):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    code = child.wait()
    # A bar that is wiped again leaves nothing on a screen.
    lines = shown.replace(b"\r\n", b"\n").split(b"\n")
    return b"\n".join(line.rsplit(b"\r\x1b[K", 1)[-1] for line in lines).decode("utf-8", "backslashreplace"), code


def without_terminal(words, folder, env):
    done = subprocess.run(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "backslashreplace"), done.returncode


def prepare(folder):
    for name, source in (("image", "good/rootvg-7.1"), ("other", "good/rootvg-7.1-wpars"), ("old", "good/rootvg-4.3.2"),
                         ("bad", "bad/truncated-data"), ("package", "good/installp")):
        shutil.copy(DATA / source / "image.bff", folder / name)
        os.utime(folder / name, (1700000000, 1700000000))
    images = folder / "images"
    images.mkdir()
    for name in ("image", "bad"):
        shutil.copy2(folder / name, images / name)
    env = environment()
    run = lambda *words: subprocess.run([SYSB, *words], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                        check=False)
    run("evidence", "image", "-o", "evidence")
    run("batch", "plan", "images", "-d", "batch")
    run("batch", "run", "-d", "batch")


def steady(text, folder, base):
    text = text.replace(str(folder), "/folder").replace(str(base / "made"), "/made")
    text = re.sub(r"\b\d+ s\b", "N s", text)
    text = re.sub(r"[\d.]+ [KMG]iB/s", "N MiB/s", text)
    return text


def play(name, words, base):
    faults, parts = [], {}

    def fresh():
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sysb-voice-", dir=base))
        shutil.copytree(base / "made", folder / "w", symlinks=True)
        return folder / "w"

    def one(columns, **more):
        folder = fresh()
        env = environment(**more)
        text, code = without_terminal(words, folder, env) if columns is None else on_terminal(words, folder, columns, env)
        text = steady(text, folder, base)
        shutil.rmtree(folder.parent)
        return text + (f"exit {code}\n" if code else "")

    for columns in (*WIDTHS, None):
        text = one(columns, NO_COLOR="1")
        # What no width changes is written once.
        parts.setdefault(text, []).append(str(columns or "no terminal"))
        if raw := re.search(r"[^\x20-\x7e\n\u00a0-\uffff]", text.replace("\t", "") if name == "batch-script" else text):
            faults.append(f"{columns}: a raw byte {raw[0]!r}")
        if columns == 80:
            if text != one(80, NO_COLOR="1", LC_ALL="C"):
                faults.append("a C locale has other words")
            if text != ESCAPE.sub("", one(80)):
                faults.append("NO_COLOR takes more away than colour")
            if name == "check-rules" and text.count("\n") > 24:
                faults.append("a healthy image takes more than a screen")
    return "".join(f"== {', '.join(widths)}\n{text}" for text, widths in parts.items()), faults


def main():
    accept = "--accept" in sys.argv[1:]
    chosen = [a for a in sys.argv[1:] if not a.startswith("-")]
    failed = passed = 0
    with tempfile.TemporaryDirectory(prefix="sysb-voice-") as top:
        base = pathlib.Path(top)
        (base / "made").mkdir()
        prepare(base / "made")
        for name, typed in CASES.items():
            if chosen and name not in chosen:
                continue
            text, faults = play(name, [SYSB, *typed.split()], base)
            text = f"$ sysb {typed}\n{text}"
            expected = HERE / "voice" / f"{name}.txt"
            if accept:
                expected.write_text(text)
            elif not expected.exists() or expected.read_text() != text:
                have = expected.read_text().splitlines() if expected.exists() else []
                lines = text.splitlines()
                at = next((i for i, (a, b) in enumerate(zip(have, lines)) if a != b), min(len(have), len(lines)))
                faults.append(f"line {at + 1}: expected {have[at:at + 1]}, found {lines[at:at + 1]}")
            for f in faults:
                print(f"FAILED {name}: {f}")
            failed += 1 if faults else 0
            passed += 0 if faults else 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
