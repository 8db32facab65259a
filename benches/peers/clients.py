"""The clients' command lines, each with the settings that serve it best: a class a client, a method an operation.

A method returns a `Command`, or None for what the client (in that variant) cannot do; a missing method says the same. `prepare` is
not timed. Variants: pN connections, sN and xN parts of one file, a = commands sent ahead (lftp). Knows nothing of workloads or time.

curl and aria2 cannot walk a tree: they are handed the list of its files, which flatters them. The others list for themselves.
"""
import os
import subprocess
from dataclasses import dataclass

import places
from measure import Command


@dataclass
class Job:
    """What a client is told. Paths at the server are relative to where it logs in."""
    address: str
    port: int
    remote: str
    local: str
    names: tuple  # of a tree's files, relative
    jobs: int
    variant: str
    tls: bool = False

    def url(self, path=None, login=True):
        who = f"{places.USER}:{places.PASSWORD}@" if login else ""
        return f"ftp://{who}{self.address}:{self.port}/{self.remote if path is None else path}"


class Client:
    program = ""

    def __init__(self, job):
        self.job = job

    def number(self, letter, otherwise=None):
        """The N of a variant like pN or pNa."""
        variant = self.job.variant
        return int("".join(filter(str.isdigit, variant))) if variant.startswith(letter) else otherwise

    def prepare(self, operation):
        pass

    def version(self):
        return Command([self.program, "--version"])


