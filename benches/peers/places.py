"""Where the benchmark's things lie, and how its programs are found.

Guarantee: everything that is made lies under one directory (BENCH_DIR, else /dev/shm/ftpane-bench), apart from two network
namespaces, a control group and a lock in /run, all called ftpane-bench. Knows nothing of clients or workloads.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))

TOP = os.environ.get("BENCH_DIR", "/dev/shm/ftpane-bench")
SERVED = os.path.join(TOP, "srv")  # the served tree
UPLOADS = os.path.join(SERVED, "in")  # where uploads go
FETCHED = os.path.join(TOP, "dst")  # where downloads go
WORK = os.path.join(TOP, "work")  # of one run: the client's home and lists
PRIVATE = os.path.join(TOP, "run")  # the servers' configurations and logs
PROGRAMS = os.path.join(TOP, "bin")  # compiled tools
RESULTS = os.path.join(TOP, "results.jsonl")  # one line a run

FTPANE = os.environ.get("FTPANE", os.path.join(REPOSITORY, "target/release/ftpane"))
# A second build to compare with, as the client `before`.
FTPANE_BEFORE = os.environ.get("FTPANE_BEFORE", FTPANE)

# What `.ci/servers` unpacks, and the user it makes.
SERVERS = os.environ.get("FTPANE_SERVERS", os.path.join(REPOSITORY, ".servers"))
SYSTEM_USER, USER, PASSWORD = "ftpane-test", "tester", "secret"


def fresh(directory):
    """An empty directory of that name."""
    remove(directory)
    os.makedirs(directory)
    return directory


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def server_file(path):
    """A file of the unpacked servers, by its path below /."""
    return os.path.join(SERVERS, "root", path)


def server_program(name, folder="usr/sbin"):
    path = server_file(f"{folder}/{name}")
    return path if os.path.exists(path) else sys.exit(f"{path} is not there: run .ci/servers")


def tool(name):
    """tools/NAME.rs, compiled when it is not yet or was changed since."""
    source, program = os.path.join(HERE, "tools", f"{name}.rs"), os.path.join(PROGRAMS, name)
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        os.makedirs(PROGRAMS, exist_ok=True)
        subprocess.run(["rustc", "-O", "--edition", "2024", source, "-o", program], check=True)
    return program
