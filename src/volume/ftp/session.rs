//! The session: one control connection with what is known of its state, and the one way that commands take.
//!
//! Guarantee: commands and replies stay in step. Every reply that is still to come is counted; when one does not come in time, or the future
//! that waits for it is dropped, the session is lost and says so. No argument can end a command line. suppaftp's own helpers are not
//! used: a custom command with no expected code gives the complete raw reply, whatever it is.

use std::future::Future;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use suppaftp::{Encoding, FtpError};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::connect::{Connected, Control};
use super::features::Features;
use super::limits::{self, Limits};
use super::log::Log;
use super::{refusal, reply};
use crate::model::site::Learnt;
use crate::model::{DataMode, During, Failure, FailureKind, Reply, VPath};
use crate::volume::Result;

/// Bytes as characters of the same number, both ways, so that names pass through suppaftp's strings unchanged.
#[derive(Debug)]
struct Transparent;

impl Encoding for Transparent {
    fn decode(&self, bytes: &[u8]) -> String {
        as_text(bytes)
    }

    fn encode(&self, text: &str) -> std::io::Result<Vec<u8>> {
        let byte = |c| u8::try_from(u32::from(c)).map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidInput));
        text.chars().map(byte).collect()
    }
}

fn as_text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Where the server stands, as far as we know.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The path that we asked for.
    pub asked: VPath,
    /// What the server calls it.
    pub real: VPath,
}

/// A control connection and its state.
pub struct Session {
    control: Control,
    /// Log lines go here.
    pub log: Log,
    /// The server's end of the control connection.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// How long things may take.
    pub limits: Limits,
    /// How data connections are to be made.
    pub mode: DataMode,
    /// What was found out and is worth keeping.
    pub learnt: Learnt,
    /// What the server offers.
    pub features: Features,
    /// The working directory.
    pub standing: Option<Standing>,
    /// Whether TYPE I is known to hold.
    pub is_binary: bool,
    /// Whether a restart offset was sent since a file last began at its start.
    pub is_restarted: bool,
    /// Stops what is going on now.
    pub stop: CancellationToken,
    /// Replies that are still to come.
    owed: u32,
    lost: bool,
}

impl Session {
    /// Takes over a greeted connection.
    pub async fn new(connected: Connected, log: Log, limits: Limits) -> Self {
        let Connected { mut control, peer, local, .. } = connected;
        control.set_encoding(Transparent).await;
        Self {
            control,
            log,
            peer,
            local,
            limits,
            mode: DataMode::Auto,
            learnt: Learnt::default(),
            features: Features::default(),
            standing: None,
            is_binary: false,
            is_restarted: false,
            stop: CancellationToken::new(),
            owed: 0,
            lost: false,
        }
    }

    /// Whether it can be used no more.
    pub fn is_lost(&self) -> bool {
        self.lost || self.owed > 0
    }

    /// Whether a reply is still to come.
    pub fn is_owed(&self) -> bool {
        self.owed > 0
    }

    /// Gives the session up.
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// Sends a command and reads its first reply.
    ///
    /// # Errors
    /// What befell the connection, or `Invalid` for a line that is none. A refusal is no error here; 421, with which a server ends the
    /// session (RFC 959 §4.2), is.
    pub async fn command(&mut self, during: During, line: &[u8]) -> Result<Reply> {
        check_line(during, line)?;
        self.check_alive(during)?;
        self.pass_over_strays();
        self.check_alive(during)?;
        self.owed += 1;
        let limit = self.limits.reply;
        let stop = self.stop.clone();
        let outcome = patiently(limit, &stop, self.control.custom_command(as_text(line), &[])).await;
        self.took(during, outcome)
    }

    /// Sends a command and wants a 2xx.
    ///
    /// # Errors
    /// As [`Session::command`], and the refusal.
    pub async fn must(&mut self, during: During, subject: &[u8], line: &[u8]) -> Result<Reply> {
        let reply = self.command(during, line).await?;
        if reply::is_ok(&reply) { Ok(reply) } else { Err(self.refused(during, subject, reply)) }
    }

    /// Reads the reply that is still to come.
    ///
    /// # Errors
    /// What befell the connection.
    pub async fn next_reply(&mut self, during: During, limit: Duration) -> Result<Reply> {
        let stop = self.stop.clone();
        let outcome = patiently(limit, &stop, self.control.read_response_in(&[])).await;
        self.took(during, outcome)
    }

    /// The failure for a refusal, in the server's words, without the password.
    pub fn refused(&self, during: During, subject: &[u8], reply: Reply) -> Failure {
        let kind = refusal::kind(&reply);
        let failure = Failure::new(kind, during, "").with_reply(self.without_secret(reply));
        if subject.is_empty() { failure } else { failure.about(subject) }
    }

    /// The reply as it may be shown.
    pub fn without_secret(&self, reply: Reply) -> Reply {
        Reply { code: reply.code, text: self.log.redact(&reply.text).into() }
    }

    /// After the data connection was dropped before its end: asks the server to stop, and reads until both sides agree. What does not
    /// come in time loses the session. suppaftp's `abort` leaves a reply behind where the 226 had already been sent.
    pub async fn get_in_step(&mut self) {
        if self.owed == 0 || self.lost {
            return;
        }
        self.stop = CancellationToken::new();
        let agreed = timeout(limits::ABANDON, self.read_up_to_noop()).await;
        if agreed == Ok(Some(())) {
            self.owed = 0;
        } else {
            self.lost = true;
            self.log.trouble("the server did not stop in time; this connection is given up");
        }
    }

