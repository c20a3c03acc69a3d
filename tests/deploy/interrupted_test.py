#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy.sh that was killed, that meets another run, or whose journal, list or own text is not what it was: it goes on
or back where that can be proven, and stops with words where it cannot."""
import os
import sys

from trial import CAMPAIGN, archive, check, host, main, make, test


def ended(shell, out, command, how, call=1):
    """A host on which a run was ended by a signal at a call of a command."""
    h = host(shell, out)
    h.fail(command, call, how)
    check(h.run("--yes") != 0 and not h.untouched(), shell, command, how, h.said)
    h.heal()
    return h


@test(every=True)
def a_run_that_was_killed_goes_on_or_back(shell):
    places = [("crfs", "killed"), ("pax", "killed"), ("crfs", "kill"), ("mkwpar", "kill"), ("mkdir", "killed")]
    way = {"ksh": "--resume", "dash": "--undo", "mksh": "--resume"}[shell]
    for command, how in places if CAMPAIGN else places[:1] if shell != "mksh" else places[1:2]:
        h = ended(shell, archive(), command, how)
        check(h.run(way) == 0, shell, way, command, how, h.said)
        faults = h.made() if way == "--resume" else h.nothing_made()
        check(not faults, shell, way, command, how, faults)


@test()
def a_file_system_that_nothing_proves_is_left_alone(shell):
    for kind in ("holds", "mounted", "broken") if CAMPAIGN else ("holds", "mounted"):
        h = host(shell, archive())
        h.base.mkdir()
        h.add("fs", str(h.base))
        if kind == "mounted":
            h.add("mounts", str(h.base))
        elif kind == "holds":
            h.stored(h.base).mkdir()
            (h.stored(h.base) / "work").write_text("of another one\n")
        h.journal.write_text(f"begin dir {h.base}\ndir {h.base}\nbegin fs {h.base}\n")
        for way in ("--undo", "--resume"):
            check(h.run(way) == 1 and "another one's" in h.said, shell, kind, way, h.said)
            check(not h.ran("rmfs") and not h.ran("crfs"), shell, kind, way, "it was touched")
        if kind == "holds":
            check((h.stored(h.base) / "work").exists(), shell, "its content is gone")
            with h.journal.open("a") as f:
                f.write(f"fs {h.base}\n")
            check(h.run("--undo") == 0 and not h.nothing_made(), shell, h.said, h.nothing_made())


@test()
def a_wpar_that_nothing_proves_is_left_alone(shell):
    h = ended(shell, make("a.bff"), "mkwpar", "killed")
    check(h.run("--resume") == 1 and "whether it is whole nobody knows" in h.said, shell, h.said)
    check(h.run("--undo") == 1 and "another one's" in h.said and not h.ran("rmwpar"), shell, h.said)
    check(h.run("--resume") == 1 and "whether it is whole nobody knows" in h.said, shell, h.said)
    with h.journal.open("a") as f:
        f.write("wpar web1\n")
    check(h.run("--undo") == 0 and not h.nothing_made(), shell, h.said, h.nothing_made())


@test()
def a_signal_waits_until_it_is_noted_what_was_made(shell):
    h = ended(shell, make("a.bff"), "mkwpar", "term")
    check("STOPPED: interrupted" in h.said and h.journal.read_text().endswith("\nwpar web1\n"), shell, h.said)
    check(h.run("--resume") == 0 and not h.made() and len(h.ran("mkwpar")) == 1, shell, h.said)


MUTE = {"a.bff": ("mkwpar",), "a.tar.gz": ("crfs", "mount", "umount", "mkdir", "pax", "mkwpar", "find", "gzip")}


@test()
def a_command_that_does_nothing_is_not_believed(shell):
    for out, commands in MUTE.items():
        for command in commands if CAMPAIGN else ("mkwpar",) if out == "a.bff" else ("umount",):
            h = ended(shell, make(out), command, "mute")
            check(h.run("--undo") == 0 and not h.nothing_made(), shell, command, h.said, h.nothing_made())
    for command in ("rmwpar", "umount", "rmfs", "rmdir") if CAMPAIGN else ("rmfs",):
        h = host(shell, archive())
        h.fail("mkwpar" if command == "umount" else "chown", how="before")
        check(h.run("--yes" if command != "rmwpar" else "-n") == (command != "rmwpar"), shell, command, h.said)
        if command == "rmwpar":
            h.heal()
            check(h.run("--yes") == 0, shell, h.said)
        h.fail(command, how="mute")
        code = h.run("--undo")
        if h.ran(command):
            check(code == 1 and "removed; the journal" not in h.said, shell, command, h.said)
        h.heal()
        if h.journal.exists():
            check(h.run("--undo") == 0, shell, command, h.said)
        check(not h.nothing_made(), shell, command, h.nothing_made())


@test(every=True)
def a_journal_of_anything_else_is_not_followed(shell):
    h = host(shell, make("a.bff"))
    base, wpars = h.base, h.wpars
    hostile = [f"fs {wpars}/other", f"fs {base}/../other", f"fs {base}/..", f"fs {base}/./x", f"fs {base}//x", f"fs {base}2",
               f"fs {base}/a b", f"fs {base}/$(id)", "wpar other", f"dir {wpars}/other", "dir /", "dir", "fs", "rm -rf /",
               "begin", "begin begin wpar web1", "\x1b]0;x\x07", "wpar web1 more", "\x00\x01\xff", f"failed fs {wpars}/other",
               " wpar web1", f"fs {base}/", f"wpar web1\r"]
    for bad in hostile if CAMPAIGN or shell == "dash" else hostile[:4]:
        for way in ("--undo", "--resume"):
            h.journal.write_text(f"begin dir {base}\ndir {base}\n{bad}\nwpar web1\n", encoding="latin-1")
            check(h.run(way) == 1 and "line 3 of" in h.said and "nothing of it is touched" in h.said, shell, repr(bad), h.said)
            check("\x1b" not in h.said and h.lines("log") == [], shell, repr(bad), h.lines("log"))
    check(not h.untouched(), shell, h.untouched())


@test()
def half_a_line_at_the_end_of_a_journal_says_nothing(shell):
    h = host(shell, make("a.bff"))
    h.base.mkdir()
    for half in (f"dir {h.base}", "begin wp", f"fs {h.wpars}/oth", "wpar web1"):
        h.journal.write_text(f"begin wpar web1\nfailed wpar web1\n{half}")
        check(h.run("--undo") == 0 and h.base.is_dir() and not h.untouched(), shell, half, h.said)
        check(not h.ran("rmwpar") and not h.ran("rmfs") and not h.ran("rmdir"), shell, half, h.lines("log"))


@test()
def two_runs_do_not_work_with_one_journal(shell):
    h = host(shell, make("a.bff"))
    lock = h.journal.with_name(h.journal.name + ".lock")
    lock.write_text(f"{os.getpid()}\n")
    for way in ("--yes", "--resume", "--undo"):
        h.journal.write_text("" if way == "--yes" else "begin wpar web1\n")
        check(h.run(way) == 1 and f"process {os.getpid()}" in h.said and not h.ran("mkwpar"), shell, way, h.said)
        check(lock.read_text() == f"{os.getpid()}\n", shell, "another one's lock was taken")
    check(h.run() == 0, shell, "looking needs no lock", h.said)
    h.journal.unlink()
    lock.write_text("4194399\n")  # beyond what a number of a process can be
    check(h.run("--yes") == 0 and not h.made() and not lock.exists(), shell, h.said)


@test()
def an_output_that_changes_while_it_is_read_stops(shell):
    for out, command in (("a.bff", "mkwpar"), ("a.tar.gz", "mount")) if CAMPAIGN else (("a.bff", "mkwpar"),):
        h = host(shell, make(out))
        h.wrap(command, f'printf x >>"{h.out}"')
        check(h.run("--yes") == 1 and "it has changed since it was checked" in h.said, shell, out, h.said)
        check(h.run("--undo") == 0 and not h.nothing_made(), shell, out, h.said, h.nothing_made())


@test()
def what_undo_runs_does_not_read_its_list(shell):
    h = host(shell, archive())
    h.fail("chown")
    check(h.run("--yes") == 1, shell, h.said)
    h.heal()
    for command in ("rmfs", "umount", "rmdir"):
        h.wrap(command, "/usr/bin/cat >/dev/null")
    check(h.run("--undo") == 0 and not h.nothing_made(), shell, h.said, h.nothing_made())


@test(every=True)
def a_script_or_a_list_that_is_cut_does_nothing(shell):
    h = host(shell, make("a.bff"))
    script = h.side / "deploy.sh"
    whole = script.read_bytes()
    lines = whole.split(b"\n")
    first = lines.index(b"{")
    for at in range(first + 1, len(lines) - 1, 1 if CAMPAIGN else 120):
        script.write_bytes(b"\n".join(lines[:at]) + b"\n")
        check(h.run("--yes") != 0 and h.lines("log") == [], shell, f"cut after line {at}", h.said)
    script.write_bytes(whole[:-2])
    check(h.run("--yes") != 0 and h.lines("log") == [], shell, "cut before its last byte", h.said)


@test()
def metadata_is_set_below_the_target_only_and_from_a_whole_list(shell):
    h = host(shell, archive())
    (h.top / "root").symlink_to("/")
    for target in ("/", "//", "/.", "/../", str(h.top / "root")):
        check(h.run(target, script="restore-metadata.sh", name=False) == 1 and "the root of this host" in h.said, shell, target,
              h.said)
    target = h.top / "target"
    target.mkdir()
    (h.side / "metadata.list").write_text("# kind\n")
    check(h.run(str(target), script="restore-metadata.sh", name=False) == 1 and "not the whole list" in h.said, shell, h.said)


@test(every=True)
def what_the_host_does_not_tell_is_named(shell):
    h = host(shell, make("a.bff"))
    check(h.run(script="collect-host.sh", name=False) == 0, shell, h.said)
    check("failed" not in h.said and "vg rootvg 64 1000" in h.said and "wpar other" in h.said, shell, h.said)
    for command in ("lswpar", "lsvg", "lslpp", "lsfs", "uname", "awk") if CAMPAIGN else ("lswpar", "awk") if shell == "dash" else ("lsvg",):
        for how in ("before", "mute") if command != "lswpar" else ("before",):
            h.fail(command, how=how)
            check(h.run(script="collect-host.sh", name=False) == 0, shell, command, h.said)
            named = "lswpar" if command == "awk" else command
            check(f"failed {named}\n" in h.said and "\nend\n" in h.said, shell, command, how, h.said)
    h.heal()
    (h.bin / "lswpar").unlink()
    check(h.run(script="collect-host.sh", name=False) == 0 and "failed lswpar\n" in h.said, shell, h.said)


if __name__ == "__main__":
    sys.exit(main())
