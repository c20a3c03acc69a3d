#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two runs into one OUT at the same time, and what differs in what they write.

Judged: OUT, its manifest and its side files are all of one of the two; who did not succeed says why; nothing is left behind. One of
them is slowed down at a rename by the dice, so that the other comes in between. SYSB_FAULT_SEED throws other dice; with SYSB_CAMPAIGN
there are 40 rounds, else 4. SYSB, DATA and SHIM as in calls_test.py.
"""
import dataclasses
import os
import random
import subprocess
import sys

from runs import CAMPAIGN, COMMANDS, IMAGE, SEED, SHIM, SYSB, place, undisturbed

ROUNDS = 40 if CAMPAIGN else 4


def start(words, where, env):
    line = [SYSB, *(str(IMAGE) if w == "IMAGE" else w for w in words)]
    return subprocess.Popen(line, cwd=where.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "TMPDIR": str(where.folder), "LC_ALL": "C", **env})


def judge(runs, rights, where):
    told = [r.communicate(timeout=120)[1] for r in runs]
    exits = [r.returncode for r in runs]
    seen, left = where.look()
    if left:
        return f"left behind: {left}"
    if seen not in rights:
        return f"exits {exits}: files of both, or of none: {sorted(seen)}"
    if 0 not in exits or not set(exits) <= {0, 1}:
        return f"exits {exits}: {told}"
    for code, text in zip(exits, told):
        if code == 1 and "out" not in text:
            return f"exit 1 and no reason: {text[-200:]!r}"
    return None


def main():
    dice = random.Random(SEED)
    passed = failed = 0
    for name in ("wpar to .tar", "wpar to .bff", "wpar to a tree"):
        one = COMMANDS[name]
        other = dataclasses.replace(one, words=(*one.words, "--quiesce"))
        for overwrite in ((), ("--overwrite",)) if not one.tree else ((),):
            # the report holds the command line, so each form has its own right result
            rights = [undisturbed(dataclasses.replace(w, words=(*w.words, *overwrite)))[1] for w in (one, other)]
            assert rights[0] != rights[1], name
            for n in range(ROUNDS):
                with place(one) as where:
                    slow = {"LD_PRELOAD": SHIM, "SYSB_FAULT": f"rename:{dice.randint(1, 3)}:SLOW"}
                    envs = dice.sample([slow, {}], 2)
                    runs = [start((*w.words, *overwrite), where, env) for w, env in zip((one, other), envs)]
                    wrong = judge(runs, rights, where)
                passed += wrong is None
                failed += wrong is not None
                if wrong:
                    print(f"FAILED {name} {' '.join(overwrite)}, round {n}: {wrong}", flush=True)
    print(f"{passed} passed, {failed} failed, seed {SEED}")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
