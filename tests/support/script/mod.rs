//! The scripted server: an FTP server that says what a file in `tests/scripts` says, to the
//! byte, and notes all that a client sends. The language is in `tests/scripts/README.md`.
//!
//! ```ignore
//! let server = ScriptServer::play("plain");
//! // … a client works on server.addr() …
//! let record = server.finished();
//! assert!(record.commands().iter().any(|command| command == b"RETR a.txt"));
//! ```
//!
//! It is threads and blocking sockets and needs no runtime. Every wait has a limit and ends
//! when the server is dropped. What a script did not expect stops the test, with what was
//! expected, what came, and the whole dialogue; at the latest when the server is dropped.

mod data;
mod line;
mod parse;
mod play;
mod record;
mod steps;
mod text;

pub use record::{Conversation, Record};
pub use text::{matches, unescape};

use crate::support::wait::until;
use play::Session;
use record::Notes;
use std::cell::Cell;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use steps::Script;

/// How long a script may take from its start to its end.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that plays a script to whoever connects. Dropping it closes all connections.
pub struct ScriptServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    told: Cell<bool>,
}

/// What the sessions have in common.
struct Shared {
    script: Script,
    notes: Notes,
    /// How often each rule has answered, over all connections.
    used: Vec<AtomicUsize>,
    stop: AtomicBool,
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

impl ScriptServer {
    /// Plays `tests/scripts/NAME.ftp` on 127.0.0.1.
    ///
    /// # Panics
    /// When the script does not read well, naming file and line.
    pub fn play(name: &str) -> ScriptServer {
        let path = scripts_dir().join(format!("{name}.ftp"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        ScriptServer::start(name, &text, (Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Plays a script given as text, which may include files of `tests/scripts`.
    ///
    /// # Panics
    /// When the script does not read well, naming the line.
    pub fn play_text(text: &str) -> ScriptServer {
        ScriptServer::start("text", text, (Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Plays a script given as text on another address, such as ::1.
    ///
    /// # Panics
    /// When the script does not read well, naming the line.
    pub fn play_text_on(host: IpAddr, text: &str) -> ScriptServer {
        ScriptServer::start("text", text, (host, 0).into())
    }

    /// Plays a script given as text on a given address, such as one that another server listened on before.
    ///
    /// # Panics
    /// When the script does not read well, naming the line.
    pub fn play_text_at(addr: SocketAddr, text: &str) -> ScriptServer {
        ScriptServer::start("text", text, addr)
    }

    fn start(name: &str, text: &str, addr: SocketAddr) -> ScriptServer {
        let script = parse::script(name, text, &scripts_dir()).unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind(addr).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that can be polled");
        let addr = listener.local_addr().expect("an address");
        let used = script.rules.iter().map(|_| AtomicUsize::new(0)).collect();
        let notes = Notes::new(name);
        let shared = Arc::new(Shared { script, notes, used, stop: AtomicBool::new(false) });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        ScriptServer { addr, shared, acceptor: Some(acceptor), told: Cell::new(false) }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// `ftp://tester:secret@127.0.0.1:PORT/` and then `path`.
    pub fn url(&self, path: &str) -> String {
        format!("ftp://tester:secret@{}/{path}", self.addr)
    }

    /// What has been said so far.
    pub fn record(&self) -> Record {
        self.shared.notes.record()
    }

    /// Waits until every connection that the script describes has come and ended, and no other is open.
    ///
    /// # Panics
    /// When a client did what the script does not expect, or something is missing after a minute: with
    /// the whole dialogue.
    pub fn finished(&self) -> Record {
        let sections = self.shared.script.sections.len();
        let notes = &self.shared.notes;
        let end = until(LIMIT, || (notes.failure().is_some() || notes.all_ended(sections)).then_some(()));
        self.check();
        let record = self.record();
        assert!(end.is_some(), "the script is not played to its end after {LIMIT:?}:\n{}", record.dialogue());
        record
    }

    /// # Panics
    /// When a client has done what the script does not expect.
    pub fn check(&self) {
        if let Some(failure) = self.shared.notes.failure() {
            self.told.set(true);
            panic!("{failure}\n{}", self.record().dialogue());
        }
    }

    /// The message [`ScriptServer::check`] would stop with: for tests of the script server itself.
    pub fn failure(&self) -> Option<String> {
        self.told.set(true);
        self.shared.notes.failure()
    }
}

impl Drop for ScriptServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        if !thread::panicking() && !self.told.get() {
            self.check();
        }
    }
}

/// `tests/scripts`.
pub fn scripts_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut sessions = Vec::new();
    while !shared.stopped() {
        let Some((stream, peer)) = until(Duration::from_millis(50), || listener.accept().ok()) else {
            continue;
        };
        let number = shared.notes.open(peer);
        let shared = Arc::clone(shared);
        sessions.push(thread::spawn(move || {
            Session::new(&shared, number, stream).play();
            shared.notes.close(number);
        }));
    }
    for session in sessions {
        let _ = session.join();
    }
}
