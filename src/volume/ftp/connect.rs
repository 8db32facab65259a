//! From a host name to a greeting: the lookup, every address in turn, and what comes before the protocol proper.
//!
//! Guarantee: each address is tried, the two families by turns, one starting 250 ms behind the other (RFC 8305); every step has a limit and
//! a log line. The first address that accepts and greets is the one; the others are dropped.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use suppaftp::FtpError;
use suppaftp::tokio::{AsyncTlsConnector, ImplAsyncFtpStream};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::limits::{self, Limits};
use super::log::Log;
use super::wire::{Cork, Wire};
use super::{refusal, reply};
use crate::model::{During, Failure, FailureKind, Reply};
use crate::volume::Result;

/// suppaftp's client over our stream.
pub type Control = ImplAsyncFtpStream<Wire>;

/// What connecting gives.
pub struct Connected {
    /// The control connection, greeted.
    pub control: Control,
    /// The greeting.
    pub greeting: Reply,
    /// The server's end.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// Holds lines back on the way out.
    pub cork: Cork,
    /// How long it took the server's system to accept: one round trip (RFC 9293 §3.5).
    pub round_trip: Option<Duration>,
}

/// Looks `host` up and connects to one of its addresses.
///
/// # Errors
/// The lookup's failure, or the failure of the address that got furthest.
pub async fn connect(host: &str, port: u16, limits: Limits, log: &Log) -> Result<Connected> {
    let addresses = look_up(host, port, limits, log).await?;
    race(host, &addresses, limits, log).await
}

async fn look_up(host: &str, port: u16, limits: Limits, log: &Log) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    log.step(format!("looking up {host}"));
    let failed = |kind, detail: String| {
        log.trouble(format!("{host} was not found: {detail}"));
        Failure::new(kind, During::Lookup, detail).about(host.as_bytes()).hint("check the name and the network")
    };
    let found: Vec<_> = match timeout(limits.connect, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err(failed(FailureKind::Unreachable, error.to_string())),
        Err(_) => return Err(failed(FailureKind::TimedOut, "the name server does not answer".into())),
    };
    if found.is_empty() {
        return Err(failed(FailureKind::Unreachable, "it has no address".into()));
    }
    let ordered = by_turns(found);
    let list: Vec<_> = ordered.iter().map(|address| address.ip().to_string()).collect();
    log.step(format!("{host} is {}", list.join(", ")));
    Ok(ordered)
}

/// The two families by turns, beginning with the one that the resolver prefers (RFC 8305 §4), without repetitions.
fn by_turns(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    let mut ordered = Vec::new();
    loop {
        let pair = [preferred.next(), other.next()];
        if pair == [None, None] {
            ordered.truncate(limits::ADDRESSES);
            return ordered;
        }
        for address in pair.into_iter().flatten() {
            if !ordered.contains(&address) {
                ordered.push(address);
            }
        }
    }
}

async fn race(host: &str, addresses: &[SocketAddr], limits: Limits, log: &Log) -> Result<Connected> {
    let mut waiting = addresses.iter();
    let mut running = FuturesUnordered::new();
    let mut next_start = Instant::now();
    let mut worst: Option<Failure> = None;
    let greeting = Arc::new(AtomicUsize::new(0));
    loop {
        tokio::select! {
            biased;
            Some(outcome) = running.next() => match outcome {
                Ok(connected) => return Ok(connected),
                Err(failure) => {
                    worst = Some(further(worst, failure));
                    next_start = Instant::now();
                }
            },
            () = sleep_until(next_start), if waiting.len() > 0 => {
                next_start = Instant::now() + limits::STAGGER;
                // A server that has accepted and takes its time to greet is not asked a second time beside.
                if greeting.load(Ordering::Relaxed) == 0 && let Some(&address) = waiting.next() {
                    let note = Note { greeting: Arc::clone(&greeting), ..Note::default() };
                    running.push(attempt(host, address, note, (limits, log)));
                }
            }
            else => break,
        }
    }
    Err(worst.unwrap_or_else(|| Failure::new(FailureKind::Unreachable, During::Connect, "there is no address").about(host.as_bytes())))
}

