#!/usr/bin/env python3
"""ftpane beside other FTP clients on one machine.

    peers.py data [--mib N]                     make the data, once
    peers.py run W3 [CLIENT …] [-n N]           a workload; without clients those it is judged by
    peers.py run all [-n N]                     every workload
    peers.py memory queue|file                  high-water marks with 1,000,000 files queued, in a file of 100 GiB
    peers.py report                             Markdown of the last run of each workload
    peers.py list                               workloads and clients
    peers.py versions                           what the clients say they are

CLIENT is NAME or NAME:VARIANT (p8: 8 connections; s4, x8, pget4: parts of one file; a: commands sent ahead).
Environment: FTPANE, the binary (target/release/ftpane); FTPANE_BEFORE, another build, as the client `before`; BENCH_DIR, where all
lies (/dev/shm/ftpane-bench: on a tmpfs no disk is measured); FTPANE_SERVERS (.servers).

Needs Linux, root, rustc, openssl, /dev/net/tun, the servers that `.ci/servers` unpacks, and the Debian packages
iproute2 lftp ncftp curl wget rclone aria2 tnftp.
"""
import argparse
import os
import signal
import sys

sys.dont_write_bytecode = True

import clients
import data
import memory
import places
import report
import servers
import session
from workloads import WORKLOADS


def main():
    options = _options()
    if options.command in ("run", "memory", "data") and os.geteuid() != 0:
        sys.exit("needs root: network namespaces, and servers that log users in")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _COMMANDS[options.command](options)


def _run(options):
    chosen = list(_TIMED) if options.workload == "all" else [options.workload]
    for name in chosen:
        workload = WORKLOADS[name]
        session.run(workload, options.client or workload.clients, options.n, options.server, options.limit)


def _memory(options):
    {"queue": memory.queue, "file": memory.file}[options.what]()


def _list(_):
    for workload in WORKLOADS.values():
        print(f"{workload.name:4} {workload.text}\n     {' '.join(workload.clients)}")


_TIMED = {name: workload for name, workload in WORKLOADS.items() if workload.operation}
_COMMANDS = {"data": lambda options: data.make(options.mib), "run": _run, "memory": _memory, "report": lambda _: report.write(),
             "list": _list, "versions": lambda _: print(report.versions())}


def _client(name):
    if not clients.known(name):
        raise argparse.ArgumentTypeError(f"no client of that name: {name}")
    return name


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("data")
    make.add_argument("--mib", type=int, default=2048, help="size of the big file")
    run = commands.add_parser("run")
    run.add_argument("workload", choices=[*_TIMED, "all"])
    run.add_argument("client", nargs="*", type=_client)
    run.add_argument("-n", type=int, default=5, help="runs of each client")
    run.add_argument("--server", default="vsftpd", choices=servers.KINDS)
    run.add_argument("--limit", type=float, default=180, help="seconds that one client may take")
    commands.add_parser("memory").add_argument("what", choices=["queue", "file"])
    for name in ("report", "list", "versions"):
        commands.add_parser(name)
    return parser.parse_args()


if __name__ == "__main__":
    main()
