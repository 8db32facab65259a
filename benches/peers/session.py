"""One workload between several clients, in turns (A B C, B C A, …), every outcome checked, every run recorded.

Guarantee: a run counts as `ok` only when the client said so and what arrived is what was sent, byte by byte. A client that failed is
not run again and has no ratio.
"""
import json
import os
import shutil
import subprocess
import time

import clients
import data
import measure
import places
import servers
from network import Network

_UP, _TREES = ("put_file", "put_tree"), ("get_tree", "put_tree", "mirror")


def run(workload, names, runs, kind, limit):
    """Runs it and appends a line a run to the results."""
    began = stamp()
    for directory in (places.FETCHED, places.WORK):
        os.makedirs(directory, exist_ok=True)
    with Network(workload.round_trip) as network, servers.Server(kind, network, tls=workload.tls) as server:
        left = list(names)
        for number in range(runs):
            # Who goes first is no better and no worse off.
            begin = number % len(left) if left else 0
            for name in left[begin:] + left[:begin]:
                outcome = Turn(workload, name, server, limit).take()
                if not outcome["ok"]:
                    left.remove(name)
                record({"run": began, "workload": workload.name, "server": kind, "client": name, **outcome})


def stamp():
    """What the runs that are compared with each other have in common."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def record(outcome):
    print(" ".join(f"{key}={_short(value)}" for key, value in outcome.items() if key != "run"), flush=True)
    with open(places.RESULTS, "a") as results:
        results.write(json.dumps(outcome) + "\n")


def _short(value):
    return f"{value:.3f}" if isinstance(value, float) else value


class Turn:
    """One client's turn: a clean place, what has to come before, the timed part, the check."""

    def __init__(self, workload, name, server, limit):
        self.workload, self.server, self.limit = workload, server, limit
        self.operation = workload.operation
        self.tree = self.operation in _TREES
        served = os.path.join(places.SERVED, workload.data)
        if self.operation in _UP:
            self.source, self.target = served, os.path.join(places.UPLOADS, workload.data)
            remote, local = f"in/{workload.data}", served
        else:
            self.source, self.target = served, os.path.join(places.FETCHED, workload.data)
            remote, local = workload.data, self.target
        files = tuple(data.names(workload.data)) if self.tree else ()
        variant = name.partition(":")[2]
        job = clients.Job(server.address, servers.PORT, remote, local, files, workload.jobs, variant, bool(workload.tls))
        self.client = clients.client(name, job)

    def take(self):
        places.fresh(places.WORK)
        self._clean()
        try:
            return self._timed()
        finally:
            self._clean()

    def _timed(self):
        self.client.prepare(self.operation)
        command = self._command(self.operation)
        if command is None:
            return {"ok": False, "note": "not supported"}
        trouble = self._before()
        if trouble:
            return {"ok": False, "note": trouble}
        self._warm()
        outcome = self._measure(command)
        trouble = self._trouble(outcome)
        return {"ok": True, **outcome} if trouble is None else {"ok": False, "note": trouble, **outcome}

    def _measure(self, command, until=None):
        return measure.timed(command, self.server.network, self.limit, until)

    def _command(self, operation):
        return getattr(self.client, operation, lambda: None)()

    def _before(self):
        """The untimed run of the same client that a timed one builds upon; what went wrong, or None."""
        if self.operation == "mirror":
            outcome = self._measure(self._command("mirror"))
            return None if outcome["status"] == 0 else f"the first mirror failed: {_last_words()}"
        if self.operation == "resume":
            outcome = self._measure(self._command("get_file"), self._half_way())
            return None if outcome["killed"] else "finished before it was killed"
        return None

    def _half_way(self):
        """Half the file has crossed the network: clients name and lay out their partial files as they like."""
        half, network, pid = os.path.getsize(self.source) / 2, self.server.network, self.server.process.pid
        begin = network.sent(pid)
        return lambda _: network.sent(pid) - begin >= half

    def _warm(self):
        """Has the machine find the memory for a large file before the clock runs: a virtual one fetches freed pages from its host again,
        at several times the cost of the copy, and whoever comes first would pay."""
        if self.workload.data and not self.tree and os.path.isfile(self.source):
            again = os.path.join(places.FETCHED, "warm")
            shutil.copyfile(self.source, again)
            os.unlink(again)

    def _trouble(self, outcome):
        if outcome["killed"]:
            return f"not done after {self.limit} s"
        if self.operation == "version":
            return None
        if outcome["status"] != 0:
            return f"status {outcome['status']}: {_last_words()}"
        if self.operation == "list":
            return _entries_missing(100_000)
        if self.operation == "get_null" or self._same():
            return None
        return "what arrived is not what was sent"

    def _same(self):
        compare = ["diff", "-rq", "-x", ".listing"] if self.tree else ["cmp", "-s"]
        return subprocess.run([*compare, self.source, self.target], stdout=subprocess.DEVNULL).returncode == 0

    def _clean(self):
        for folder in (places.FETCHED, places.UPLOADS):
            for name in os.listdir(folder):
                places.remove(os.path.join(folder, name))


def _entries_missing(count):
    with open(measure.Command([]).output, "rb") as listing:
        seen = sum(b"some-file-name-" in line for line in listing)
    return None if seen == count else f"{seen} of {count} entries"


def _last_words():
    with open(measure.ERRORS, errors="replace") as errors:
        return errors.read()[-300:].strip()
