//! The session: one control connection with what is known of its state, and the one way that commands take.
//!
//! Guarantee: commands and replies stay in step. Every reply that is still to come is counted; when one does not come in time, or the future
//! that waits for it is dropped, the session is lost and says so. No argument can end a command line. suppaftp's own helpers are not
//! used: a custom command with no expected code gives the complete raw reply, whatever it is. Commands that go out together, and replies
//! that may be read later, are in [`pipeline`].

mod late;
mod pipeline;
mod port;
mod version;

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use suppaftp::{Encoding, FtpError};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use super::bare::Looked;
use super::connect::{Connected, Control};
use super::data::NEAR;
use super::features::Features;
use super::limits::{self, Limits};
use super::log::Log;
use super::pace::Pace;
use super::route::Route;
use super::tls::Security;
use super::wire::Cork;
use super::{refusal, reply};
use crate::model::site::Learnt;
use crate::model::{Ascii, Charset, ClockOffset, DataMode, During, Failure, FailureKind, ListingStyle, Paths, Reply, VPath};
use crate::volume::{Ahead, Result};

pub use self::pipeline::Behind;
pub use self::port::Port;

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
    /// How its sockets are made.
    pub route: Route,
    /// TLS, where the control connection was begun with it: then every data connection has it, too.
    pub security: Option<Security>,
    /// How long things may take.
    pub limits: Limits,
    /// How data connections are to be made.
    pub mode: DataMode,
    /// What its names are in: the commands are in it already, and what is told a person is to be read.
    pub names: Charset,
    /// What was found out and is worth keeping.
    pub learnt: Learnt,
    /// How it is asked for listings.
    pub listing: ListingStyle,
    /// How far its clock is from UTC, where a person has said so.
    pub clock: Option<ClockOffset>,
    /// Whether it was asked for a time to find out about its clock, and did not tell.
    pub hides_clock: bool,
    /// Whether it refused the LIST that was to tell of links which its MLSD hides: each directory of a tree would cost another.
    pub lacks_links: bool,
    /// What the server offers.
    pub features: Features,
    /// How its places are written.
    pub paths: Paths,
    /// The directory after login: of what lies above all places that the server has words for, it is all that is known.
    pub home: Option<VPath>,
    /// The command at which the server closed, although it may be done without.
    pub closed_at: Option<&'static str>,
    /// It has answered MLST.
    pub knows_mlst: bool,
    /// A person waits for the next listing.
    pub is_awaited: bool,
    /// What names of the directory that was listed last are, where listings do not tell.
    pub looked: Option<Looked>,
    /// The working directory.
    pub standing: Option<Standing>,
    /// Whether the server is so near that waiting for it in the thread is the fastest way.
    pub is_near: bool,
    /// Whether it is so far that what only reads is asked for boldly: the command goes out while its port is dialled, although the server has not
    /// shown yet that it waits for who dials. Where it does not, that costs what it would save.
    pub is_far: bool,
    /// Whether it says in its reply to CWD where it stands.
    pub names_directories: bool,
    /// Whether a file was seen to have the time that MDTM had set.
    pub sets_by_mdtm: bool,
    /// Whether TYPE I is known to hold.
    pub is_binary: bool,
    /// Whether CWD has taken a path of several names.
    pub takes_paths: bool,
    /// Whether it was seen to keep names that are not UTF-8, or to hide whether it does.
    pub keeps_bytes: bool,
    /// Whether TYPE A was set, for a text.
    pub is_text: bool,
    /// Which files are texts.
    pub ascii: Ascii,
    /// How often in a row it was kept from idling.
    pub idles: u32,
    /// Whether a restart offset was sent since a file last began at its start.
    pub is_restarted: bool,
    /// Stops what is going on now.
    pub stop: CancellationToken,
    /// What the server has shown of commands that are sent together.
    pub pace: Pace,
    /// What was told of the transfer that comes next.
    pub expected: Ahead,
    /// What was told of the transfer that is going on, or was the last.
    pub hint: Ahead,
    /// Replies that are still to come.
    owed: u32,
    /// The last of them are to these questions, which nobody waits for: they are read when there is something else to read.
    asked: VecDeque<Behind>,
    /// Replies that came while a line was sent.
    early: VecDeque<Response>,
    /// The port that was asked for ahead.
    port: Option<Port>,
    /// What was answered to the question for a file's time that went out behind a listing.
    pub told_time: Option<Reply>,
    cork: Cork,
    /// See [`Session::beat`].
    pulse: Pin<Box<Sleep>>,
    lost: bool,
}

