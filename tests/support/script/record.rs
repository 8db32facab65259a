//! What was said: every connection's commands, uploads and dialogue.

use super::text::show;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All connections, in the order of their coming.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The script's name.
    pub script: String,
    pub connections: Vec<Conversation>,
    /// What was said on all of them, in the order of time.
    lines: Vec<String>,
}

/// One control connection.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub peer: SocketAddr,
    /// The commands as they came, without CR LF.
    pub commands: Vec<Vec<u8>>,
    /// What came on each data connection that the script read from.
    pub uploads: Vec<Vec<u8>>,
    /// Whether a stranger who dialled the client's port was let in.
    pub stranger_let_in: bool,
    /// Whether it has ended.
    pub ended: bool,
}

impl Record {
    /// All commands of all connections.
    pub fn commands(&self) -> Vec<Vec<u8>> {
        self.connections.iter().flat_map(|connection| connection.commands.clone()).collect()
    }

    /// How many commands begin with this: `count("LIST")`.
    pub fn count(&self, start: &str) -> usize {
        self.commands().iter().filter(|command| command.starts_with(start.as_bytes())).count()
    }

    /// All uploads of all connections.
    pub fn uploads(&self) -> Vec<Vec<u8>> {
        self.connections.iter().flat_map(|connection| connection.uploads.clone()).collect()
    }

    /// The dialogue: connection number, `>` for what the client sent, `<` for what it was sent, `.` for
    /// what happened on data connections.
    pub fn dialogue(&self) -> String {
        format!("--- {}\n{}\n---", self.script, self.lines.join("\n"))
    }
}

/// What the sessions write down together.
pub struct Notes {
    inner: Mutex<Inner>,
}

struct Inner {
    record: Record,
    failure: Option<String>,
}

/// More lines than this are not kept: an endless reply would fill the memory of the test.
const MOST_LINES: usize = 2000;

impl Notes {
    pub fn new(script: &str) -> Notes {
        let record = Record { script: script.to_owned(), ..Record::default() };
        Notes { inner: Mutex::new(Inner { record, failure: None }) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection: its number, from 1.
    pub fn open(&self, peer: SocketAddr) -> usize {
        let conversation = Conversation { peer, commands: Vec::new(), uploads: Vec::new(), stranger_let_in: false, ended: false };
        let mut inner = self.inner();
        inner.record.connections.push(conversation);
        inner.record.connections.len()
    }

    pub fn close(&self, number: usize) {
        self.with(number, |conversation| conversation.ended = true);
        self.event(number, "ended");
    }

    pub fn command(&self, number: usize, command: &[u8]) {
        self.with(number, |conversation| conversation.commands.push(command.to_vec()));
        self.line(format!("{number} > {}", show(command)));
    }

    pub fn reply(&self, number: usize, bytes: &[u8]) {
        let shown = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        self.line(format!("{number} < {}", show(&shown[..shown.len().min(300)])));
    }

    pub fn event(&self, number: usize, what: &str) {
        self.line(format!("{number} . {what}"));
    }

    pub fn upload(&self, number: usize, bytes: Vec<u8>) {
        self.event(number, &format!("data received: {} bytes", bytes.len()));
        self.with(number, |conversation| conversation.uploads.push(bytes));
    }

    pub fn stranger_let_in(&self, number: usize) {
        self.with(number, |conversation| conversation.stranger_let_in = true);
    }

    /// Notes the first thing that went against the script.
    pub fn fail(&self, number: usize, what: String) {
        self.event(number, &what);
        let mut inner = self.inner();
        let script = inner.record.script.clone();
        inner.failure.get_or_insert(format!("script {script}, connection {number}: {what}"));
    }

    pub fn failure(&self) -> Option<String> {
        self.inner().failure.clone()
    }

    pub fn record(&self) -> Record {
        self.inner().record.clone()
    }

    /// Whether at least `sections` connections have come and all have ended.
    pub fn all_ended(&self, sections: usize) -> bool {
        let connections = &self.inner().record.connections;
        connections.len() >= sections && connections.iter().all(|connection| connection.ended)
    }

    fn with(&self, number: usize, change: impl FnOnce(&mut Conversation)) {
        change(&mut self.inner().record.connections[number - 1]);
    }

    fn line(&self, line: String) {
        let lines = &mut self.inner().record.lines;
        if lines.len() < MOST_LINES {
            lines.push(line);
        }
    }
}