    /// Sends ABOR, and after the first final reply NOOP, whose 200 says that all before it is answered; three replies at most, since some
    /// answer ABOR and the transfer with one. A NOOP sent together with the ABOR is swallowed by pure-ftpd in the middle of a transfer.
    async fn read_up_to_noop(&mut self) -> Option<()> {
        let mut early = self.send("ABOR");
        let mut count = 0;
        while count < 3 {
            let reply = match early.take() {
                Some(reply) => reply?,
                None => raw_of(self.control.read_response_in(&[]).await).and_then(|raw| reply::parse(&raw))?,
            };
            match reply.code {
                421 => return None,
                200 if count > 0 => return Some(()),
                // More of the same announcement owes nothing of its own.
                100..=199 => continue,
                _ => count += 1,
            }
            if count == 1 {
                early = self.send("NOOP");
            }
        }
        Some(())
    }

    /// Sends a line without waiting for its reply, which stays to be read. Polling the future once writes the line; if a reply had come
    /// already it is taken, and `Some(None)` says that it was no reply.
    fn send(&mut self, line: &str) -> Option<Option<Reply>> {
        let mut command = std::pin::pin!(self.control.custom_command(line, &[]));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match command.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => Some(raw_of(outcome).and_then(|raw| reply::parse(&raw))),
            Poll::Pending => None,
        }
    }

    /// Takes replies that nobody asked for, such as `421 Timeout` before the server closed, so that they do not answer the next command.
    fn pass_over_strays(&mut self) {
        for _ in 0..limits::STRAY_LINES {
            let mut reading = std::pin::pin!(self.control.read_response_in(&[]));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let Poll::Ready(outcome) = reading.as_mut().poll(&mut context) else { return };
            match raw_of(outcome).and_then(|raw| reply::parse(&raw)) {
                Some(reply) if reply.code != 421 => self.log.trouble(format!("passed over a reply that nobody asked for: {}", reply.code)),
                _ => {
                    self.lost = true;
                    return;
                }
            }
        }
        self.lost = true;
    }

    fn check_alive(&self, during: During) -> Result<()> {
        if self.is_lost() {
            return Err(Failure::new(FailureKind::Disconnected, during, "the connection was lost"));
        }
        Ok(())
    }

    /// Books what waiting for a reply came to.
    fn took(&mut self, during: During, outcome: Waited) -> Result<Reply> {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(failure) => {
                self.lost = true;
                self.log.trouble(format!("no reply: {}", failure.1));
                return Err(Failure::new(failure.0, during, failure.1));
            }
        };
        let failure = match outcome {
            Ok(response) | Err(FtpError::UnexpectedResponse(response)) => match reply::parse(&response.body) {
                Some(reply) => return self.book(during, reply),
                None => Failure::new(FailureKind::Protocol, during, "the reply makes no sense"),
            },
            Err(FtpError::ConnectionError(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Failure::new(FailureKind::Protocol, during, error.to_string())
            }
            Err(FtpError::ConnectionError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Failure::new(FailureKind::Disconnected, during, "the server closed the connection")
            }
            Err(FtpError::ConnectionError(error)) => Failure::new(FailureKind::Disconnected, during, error.to_string()),
            Err(error) => Failure::new(FailureKind::Protocol, during, error.to_string()),
        };
        self.lost = true;
        self.log.trouble(&failure.detail);
        Err(failure)
    }

    fn book(&mut self, during: During, reply: Reply) -> Result<Reply> {
        if !reply::is_preliminary(&reply) {
            self.owed = self.owed.saturating_sub(1);
        }
        if reply.code == 421 {
            self.lost = true;
            let kind = if during == During::Login { refusal::login_kind(&reply) } else { FailureKind::Disconnected };
            return Err(Failure::new(kind, during, "").with_reply(self.without_secret(reply)));
        }
        Ok(reply)
    }
}

type Response = std::result::Result<suppaftp::types::Response, FtpError>;
type Waited = std::result::Result<Response, (FailureKind, String)>;

fn raw_of(outcome: Response) -> Option<Vec<u8>> {
    match outcome {
        Ok(response) | Err(FtpError::UnexpectedResponse(response)) => Some(response.body),
        Err(_) => None,
    }
}

/// Waits for a reply within the limit; once `stop` is cancelled, a little longer only.
async fn patiently(limit: Duration, stop: &CancellationToken, reply: impl Future<Output = Response>) -> Waited {
    let stopped = async {
        stop.cancelled().await;
        sleep(limits::ABANDON).await;
    };
    tokio::select! {
        biased;
        outcome = reply => Ok(outcome),
        () = stopped => Err((FailureKind::Cancelled, "cancelled".into())),
        () = sleep(limit) => Err((FailureKind::TimedOut, format!("no reply within {} s", limit.as_secs()))),
    }
}

/// Refuses what would be two commands.
fn check_line(during: During, line: &[u8]) -> Result<()> {
    if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Failure::new(FailureKind::Invalid, during, "a line break or a NUL cannot be sent in a command"));
    }
    Ok(())
}

/// A command with a path as its argument, the bytes as they are.
pub fn with_path(verb: &str, path: &VPath) -> Vec<u8> {
    [verb.as_bytes(), b" ", path.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_passes_through_the_strings_unchanged() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(Transparent.encode(&Transparent.decode(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn a_line_that_would_be_two_commands_is_refused() {
        for line in [&b"RETR a\r\nDELE b"[..], b"RETR a\nb", b"RETR a\rb", b"RETR a\0b"] {
            assert_eq!(check_line(During::Read, line).unwrap_err().kind, FailureKind::Invalid);
        }
    }
}
