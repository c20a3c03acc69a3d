#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch through a real Slurm on this machine: munge, slurmctld and four slurmd on loopback.

Sixty images as an array job; in the middle the workers of one node are killed, and one node's slurmd too. Every job must end
with one result and the right output. Exit 77 (skipped) where Slurm is not installed or we are not root.
SYSB names the binary, DATA the folder of test images.
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SYSB = os.environ["SYSB"]
FIT = pathlib.Path(os.environ["DATA"]) / "backup_by_name" / "good" / "rootvg-7.1" / "image.bff"
IMAGES, NODES = 60, 4
LIMIT = 400  # seconds

# A task that goes back into the queue waits until its old credentials have expired: two minutes where nothing is said.
CONFIGURATION = """ClusterName=sysbtest
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={top}/munge.socket,cred_expire=15
CredType=cred/munge
StateSaveLocation={top}/state
SlurmdSpoolDir={top}/spool.%n
SlurmctldPidFile={top}/slurmctld.pid
SlurmdPidFile={top}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
KillWait=5
SlurmdTimeout=10
ReturnToService=2
JobRequeue=1
MaxArraySize=10001
SlurmdParameters=config_overrides
NodeName=n[1-{nodes}] NodeHostname={host} NodeAddr=127.0.0.1 Port={first}-{last} CPUs=2 RealMemory=2000
PartitionName=conv Nodes=n[1-{nodes}] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""

checks = []


def check(name, good, detail=""):
    checks.append(bool(good))
    print(("ok " if good else "FAILED ") + name + ("" if good else f": {detail}"), flush=True)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def free_ports(count):
    base = random.randrange(20000, 40000)
    for first in range(base, 60000, count):
        held = []
        try:
            for port in range(first, first + count):
                s = socket.socket()
                held.append(s)
                s.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for s in held:
                s.close()
    skip("no free ports")


class cluster:
    def __init__(self, top):
        self.top = top
        self.children = []
        first = free_ports(NODES + 1)
        for name in ["state"] + [f"spool.n{i}" for i in range(1, NODES + 1)]:
            (top / name).mkdir()
        key = top / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self.conf = top / "slurm.conf"
        self.conf.write_text(CONFIGURATION.format(host=socket.gethostname().split(".")[0], port=first, top=top, nodes=NODES,
                                                  first=first + 1, last=first + NODES))
        self.env = {**os.environ, "SLURM_CONF": str(self.conf)}
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={top}/munge.socket",
                   f"--pid-file={top}/munge.pid", f"--log-file={top}/munge.log", f"--seed-file={top}/munge.seed")
        time.sleep(1)
        self.start("slurmctld", "-D", "-f", str(self.conf), "-L", str(top / "ctld.log"))
        self.nodes = {f"n{i}": self.start("slurmd", "-D", "-f", str(self.conf), "-N", f"n{i}", "-L", str(top / f"n{i}.log"))
                      for i in range(1, NODES + 1)}

    def start(self, *words):
        child = subprocess.Popen(words, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 stdin=subprocess.DEVNULL)
        self.children.append(child)
        return child

    def run(self, *words):
        return subprocess.run(words, env=self.env, capture_output=True, text=True)

    def ready(self):
        for _ in range(60):
            if self.run("sinfo", "-h", "-t", "idle", "-o", "%D").stdout.strip() == str(NODES):
                return True
            time.sleep(0.5)
        return False

    def let_go(self):
        """What an administrator does after a node died: tasks whose start failed there are held, and nodes drained."""
        for line in self.run("squeue", "-h", "-r", "-t", "all", "-o", "%i %r").stdout.splitlines():
            job, _, why = line.partition(" ")
            if "held" in why.lower():
                self.run("scontrol", "release", job)
        for node in self.run("sinfo", "-h", "-N", "-t", "drained", "-o", "%N").stdout.split():
            self.run("scontrol", "update", f"nodename={node}", "state=resume")

    def close(self):
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def sysb(*words):
    return subprocess.run([SYSB, *map(str, words)], capture_output=True, text=True)


def summary_of(batch):
    done = sysb("batch", "status", "-d", batch, "--json")
    return next(o for o in map(json.loads, done.stdout.splitlines()) if o["type"] == "batch")


def main():
    for tool in ("munged", "slurmctld", "slurmd", "sbatch"):
        if not (shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")):
            skip(f"{tool} is not installed (packages slurm-wlm and munge)")
    if os.geteuid() != 0:
        skip("Slurm's daemons need root")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory(prefix="sysb-slurm-") as folder:
        top = pathlib.Path(folder)
        top.chmod(0o755)
        images, out, batch = top / "images", top / "out", top / "batch"
        images.mkdir()
        out.mkdir()
        for i in range(IMAGES):
            shutil.copyfile(FIT, images / f"h{i:02}.mksysb")
        sysb("batch", "plan", images, "-d", batch, "-o", f"{out}/")
        script = top / "job.sh"
        script.write_text(sysb("batch", "script", "-d", batch, "--engine", "slurm", "--program", SYSB, "-j", 4, "--shards", 12).stdout)
        slurm = cluster(top)
        try:
            if not slurm.ready():
                skip("Slurm does not start here: " + (top / "ctld.log").read_text(errors="replace")[-300:].replace("\n", " "))
            sent = slurm.run("sbatch", "--parsable", f"--output={top}/%A_%a.log", str(script))
            check("sbatch takes the script", sent.returncode == 0, sent.stderr)
            # In the middle: the workers that run now, then a whole node.
            deadline = time.time() + 60
            while time.time() < deadline and summary_of(batch)["succeeded"] < 5:
                time.sleep(0.05)
            workers = subprocess.run(["pgrep", "-f", f"run-one -d {batch}"], capture_output=True, text=True).stdout.split()
            killed = 0
            for worker in workers:
                try:
                    os.kill(int(worker), signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
            check("workers were killed in the middle", killed > 0 and summary_of(batch)["succeeded"] < IMAGES, killed)
            slurm.nodes["n2"].kill()
            slurm.children.remove(slurm.nodes["n2"])
            time.sleep(2)
            slurm.start("slurmd", "-D", "-f", str(slurm.conf), "-N", "n2", "-L", str(top / "n2b.log"))
            deadline = time.time() + LIMIT
            while time.time() < deadline and slurm.run("squeue", "-h").stdout.strip():
                slurm.let_go()
                time.sleep(1)
            check("the array ends", not slurm.run("squeue", "-h").stdout.strip(), slurm.run("squeue").stdout)
        finally:
            slurm.close()
        done = summary_of(batch)
        check("every job succeeded", done["succeeded"] == IMAGES, done)
        results = list((batch / "jobs").glob("*/result.json"))
        check("every job has exactly one result", len(results) == IMAGES, len(results))
        check("the engine is on record", {json.loads(r.read_text())["attempts"][-1]["engine"] for r in results} == {"slurm"})
        want = top / "want.tar"
        sysb("wpar", images / "h00.mksysb", "-o", want)
        digest = hashlib.sha256(want.read_bytes()).hexdigest()
        got = {hashlib.sha256(p.read_bytes()).hexdigest() for p in out.glob("*.tar")}
        check("every output is right", got == {digest} and len(list(out.glob("*.tar"))) == IMAGES, len(got))
        sysb("batch", "clean", "-d", batch)
        left = [p.name for p in out.iterdir() if p.name.startswith(".")]
        check("nothing half-written is left after batch clean", not left, left)
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
