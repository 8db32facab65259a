"""One program run and measured: wall clock, CPU, the largest process, and what else the machine did meanwhile.

Guarantee: the figures are of the client alone (tools/timed), its start-up included and that of the network namespace left out. A large
share of "other" CPU means that the wall clock is not to be trusted.
"""
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field

import places
import servers


@dataclass
class Command:
    """A client's command line; `output` is where its stdout goes."""
    argv: list
    environment: dict = field(default_factory=dict)
    directory: str = places.WORK
    output: str = os.path.join(places.WORK, "stdout")


ERRORS = os.path.join(places.WORK, "stderr")
_REPORT = os.path.join(places.WORK, "report")


def timed(command, network, limit, until=None):
    """Runs the command to its end, or kills it after LIMIT seconds, or as soon as `until(pid)` is true. The figures as a dict."""
    server_before, machine_before = servers.cpu_seconds(), _machine_seconds()
    process = _start(command, network)
    killed = _attend(process, time.monotonic() + limit, until)
    figures = _figures()
    figures["killed"] = killed
    figures["server_cpu"] = servers.cpu_seconds() - server_before
    used = figures["cpu"] + figures["server_cpu"]
    figures["other_cpu"] = max(0.0, _machine_seconds() - machine_before - used)
    return figures


def peak_so_far(pid):
    """The high-water mark of a running process, in MiB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def _start(command, network):
    places.remove(_REPORT)
    environment = {**os.environ, **command.environment, "HOME": places.WORK, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with open(command.output, "wb") as output, open(ERRORS, "wb") as errors:
        return subprocess.Popen([*network.client, places.tool("timed"), _REPORT, *command.argv], env=environment,
                                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=command.directory,
                                start_new_session=True)


def _attend(process, deadline, until):
    """Waits for the end, or brings it about; true if it did."""
    killed = False
    while not _ended(process, 0.001 if until else 0.2):
        pid = _child()
        if killed or pid is None:
            continue
        if time.monotonic() > deadline or (until and until(pid)):
            killed = _kill(pid)
    return killed


def _kill(group):
    try:
        os.killpg(group, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


def _ended(process, patience):
    try:
        process.wait(patience)
        return True
    except subprocess.TimeoutExpired:
        return False


def _child():
    words = _report_words()
    return int(words[1]) if len(words) > 1 else None


def _figures():
    words = _report_words()[2:]
    told = {name: float(value) for name, value in zip(words[::2], words[1::2])}
    if "status" not in told:
        return {"wall": 0.0, "cpu": 0.0, "user": 0.0, "sys": 0.0, "peak": 0.0, "status": 127}
    told["peak"] /= 1024
    told["status"] = int(told["status"])
    return {**told, "cpu": told["user"] + told["sys"]}


def _report_words():
    try:
        with open(_REPORT) as report:
            return report.read().split()
    except FileNotFoundError:
        return []


def _machine_seconds():
    """CPU seconds that the whole machine has spent, idle and waiting left out."""
    with open("/proc/stat") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
