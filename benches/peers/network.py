"""Networks of one run's own: a private loopback, or two ends of a link with a round-trip time.

Guarantee: nothing that runs in them reaches anything outside, since there is no route; all addresses are of 127.0.0.0/8, so that even a
program started outside of them by mistake stays on this machine. Whatever still runs in them at the end is ended. Only one benchmark
runs at a time: a second one waits.

A kernel need not have netem: tools/netdelay carries the packets between two TUN devices and holds each for half the round trip. No loss
and no limit of bandwidth; TCP's own behaviour (handshake, slow start) is real.
"""
import fcntl
import os
import signal
import subprocess
import time

import places

CLIENT, SERVER = "ftpane-bench-c", "ftpane-bench-s"
CLIENT_ADDRESS, SERVER_ADDRESS = "127.77.0.1", "127.77.0.2"

_LOCK = "/run/ftpane-bench.lock"


class Network:
    """`with Network(round_trip_ms) as network`: run clients behind `network.client`, servers behind `network.server`."""

    def __init__(self, round_trip):
        self.round_trip = round_trip
        self.carrier = self.lock = None
        spaces = (CLIENT, SERVER) if round_trip else (CLIENT, CLIENT)
        self.client, self.server = (["ip", "netns", "exec", space] for space in spaces)
        self.address = SERVER_ADDRESS if round_trip else "127.0.0.1"

    def __enter__(self):
        self.lock = open(_LOCK, "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        _clear()
        try:
            if self.round_trip:
                self._link()
            else:
                _ip("netns", "add", CLIENT)
                _ip("-n", CLIENT, "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.carrier:
            self.carrier.terminate()
            self.carrier.wait()
        _clear()
        self.lock.close()

    def sent(self, pid):
        """Bytes that went out so far where the process runs: on a loopback, what either side sent."""
        device = "bench0:" if self.round_trip else "lo:"
        with open(f"/proc/{pid}/net/dev") as table:
            line = next(line for line in table if line.strip().startswith(device))
        return int(line.split(":")[1].split()[8])

    def _link(self):
        for space in (CLIENT, SERVER):
            _ip("netns", "add", space)
        argv = [places.tool("netdelay"), CLIENT, SERVER, str(self.round_trip)]
        self.carrier = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        if self.carrier.stdout.readline().strip() != "ready":
            raise RuntimeError("netdelay does not start")
        _address(CLIENT, CLIENT_ADDRESS, SERVER_ADDRESS)
        _address(SERVER, SERVER_ADDRESS, CLIENT_ADDRESS)


def _address(space, own, other):
    _ip("-n", space, "link", "set", "lo", "up")
    # Its /8 would swallow the link's addresses.
    _ip("-n", space, "addr", "del", "127.0.0.1/8", "dev", "lo")
    _ip("-n", space, "link", "set", "bench0", "mtu", "1500", "txqueuelen", "20000")
    _ip("-n", space, "addr", "add", own, "peer", other, "dev", "bench0")
    _ip("-n", space, "link", "set", "bench0", "up")
    for device in ("all", "bench0"):
        _ip("netns", "exec", space, "sysctl", "-qw", f"net.ipv4.conf.{device}.route_localnet=1")


def _ip(*words):
    subprocess.run(["ip", *words], check=True)


def _clear():
    for space in (CLIENT, SERVER):
        if os.path.exists(f"/var/run/netns/{space}"):
            _end_all(space)
            _ip("netns", "del", space)


def _end_all(space):
    for _ in range(100):
        left = subprocess.check_output(["ip", "netns", "pids", space], text=True).split()
        if not left:
            return
        for pid in left:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
