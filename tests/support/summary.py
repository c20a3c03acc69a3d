#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what the test programs of one or more meson test logs counted, and prints one line."""
import json
import re
import sys

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


def main(logs):
    total = [0, 0, 0]
    for log in logs:
        with open(log, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                one = counts(entry)
                if one[1]:
                    print(f"failed: {log.split('/')[0]}: {entry['name']}")
                total = [a + b for a, b in zip(total, one)]
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
