//! From a host name to a control connection: the lookup, and every address in turn, each with what comes before the protocol proper.
//!
//! Guarantee: each address is tried, the two families by turns, one starting 250 ms behind the other (RFC 8305); every step has a limit and
//! a log line. The first address that accepts and greets is the one; the others are dropped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use suppaftp::FtpError;
use suppaftp::tokio::ImplAsyncFtpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::greet::{Greeter, Note, Wanted, Welcome};
use super::limits::{self, Limits};
use super::log::Log;
use super::route::Route;
use super::tls::Security;
use super::wire::{Cork, Wire};
use crate::model::reach::place;
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
    /// Switches of its stream.
    pub cork: Cork,
    /// TLS, where it has it.
    pub security: Option<Security>,
    /// How long it took the server's system to accept: one round trip (RFC 9293 §3.5).
    pub round_trip: Option<Duration>,
    /// How its sockets are made.
    pub route: Route,
}

/// How to connect.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// How long things may take.
    pub limits: Limits,
    /// Log lines go here.
    pub log: &'a Log,
    /// What TLS is wanted.
    pub wanted: &'a Wanted,
    /// How sockets are made.
    pub route: &'a Route,
}

/// Looks `host` up and connects to one of its addresses.
///
/// # Errors
/// The lookup's failure, or the failure of the address that got furthest.
pub async fn connect(host: &str, port: u16, manner: Manner<'_>) -> Result<Connected> {
    let (first, first_port) = manner.route.first(host, port);
    let addresses = look_up(first, first_port, manner).await?;
    race((host, port), &addresses, manner).await
}

/// The addresses of a host that may be dialled, in the order to try them.
///
/// # Errors
/// The lookup's failure.
pub async fn look_up(host: &str, port: u16, Manner { limits, log, route, .. }: Manner<'_>) -> Result<Vec<SocketAddr>> {
    let none = || Failure::new(FailureKind::Unreachable, During::Lookup, route.without_address()).about(host.as_bytes());
    if let Ok(address) = host.parse::<IpAddr>() {
        return if route.takes(address) { Ok(vec![SocketAddr::new(address, port)]) } else { Err(none()) };
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
    let ordered = by_turns(found.into_iter().filter(|address| route.takes(address.ip())).collect());
    if ordered.is_empty() {
        return Err(none());
    }
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

/// Dials addresses, one starting a while behind the other; the first that greets is the one.
///
/// # Errors
/// The failure of the address that got furthest.
pub async fn race((host, port): (&str, u16), addresses: &[SocketAddr], manner: Manner<'_>) -> Result<Connected> {
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
                    let note = Note::among(&greeting);
                    running.push(attempt((host, port), address, note, manner));
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

async fn attempt((host, port): (&str, u16), address: SocketAddr, note: Note, manner: Manner<'_>) -> Result<Connected> {
    let Manner { limits, log, wanted, route } = manner;
    let wanted = wanted.clone();
    let connector =
        Greeter { limits, log: log.clone(), note: note.clone(), began: Instant::now(), wanted, route: route.clone(), address, port };
    match route.proxy() {
        Some(proxy) => log.step(format!("connecting to the proxy {proxy} at {address} for {}", place(host, port))),
        None => log.step(format!("connecting to {address}")),
    }
    // suppaftp dials by itself and has no way to say from where: it is given a door of ours to knock at, and the connector dials.
    let door = route.bind().map(|_| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|door| Ok((door.local_addr()?, door))));
    let door =
        door.transpose().map_err(|error| Failure::new(FailureKind::Local, During::Connect, format!("cannot open a port: {error}")))?;
    let dialled = Control::connect_secure_implicit(door.as_ref().map_or(address, |(local, _)| *local), connector, host);
    tokio::pin!(dialled);
    let outcome = match timeout(limits.connect, &mut dialled).await {
        Ok(outcome) => Some(outcome),
        // What follows has limits of its own.
        Err(_) if note.dialled_in().is_some() => Some(dialled.await),
        Err(_) => None,
    };
    let failure = match outcome {
        Some(Ok(control)) => return connected(control, note, address, manner).await,
        Some(Err(error)) => note.take_failure().unwrap_or_else(|| dial_failure(&error)),
        None => Failure::new(FailureKind::TimedOut, During::Connect, format!("no answer within {} s", limits.connect.as_secs())),
    };
    log.trouble(format!("{address}: {}", failure.reply.as_ref().map_or(failure.detail.clone(), |reply| reply.code.to_string())));
    if failure.during == During::Proxy {
        // It names whom the password belongs to.
        return Err(failure);
    }
    let subject = match route.proxy() {
        Some(_) => format!("{} through the proxy", place(host, port)),
        None if host.parse::<IpAddr>().is_ok() => address.to_string(),
        None => format!("{host} at {address}"),
    };
    Err(failure.about(subject.into_bytes()))
}

async fn connected(control: Control, note: Note, address: SocketAddr, Manner { log, route, .. }: Manner<'_>) -> Result<Connected> {
    let local = control.get_ref().await.local_addr();
    let local = local.map_err(|error| Failure::new(FailureKind::Disconnected, During::Connect, error.to_string()))?;
    log.step(format!("control connection from {local} to {address}"));
    let nothing = || Welcome { greeting: Reply { code: 220, text: Box::default() }, security: None };
    let Welcome { greeting, security } = note.take_welcome().unwrap_or_else(nothing);
    // What the way to a proxy takes says nothing of the server.
    let round_trip = note.dialled_in().filter(|_| route.proxy().is_none());
    Ok(Connected { control, greeting, peer: address, local, round_trip, cork: note.cork, security, route: route.clone() })
}

fn dial_failure(error: &FtpError) -> Failure {
    let detail = match error {
        FtpError::ConnectionError(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => "nobody listens there".into(),
        FtpError::ConnectionError(error) => error.to_string(),
        other => other.to_string(),
    };
    Failure::new(FailureKind::Unreachable, During::Connect, detail)
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
