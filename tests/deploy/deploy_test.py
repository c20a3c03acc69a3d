#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts of OUT.d/ under ksh93, mksh and dash, on a host that is none (host.py), with a failure in every place."""
import pathlib
import re
import shutil
import subprocess
import sys

from host import COMMANDS
from trial import CAMPAIGN, archive, check, host, main, make, test


@test()
def looking_changes_nothing(shell):
    for out in (archive(), make("a.bff"), make("tree")):
        h = host(shell, out)
        if CAMPAIGN or out.name == "tree":
            check(h.run() == 0, shell, out.name, h.said)
            check("nothing was changed" in h.said, shell, h.said)
            check(not h.nothing_made() and not h.ran("crfs") and not h.ran("mkwpar"), shell, h.nothing_made())
        check(h.run("-n") == 0, shell, "-n", h.said)
        check("mkwpar" in h.said and not h.ran("mkwpar") and not h.nothing_made(), shell, "-n", h.said)
        check(not list(h.side.glob("*.journal")), "-n wrote a journal")


def makes_the_wpar(shell, out, small=True):
    h = host(shell, out, small=small)
    check(h.run("--yes") == 0, shell, out.name, h.said)
    check(not h.made(), shell, out.name, h.made())
    check(not h.ran("startwpar"), "started without --start")
    check("web1 - Defined" in h.said, shell, out.name, "no lswpar -L")
    check(len(h.ran("mkwpar")) == 1, h.ran("mkwpar"))
    check("-l" in h.ran("mkwpar")[0].split() or out.name == "s.tar", h.ran("mkwpar"))


@test(every=True)
def an_archive_makes_the_wpar(shell):
    makes_the_wpar(shell, archive(), small=shell != "ksh" or not CAMPAIGN)


@test()
def an_image_makes_the_wpar(shell):
    makes_the_wpar(shell, make("a.bff"))


@test()
def a_tree_makes_the_wpar(shell):
    makes_the_wpar(shell, make("tree"))


@test()
def archives_of_other_formats_make_the_wpar(shell):
    for name in ("s.tar", "z.tar.zst", "c.cpio", "g.tar") if CAMPAIGN else ("s.tar", "c.cpio"):
        makes_the_wpar(shell, make(name))


@test()
def start_is_asked_for_and_refused_where_the_level_step_is_open(shell):
    h = host(shell, make("a.bff"))
    check(h.run("--yes", "--start") == 0 and h.ran("startwpar"), shell, h.said)
    h = host(shell, make("a.bff"))
    (h.top / "oslevel").write_text("7200-05-03-2148\n")
    check(h.run("--yes", "--start") == 1 and not h.nothing_made(), shell, h.said)
    check(h.run("--yes") == 0, shell, h.said)
    check("syncwpar -D" in h.said and "migwpar" in h.said and "BEFORE THE FIRST START" in h.said, shell, h.said)
    check(not h.ran("syncwpar") and not h.ran("migwpar") and not h.ran("startwpar"), "a level step was run")


@test()
def names_are_checked_before_they_are_used(shell):
    out = make("noname.tar")
    for bad in ("", "../etc", "-h2", "0a", "a b", "a/b", "x" * 26, "a;b", "$(id)", "a\nb", "*", "."):
        h = host(shell, out)
        check(h.run("--yes", "--", bad, name=False) == 2 and not h.nothing_made(), shell, repr(bad), h.said)
        check(not h.ran("crfs"), repr(bad))
    h = host(shell, out)
    check(h.run("--yes", name=False) == 2, shell, "no name", h.said)
    check(h.run("--yes", "one", "two", name=False) == 2, shell, "two names", h.said)
    check(h.run("--help", name=False) == 0 and "usage" in h.said and not h.nothing_made(), shell, h.said)
    check(h.run("-h", name=False) == 0 and not h.nothing_made(), shell, h.said)
    check(h.run("--wrong") == 2, shell, h.said)
    h = host(shell, archive(), name="web2")
    check(h.run("--yes") == 2 and "wpar.spec is for web1" in h.said and not h.nothing_made(), shell, h.said)