/// Of two failures the one that tells more: a server's own words before a refused connection.
fn further(kept: Option<Failure>, new: Failure) -> Failure {
    match kept {
        Some(kept) if kept.reply.is_some() || new.kind == FailureKind::Unreachable => kept,
        _ => new,
    }
}

async fn attempt(host: &str, address: SocketAddr, note: Note, (limits, log): (Limits, &Log)) -> Result<Connected> {
    let connector = Greeter { limits, log: log.clone(), note: note.clone(), began: Instant::now() };
    log.step(format!("connecting to {address}"));
    let dialled = Control::connect_secure_implicit(address, connector, host);
    tokio::pin!(dialled);
    let outcome = match timeout(limits.connect, &mut dialled).await {
        Ok(outcome) => Some(outcome),
        // The greeting has a limit of its own.
        Err(_) if note.is_dialled() => Some(dialled.await),
        Err(_) => None,
    };
    let failure = match outcome {
        Some(Ok(control)) => return connected(control, note, address, log).await,
        Some(Err(error)) => note.take_failure().unwrap_or_else(|| dial_failure(&error)),
        None => Failure::new(FailureKind::TimedOut, During::Connect, format!("no answer within {} s", limits.connect.as_secs())),
    };
    log.trouble(format!("{address}: {}", failure.reply.as_ref().map_or(failure.detail.clone(), |reply| reply.code.to_string())));
    let subject = if host.parse::<IpAddr>().is_ok() { address.to_string() } else { format!("{host} at {address}") };
    Err(failure.about(subject.into_bytes()))
}

async fn connected(control: Control, note: Note, address: SocketAddr, log: &Log) -> Result<Connected> {
    let local = control.get_ref().await.local_addr();
    let local = local.map_err(|error| Failure::new(FailureKind::Disconnected, During::Connect, error.to_string()))?;
    log.step(format!("control connection from {local} to {address}"));
    let greeting = note.take_greeting().unwrap_or_else(|| Reply { code: 220, text: Box::default() });
    Ok(Connected { control, greeting, peer: address, local, round_trip: note.with(|note| note.dialled_in), cork: note.cork })
}