impl Session {
    /// Takes over a greeted connection.
    pub async fn new(connected: Connected, log: Log, limits: Limits) -> Self {
        let Connected { mut control, peer, local, round_trip, cork, security, route, .. } = connected;
        control.set_encoding(Transparent).await;
        Self {
            control,
            log,
            peer,
            local,
            route,
            security,
            limits,
            mode: DataMode::Auto,
            names: Charset::UTF8,
            learnt: Learnt::default(),
            listing: ListingStyle::Auto,
            clock: None,
            hides_clock: false,
            lacks_links: false,
            features: Features::default(),
            paths: Paths::Unix,
            home: None,
            closed_at: None,
            knows_mlst: false,
            is_awaited: false,
            looked: None,
            standing: None,
            is_near: round_trip.is_some_and(|time| time < NEAR),
            is_far: round_trip.is_some_and(|time| time >= limits::FAR),
            names_directories: false,
            sets_by_mdtm: false,
            is_binary: false,
            takes_paths: false,
            keeps_bytes: false,
            is_text: false,
            ascii: Ascii::Never,
            idles: 0,
            is_restarted: false,
            stop: CancellationToken::new(),
            pace: Pace::default(),
            expected: Ahead::default(),
            hint: Ahead::default(),
            owed: 0,
            asked: VecDeque::new(),
            early: VecDeque::new(),
            port: None,
            told_time: None,
            cork,
            pulse: Box::pin(sleep(Duration::ZERO)),
            lost: false,
        }
    }

    /// Whether it can be used no more.
    pub fn is_lost(&self) -> bool {
        self.lost || self.is_owed()
    }

    /// Whether a reply is still to come that somebody waits for.
    pub fn is_owed(&self) -> bool {
        self.owed as usize > self.asked.len()
    }

    /// Remembers that the server does not know a command or does not do something, for the sessions to come as well.
    pub fn refuse(&mut self, verb: &'static str) {
        self.features.refuse(verb);
        if let Err(place) = self.learnt.lacks.binary_search_by(|known| known.as_str().cmp(verb)) {
            self.learnt.lacks.insert(place, verb.to_owned());
        }
    }

    /// It knows it after all, or may.
    pub fn allow(&mut self, verb: &'static str) {
        self.features.allow(verb);
        self.learnt.lacks.retain(|known| known != verb);
    }

    /// Takes over what sessions before this one have found out.
    pub fn recall(&mut self) {
        self.features.recall(&self.learnt.lacks);
    }

    /// How the server shows itself. Where that is not as before, what was found out about it does not hold any more.
    pub fn shows(&mut self, print: u32) {
        if self.learnt.print.replace(print).is_some_and(|before| before != print) {
            self.log.step("the server is not what it was; what was found out about it is forgotten");
            let Learnt { tls, tls12, plain_told, connections, clock, clock_at, .. } = self.learnt;
            self.learnt = Learnt { tls, tls12, plain_told, connections, clock, clock_at, print: Some(print), ..Learnt::default() };
            self.features.forget();
        }
    }

    /// Gives the session up.
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// Closes the control connection at once, so that its place is free.
    pub async fn hang_up(&mut self) {
        self.lost = true;
        // One that is closed already is as good.
        let _ = socket2::SockRef::from(&*self.control.get_ref().await).shutdown(std::net::Shutdown::Both);
    }

    /// The control connection goes on without TLS, as the server has agreed.
    pub fn go_clear(&self) {
        self.cork.go_clear();
    }

    /// Sends a command and reads its first reply.
    ///
    /// # Errors
    /// What befell the connection, or `Invalid` for a line that is none. A refusal is no error here; 421, with which a server ends the
    /// session (RFC 959 §4.2), is.
    pub async fn command(&mut self, during: During, line: &[u8]) -> Result<Reply> {
        self.send_all(during, &[line])?;
        self.absorb(during).await?;
        self.next_reply(during, self.limits.reply).await
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
        if let Some(early) = self.early.pop_front() {
            return self.took(during, Ok(early));
        }
        let outcome = patiently(limit, &self.stop, self.control.read_response_in(&[])).await;
        self.took(during, outcome)
    }

    /// The failure for a refusal, in the server's words, without the password.
    pub fn refused(&self, during: During, subject: &[u8], reply: Reply) -> Failure {
        let kind = refusal::kind_during(during, &reply);
        let failure = Failure::new(kind, during, "").with_reply(self.without_secret(reply));
        if subject.is_empty() { failure } else { failure.about(subject) }
    }

    /// The reply as it may be shown.
    pub fn without_secret(&self, reply: Reply) -> Reply {
        self.log.fit_to_keep(&reply)
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
