#!/usr/bin/env python3
"""ftpane beside curl on one machine, in turns: wall clock, CPU and memory, medians with min and max.

    cargo build --release && benches/peers.py [-n RUNS] [--mib N] [WORKLOAD ...]

Workloads: get (to a file), null (to /dev/null), put, list (100,000 entries), start (--version).
Needs root, curl and vsftpd (`.ci/servers` or the Debian package). The server, the data and the downloads are on 127.0.0.1 and under
/dev/shm, so that neither a network nor a disk is measured; all of it is gone at the end. CPU is user + system of the client alone.
"""
import argparse, os, pwd, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FTPANE = os.environ.get("FTPANE", os.path.join(TOP, "target/release/ftpane"))
USER, PASSWORD = "ftpane-bench", "bench"


def vsftpd():
    places = [os.environ.get("FTPANE_SERVERS", os.path.join(TOP, ".servers"))]
    for place in places:
        for root, _, files in os.walk(place):
            if "vsftpd" in files and root.endswith("sbin"):
                return os.path.join(root, "vsftpd")
    found = shutil.which("vsftpd", path=os.environ["PATH"] + ":/usr/sbin")
    return found or sys.exit("vsftpd is not here: run .ci/servers")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, work):
        self.root = os.path.join(work, "srv")
        os.makedirs(self.root, exist_ok=True)
        try:
            pwd.getpwnam(USER)
        except KeyError:
            subprocess.run(["useradd", "--system", "--shell", "/bin/sh", "--no-create-home", "--home-dir", "/", USER], check=True)
        # A cheap hash: a slow one would be timed as the client's.
        cheap = subprocess.check_output(["openssl", "passwd", "-1", PASSWORD], text=True).strip()
        subprocess.run(["usermod", "-p", cheap, USER], check=True)
        self.port = free_port()
        conf = os.path.join(work, "vsftpd.conf")
        with open(conf, "w") as f:
            f.write(f"""listen=YES
background=NO
listen_address=127.0.0.1
listen_port={self.port}
anonymous_enable=NO
local_enable=YES
write_enable=YES
local_root={self.root}
chroot_local_user=YES
allow_writeable_chroot=YES
pasv_address=127.0.0.1
max_per_ip=0
max_clients=0
xferlog_enable=NO
use_sendfile=YES
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
pam_service_name={'vsftpd' if os.path.exists('/etc/pam.d/vsftpd') else 'login'}
""")
        os.chmod(conf, 0o600)
        self.process = subprocess.Popen([vsftpd(), conf], stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.time() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    if s.recv(3) == b"220":
                        return
            except OSError:
                pass
            if time.time() > end or self.process.poll() is not None:
                sys.exit("vsftpd does not answer")
            time.sleep(0.05)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def make_data(server, mib):
    block = os.urandom(1 << 20)
    with open(os.path.join(server.root, "big"), "wb") as f:
        for _ in range(mib):
            f.write(block)
    many = os.path.join(server.root, "many")
    os.makedirs(many)
    for i in range(100_000):
        os.close(os.open(f"{many}/some-file-name-{i:06}.txt", os.O_CREAT | os.O_WRONLY, 0o644))
    os.makedirs(os.path.join(server.root, "in"))
    subprocess.run(["chown", "-R", f"{USER}:", server.root], check=True)


def watch_memory(pid, peak):
    try:
        while True:
            with open(f"/proc/{pid}/status") as f:
                marks = [line.split()[1] for line in f if line.startswith("VmHWM")]
            if not marks:
                return
            peak[0] = max(peak[0], int(marks[0]) / 1024)
            time.sleep(0.005)
    except OSError:
        return


def run(argv, out):
    """Wall seconds, CPU seconds, peak MiB of one process."""
    env = dict(os.environ, HOME=out, XDG_CONFIG_HOME=out, XDG_STATE_HOME=out, XDG_DATA_HOME=out)
    before = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    # What wait4 tells of memory is this program's own, from before the exec: the high-water mark is looked at while the client runs.
    peak = [0.0]
    watcher = threading.Thread(target=watch_memory, args=(process.pid, peak), daemon=True)
    watcher.start()
    taken = 0
    while chunk := process.stdout.read(1 << 20):
        taken += len(chunk)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - before
    if status != 0:
        sys.exit(f"failed ({status}): {' '.join(argv)}\n{process.stderr.read().decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime, peak[0], taken


def workloads(server, out):
    ours = f"ftp://{USER}:{PASSWORD}@127.0.0.1:{server.port}"
    curl = ["curl", "-q", "--no-progress-meter", "-u", f"{USER}:{PASSWORD}", "--ftp-method", "nocwd"]
    theirs = f"ftp://127.0.0.1:{server.port}"
    big = os.path.join(server.root, "big")
    return {
        "get": ([FTPANE, "get", "--quiet", f"{ours}/big", f"{out}/f"], [*curl, "-o", f"{out}/c", f"{theirs}/big"]),
        "null": ([FTPANE, "get", "--quiet", f"{ours}/big", "/dev/null"], [*curl, "-o", "/dev/null", f"{theirs}/big"]),
        "put": ([FTPANE, "put", "--quiet", big, f"{ours}/in/f"], [*curl, "-T", big, f"{theirs}/in/c"]),
        "list": ([FTPANE, "ls", "-l", f"{ours}/many/"], [*curl, f"{theirs}/many/"]),
        "start": ([FTPANE, "--version"], ["curl", "--version"]),
    }


def clean(server, out):
    for path in (f"{out}/f", f"{out}/c", f"{server.root}/in/f", f"{server.root}/in/c"):
        if os.path.exists(path):
            os.unlink(path)


def row(name, who, runs):
    def m(i, digits):
        values = [r[i] for r in runs]
        return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
    return f"| {name} | {who} | {m(0, 3)} | {m(1, 3)} | {m(2, 1)} |"


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("-n", type=int, default=5)
    args.add_argument("--mib", type=int, default=2048)
    args.add_argument("workload", nargs="*")
    options = args.parse_args()
    work = tempfile.mkdtemp(prefix="ftpane-bench-", dir="/dev/shm")
    os.chmod(work, 0o755)
    out = os.path.join(work, "out")
    os.makedirs(out)
    server = Server(work)
    try:
        make_data(server, options.mib)
        table = workloads(server, out)
        print(f"{options.n} runs each, in turns; {options.mib} MiB; medians (min-max)\n")
        print("| workload | client | wall s | CPU s | peak MiB |\n|---|---|---|---|---|")
        for name in options.workload or table:
            results = {"ftpane": [], "curl": []}
            for _ in range(options.n):
                for who, argv in zip(results, table[name]):
                    clean(server, out)
                    results[who].append(run(argv, out))
                    if name == "get":
                        subprocess.run(["cmp", f"{server.root}/big", f"{out}/{'f' if who == 'ftpane' else 'c'}"], check=True)
                    if name == "put":
                        subprocess.run(["cmp", f"{server.root}/big", f"{server.root}/in/{'f' if who == 'ftpane' else 'c'}"], check=True)
            for who, runs in results.items():
                print(row(name, who, runs))
            ours, theirs = (statistics.median(r[1] for r in results[w]) for w in ("ftpane", "curl"))
            walls = [statistics.median(r[0] for r in results[w]) for w in ("ftpane", "curl")]
            print(f"| {name} | ratio | {walls[0] / walls[1]:.2f} | {ours / max(theirs, 0.001):.2f} | |", flush=True)
    finally:
        server.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