class Ftpane(Client):
    program = places.FTPANE
    def tell(self, *words):
        homes = {name: places.WORK for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        return Command([self.program, *words], homes)

    @property
    def plain(self):
        return [*(["--tls=required", "--insecure"] if self.job.tls else ["--tls=off"]), "--quiet"]

    def jobs(self):
        number = self.number("p")
        return ["-j", str(number)] if number else []

    def one_file(self, *options):
        parts = self.number("s")
        parts = ["--segments", str(parts)] if parts else []
        return self.tell("get", *self.plain, *parts, *options, self.job.url(), self.job.local)

    def get_file(self):
        return self.one_file()

    def get_null(self):
        return self.tell("get", *self.plain, self.job.url(), "/dev/null")

    def resume(self):
        return self.one_file("--continue")

    def put_file(self):
        return self.tell("put", *self.plain, self.job.local, self.job.url())

    def get_tree(self):
        return self.mirror()

    def put_tree(self):
        return self.tell("mirror", *self.plain, *self.jobs(), self.job.local, self.job.url() + "/")

    def mirror(self):
        return self.tell("mirror", *self.plain, *self.jobs(), self.job.url() + "/", self.job.local)

    def list(self):
        return self.tell("ls", "-l", "--tls=off", self.job.url() + "/")


class Before(Ftpane):
    """Another build of ftpane, to see what a change did."""
    program = places.FTPANE_BEFORE


class Lftp(Client):
    program = "lftp"

    def script(self, line):
        ahead = "off" if self.job.variant.endswith("a") else "on"
        settings = ("cmd:fail-exit yes", "net:max-retries 2", "net:timeout 60", "net:connection-limit 0", "xfer:log no",
                    "xfer:clobber yes", *self.security(), f"ftp:sync-mode {ahead}")
        script = "; ".join([*(f"set {setting}" for setting in settings), line, "quit"])
        login = f"{places.USER},{places.PASSWORD}"
        return Command(["lftp", "--norc", "-u", login, "-p", str(self.job.port), f"ftp://{self.job.address}", "-e", script])

    def security(self):
        if not self.job.tls:
            return ["ftp:ssl-allow no"]
        return ["ftp:ssl-force yes", "ftp:ssl-protect-data yes", "ftp:ssl-protect-list yes", "ssl:verify-certificate no"]

    def one_file(self, *options):
        parts = self.number("pget")
        verb = ["pget", "-n", str(parts)] if parts else ["get"]
        return self.script(" ".join([*verb, *options, self.job.remote, "-o", self.job.local]))

    def get_file(self):
        return self.one_file()

    def get_null(self):
        return self.script(f"get {self.job.remote} -o /dev/null")

    def resume(self):
        return self.one_file("-c")

    def put_file(self):
        return self.script(f"put {self.job.local} -o {self.job.remote}")

    def parallel(self):
        return f"--parallel={self.number('p', self.job.jobs)} --no-perms"

    def get_tree(self):
        return self.script(f"mirror {self.parallel()} {self.job.remote} {self.job.local}")

    def put_tree(self):
        return self.script(f"mirror -R {self.parallel()} {self.job.local} {self.job.remote}")

    mirror = get_tree

    def list(self):
        return self.script(f"cls -l {self.job.remote}")


class Rclone(Client):
    program = "rclone"

    def version(self):
        return Command(["rclone", "version"])

    def tell(self, *words, output=None):
        hidden = subprocess.check_output(["rclone", "obscure", places.PASSWORD], text=True).strip()
        environment = {"RCLONE_CONFIG": "/dev/null", "RCLONE_FTP_HOST": self.job.address, "RCLONE_FTP_PORT": str(self.job.port),
                       "RCLONE_FTP_USER": places.USER, "RCLONE_FTP_PASS": hidden}
        if self.job.tls:
            environment |= {"RCLONE_FTP_EXPLICIT_TLS": "true", "RCLONE_FTP_NO_CHECK_CERTIFICATE": "true"}
        if self.job.variant == "no13":
            # 1.60 cannot resume a session of TLS 1.3 with vsftpd.
            environment["RCLONE_FTP_DISABLE_TLS13"] = "true"
        many = str(self.number("p", self.job.jobs))
        # Its four ranges for a file of over 250 MiB end with a 426 of vsftpd's (1.60): one stream.
        options = ["--multi-thread-streams", "0", "--transfers", many, "--checkers", many, "-q", "--retries", "1"]
        command = Command(["rclone", *words, *options], environment)
        command.output = output or command.output
        return command

    def remote(self):
        return f":ftp:{self.job.remote}"

    def get_file(self):
        return self.tell("copyto", self.remote(), self.job.local)

    def get_null(self):
        return self.tell("cat", self.remote(), output="/dev/null")

    def put_file(self):
        return self.tell("copyto", self.job.local, self.remote())

    def get_tree(self):
        return self.tell("copy", self.remote(), self.job.local)

    def put_tree(self):
        return self.tell("copy", self.job.local, self.remote())

    def mirror(self):
        return self.tell("sync", self.remote(), self.job.local)

    def list(self):
        return self.tell("lsf", "--format", "tsp", self.remote())


class Curl(Client):
    program = "curl"

    def tell(self, *words):
        login = ["-u", f"{places.USER}:{places.PASSWORD}"]
        many = self.number("p")
        parallel = ["--parallel", "--parallel-max", str(many)] if many else []
        login += ["--ssl-reqd", "-k"] if self.job.tls else []
        return Command(["curl", "-q", "--no-progress-meter", *login, "--ftp-method", "nocwd", *parallel, *words])

    def prepare(self, operation):
        if operation == "get_tree":
            with open(f"{places.WORK}/curl.list", "w") as urls:
                for name in self.job.names:
                    urls.write(f'url = "{self.url(name)}"\noutput = "{self.job.local}/{name}"\n')

    def url(self, name=""):
        return self.job.url(f"{self.job.remote}/{name}" if name else None, login=False)

    def get_file(self):
        return self.tell("-o", self.job.local, self.url())

    def get_null(self):
        return self.tell("-o", "/dev/null", self.url())

    def resume(self):
        return self.tell("-C", "-", "-o", self.job.local, self.url())

    def put_file(self):
        return self.tell("-T", self.job.local, self.url())

    def get_tree(self):
        return self.tell("--create-dirs", "-K", f"{places.WORK}/curl.list")

    def list(self):
        return self.tell(self.url() + "/")


class Ncftp(Client):
    program = "ncftpget"

    def tell(self, program, *words, output=None):
        login = ["-u", places.USER, "-p", places.PASSWORD, "-P", str(self.job.port)]
        command = Command([program, *login, *words])
        command.output = output or command.output
        return command

    def get_file(self):
        return self.tell("ncftpget", "-V", "-C", self.job.address, self.job.remote, self.job.local)

    resume = get_file

    def get_null(self):
        return self.tell("ncftpget", "-V", "-c", self.job.address, self.job.remote, output="/dev/null")

    def put_file(self):
        return self.tell("ncftpput", "-V", "-Z", "-C", self.job.address, self.job.local, self.job.remote)

    def get_tree(self):
        os.makedirs(self.job.local, exist_ok=True)
        return self.tell("ncftpget", "-V", "-R", "-T", self.job.address, self.job.local, f"{self.job.remote}/d*")

    def put_tree(self):
        folders = sorted(os.listdir(self.job.local))
        command = self.tell("ncftpput", "-V", "-R", "-m", self.job.address, self.job.remote, *folders)
        command.directory = self.job.local
        return command

    def list(self):
        return self.tell("ncftpls", "-l", self.job.url(self.job.remote + "/", login=False))


class Tnftp(Client):
    program = "tnftp"

    def version(self):
        return Command(["tnftp", "-?"])

    def get_file(self):
        return Command(["tnftp", "-V", "-o", self.job.local, self.job.url()])

    def get_null(self):
        return Command(["tnftp", "-V", "-o", "/dev/null", self.job.url()])

    def put_file(self):
        return Command(["tnftp", "-V", "-u", self.job.url(), self.job.local])


class Wget(Client):
    program = "wget"

    def tell(self, *words, directory=places.WORK):
        return Command(["wget", "-nv", "-q", "--no-config", *words], directory=directory)

    def get_file(self):
        return self.tell("-O", self.job.local, self.job.url())

    def get_null(self):
        return self.tell("-O", "/dev/null", self.job.url())

    def resume(self):
        return self.tell("-c", "-O", self.job.local, self.job.url())

    def tree(self, *options):
        cut = f"--cut-dirs={self.job.remote.count('/') + 1}"
        return self.tell("-r", "-l", "inf", "-nH", cut, *options, "-P", self.job.local, self.job.url() + "/")

    def get_tree(self):
        return self.tree()

    def mirror(self):
        return self.tree("-N")

    def list(self):
        return self.tell("--no-remove-listing", "-O", "/dev/stdout", self.job.url() + "/")


class Aria2(Client):
    program = "aria2c"

    def tell(self, *words):
        fixed = ["-q", "--no-conf", "--file-allocation=none", "--async-dns=false", "--auto-file-renaming=false", "--allow-overwrite=true"]
        return Command(["aria2c", *fixed, *words])

    def one_file(self, *options):
        parts = str(self.number("x", 1))
        folder, name = os.path.split(self.job.local)
        return self.tell("-k", "1M", "-x", parts, "-s", parts, *options, "-d", folder, "-o", name, self.job.url())

    def get_file(self):
        return self.one_file()

    def resume(self):
        return self.one_file("-c")


_CLIENTS = {
    "ftpane": Ftpane, "before": Before, "lftp": Lftp, "rclone": Rclone, "curl": Curl, "ncftp": Ncftp, "tnftp": Tnftp, "wget": Wget,
    "aria2": Aria2,
}
OURS = ("ftpane", "before")


def client(name, job):
    """The client NAME or NAME:VARIANT."""
    return _CLIENTS[name.partition(":")[0]](job)


def known(name):
    return name.partition(":")[0] in _CLIENTS


def ours(name):
    return name.partition(":")[0] in OURS