@test()
def what_is_not_ready_is_told_all_at_once(shell):
    h = host(shell, archive())
    (h.top / "free").write_text("3\n")
    (h.top / "oslevel").write_text("6100-09-01-1415\n")
    h.add("wpars", "web1")
    h.base.mkdir()
    (h.base / "passwd").write_text("kept\n")
    h.out.write_bytes(h.out.read_bytes()[:-1])
    check(h.run("--yes") == 1, shell, h.said)
    for word in ("newer than this host", "partitions of 64 MB are needed", "is defined on this host", "is not empty",
                 "not the whole output"):
        check(word in h.said, shell, word, h.said)
    check((h.base / "passwd").read_text() == "kept\n" and not h.ran("crfs"), shell, "the host was touched")
    h = host(shell, archive())
    (h.top / "database" / "web1.cf").write_text("general:\n")
    check(h.run("--yes") == 1 and not h.nothing_made(), shell, h.said)
    h = host(shell, archive())
    h.base.symlink_to(h.wpars / "other")
    check(h.run("--yes") == 1 and not h.untouched() and not h.ran("crfs"), shell, h.said)
    for tool in ("gzip", "pax", "crfs", "mkwpar") if CAMPAIGN else ("pax",):
        h = host(shell, archive())
        (h.bin / tool).unlink()
        if tool != "gzip" or not shutil.which(tool, path="/usr/bin:/etc:/usr/sbin:/sbin"):
            check(h.run("--yes") == 1 and not h.nothing_made() and tool in h.said, shell, tool, h.said)
    # What only sets lists is not found missing when everything stands.
    h = host(shell, archive())
    (h.bin / "aclput").unlink()
    check(h.run("--yes") == 1 and not h.nothing_made() and "command aclput is not here" in h.said, shell, h.said)
    h = host(shell, make("z.tar.zst"))
    text = (h.side / "deploy.sh").read_text().replace("packer='zstd'", "packer='nozstd'")
    (h.side / "deploy.sh").write_text(text)
    check(h.run("--yes") == 1 and "tar.gz on the Linux side" in h.said and not h.nothing_made(), shell, h.said)


@test()
def a_mount_that_did_nothing_stops_before_unpacking(shell):
    h = host(shell, archive())
    (h.bin / "mount").unlink()
    (h.bin / "mount").write_text("#!/bin/sh\nexit 0\n")
    (h.bin / "mount").chmod(0o755)
    check(h.run("--yes") == 1 and "not a file system of its own" in h.said, shell, h.said)
    check(not h.ran("pax") and not h.ran("mkwpar"), shell, "unpacked into a directory of the host")


@test()
def a_part_of_the_members_stops_before_mkwpar(shell):
    h = host(shell, archive())
    script = h.side / "deploy.sh"
    script.write_text(script.read_text().replace("\nmembers=", "\nmembers=9"))
    check(h.run("--yes") == 1 and "at least 9" in h.said and not h.ran("mkwpar"), shell, h.said)


@test()
def owners_modes_and_lists_are_restored(shell):
    for out in (archive(), make("tree")) if CAMPAIGN else (make("tree"),):
        h = host(shell, out, small=False, seen=("chmod",))
        check(h.run("--yes") == 0, shell, h.said)
        chowns = h.ran("chown")
        check(chowns and all(c.split()[1] == "-h" for c in chowns), shell, "chown without -h")
        acls = (h.top / "acls").read_text(encoding="latin-1")
        check("extended permissions" in acls and "file: ./" in acls, shell, acls)
        log = h.lines("log")
        first_acl = next(i for i, line in enumerate(log) if line.startswith("aclput"))
        check(log[first_acl - 1].startswith(("chmod", "aclput")), "aclput before chmod")


