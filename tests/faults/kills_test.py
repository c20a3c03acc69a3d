#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A signal at any moment: the N-th call of a writing command sends it, N by the dice.

Judged: SIGKILL never leaves an OUT that is not whole, nor OUT without its side files; every other signal leaves nothing but what was
there, or the whole. Then the same command runs again: it succeeds, its result is that of a run that nobody disturbed, it names what the
killed one left, and `sysb clean` removes that. 100 kills, with SYSB_CAMPAIGN 2,000; SYSB_FAULT_SEED throws other dice.
"""
import concurrent.futures
import os
import random
import signal
import sys

from runs import CAMPAIGN, COMMANDS, SEED, place, undisturbed

KILLS = int(os.environ.get("SYSB_FAULT_KILLS", "2000" if CAMPAIGN else "100"))
IGNORED = {signal.SIGPIPE, signal.SIGXFSZ}
EXITS = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129}
SIGNALS = [signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, *EXITS, *IGNORED]
WRITING = [n for n, c in COMMANDS.items() if c.output and c.words[0] != "batch"]  # batches have kills of their own


def strike(what, right, number, n):
    before, parts, _ = right
    with place(what) as p:
        p.run({"SYSB_FAULT": f"kill:{n}:{int(number)}"})
        seen, left = p.look()
        if p.exit == "hangs":
            return "hangs"
        killed = p.exit == -signal.SIGKILL
        if number == signal.SIGKILL:
            if p.exit not in (0, -signal.SIGKILL):
                return f"exit {p.exit}"
            out = seen.get(what.output)
            if out not in (before.get(what.output), parts[what.output]):
                return "an OUT that is not whole"
            if out == parts[what.output] and out != before.get(what.output) and seen != parts:
                return f"OUT without what belongs to it: {sorted(seen)}"
        else:
            if p.exit not in (0, EXITS.get(number, 0)):
                return f"exit {p.exit}: {p.err[-200:]!r}"
            if left or seen != (parts if p.exit == 0 else before):
                return f"exit {p.exit} with {sorted(seen)}, left {left}"
        done = seen == parts
        if done and before != parts:  # it was finished: nothing may be done again without --overwrite
            if left and p.run(words=("clean", ".")).exit != 0:
                return f"clean ends with {p.exit}: {p.err[-200:]!r}"
        else:
            again = p.run()
            if again.exit != 0:
                return f"the next run ends with {again.exit}: {again.err[-300:]!r}"
            after, stays = p.look()
            if after != parts:
                return f"the next run gives something else: {sorted(set(after.items()) ^ set(parts.items()))}"
            if killed and stays and "OUT-011" not in again.err and "a run that was killed" not in again.err:
                return f"nobody names {stays}"
            again.run(words=("clean", "."))
            if again.exit != 0:
                return f"clean ends with {again.exit}: {again.err[-200:]!r}"
        for folder in (b for b in what.beside if b.endswith(".d")):
            p.run(words=("clean", folder))
        after, stays = p.look()
        if stays:
            return f"not cleaned: {stays}"
        if after != parts:
            return f"cleaned too much: {sorted(after)}"
    return None


def main():
    dice = random.Random(SEED)
    names = sys.argv[1:] or WRITING
    with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        rights = dict(zip(names, pool.map(lambda n: undisturbed(COMMANDS[n]), names)))
        plan = []
        for i in range(KILLS):
            name = names[i % len(names)]
            calls = rights[name][2]["kill"]
            # Half of them in the last tenth, where things appear.
            at = dice.randint(1, calls) if dice.random() < 0.5 else dice.randint(calls - calls // 10, calls)
            plan.append((name, dice.choice(SIGNALS), at))
        failed = 0
        struck = pool.map(lambda k: strike(COMMANDS[k[0]], rights[k[0]], k[1], k[2]), plan)
        for done, ((name, number, at), wrong) in enumerate(zip(plan, struck), 1):
            if done % 100 == 0:
                print(f"{done} of {len(plan)} kills, {failed} of them wrong", flush=True)
            if wrong:
                failed += 1
                print(f"FAILED {name}, {number.name} at call {at} of {rights[name][2]['kill']}: {wrong}", flush=True)
    print(f"{len(plan)} kills of {len(names)} commands, seed {SEED}")
    print(f"{len(plan) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
