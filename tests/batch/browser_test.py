#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The estate's report as a person uses it: headless Chromium clicks a head, types a filter, follows a link, reads the table.

Speaks the WebDriver protocol itself. Exit code 77 (skipped) where chromium or chromedriver is not installed.
SYSB names the binary, DATA the folder of test images. SYSB_SCREENSHOTS names a folder for pictures to look at.
"""
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from harness import FIT, GOOD, UNFIT, check, run_parts, sysb

ROWS = 5_000  # of the large report
SLACK = float(os.environ.get("SYSB_SLACK", "3"))  # a loaded machine's processor is slower, too
SCREENSHOTS = os.environ.get("SYSB_SCREENSHOTS")


class browser:
    def __init__(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        self.session = None

    def __enter__(self):
        options = {"binary": shutil.which("chromium"),
                   "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1600"]}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                                   "goog:loggingPrefs": {"browser": "ALL"}}}}
        deadline = time.time() + 60
        while True:
            try:
                answer = self.ask("POST", "/session", wanted)
                break
            except (urllib.error.URLError, ConnectionError):
                if time.time() > deadline:
                    raise
                time.sleep(0.2)
        self.session = f"/session/{answer['sessionId']}"
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self.ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())["value"]

    def open(self, page):
        self.ask("POST", self.session + "/url", {"url": page.as_uri()})

    def run(self, script, *words):
        return self.ask("POST", self.session + "/execute/sync", {"script": script, "args": list(words)})

    def find(self, css):
        return next(iter(self.ask("POST", self.session + "/element", {"using": "css selector", "value": css}).values()))

    def click(self, css):
        self.ask("POST", f"{self.session}/element/{self.find(css)}/click", {})

    def type(self, css, text):
        element = self.find(css)
        self.ask("POST", f"{self.session}/element/{element}/clear", {})
        self.ask("POST", f"{self.session}/element/{element}/value", {"text": text})

    def complaints(self):
        return self.ask("POST", self.session + "/se/log", {"type": "browser"})

    def devtools(self, command, **words):
        return self.ask("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": words})

    def busy(self):
        """Seconds that the page's main thread has worked."""
        return next(m["value"] for m in self.devtools("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    def picture(self, name):
        if not SCREENSHOTS:
            return
        data = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        (pathlib.Path(SCREENSHOTS) / name).write_bytes(base64.b64decode(data))


COLUMN = """
return Array.from(document.querySelectorAll('#images tbody tr')).filter(r => r.offsetParent !== null)
  .map(r => r.cells[arguments[0]].textContent.trim());
"""


def report_of(top, manifest):
    (top / "m.csv").write_text(manifest)
    planned = sysb("batch", "plan", top / "m.csv", "-d", top / "b", "--quiet")
    done = sysb("batch", "report", "-d", top / "b", "-o", top / "r")
    check("a report is written", planned.returncode == 0 and done.returncode == 0, (planned.stderr, done.stderr))
    return top / "r" / "index.html"


def clicks(top):
    levels = [p for p in sorted(GOOD.glob("rootvg-*")) if (p / "image.bff").exists()]
    index = report_of(top, "image,key\n" + "".join(f"{p}/image.bff,{p.name}\n" for p in levels)
                      + f"{UNFIT},\"<img src=x onerror=document.title='broken'>\"\n")
    with browser() as b:
        b.open(index)
        keys = b.run(COLUMN, 0)
        check("the table has every image", len(keys) == len(levels) + 1, keys)
        b.click("#images th:nth-child(3) button")
        up = b.run(COLUMN, 2)
        check("a click on a head sorts by it", up == sorted(up) and len(set(up)) > 2, up)
        b.click("#images th:nth-child(3) button")
        check("a second click turns it round", b.run(COLUMN, 2) == up[::-1] or b.run(COLUMN, 2) == sorted(up, reverse=True))
        check("the head says which way", b.run("return document.querySelector('#images th:nth-child(3)').getAttribute('aria-sort')")
              == "descending")
        b.click("#images th:nth-child(7) button")
        sizes = [float(x) for x in b.run(COLUMN, 6)]
        check("numbers are sorted as numbers", sizes == sorted(sizes), sizes)
        field = ".scroll label:has(+ #images) input"
        b.type(field, "rootvg-7.1 fit")
        check("the filter shows what has all words", set(b.run(COLUMN, 0)) == {p.name for p in levels if "rootvg-7.1" in p.name},
              b.run(COLUMN, 0))
        b.type(field, "no such thing")
        check("and nothing where there is none", b.run(COLUMN, 0) == [])
        check("a name is text, never markup", b.run("return document.images.length") == 0
              and b.run("return document.title").startswith("AIX"))
        b.picture("light.png")
        b.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        ink, paper = b.run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
        check("a dark screen gets light ink", sum(map(int, ink[4:-1].split(","))) > sum(map(int, paper[4:-1].split(","))), (ink, paper))
        b.open(index)
        b.picture("dark.png")
        b.devtools("Emulation.setEmulatedMedia", media="print", features=[])
        check("paper has no filter", b.run(f"return document.querySelector('{field}').offsetParent === null"))
        b.picture("print.png")
        b.devtools("Emulation.setEmulatedMedia", media="", features=[])
        b.click("#images td a")
        check("a link leads to the image's page", "rootvg" in b.run("return document.querySelector('h1').textContent"))
        b.open(index.parent / "filesets.html")
        check("file sets are listed by name", b.run("return document.querySelector('tbody').textContent").find("bos.rte") >= 0)
        complaints = [c["message"] for c in b.complaints() if "favicon" not in c["message"]]
        check("the browser has nothing to complain of: no network, no script of a page", not complaints, complaints)
        b.devtools("Emulation.setScriptExecutionDisabled", value=True)
        b.open(index)
        check("without script the table is whole", b.devtools("DOM.getDocument", depth=0) is not None
              and index.read_text().count("<tr><td><a href=") >= len(levels) + 1)


def large(top):
    index = report_of(top, "image,key\n" + "".join(f"{FIT},a-host-of-the-estate-{i:05}.mksysb\n" for i in range(ROWS)))
    size = index.stat().st_size
    check("5,000 images: the page is at most 1 MB", size <= 1_000_000, size)
    with browser() as b:
        b.open(index)  # the first page starts processes
        # Of the processor, not of the clock: what else the machine does means little then.
        b.devtools("Performance.enable", timeDomain="threadTicks")
        b.open(index)
        worked = b.busy()  # each page has a process of its own
        took = b.run("const n = performance.getEntriesByType('navigation')[0]; return n.loadEventEnd - n.startTime")
        print(f"  {size} bytes, opened in {took:.0f} ms, {worked * 1000:.0f} ms of the processor", flush=True)
        check("5,000 images: opened under a second", 0 < took < 1000 or 0 < worked < SLACK, (took, worked))
        check("5,000 images: the table is whole", b.run("return document.querySelectorAll('#images tbody tr').length") == ROWS)


if __name__ == "__main__":
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not installed (packages chromium and chromium-driver)")
            sys.exit(77)
    run_parts((clicks, large))
