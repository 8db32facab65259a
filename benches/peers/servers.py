"""FTP servers for the benchmark: vsftpd, ProFTPD and pure-ftpd as `.ci/servers` unpacks them, plain, as root, set up so that a client
is timed and not the server's log-in: a cheap password hash, no namespaces of its own for each connection, no delays.

Their CPU seconds come from a control group, where one can be made.
"""
import os
import pwd
import subprocess
import time

import places

PORT = 2121
PASSIVE = (10_000, 29_999)  # below the ports that the kernel gives to outgoing connections


class Server:
    """`with Server(kind, network) as server`. Only vsftpd can log the protocol, and has TLS."""

    def __init__(self, kind, network, logged=False, tls=""):
        if tls and kind != "vsftpd":
            raise SystemExit(f"{kind} is not set up for TLS: leave --server vsftpd")
        self.kind, self.network, self.logged, self.tls = kind, network, logged, tls
        self.address = network.address
        self.log = os.path.join(places.PRIVATE, f"{kind}.log")
        self.process = None

    def __enter__(self):
        os.makedirs(places.PRIVATE, exist_ok=True)
        places.remove(self.log)
        with open(os.path.join(places.PRIVATE, "output"), "ab") as output:
            self.process = subprocess.Popen(
                [*self.network.server, *_KINDS[self.kind](self)], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd="/", env=_environment(), preexec_fn=_join_group)
        self._greeted()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        # Sessions that outlive it end with the network.

    def protocol_lines(self, command):
        """How often clients gave the command so far, where the protocol is logged."""
        with open(self.log, errors="replace") as log:
            return sum(f'"{command}' in line for line in log if "FTP command" in line)

    def _greeted(self):
        probe = f"import socket; assert socket.create_connection(('{self.address}', {PORT}), 2).recv(3) == b'220'"
        for _ in range(100):
            if self.process.poll() is not None:
                break
            if subprocess.run([*self.network.server, "python3", "-c", probe], stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.kind} does not answer: see {places.PRIVATE}/output")


def cpu_seconds():
    """What all servers of this run have used so far; 0 where there is no control group to tell."""
    for path, unit in ((f"{_CGROUP_1}/cpuacct.usage", 1e9), (f"{_CGROUP_2}/cpu.stat", 1e6)):
        try:
            with open(path) as file:
                return int(file.read().split()[-1 if unit == 1e9 else 1]) / unit
        except OSError:
            pass
    return 0.0


_CGROUP_1, _CGROUP_2 = "/sys/fs/cgroup/cpuacct/ftpane-bench", "/sys/fs/cgroup/ftpane-bench"


def _join_group():
    os.setsid()
    parent = "/sys/fs/cgroup/cpuacct"
    group = _CGROUP_1 if os.path.isdir(parent) else _CGROUP_2
    try:
        os.makedirs(group, exist_ok=True)
        with open(f"{group}/cgroup.procs", "w") as members:
            members.write(str(os.getpid()))
    except OSError:
        pass  # Without one the servers' share shows up as "other".


def _environment():
    libraries = places.server_file(f"usr/lib/{os.uname().machine}-linux-gnu")
    return {**os.environ, "LD_LIBRARY_PATH": libraries, "TZ": "UTC"}


