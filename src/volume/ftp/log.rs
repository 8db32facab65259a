//! The session's log lines, with the password taken out.
//!
//! Guarantee: what was set as the secret leaves neither in a command nor in a reply that echoes it. Where nobody reads the log, no line of it
//! is made.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{ConnectionId, Reply, WireKind, WireLine, limits};
use crate::volume::WireSink;

/// What stands for a password.
const MASK: &[u8] = b"****";
/// Commands whose argument is secret (RFC 959 §4.1.1).
const SECRET_VERBS: [&[u8]; 2] = [b"PASS ", b"ACCT "];
/// A secret of fewer bytes is looked for as a word of its own only: taking every `a` out would leave no reply readable.
const SHORT: usize = 4;

/// Writes log lines; cheap to clone.
#[derive(Clone)]
pub struct Log {
    sink: Option<WireSink>,
    connection: ConnectionId,
    /// The password, a proxy's, an account.
    secrets: Arc<[OnceLock<Box<[u8]>>; 3]>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.connection)
    }
}

impl Log {
    /// A log for one connection.
    pub fn new(sink: Option<WireSink>, connection: ConnectionId) -> Self {
        Self { sink, connection, secrets: Arc::default() }
    }

    /// The connection's number.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Sets what must not be shown.
    pub fn hide(&self, secret: &[u8]) {
        let is_known = |place: &OnceLock<Box<[u8]>>| place.get().is_some_and(|known| **known == *secret);
        if secret.is_empty() || self.secrets.iter().any(is_known) {
            return;
        }
        // There are no more kinds of secrets than places: a refused login ends the connection.
        let _ = self.secrets.iter().any(|place| place.set(secret.into()).is_ok());
    }

    /// A command as it goes out, without its line end.
    pub fn sent(&self, line: &[u8]) {
        if self.sink.is_none() {
            return;
        }
        let verb = line.get(..5).unwrap_or_default();
        if SECRET_VERBS.iter().any(|secret| verb.eq_ignore_ascii_case(secret)) {
            self.write(WireKind::Sent, &[verb, MASK].concat());
        } else {
            self.write(WireKind::Sent, &self.redact(line));
        }
    }

    /// A line as it came in, without its line end.
    pub fn received(&self, line: &[u8]) {
        if self.sink.is_none() {
            return;
        }
        self.write(WireKind::Received, &self.redact(line));
    }

    /// A step that is no command.
    pub fn step(&self, text: impl AsRef<[u8]>) {
        self.write(WireKind::Step, text.as_ref());
    }

    /// A step whose words are made only where somebody reads them.
    pub fn step_with(&self, words: impl FnOnce() -> String) {
        if self.sink.is_some() {
            self.step(words());
        }
    }

    /// A step that failed.
    pub fn trouble(&self, text: impl AsRef<[u8]>) {
        self.write(WireKind::Trouble, &self.redact(text.as_ref()));
    }

    /// `text` without the secret.
    pub fn redact<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let hidden = |text: Cow<'a, [u8]>, secret: &[u8]| match mask(&text, secret) {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => Cow::Owned(masked),
        };
        // One may hold another: the longest first, or what is left of it would show.
        let mut secrets: Vec<&[u8]> = self.secrets.iter().filter_map(OnceLock::get).map(|secret| &**secret).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.into_iter().fold(Cow::Borrowed(text), hidden)
    }

    /// A reply as a failure keeps it: without the secret, and only so much of its words.
    pub fn fit_to_keep(&self, reply: &Reply) -> Reply {
        let text = self.redact(&reply.text);
        Reply { code: reply.code, text: text.get(..limits::WORDS).unwrap_or(&text).into() }
    }

    fn write(&self, kind: WireKind, text: &[u8]) {
        let Some(sink) = &self.sink else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        let text = text.get(..limits::LOG_LINE).unwrap_or(text);
        sink(WireLine { at, connection: self.connection, kind, text: text.into() });
    }
}

/// `text` with every occurrence of `secret` masked.
pub fn mask<'a>(text: &'a [u8], secret: &[u8]) -> Cow<'a, [u8]> {
    if secret.is_empty() || text.len() < secret.len() || !text.windows(secret.len()).any(|window| window == secret) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        match rest.strip_prefix(secret) {
            Some(after) if is_whole(secret, out.last(), after.first()) => {
                out.extend_from_slice(MASK);
                rest = after;
            }
            _ => {
                out.push(first);
                rest = behind;
            }
        }
    }
    Cow::Owned(out)
}

fn is_whole(secret: &[u8], before: Option<&u8>, after: Option<&u8>) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    secret.len() >= SHORT || (is_edge(before) && is_edge(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_password_is_masked_wherever_it_stands() {
        assert_eq!(&*mask(b"530 bad password hunter2!hunter2", b"hunter2"), b"530 bad password ****!****");
        assert_eq!(&*mask(b"530 no", b"hunter2"), b"530 no");
    }

    #[test]
    fn a_secret_that_holds_another_leaves_nothing_of_itself() {
        for order in [[&b"hunter"[..], b"hunter2-long"], [b"hunter2-long", b"hunter"]] {
            let log = Log::new(None, ConnectionId(1));
            order.into_iter().for_each(|secret| log.hide(secret));
            assert_eq!(&*log.redact(b"530 hunter2-long, or hunter"), b"530 ****, or ****");
        }
    }

    #[test]
    fn a_short_password_is_masked_as_a_word_only() {
        assert_eq!(&*mask(b"530 cat: a is wrong", b"a"), b"530 cat: **** is wrong");
    }

    #[test]
    fn what_is_kept_of_a_long_reply_is_short_and_has_no_half_of_the_password_at_its_end() {
        let log = Log::new(None, ConnectionId(1));
        log.hide(b"hunter2");
        for before in limits::WORDS - 8..=limits::WORDS {
            let text = [vec![b'.'; before], b"hunter2 and more".repeat(1000)].concat();
            let kept = log.fit_to_keep(&Reply { code: 550, text: text.into() });
            assert_eq!(kept.text.len(), limits::WORDS);
            assert!(!kept.text.windows(3).any(|part| part == b"hun"), "{}", kept.text.escape_ascii());
        }
    }

    #[test]
    fn a_line_of_the_log_is_no_longer_than_a_person_reads() {
        let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
        let keep = Arc::clone(&lines);
        let log = Log::new(Some(Arc::new(move |line: WireLine| keep.lock().unwrap().push(line.text.len()))), ConnectionId(1));
        log.received(&vec![b'x'; limits::LINE_BYTES]);
        assert_eq!(*lines.lock().unwrap(), [limits::LOG_LINE]);
    }

    #[test]
    fn the_password_command_shows_nothing_of_its_argument() {
        let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
        let keep = Arc::clone(&lines);
        let log = Log::new(Some(Arc::new(move |line: WireLine| keep.lock().unwrap().push(line.text))), ConnectionId(1));
        log.hide(b"geheim");
        log.sent(b"pass geheim");
        log.sent(b"CWD /geheim");
        assert_eq!(*lines.lock().unwrap(), [Box::from(&b"pass ****"[..]), Box::from(&b"CWD /****"[..])]);
    }
}
