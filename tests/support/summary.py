#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what the test programs of one or more meson test logs counted, and prints one line; before it
what failed, what was skipped and why, and what came near its time limit."""
import argparse
import json
import pathlib
import re
import sys

NEAR = 10  # times: a quiet machine is that much quicker than a busy one

DOCTEST = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped")
RUNNER = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def counts(entry):
    text = (entry.get("stdout") or "") + "\n" + (entry.get("stderr") or "")
    good = entry["result"] in ("OK", "EXPECTEDFAIL")
    if entry["result"] == "SKIP":
        return 0, 0, 1
    passed = failed = skipped = 0
    found = False
    for m in DOCTEST.finditer(text):
        passed, failed, skipped = passed + int(m[2]), failed + int(m[3]), skipped + int(m[4])
        found = True
    if not found:
        for m in RUNNER.finditer(text):
            passed, failed, skipped = passed + int(m[1]), failed + int(m[2]), skipped + int(m[3] or 0)
            found = True
    if not found:
        return (1, 0, 0) if good else (0, 1, 0)
    if not good and failed == 0:
        failed = 1  # it counted no failure and failed all the same: a crash, a leak, a time-out
    return passed, failed, skipped + len(re.findall(r"skipped: ", text))


def limits(log):
    """Name -> seconds, as a quiet machine has them: without the multiplier."""
    tests = pathlib.Path(log).parent.parent / "meson-info" / "intro-tests.json"
    if not tests.exists():
        return {}
    return {t["name"]: t["timeout"] for t in json.loads(tests.read_text(encoding="utf-8"))}


def short(name):
    return name.split(" / ")[-1]


def reasons(entry):
    text = (entry.get("stdout") or "") + "\n" + (entry.get("stderr") or "")
    found = {m.strip() for m in re.findall(r"skipped: (.*)", text)}
    if entry["result"] == "SKIP" and not found:
        found = {(text.strip().splitlines() or ["it says no reason"])[-1]}
    return {r if r.startswith(short(entry["name"])) else f"{short(entry['name'])}: {r}" for r in found}


def main(args):
    total = [0, 0, 0]
    skipped, slow = set(filter(None, args.skipped.splitlines())), []
    for log in args.logs:
        if not pathlib.Path(log).exists():
            print(f"failed: there is no {log}")
            total[1] += 1
            continue
        limit = limits(log)
        build = pathlib.Path(log).parent.parent.name
        with open(log, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                one = counts(entry)
                if one[1]:
                    print(f"failed: {build}: {entry['name']}")
                skipped |= reasons(entry)
                most = limit.get(short(entry["name"]), 0) * args.multiplier
                if most and entry["duration"] * NEAR > most:
                    slow.append(f"slow: {build}: {entry['name']}: {entry['duration']:.0f} s of {most:.0f} s")
                total = [a + b for a, b in zip(total, one)]
    for line in slow + [f"skipped: {reason}" for reason in sorted(skipped)]:
        print(line)
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--skipped", default="", help="what was not run at all, a line each")
    options.add_argument("--multiplier", type=float, default=10, help="of the limits, the least that was given")
    options.add_argument("logs", nargs="+")
    sys.exit(main(options.parse_args()))
