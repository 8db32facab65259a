"""What is measured, between whom, and what is asked of ftpane: a table.

A reach is an upper limit for one figure of ftpane: as a ratio to the best peer's median of the same figure in the same run, or to
one named peer's, or as an absolute number. Knows nothing of how a client is told or timed.
"""
from dataclasses import dataclass

WALL, CPU, PEAK = "wall", "cpu", "peak"  # seconds, seconds of user + system, MiB


@dataclass(frozen=True)
class Reach:
    figure: str
    limit: float
    against: str = "best"  # "best" peer, a client's name, or "" for an absolute limit


@dataclass(frozen=True)
class Workload:
    name: str
    operation: str  # a method of the clients
    data: str  # what it acts on, in the served tree
    text: str
    clients: tuple
    reaches: tuple = ()
    round_trip: float = 0  # ms; 0 is the loopback as it is
    jobs: int = 8  # connections, where the client's variant does not say
    tls: str = ""  # "required"; "reuse": and data connections must resume the session of the control connection


def _at_most(**limits):
    return tuple(Reach(figure, limit) for figure, limit in limits.items())


WORKLOADS = {
    w.name: w
    for w in (
        Workload("W1", "get_file", "big", "download one big file to disk",
                 ("ftpane", "tnftp", "curl", "lftp", "ncftp", "rclone"), _at_most(cpu=0.95, wall=1.05)),
        Workload("W1n", "get_null", "big", "download one big file to /dev/null",
                 ("ftpane", "curl", "lftp", "tnftp", "ncftp", "rclone"), _at_most(cpu=0.7, wall=1.05)),
        Workload("W2", "put_file", "big", "upload one big file",
                 ("ftpane", "ncftp", "curl", "lftp", "rclone"), _at_most(cpu=1.1)),
        Workload("W3", "get_tree", "tree10k", "download 10,000 files of 1-8 KiB in 100 directories",
                 ("ftpane", "ftpane:p8", "lftp:p8a", "rclone:p8", "curl:p8", "ncftp"), _at_most(wall=0.56, cpu=0.5)),
        Workload("W4", "put_tree", "tree10k", "upload 10,000 files of 1-8 KiB in 100 directories",
                 ("ftpane", "ftpane:p8", "lftp:p8a", "lftp:p8", "rclone:p8", "ncftp"), _at_most(wall=0.75)),
        Workload("W5", "get_tree", "tree1k", "download 1,000 files of 1-8 KiB, 20 ms round trip, 8 connections",
                 ("ftpane:p8", "lftp:p8a", "rclone:p8", "curl:p8"), _at_most(wall=0.8), round_trip=20),
        Workload("W5w", "get_tree", "tree1k", "the same over 32 connections",
                 ("ftpane:p32", "lftp:p32a", "rclone:p32", "curl:p32"), _at_most(wall=0.75), round_trip=20, jobs=32),
        Workload("W5b", "get_tree", "tree300", "download 300 files of 1-8 KiB, 100 ms round trip, 8 connections",
                 ("ftpane:p8", "lftp:p8a", "rclone:p8", "curl:p8"), _at_most(wall=0.7), round_trip=100),
        Workload("W6", "list", "list100k", "list a directory of 100,000 files",
                 ("ftpane", "curl", "ncftp", "wget", "lftp", "rclone"), (Reach(WALL, 1.5, "curl"), Reach(PEAK, 40, ""))),
        Workload("W7", "resume", "big", "go on with a download that was killed half-way",
                 ("ftpane", "ftpane:s4", "ncftp", "lftp", "curl", "wget", "lftp:pget4"), _at_most(wall=1.05)),
        Workload("W8", "mirror", "tree10k", "mirror 10,000 files that are in step already",
                 ("ftpane", "wget", "lftp:p8a", "rclone:p8"), _at_most(wall=1.0)),
        Workload("W9", "version", "", "start and print the version",
                 ("ftpane", "tnftp", "wget", "ncftp", "lftp", "curl", "rclone")),
        Workload("W10", "get_file", "mid", "download 256 MiB, 100 ms round trip",
                 ("ftpane", "ftpane:s8", "aria2:x8", "lftp:pget8", "curl"), _at_most(wall=0.95), round_trip=100),
        Workload("W1sn", "get_null", "big", "download one big file to /dev/null under TLS",
                 ("ftpane", "curl", "lftp", "rclone:no13"), (Reach(CPU, 1.0, "curl"),), tls="required"),
        Workload("W2s", "put_file", "big", "upload one big file under TLS",
                 ("ftpane", "curl", "lftp", "rclone:no13"), (Reach(CPU, 1.0, "curl"),), tls="required"),
        Workload("W3s", "get_tree", "tree10k", "download 10,000 files of 1-8 KiB under TLS, sessions resumed",
                 ("ftpane", "ftpane:p8", "rclone:no13", "lftp:p8a", "curl:p8"), (Reach(WALL, 0.7, "rclone:no13"),), tls="reuse"),
        Workload("M1", "", "million", "1,000,000 files queued", ("ftpane",), (Reach(PEAK, 300, ""),), round_trip=20),
        Workload("M2", "", "sparse", "100 GiB to /dev/null, for some seconds, beside 1 MiB", ("ftpane:100gib",),
                 (Reach(PEAK, 1.5, "ftpane:1mib"),)),
    )
}
