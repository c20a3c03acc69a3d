#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py BUILD: the library as a stranger meets it. Installs it into a temporary folder, compiles docs/example against
that with pkg-config alone, and holds what the programs do against the command. Prints a line a case."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
IMAGE = TOP / "testdata/backup_by_name/good/rootvg-7.1/image.bff"


def run(*words, **how):
    return subprocess.run([str(w) for w in words], capture_output=True, check=False, **how)


def must(done, what):
    if done.returncode != 0:
        raise AssertionError(f"{what}: exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def flags(prefix):
    found = sorted(prefix.rglob("sysb.pc"))
    assert found, "no sysb.pc was installed"
    env = dict(os.environ, PKG_CONFIG_PATH=str(found[0].parent))
    text = must(run("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", "sysb", env=env), "pkg-config")
    return shlex.split(text.decode())


def main(build):
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sysb-installed-"))
    faults = passed = 0

    def case(name, check):
        nonlocal faults, passed
        try:
            check()
            passed += 1
            print(f"ok {name}", flush=True)
        except AssertionError as e:
            faults += 1
            print(f"FAILED {name}: {e}", flush=True)

    must(run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder), "meson install")
    include = next(p for p in folder.rglob("include") if p.is_dir())
    prefix = include.parent
    command = prefix / "bin" / "sysb"

    def only_sysb():
        there = sorted(p.name for p in include.iterdir())
        assert there == ["sysb"], f"on a user's include path: {there}"
        quoted = [p for p in include.rglob("*.hpp") if re.search(r'^\s*#\s*include\s*"', p.read_text(), re.M)]
        assert not quoted, f"looks for headers beside itself: {quoted[:3]}"

    def private_headers():
        told = {"main", "reader", "layout", "decode"}
        there = [p for p in include.rglob("*.hpp") if p.stem in told]
        assert not there, f"internal headers are installed: {there}"

    def asks_for_the_standard():
        assert "-std=c++20" in flags(prefix)

    case("nothing but sysb/ is on a user's include path", only_sysb)
    case("internal headers are not installed", private_headers)
    case("sysb.pc asks for C++20", asks_for_the_standard)

    for header in sorted((include / "sysb").glob("*.hpp")):
        def alone(header=header):
            source = folder / "one.cpp"
            source.write_text(f"#include <sysb/{header.name}>\n#include <sysb/{header.name}>\nint main() {{}}\n")
            must(run(*compiler, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", source, *flags(prefix)), header.name)
        case(f"sysb/{header.name} compiles by itself", alone)

    programs = {}
    for source in sorted((TOP / "docs/example").glob("*.cpp")):
        def compiles(source=source):
            out = folder / source.stem
            must(run(*compiler, "-Wall", "-Wextra", "-Werror", source, "-o", out, *flags(prefix)), source.name)
            programs[source.stem] = out
        case(f"{source.name} compiles and links against the installed library", compiles)

    def lists():
        assert must(run(programs["list_members"], IMAGE), "list_members") == must(run(command, "ls", IMAGE), "ls")

    def shows():
        name = "./etc/inittab"
        assert must(run(programs["show_file"], IMAGE, name), "show_file") == must(run(command, "cat", IMAGE, name), "cat")
        assert run(programs["show_file"], IMAGE, "./no/such/file").returncode == 1

    def makes():
        ours, theirs = folder / "ours.tar", folder / "theirs.tar"
        must(run(programs["shared_wpar"], IMAGE, ours), "shared_wpar")
        must(run(command, "wpar", "--shared", IMAGE, "-o", theirs), "wpar")
        assert ours.read_bytes() == theirs.read_bytes(), "another archive than that of the command"
        damaged = folder / "damaged.img"
        damaged.write_bytes(IMAGE.read_bytes()[:200_000])
        assert run(programs["shared_wpar"], damaged, folder / "none.tar").returncode == 3
        assert not (folder / "none.tar").exists(), "an output of a damaged image"

    if len(programs) == 3:
        case("list_members prints what sysb ls prints", lists)
        case("show_file prints what sysb cat prints", shows)
        case("shared_wpar makes what sysb wpar makes, and nothing of a damaged image", makes)
    run("rm", "-rf", folder)
    print(f"{passed} passed, {faults} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