def _write(name, text):
    path = os.path.join(places.PRIVATE, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


def _hash():
    return subprocess.check_output(["openssl", "passwd", "-1", places.PASSWORD], text=True).strip()


# Protocol lines are logged only where transfers are.
_LOGGED = """xferlog_enable=YES
xferlog_std_format=NO
log_ftp_protocol=YES
vsftpd_log_file={log}
"""


# A certificate of a kind that all clients know and that costs a handshake little.
_TLS = """ssl_enable=YES
ssl_ciphers=HIGH
allow_anon_ssl=NO
force_local_data_ssl=YES
force_local_logins_ssl=YES
require_ssl_reuse={reuse}
rsa_cert_file={path}
rsa_private_key_file={path}
"""


def _tls(server):
    if not server.tls:
        return ""
    path = os.path.join(places.PRIVATE, "bench.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=bench",
                    "-addext", f"subjectAltName=IP:{server.address}", "-keyout", f"{path}.key", "-out", f"{path}.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    text = "".join(open(f"{path}.{part}").read() for part in ("key", "crt"))
    return _TLS.format(reuse="YES" if server.tls == "reuse" else "NO", path=_write("bench.pem", text))


def _vsftpd(server):
    empty = os.path.join(places.PRIVATE, "empty")
    os.makedirs(empty, exist_ok=True)
    logging = _LOGGED.format(log=server.log) if server.logged else ""
    return [places.server_program("vsftpd"), _write("vsftpd.conf", f"""listen=YES
background=NO
listen_address={server.address}
listen_port={PORT}
anonymous_enable=NO
local_enable=YES
guest_enable=YES
guest_username={places.SYSTEM_USER}
virtual_use_local_privs=YES
pam_service_name={places.SYSTEM_USER}
local_root={places.SERVED}
chroot_local_user=YES
allow_writeable_chroot=YES
secure_chroot_dir={empty}
write_enable=YES
mdtm_write=YES
local_umask=022
pasv_address={server.address}
pasv_min_port={PASSIVE[0]}
pasv_max_port={PASSIVE[1]}
max_per_ip=0
max_clients=0
xferlog_enable=NO
use_sendfile=YES
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
{logging}{_tls(server)}""")]


def _proftpd(server):
    user = pwd.getpwnam(places.SYSTEM_USER)
    passwords = _write("proftpd.passwd", f"{places.USER}:{_hash()}:{user.pw_uid}:{user.pw_gid}::{places.SERVED}:/bin/sh\n")
    config = _write("proftpd.conf", f"""ModulePath {places.server_file("usr/lib/proftpd")}
ServerName "bench"
ServerType standalone
DefaultServer on
DefaultAddress {server.address}
SocketBindTight on
Port {PORT}
UseIPv6 off
User {places.SYSTEM_USER}
Group {places.SYSTEM_USER}
PassivePorts {PASSIVE[0]} {PASSIVE[1]}
MaxInstances 400
MaxClients none
MaxClientsPerHost none
MaxConnectionsPerHost none
UseReverseDNS off
RequireValidShell off
AuthOrder mod_auth_file.c
AuthUserFile {passwords}
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
DefaultRoot {places.SERVED}
Umask 022
TimesGMT on
UseSendfile on
DelayEngine off
WtmpLog off
TransferLog none
SystemLog {server.log}
ScoreboardFile {places.PRIVATE}/proftpd.score
PidFile {places.PRIVATE}/proftpd.pid
""")
    return [places.server_program("proftpd"), "--nodaemon", "--config", config]


def _pure_ftpd(server):
    user = pwd.getpwnam(places.SYSTEM_USER)
    entry = f"{places.USER}:{_hash()}:{user.pw_uid}:{user.pw_gid}::{places.SERVED}/./::::::::::::\n"
    accounts, database = _write("pure-ftpd.passwd", entry), os.path.join(places.PRIVATE, "pure-ftpd.pdb")
    compiler = places.server_program("pure-pw", "usr/bin")
    subprocess.run([compiler, "mkdb", database, "-f", accounts], check=True, env=_environment())
    first, last = PASSIVE
    return [places.server_program("pure-ftpd"), "-S", f"{server.address},{PORT}", "-p", f"{first}:{last}", "-P", server.address,
            "-l", f"puredb:{database}", "-g", f"{places.PRIVATE}/pure-ftpd.pid", "-E", "-A", "-H", "-c", "500", "-I", "60",
            "-L", "1000000:64", "-u", "1", "-U", "133:022", "-f", "none"]


_KINDS = {"vsftpd": _vsftpd, "proftpd": _proftpd, "pure-ftpd": _pure_ftpd}
KINDS = tuple(_KINDS)
