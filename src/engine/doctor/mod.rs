//! Climbs the ladder on one server and tells what works: the job of `ftpane doctor` and of the panel of the panes.
//!
//! Guarantee: nothing is written on the server unless a directory is named for that, and what is written there is deleted again. Every step has
//! a limit in time; a stop ends it within one, with all connections closed. A step that cannot be tried says why. Uses volumes as every
//! other task does, so that what it finds is what a session meets; the server's words are taken from the log of that very session.

mod files;
mod limit;
mod session;
mod tape;
mod ways;

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::bus::Event;
use crate::model::checkup::{Extent, Finding, Rung, Verdict};
use crate::model::explain::{Situation, explain};
use crate::model::site::VolumeSpec;
use crate::model::text::printable;
use crate::model::{ConnectionId, DataMode, During, Entry, Failure, FailureKind, Reply, RequestId, Site, StartDir, VPath};
use crate::volume::{Call, Connector, Volume};

use super::dial::{Dialer, Held};
use super::outbox::Outbox;
use tape::Tape;

/// Seconds that a server is waited for where nobody says.
const PATIENCE: u32 = 15;

/// One examination.
pub(super) struct Doctor<C: Connector> {
    dialer: Dialer<C>,
    outbox: Outbox,
    request: RequestId,
    spec: VolumeSpec,
    extent: Extent,
    stop: CancellationToken,
    next: ConnectionId,
    /// Whether the session speaks TLS.
    tls: bool,
    began: Instant,
}

/// What the first session has shown, for the steps behind it.
struct Seen {
    /// Where it begins.
    path: VPath,
    /// A file to try things with: the largest that is not big.
    sample: Option<Entry>,
    entries: usize,
    /// How many names are not UTF-8.
    undecoded: usize,
    /// What FEAT says.
    features: Option<Reply>,
}

impl Seen {
    /// Whether FEAT names a command or a part of one.
    fn offers(&self, word: &str) -> bool {
        let lines = self.features.iter().flat_map(|reply| reply.text.split(|&byte| byte == b'\n'));
        lines.map(<[u8]>::trim_ascii).any(|line| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
    }
}

/// The numbers of the connections of one examination are these many, at most.
pub(super) const CONNECTIONS: u64 = 64;

impl<C: Connector> Doctor<C> {
    /// An examination of what `spec` opens; its connections are numbered from `first` on.
    pub(super) fn new(
        dialer: Dialer<C>,
        (request, first): (RequestId, ConnectionId),
        spec: VolumeSpec,
        extent: Extent,
        stop: CancellationToken,
    ) -> Self {
        let spec = match spec {
            VolumeSpec::Ftp(mut site, secret) => {
                site.timeout.get_or_insert(PATIENCE);
                VolumeSpec::Ftp(site, secret)
            }
            VolumeSpec::Local => VolumeSpec::Local,
        };
        let outbox = dialer.outbox.clone();
        Self { dialer, outbox, request, spec, extent, stop, next: first, tls: false, began: Instant::now() }
    }

    /// Examines, telling each step as it ends, and then that it is over.
    pub(super) async fn run(mut self) {
        let outcome = self.climb().await;
        let outcome = if self.stop.is_cancelled() { Err(Failure::cancelled(During::Connect)) } else { outcome };
        self.outbox.emit(Event::Examined { request: self.request, outcome });
    }

    async fn climb(&mut self) -> Result<(), Failure> {
        let VolumeSpec::Ftp(site, _) = self.spec.clone() else {
            return Err(Failure::new(FailureKind::Unsupported, During::Connect, "only servers can be examined"));
        };
        if let Err(failure) = self.addresses(&site).await {
            self.nothing_more(Rung::Tls, "the server was not reached");
            return Err(failure);
        }
        let tape = Tape::default();
        let mut held = match self.log_in(&site, &tape).await {
            Ok(held) => held,
            Err(failure) => {
                self.nothing_more(Rung::System, "there is no session");
                return Err(failure);
            }
        };
        let mut seen = self.about_session(&mut held, &tape).await;
        let listed = self.listing(&mut held, &tape, &mut seen).await;
        self.names_are(&seen);
        if let (Err(failure), Some(home)) = (&listed, held.volume.opened().home.clone())
            && failure.reply.is_some()
        {
            // The directory may be to blame, and says nothing of data connections: they are tried where the login leads to.
            seen.path = home;
        }
        // What the first session came upon need not be met again by each of the others.
        let site = Site { learnt: held.volume.learnt().cloned().unwrap_or_default(), ..*site };
        self.ways(&site, &mut held, &tape, &seen).await;
        self.resumption(&held);
        self.clock(&site, &mut held, &seen).await;
        self.restart(&mut held, &seen).await;
        self.rate(&mut held, &seen).await;
        self.writing(&mut held).await;
        self.connections(&site).await;
        held.close().await;
        listed
    }