fn dial_failure(error: &FtpError) -> Failure {
    let detail = match error {
        FtpError::ConnectionError(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => "nobody listens there".into(),
        FtpError::ConnectionError(error) => error.to_string(),
        other => other.to_string(),
    };
    Failure::new(FailureKind::Unreachable, During::Connect, detail)
}

/// What the connector wants to tell past suppaftp, whose errors carry text only.
#[derive(Debug, Clone, Default)]
struct Note {
    text: Arc<Mutex<NoteText>>,
    /// How many servers have accepted and not yet greeted, over all attempts.
    greeting: Arc<AtomicUsize>,
    cork: Cork,
}

#[derive(Debug, Default)]
struct NoteText {
    /// How long it took until the server had accepted.
    dialled_in: Option<Duration>,
    greeting: Option<Reply>,
    failure: Option<Failure>,
}

impl Note {
    fn with<T>(&self, act: impl FnOnce(&mut NoteText) -> T) -> T {
        act(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_dialled(&self) -> bool {
        self.with(|note| note.dialled_in.is_some())
    }

    fn take_greeting(&self) -> Option<Reply> {
        self.with(|note| note.greeting.take())
    }

    fn take_failure(&self) -> Option<Failure> {
        self.with(|note| note.failure.take())
    }
}

/// Does what comes before the protocol proper, on a connection that was just made: socket options and the greeting. The place for a
/// proxy's handshake, AUTH TLS and the TLS handshake.
#[derive(Debug)]
struct Greeter {
    limits: Limits,
    log: Log,
    note: Note,
    began: Instant,
}

#[async_trait::async_trait]
impl AsyncTlsConnector for Greeter {
    type Stream = Wire;

    async fn connect(&self, _host: &str, tcp: TcpStream) -> suppaftp::FtpResult<Wire> {
        self.note.with(|note| note.dialled_in = Some(self.began.elapsed()));
        set_options(&tcp, &self.log);
        let mut wire = Wire::plain(tcp, self.log.clone(), self.note.cork.clone());
        self.note.greeting.fetch_add(1, Ordering::Relaxed);
        let outcome = timeout(self.limits.reply, greeting(&mut wire)).await;
        self.note.greeting.fetch_sub(1, Ordering::Relaxed);
        let failure = match outcome {
            Ok(Ok(greeting)) => {
                self.note.with(|note| note.greeting = Some(greeting));
                // The strict reader wants to have read it itself.
                wire.give_back(b"220 \r\n");
                return Ok(wire);
            }
            Ok(Err(mut failure)) => {
                failure.reply = failure.reply.map(|reply| Reply { code: reply.code, text: self.log.redact(&reply.text).into() });
                failure
            }
            Err(_) => {
                let detail = format!("connected, but no greeting within {} s", self.limits.reply.as_secs());
                Failure::new(FailureKind::TimedOut, During::Connect, detail)
            }
        };
        self.note.with(|note| note.failure = Some(failure));
        Err(FtpError::BadResponse)
    }
}

/// Commands are small and must not wait for one another; a connection that idles during a long transfer must not be forgotten by a NAT box.
fn set_options(tcp: &TcpStream, log: &Log) {
    let keepalive = socket2::TcpKeepalive::new().with_time(limits::KEEPALIVE).with_interval(limits::KEEPALIVE);
    let set = tcp.set_nodelay(true).and_then(|()| socket2::SockRef::from(tcp).set_tcp_keepalive(&keepalive));
    if let Err(error) = set {
        log.trouble(format!("cannot set the options of the control connection: {error}"));
    }
}

/// Reads up to the 220, passing over `120 ready in a while`. Another 2xx is a welcome too.
async fn greeting(wire: &mut Wire) -> Result<Reply> {
    for _ in 0..limits::GREETINGS {
        let raw = raw_reply(wire).await?;
        let Some(greeting) = reply::parse(&raw) else {
            return Err(Failure::new(FailureKind::Protocol, During::Connect, "the greeting is no reply"));
        };
        match greeting.code {
            100..=199 => {}
            200..=299 => return Ok(greeting),
            _ => return Err(Failure::new(refusal::login_kind(&greeting), During::Connect, "").with_reply(greeting)),
        }
    }
    Err(Failure::new(FailureKind::Protocol, During::Connect, "the server keeps saying that it will be ready soon"))
}

/// One reply as the wire mends it, which ends with its first line that has a blank behind the code.
async fn raw_reply(wire: &mut Wire) -> Result<Vec<u8>> {
    let mut raw: Vec<u8> = Vec::new();
    let mut line_start = 0;
    loop {
        let byte = wire.read_u8().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => Failure::new(FailureKind::Protocol, During::Connect, error.to_string()),
            _ => Failure::new(FailureKind::Disconnected, During::Connect, "the server closed the connection before its greeting"),
        })?;
        raw.push(byte);
        if byte != b'\n' {
            continue;
        }
        let line = raw.get(line_start..).unwrap_or_default();
        if line.get(3) == Some(&b' ') && line.get(..3) == raw.get(..3) {
            return Ok(raw);
        }
        line_start = raw.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_families_take_turns() {
        let parse = |text: &str| text.parse::<SocketAddr>().unwrap();
        let found = ["[::1]:21", "[::2]:21", "[::1]:21", "1.1.1.1:21", "2.2.2.2:21", "3.3.3.3:21"].map(parse).to_vec();
        let expected = ["[::1]:21", "1.1.1.1:21", "[::2]:21", "2.2.2.2:21", "3.3.3.3:21"].map(parse).to_vec();
        assert_eq!(by_turns(found), expected);
    }

    #[test]
    fn a_hundred_addresses_are_not_all_tried() {
        let found = (0..100).map(|index| SocketAddr::from(([10, 0, 0, index], 21))).collect();
        assert_eq!(by_turns(found).len(), limits::ADDRESSES);
    }
}
