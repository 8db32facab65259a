//! A server while it runs: its port, its root, its processes, and their end.

use super::available::{libraries, system_user};
use super::{Kind, Setup, Tls, proftpd, pureftpd, pyftpdlib, vsftpd};
use crate::support::tree::{Tree, give_to};
use crate::support::wait::{DEADLINE, until, wait_for};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// A running server. Dropping it ends its processes and removes its directory.
pub struct Server {
    /// Which program it is.
    pub kind: Kind,
    /// Who may log in …
    pub user: String,
    /// … and with what.
    pub password: String,
    setup: Setup,
    port: u16,
    child: Option<Child>,
    home: TempDir,
}

impl Server {
    pub(super) fn start(setup: Setup) -> Server {
        let home = tempfile::Builder::new().prefix("ftpane-server-").tempdir().unwrap();
        // The server's user has to get through to the root.
        fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(home.path().join("root")).unwrap();
        let mut server =
            Server { kind: setup.kind, user: setup.user.clone(), password: setup.password.clone(), port: 0, child: None, home, setup };
        server.own_root();
        // Another process may take the free port before the server does; then it exits, and a next one is tried.
        for _ in 0..5 {
            server.port = free_port(server.setup.host);
            if server.launch() {
                return server;
            }
        }
        panic!("{} exits at once:\n{}", server.kind.name(), server.log());
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        SocketAddr::new(self.setup.host, self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `ftp://tester@127.0.0.1:PORT/` and then `path`, relative to the root.
    pub fn url(&self, path: &str) -> String {
        format!("ftp://{}@{}/{path}", self.user, self.addr())
    }

    /// The same with the password in it.
    pub fn url_with_password(&self, path: &str) -> String {
        format!("ftp://{}:{}@{}/{path}", self.user, self.password, self.addr())
    }

    /// How it speaks TLS.
    pub fn tls(&self) -> Option<Tls> {
        self.setup.tls
    }

    /// The directory it serves.
    pub fn root(&self) -> PathBuf {
        self.home.path().join("root")
    }

    /// Puts a tree into the root, owned by the server's user, so that clients may change it.
    pub fn fill(&self, tree: &Tree) {
        tree.write_to(&self.root());
        self.own_root();
    }

    /// All that is in the root now.
    pub fn files(&self) -> Tree {
        Tree::read(&self.root())
    }

    /// Hands all in the root to the server's user: after a test wrote there itself.
    pub fn own_root(&self) {
        if self.kind != Kind::Pyftpdlib {
            let (uid, gid) = system_user().expect("the system user");
            give_to(&self.root(), uid, gid);
        }
    }

    /// Ends the server and its sessions as a crash would; its port and files stay its own.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let group = pid(child.id());
        // vsftpd's sessions leave the group, and would serve on.
        let sessions = descendants(child.id());
        let _ = kill_process_group(group, Signal::TERM);
        if until(Duration::from_secs(1), || child.try_wait().ok().flatten()).is_none() {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = child.wait();
        }
        // What the first signal missed: sessions whose parent is gone.
        let _ = kill_process_group(group, Signal::KILL);
        for session in sessions {
            let _ = kill_process(pid(session), Signal::KILL);
        }
    }

    /// Starts it again after [`Server::stop`], on the same port with the same files.
    ///
    /// # Panics
    /// When it does not greet.
    pub fn start_again(&mut self) {
        assert!(self.launch(), "{} does not start again:\n{}", self.kind.name(), self.log());
    }

    /// Ends all sessions at once and keeps serving: each client sees its connections closed.
    ///
    /// # Panics
    /// On pyftpdlib, whose sessions are threads.
    pub fn drop_sessions(&self) {
        assert!(self.kind != Kind::Pyftpdlib, "pyftpdlib's sessions are no processes");
        let parent = self.child.as_ref().expect("a running server").id();
        wait_for("the sessions to end", || {
            let all = descendants(parent);
            for &session in &all {
                let _ = kill_process(pid(session), Signal::KILL);
            }
            all.is_empty()
        });
    }

    /// How many connections are open, by its processes, or pyftpdlib's threads.
    pub fn sessions(&self) -> usize {
        let child = self.child.as_ref();
        child.map_or(0, |child| sessions(self.kind, child.id()))
    }

    /// What it wrote to its log so far.
    pub fn log(&self) -> String {
        let mut all = String::new();
        for name in ["output.log", "vsftpd.log", "proftpd.log", "tls.log"] {
            if let Ok(bytes) = fs::read(self.home.path().join(name)) {
                all.push_str(&format!("--- {name}\n{}", String::from_utf8_lossy(&bytes)));
            }
        }
        all
    }

    /// The last lines of [`Server::log`]: where a log of thousands would hide the rest of a message.
    pub fn log_end(&self) -> String {
        let log = self.log();
        let from = log.char_indices().rev().nth(8_000).map_or(0, |(at, _)| at);
        log[from..].to_owned()
    }

    /// Starts the processes and waits for the greeting; false when they exit instead.
    fn launch(&mut self) -> bool {
        let home = self.home.path();
        let make = match self.kind {
            Kind::Vsftpd => vsftpd::command,
            Kind::Proftpd => proftpd::command,
            Kind::PureFtpd => pureftpd::command,
            Kind::Pyftpdlib => pyftpdlib::command,
        };
        let output = fs::File::options().create(true).append(true).open(home.join("output.log")).unwrap();
        let mut command = make(&self.setup, self.port, home);
        if self.kind != Kind::Pyftpdlib {
            command.env("LD_LIBRARY_PATH", libraries());
        }
        let mut child = command
            .env("TZ", "UTC")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let addr = self.addr();
        let is_implicit = self.setup.tls.is_some_and(|tls| tls.implicit);
        let greeted = until(DEADLINE, || match child.try_wait() {
            Ok(None) => greets(addr, is_implicit).then_some(true),
            _ => Some(false),
        });
        let parent = child.id();
        self.child = Some(child);
        match greeted {
            Some(true) => {
                // The probe's session must not count against a limit of connections.
                let kind = self.kind;
                wait_for("the first session to end", || sessions(kind, parent) == 0);
                true
            }
            Some(false) => {
                self.child = None;
                false
            }
            None => panic!("{} does not greet on {addr}:\n{}", self.kind.name(), self.log()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One short session: the greeting, QUIT, and the end; with implicit TLS, only that somebody is there.
fn greets(addr: SocketAddr, is_implicit: bool) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&addr, Duration::from_secs(1)) else {
        return false;
    };
    if is_implicit {
        return true;
    }
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut greeting = [0; 4];
    if stream.read_exact(&mut greeting).is_err() || !greeting.starts_with(b"220") {
        return false;
    }
    let _ = stream.write_all(b"QUIT\r\n");
    let _ = stream.read_to_end(&mut Vec::new());
    true
}

/// A port that nobody listens on, below those the kernel gives to outgoing connections, which parallel
/// tests make all the time.
fn free_port(host: IpAddr) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 22_000;
    // Test programs that run side by side begin at different places.
    let begin = (std::process::id() % 400 * 55) as u16;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + begin.wrapping_add(step) % COUNT;
        if TcpListener::bind((host, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).unwrap()).unwrap()
}

fn sessions(kind: Kind, parent: u32) -> usize {
    if kind != Kind::Pyftpdlib {
        return children(parent).len();
    }
    let threads = fs::read_dir(format!("/proc/{parent}/task")).map_or(0, Iterator::count);
    threads.saturating_sub(1)
}

fn children(parent: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    list.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn descendants(parent: u32) -> Vec<u32> {
    let mut all = children(parent);
    for child in all.clone() {
        all.extend(descendants(child));
    }
    all
}

/// A password as a cheap hash (MD5-crypt), by the perl that every Debian has: the usual ones cost a log-in
/// 0.1 s and more.
pub fn crypt(password: &str) -> String {
    let program = r#"print crypt($ARGV[0], '$1$ftpane$')"#;
    let made = Command::new("perl").args(["-e", program, password]).output().expect("perl runs");
    String::from_utf8(made.stdout).unwrap()
}

/// Writes a file that only its owner may read, as servers want their password files.
pub fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}
