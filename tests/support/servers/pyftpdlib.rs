//! pyftpdlib: a few lines of Python, with threads so that sessions do not wait for each other.

use super::Setup;
use super::available::dir;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = r#"
import logging, sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

host, port, root, user, password, most, idle, denied, ports, cert = sys.argv[1:]
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, root, perm="elradfmwMT")
FTPHandler.authorizer = authorizer
FTPHandler.auth_failed_timeout = 0
FTPHandler.use_gmt_times = True
FTPHandler.timeout = int(idle)
if ports:
    first, last = ports.split("-")
    FTPHandler.passive_ports = range(int(first), int(last) + 1)
for command in denied.split():
    del FTPHandler.proto_cmds[command]
if cert:
    FTPHandler = TLS_FTPHandler
    FTPHandler.certfile = cert
    FTPHandler.tls_control_required = FTPHandler.tls_data_required = True
server = ThreadedFTPServer((host, int(port)), FTPHandler)
server.max_cons, server.max_cons_per_ip = 2000, int(most)
server.serve_forever(handle_exit=True)
"#;

pub fn command(setup: &Setup, port: u16, home: &Path) -> Command {
    let mut command = Command::new(dir().join("bin/python3"));
    command
        .env("PYTHONPATH", dir().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-c", PROGRAM])
        .args([&setup.host.to_string(), &port.to_string()])
        .arg(home.join("root"))
        .args([&setup.user, &setup.password])
        .arg(setup.max_per_host.unwrap_or(0).to_string())
        .arg(setup.idle_seconds.unwrap_or(300).to_string())
        .arg(setup.denied.join(" "))
        .arg(setup.passive_ports.as_ref().map_or_else(String::new, |ports| format!("{}-{}", ports.start(), ports.end())))
        .arg(setup.tls.map_or_else(Default::default, |tls| tls.cert.both()));
    command
}
