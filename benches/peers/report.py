"""What was recorded, as Markdown: first what is asked for and what came out, then a table a workload.

Of each workload only the last run counts, since a ratio means something within one run only. The best peer is the one with the least
median of that figure; ftpane's own variants are no peers.
"""
import json
import os
import statistics
import subprocess

import clients
import places
from workloads import CPU, PEAK, WALL, WORKLOADS

_PACKAGES = ("lftp", "curl", "rclone", "aria2", "wget", "ncftp", "tnftp")
_UNITS = {WALL: "wall", CPU: "CPU", PEAK: "peak MiB"}


def write():
    last = _last_runs()
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}; {versions()}.\n")
    print("| workload | client | figure | ftpane | compared with | ratio | asked for | |\n|---|---|---|---|---|---|---|---|")
    for name, runs in last.items():
        for line in _verdicts(WORKLOADS[name], runs):
            print(line)
    for name, runs in last.items():
        _table(WORKLOADS[name], runs)


def versions():
    told = [subprocess.check_output([places.FTPANE, "--version"], text=True).strip()]
    for package in _PACKAGES:
        shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        told.append(f"{package} {shown.stdout or 'not installed'}")
    return ", ".join(told)


def _last_runs():
    """{workload: {client: [runs]}}, in the order of the table of workloads."""
    last = {}
    with open(places.RESULTS) as results:
        for run in map(json.loads, results):
            stamp, by_client = last.get(run["workload"], ("", {}))
            by_client = by_client if stamp == run["run"] else {}
            by_client.setdefault(run["client"], []).append(run)
            last[run["workload"]] = run["run"], by_client
    return {name: last[name][1] for name in WORKLOADS if name in last}


def _good(runs):
    return [run for run in runs if run["ok"]]


def _sound(runs):
    """Whether every run was good: a client that failed once is compared with nobody."""
    return bool(runs) and len(_good(runs)) == len(runs)


def _median(runs, figure):
    return statistics.median(run[figure] for run in _good(runs))


def _verdicts(workload, runs):
    for name in filter(clients.ours, runs):
        for reach in workload.reaches:
            if name != reach.against:
                yield _verdict(workload, runs, name, reach)


def _verdict(workload, runs, name, reach):
    start = f"| {workload.name} | {name} | {_UNITS[reach.figure]} |"
    if not _sound(runs[name]):
        return f"{start} failed: {_note(runs[name])} | | | {reach.limit} | **no** |"
    own = _median(runs[name], reach.figure)
    if not reach.against:
        return f"{start} {_number(own)} | | | {reach.limit} | {_word(own <= reach.limit)} |"
    peer = _peer(runs, reach)
    if peer is None:
        return f"{start} {_number(own)} | nobody | | {reach.limit} | **no** |"
    theirs = _median(runs[peer], reach.figure)
    ratio = own / max(theirs, 0.001)
    return f"{start} {_number(own)} | {peer} {_number(theirs)} | {ratio:.2f} | {reach.limit} | {_word(ratio <= reach.limit)} |"


def _peer(runs, reach):
    if reach.against != "best":
        return reach.against if _sound(runs.get(reach.against, [])) else None
    peers = [name for name in runs if not clients.ours(name) and _sound(runs[name])]
    return min(peers, key=lambda name: _median(runs[name], reach.figure), default=None)


def _note(runs):
    """What went wrong last, on one line."""
    return " ".join(runs[-1].get("note", "").split())[:90]


def _word(good):
    return "yes" if good else "**no**"


def _number(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _table(workload, runs):
    first = next(iter(runs.values()))[0]
    server = first.get("server", "vsftpd")
    where = f"{server}, {workload.round_trip} ms round trip" if workload.round_trip else server
    print(f"\n### {workload.name}: {workload.text}\n\n{where}, {first['run'][:10]}\n")
    print("| client | runs | wall s: median (min-max) | CPU s: user + sys | peak MiB | server CPU s | other CPU s |\n|---|---|---|---|---|---|---|")
    for name in sorted(runs, key=lambda name: _median(runs[name], WALL) if _good(runs[name]) else float("inf")):
        print(_row(name, runs[name]))


def _row(name, runs):
    good = _good(runs)
    if not good:
        return f"| {name} | 0 of {len(runs)} | {_note(runs)} | | | | |"
    count = f"{len(good)}" if len(good) == len(runs) else f"{len(good)} of {len(runs)}"
    walls = [run[WALL] for run in good]
    spread = f"{_number(_median(runs, WALL))} ({_number(min(walls))}-{_number(max(walls))})"
    shares = f"{_number(_median(runs, 'user'))} + {_number(_median(runs, 'sys'))} = {_number(_median(runs, CPU))}"
    rest = " | ".join(_number(_median(runs, figure)) for figure in (PEAK, "server_cpu", "other_cpu"))
    return f"| {name} | {count} | {spread} | {shares} | {rest} |"