def failing_runs(shell, out, call_of, how="before", commands=COMMANDS):
    """Every command that a whole run calls is made to fail; the run must stop, say what is there, and go back or on."""
    whole = host(shell, out, seen=set(COMMANDS) & set(commands))
    check(whole.run("--yes") == 0, shell, whole.said)
    calls = {}
    for line in whole.lines("log"):
        word = line.split()[0] if line.split() else ""
        if word not in commands:
            continue
        calls[word] = calls.get(word, 0) + 1
    for number, (command, times) in enumerate(sorted(calls.items())):
        if command == "rm" and (how == "after" or call_of(times) == times):
            continue  # what is removed last is the lock, and the next run knows that nobody holds it
        call = call_of(times)
        label = f"{shell} {out.name}: {command} fails at call {call} of {times} ({how})"
        h = host(shell, out)
        h.fail(command, call, how)
        code = h.run("--yes")
        # A log that cannot be shown is no reason to stop.
        check(code != 0, label, "the script went on", h.said)
        check(not h.untouched(), label, h.untouched())
        if h.ran("mkwpar") and "STOPPED" in h.said and command not in ("mkwpar", "lswpar"):
            check(h.name in h.lines("wpars"), label, "mkwpar ran and its WPAR is unknown")
        journal = list(h.side.glob("*.journal"))
        h.heal()
        if not journal or not journal[0].stat().st_size:
            check(not h.nothing_made(), label, "nothing in the journal, but", h.nothing_made())
            continue
        check("--undo" in h.said and "made until now" in h.said, label, "no way back was told", h.said)
        # What may have changed under mkwpar is not gone on with: the WPAR may be of both.
        changed = command == "cksum" and h.ran("mkwpar")
        if number % 2 and how == "before" and not changed:
            check(h.run("--resume") == 0 and not h.made(), label, "no way on:", h.said, h.made())
        check(h.run("--undo") == 0, label, "no way back:", h.said)
        check(not h.nothing_made(), label, "left after --undo:", h.nothing_made())


