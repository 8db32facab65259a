"""How much memory a long queue and a long file take: the high-water marks of ftpane while it is in the midst of them.

The queue: over a link of 20 ms a file takes several round trips and a directory of 1,000 hardly more, so that the walk outruns the
transfers by far. When each directory has been listed, the client is killed, and what it had taken is told together with how many files
had been asked for: the rest was queued. A client that does not walk to the end within the limit has failed, whatever it took.
"""
import os
import time

import clients
import data
import measure
import places
import servers
import session
from network import Network

_ROUND_TRIP = 20
_QUEUE_LIMIT, _FILE_SECONDS = 600, 6


def queue():
    stamp = session.stamp()
    data.make_million()
    _prepare()
    with Network(_ROUND_TRIP) as network, servers.Server("vsftpd", network, logged=True) as server:
        walked = _Walked(server)
        outcome = measure.timed(_job(server, "million").get_tree(), network, _QUEUE_LIMIT, walked)
        listed, asked = server.protocol_lines("LIST"), server.protocol_lines("RETR")
    complete = outcome["killed"] and listed > data.DIRECTORIES
    session.record({"run": stamp, "workload": "M1", "client": "ftpane", "ok": complete, "asked_for": asked,
                    "note": f"{listed} of {data.DIRECTORIES + 1} directories listed", **outcome})
    _prepare()


def file():
    stamp = session.stamp()
    data.make_sparse()
    for size in ("1mib", "100gib"):
        _prepare()
        with Network(0) as network, servers.Server("vsftpd", network) as server:
            outcome = measure.timed(_job(server, f"sparse/{size}").get_null(), network, _FILE_SECONDS)
        good = outcome["killed"] if size == "100gib" else outcome["status"] == 0
        session.record({"run": stamp, "workload": "M2", "client": f"ftpane:{size}", "ok": good, **outcome})
    _prepare()


class _Walked:
    """True some seconds after the last directory was listed, when its rows have become transfers."""

    def __init__(self, server):
        self.server, self.next_look, self.done_at = server, 0.0, None

    def __call__(self, pid):
        now = time.monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + 1
        if self.done_at is None and self.server.protocol_lines("LIST") > data.DIRECTORIES:
            self.done_at = now
        print(f"  {measure.peak_so_far(pid):.1f} MiB", end="\r", flush=True)
        return self.done_at is not None and now > self.done_at + 5


def _job(server, name):
    target = os.path.join(places.FETCHED, os.path.basename(name))
    return clients.client("ftpane", clients.Job(server.address, servers.PORT, name, target, (), 8, ""))


def _prepare():
    places.fresh(places.WORK)
    places.fresh(places.FETCHED)
