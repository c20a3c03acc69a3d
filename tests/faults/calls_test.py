#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every call of the system may fail: the N-th one of each kind does, in every command that writes and in those that read.

Judged: exit 0 only with the whole and right output; never a signal, never longer than 20 s; after any other exit a message that names
what failed, and what stood there before: no output, no files beside an output that is not there, nothing half-written.
SYSB names the binary, DATA the test images, SHIM the library that makes calls fail. By default a draw of the calls (SYSB_FAULT_SEED
throws other dice), with SYSB_CAMPAIGN every call but malloc (200 of those a command). Arguments name the commands.
Prints a line a command and kind, and a last line "N passed, N failed".
"""
import concurrent.futures
import os
import random
import sys

from runs import CAMPAIGN, COMMANDS, IMAGE, SEED, place, undisturbed

# kind -> what it is made to do; the first ones are drawn by default.
FAULTS = {
    "open": ["EMFILE", "EACCES", "EIO", "SLOW"], "read": ["EIO", "EINTR", "SHORT", "SLOW"], "pread": ["EIO", "EINTR", "SHORT", "ESTALE"],
    "write": ["ENOSPC", "EINTR", "SHORT", "EDQUOT", "SLOW"], "pwrite": ["ENOSPC", "EINTR", "SHORT"], "writev": ["ENOSPC", "EINTR", "EIO"],
    "copy_file_range": ["EIO", "SHORT", "EINTR"], "fsync": ["EIO", "EDQUOT"], "syncfs": ["EIO"], "fdatasync": ["EIO"],
    "rename": ["EACCES", "EIO", "EINVAL"], "link": ["EIO", "EPERM"], "symlink": ["ENOSPC", "EPERM"], "mkdir": ["ENOSPC", "EACCES"],
    "chmod": ["EIO", "EPERM", "LIES"],
    "chown": ["EIO", "EPERM", "LIES"], "times": ["EIO", "EPERM", "LIES"], "unlink": ["EACCES", "EIO"], "close": ["EIO"], "ftruncate": ["EIO"],
    "fallocate": ["ENOSPC"], "fstat": ["ESTALE", "EIO"], "statvfs": ["EIO"], "mmap": ["ENOMEM"], "pthread_create": ["EAGAIN"],
    "malloc": ["ENOMEM"], "getrandom": ["EINTR", "EIO"], "tmpfile": ["EOPNOTSUPP", "EIO"],
}
HARMLESS = {"EINTR", "SHORT", "SLOW"}  # a program must get over these
MALLOCS = 200
DRAW = 10  # of the calls of a command, by default


def judge(what, right, got, kind, n, how):
    """What is wrong with a run in which a call failed; nothing where all is well."""
    before, parts, _ = right
    seen, left = got.look()
    if got.exit == "hangs":
        return "hangs"
    if got.exit < 0 or got.exit > 128:
        return f"ended by signal {got.exit}: {got.err[-200:]!r}"
    # What cannot be removed or renamed any more stays: only one call of those fails. A tree stays where none of its
    # directories can be opened or looked at, or no memory is left for their names. The next run knows what is named so.
    lasting = kind == "unlink" or (kind == "rename" and n.endswith("+"))
    begun = n.endswith("+") and kind in ("open", "fstat", "malloc") and all(x.startswith(".sysb-") for x in left)
    if left and not lasting and not begun:
        return f"left behind: {left}"
    told = "OUT-0" in got.err or "could not be" in got.err or "refuses" in got.err  # a loss that is told, as the contract has it
    if how == "LIES":
        # A file system that only says that it does: who asked for --verify is told. Not OUT itself: that comes after.
        same = what.output and seen.get(what.output) == parts.get(what.output)
        checked = "--verify" in what.words and what.tree
        return f"a lie, and exit {got.exit}: {got.err[-200:]!r}" if checked and not same and got.exit != 1 else None
    if got.exit == 0:
        if seen != parts and not (kind in ("link", "symlink", "chmod", "chown", "times") and how == "EPERM" and told):
            return f"exit 0, and wrong: {sorted(set(seen.items()) ^ set(parts.items()))}: {got.err[-200:]!r}"
        return None
    if how in HARMLESS:
        return f"exit {got.exit}: {got.err[-200:]!r}"
    if got.exit not in (1, 7 if what.words[0] == "batch" else 1):
        return f"exit {got.exit} for an error of the system: {got.err[-200:]!r}"
    # A batch is two processes, and each has an N-th call: what its job says stands in standard output.
    if not got.err.strip() and not (what.words[0] == "batch" and b"failed" in got.out):
        return "no message"
    # What fails after the commit, such as the last words of the summary, leaves all of it; everything else, nothing.
    if what.output and seen not in (before, parts) and not lasting:
        return f"neither what was there nor all of it: {sorted(seen)}: {got.err[-200:]!r}"
    names = (str(IMAGE), "memory", str(got.folder), "standard ", "thread", "random", "temporary", "out", "made.idx", "m.jsonl", " b/", "'b'", '"b"')
    if what.words[0] != "batch" and not any(n in got.err for n in names):  # a batch tells it in the job's result
        return f"names nothing: {got.err[-200:]!r}"
    return None


def faults_of(counts, dice):
    every = []
    for kind, hows in FAULTS.items():
        count = counts.get(kind, 0)
        if count == 0:
            continue
        places = range(1, count + 1)
        if kind == "malloc" and count > MALLOCS:
            places = sorted(dice.sample(places, MALLOCS))
        every += [(kind, f"{n}", how) for how in hows for n in places]
        # and all after it
        every += [(kind, f"{dice.randint(1, count)}+", how) for how in hows if how not in HARMLESS and kind not in ("write", "unlink")]
    if CAMPAIGN:
        return every
    # A kind that has few calls has its turn as well as one that has thousands.
    kinds = sorted({k for k, _, _ in every})
    drawn = [dice.choice([f for f in every if f[0] == k]) for k in kinds]
    return dice.sample(drawn, min(DRAW, len(drawn)))


def main():
    dice = random.Random(SEED)
    names = sys.argv[1:] or list(COMMANDS)
    passed = failed = runs = 0
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        rights = dict(zip(names, pool.map(lambda n: undisturbed(COMMANDS[n]), names)))
        for name in names:
            what = COMMANDS[name]

            def one(fault):
                with place(what) as p:
                    return judge(what, rights[name], p.run({"SYSB_FAULT": ":".join(fault)}), *fault)

            faults = faults_of(rights[name][2], dice)
            found = {}
            for fault, wrong in zip(faults, pool.map(one, faults)):
                runs += 1
                if wrong:
                    found.setdefault(fault[0], []).append(f"{':'.join(fault)}: {wrong}")
            for kind in sorted({f[0] for f in faults}):
                bad = found.get(kind, [])
                passed += not bad
                failed += bool(bad)
                tried = sum(f[0] == kind for f in faults)
                if bad:
                    print(f"FAILED {name}, {kind}: {len(bad)} of {tried}" + "".join(f"\n  {b}" for b in bad[:5]), flush=True)
            print(f"ok {name}: {len(faults)} faults, {sum(map(len, found.values()))} of them wrong", flush=True)
    print(f"{runs} runs, seed {SEED}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