    /// Looks the name up and dials each address by itself.
    async fn addresses(&mut self, site: &Site) -> Result<(), Failure> {
        self.begin();
        let call = self.call(None);
        let found = match self.dialer.connector.survey(call).await {
            Ok(found) if found.is_empty() => return Ok(()),
            Ok(found) => found,
            Err(failure) => {
                self.fails(Rung::Name, failure.clone());
                self.tell(Rung::Address, Verdict::Untried("there is no address".to_owned()));
                return Err(failure);
            }
        };
        let list: Vec<String> = found.iter().map(|greeted| greeted.address.ip().to_string()).collect();
        let through = site.reach.proxy.proxy().map(|proxy| format!(" (the proxy {proxy})")).unwrap_or_default();
        self.works(Rung::Name, format!("{}{through}", list.join(", ")));
        let mut first = None;
        let mut is_reached = false;
        for greeted in found {
            self.began = Instant::now().checked_sub(greeted.took).unwrap_or_else(Instant::now);
            match greeted.outcome {
                Ok(reply) => {
                    is_reached = true;
                    self.works(Rung::Address, format!("{}: {}", greeted.address, line_of(&reply)));
                }
                Err(failure) => {
                    first.get_or_insert(failure.clone());
                    self.fails(Rung::Address, failure);
                }
            }
        }
        first.filter(|_| !is_reached).map_or(Ok(()), Err)
    }

    fn begin(&mut self) {
        self.began = Instant::now();
    }

    fn works(&mut self, rung: Rung, text: String) {
        self.tell(rung, Verdict::Works(text));
    }

    fn fails(&mut self, rung: Rung, failure: Failure) {
        if failure.kind != FailureKind::Cancelled {
            self.tell(rung, Verdict::Fails(failure));
        }
    }

    fn untried(&mut self, rung: Rung, why: &str) {
        self.tell(rung, Verdict::Untried(why.to_owned()));
    }

    /// Tells what came of a step. Once it is to stop there is nothing more to tell.
    fn tell(&mut self, rung: Rung, verdict: Verdict) {
        let took = self.began.elapsed();
        self.begin();
        if self.stop.is_cancelled() {
            return;
        }
        let situation = match &self.spec {
            VolumeSpec::Ftp(site, _) => Situation { mode: mode_of(rung, site), ..Situation::of(site).encrypted(self.tls) },
            VolumeSpec::Local => return,
        };
        let why = if let Verdict::Fails(failure) = &verdict { explain(failure, &situation) } else { None };
        self.outbox.emit(Event::Found { request: self.request, finding: Finding { rung, verdict, why, took } });
    }

    /// All steps from this one on cannot be tried.
    fn nothing_more(&mut self, from: Rung, why: &str) {
        for rung in Rung::ALL.into_iter().skip_while(|rung| *rung != from) {
            self.untried(rung, why);
        }
    }

    fn number(&mut self) -> ConnectionId {
        self.next.advance()
    }

    fn call(&mut self, tape: Option<&Tape>) -> Call {
        let connection = self.number();
        let wire = self.outbox.wire();
        Call {
            spec: self.spec.clone(),
            secret: None,
            proxy_secret: None,
            account: None,
            connection,
            wire: tape.map_or(wire.clone(), |tape| Some(tape.sink(wire))),
            stop: self.stop.clone(),
            progress: Arc::new(|_| {}),
        }
    }

    /// Opens a session with a site that is like the examined one, asking for passwords as need be.
    async fn dial(&mut self, site: Site, tape: &Tape) -> Result<Held<C::Volume>, Failure> {
        let connection = self.number();
        let secret = if let VolumeSpec::Ftp(_, secret) = &self.spec { secret.clone() } else { None };
        // A directory that cannot be entered is no reason to say nothing of the server.
        let spec = VolumeSpec::Ftp(Box::new(Site { start: StartDir::Login, ..site }), secret);
        let mut dialer = self.dialer.clone();
        dialer.is_discreet = true;
        let tape = tape.clone();
        dialer.outbox.tap(Arc::new(move |next| tape.sink(next)));
        dialer.dial(&spec, connection, &self.stop, Arc::new(|_| {})).await
    }
}

/// How data connections are made on a step.
fn mode_of(rung: Rung, site: &Site) -> DataMode {
    match rung {
        Rung::Epsv | Rung::Pasv => DataMode::Passive,
        Rung::Active => DataMode::Active,
        _ => site.mode,
    }
}

/// Characters of a server's words that a step shows: more than a line of any terminal is no answer to anything.
const SHOWN: usize = 200;

/// A server's words, safe for the screen and no longer than somebody reads.
fn words_of(bytes: &[u8]) -> String {
    // A character has four bytes at most, and a harmful one becomes more.
    let looked_at = bytes.get(..4 * SHOWN).unwrap_or(bytes);
    let words = printable(looked_at);
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None if looked_at.len() < bytes.len() => format!("{words}…"),
        None => words.into_owned(),
    }
}

/// A reply as one line, safe for the screen.
fn line_of(reply: &Reply) -> String {
    let first = reply.text.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    format!("{} {}", reply.code, words_of(first))
}

/// The directory that a site begins in, as far as that can be told without asking.
fn start_of<V: Volume>(volume: &V) -> VPath {
    let opened = volume.opened();
    opened.start.clone().or_else(|| opened.home.clone()).unwrap_or_else(VPath::root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_server_says_without_end_as_much_is_shown_as_somebody_reads() {
        let reply = |text: &[u8]| Reply { code: 220, text: text.into() };
        assert_eq!(line_of(&reply(b"\nhello\nthere")), "220 hello");
        for long in [&b"x"[..], "\u{202e}".as_bytes(), b"\x1b", b"\xff", "\u{1f600}".as_bytes()] {
            let line = line_of(&reply(&long.repeat(50_000)));
            assert!(line.chars().count() <= SHOWN + 5 && line.ends_with('…'), "{line}");
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }
}