PLACES = {"dash": lambda n: 1, "mksh": lambda n: n, "ksh": lambda n: (n + 1) // 2}


@test(campaign=True)
def a_failure_in_every_place_of_an_archive(shell):
    failing_runs(shell, archive(), PLACES[shell])


@test(campaign=True)
def a_failure_in_every_place_of_a_tree(shell):
    failing_runs(shell, make("tree"), PLACES[shell])


@test(campaign=True)
def a_failure_in_every_place_of_an_image(shell):
    failing_runs(shell, make("a.bff"), PLACES[shell])


@test()
def a_failure_stops_and_the_way_back_is_told(shell):
    failing_runs(shell, archive(), lambda n: n, commands=("mount", "chown", "umount"))


@test()
def a_tool_that_fails_is_not_one_that_finds_nothing(shell):
    h = host(shell, make("a.bff"), seen=("awk",))
    h.run("--yes")
    calls = sum(line.startswith("awk") for line in h.lines("log"))
    check(calls > 5, shell, "awk is not what looks any more", calls)
    for call in range(1, calls + 1) if CAMPAIGN else (calls // 2, calls):
        h = host(shell, make("a.bff"))
        h.fail("awk", call)
        check(h.run("--yes") != 0, shell, f"awk fails at call {call} of {calls}: the script went on", h.said)


@test()
def a_failure_after_the_work_is_known(shell):
    for command in ("crfs", "mount", "mkwpar", "pax", "umount") if CAMPAIGN else ("crfs", "mkwpar"):
        h = host(shell, archive())
        h.fail(command, 2 if command in ("crfs", "mount") else 1, "after")
        check(h.run("--yes") != 0 and not h.untouched(), shell, command, h.said)
        h.heal()
        if command == "mkwpar":
            check(h.run("--resume") == 1 and "whether it is whole" in h.said, shell, "a broken WPAR was taken", h.said)
        check(h.run("--undo") == 0 and not h.nothing_made(), shell, command, h.said, h.nothing_made())


@test()
def a_second_run_needs_resume_or_undo(shell):
    h = host(shell, archive())
    h.fail("pax")
    check(h.run("--yes") == 1, shell, h.said)
    h.heal()
    before = len(h.ran("crfs"))
    check(h.run("--yes") == 1 and "--resume" in h.said, shell, h.said)
    check(len(h.ran("crfs")) == before, shell, "a second run made something")
    check(h.run("-n", "--undo") == 0 and "rmfs" in h.said and h.lines("fs") != [], shell, h.said)
    check(h.run("--resume") == 0 and not h.made(), shell, h.said, h.made())
    check(h.run("--resume") == 0 and len(h.ran("mkwpar")) == 1, shell, "made twice", h.said)
    check(h.run("--undo") == 0 and not h.nothing_made(), shell, h.said, h.nothing_made())
    check(h.run("--undo") == 1, shell, "undone twice", h.said)


@test()
def a_wpar_that_runs_is_left_alone(shell):
    h = host(shell, archive())
    check(h.run("--yes") == 0, shell, h.said)
    for place in [x for x in h.lines("fs") if x.startswith(str(h.base))]:
        h.add("mounts", place)
    calls = len(h.ran("mount")) + len(h.ran("umount"))
    check(h.run("--resume") == 0, shell, h.said)
    check(len(h.ran("mount")) + len(h.ran("umount")) == calls, shell, "its file systems were touched", h.lines("log")[-9:])


@test()
def what_a_failed_mkwpar_left_is_known(shell):
    for stood in (False, True):
        h = host(shell, make("a.bff"))
        if stood:
            h.base.mkdir()
        h.fail("mkwpar", how="half")
        check(h.run("--yes") == 1 and f"fs {h.base}/home" in h.said and "--undo" in h.said, shell, h.said)
        h.heal()
        check(h.run("--resume") == 1 and "mkwpar has left a file system" in h.said, shell, h.said)
        check(h.run("--undo") == 0, shell, h.said)
        check(h.base.exists() == stood, shell, "what was there before was touched")
        if stood:
            h.base.rmdir()
        check(not h.nothing_made(), shell, h.nothing_made())


@test()
def a_file_system_of_the_host_at_its_place_stops(shell):
    for out in (archive(), make("a.bff")):
        for place in ("", "/data", "/home") if CAMPAIGN else ("/data",):
            h = host(shell, out)
            h.add("fs", f"{h.base}{place}")
            check(h.run("--yes") == 1 and f"a file system {h.base}{place} is defined" in h.said, shell, out, h.said)
            check(not h.ran("crfs") and not h.ran("mkwpar"), shell, out, place, "something was made")
    h = host(shell, archive())
    h.add("fs", f"{h.base}2/data")
    check(h.run() == 0, shell, h.said)


@test()
def sizes_beyond_what_a_shell_can_count_are_compared(shell):
    for size in (1 << 50, 1 << 62, 1 << 70) if CAMPAIGN else (1 << 62,):
        h = host(shell, archive())
        script = h.side / "deploy.sh"
        script.write_text(re.sub(r'("\$1" \'\') \d+', rf"\1 {size}", script.read_text()))
        check(h.run("--yes") == 1 and "partitions of 64 MB are needed" in h.said, shell, size, h.said)
        check(not h.ran("crfs"), shell, size)
    h = host(shell, archive())
    (h.top / "free").write_text("many\n")
    check(h.run() == 1 and "does not tell its partitions" in h.said, shell, h.said)


@test()
def modes_do_not_depend_on_the_umask(shell):
    h = host(shell, archive())
    check(h.run("--yes", umask=0o777) == 0, shell, h.said)
    check((h.base.stat().st_mode & 0o777) == 0o755, shell, oct(h.base.stat().st_mode))


@test()
def a_path_that_is_not_absolute_runs_nothing_of_the_copy(shell):
    for before in (".:", ":", "bin:") if CAMPAIGN else (".:",):
        h = host(shell, archive())
        for command in ("uname", "find", "wc", "id", "sed", "awk"):
            (h.top / command).write_text(f"#!/bin/sh\n: > {h.top}/ran.$$\nexec /usr/bin/{command} \"$@\"\n")
            (h.top / command).chmod(0o755)
        h.run("--yes", before=before)
        h.run(str(h.base), script="restore-metadata.sh", name=False, before=before)
        h.run(script="collect-host.sh", name=False, before=before)
        check(not list(h.top.glob("ran.*")), shell, before, "a command of the working directory was run")


@test()
def scripts_are_clean(_shell):
    if not shutil.which("shellcheck"):
        print("skipped: no shellcheck")
        return
    outs = [archive(), make("a.bff"), make("tree"), make("list.mtree")]
    scripts = [str(s) for o in outs for s in pathlib.Path(str(o) + ".d").glob("*.sh")]
    if not CAMPAIGN:  # deploy.sh of the others has the same text, with other values
        scripts = [s for s in scripts if s.startswith(str(outs[0])) or s.endswith(("a.bff.d/deploy.sh", "mtree.d/deploy.sh"))]
    for dialect in ("ksh", "sh"):
        got = subprocess.run(["shellcheck", "-s", dialect, *scripts], capture_output=True, text=True, check=False)
        check(got.returncode == 0, dialect, got.stdout[:4000])


if __name__ == "__main__":
    sys.exit(main())
