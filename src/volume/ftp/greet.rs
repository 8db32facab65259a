//! What comes before the protocol proper on a connection that was just made: socket options, the greeting, AUTH TLS and the TLS handshake.
//!
//! Guarantee: where TLS was asked for, the connection has it when this is done, or there is none. Where it was not asked for, plain goes on only
//! after the server itself has refused AUTH, and never with a server that was once spoken to with TLS. Every wait has a limit.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use suppaftp::FtpError;
use suppaftp::tokio::AsyncTlsConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::limits::{self, Limits};
use super::log::Log;
use super::route::Route;
use super::tls::{Security, Settings, Stream};
use super::wire::{Cork, Wire};
use super::{refusal, reply};
use crate::model::{During, Failure, FailureKind, Reply};
use crate::volume::Result;

const TLS_OFF: &str = "TLS switched off (--tls=off) goes on without it, readable by anybody in between";

/// What TLS is wanted on a control connection.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// None.
    Off,
    /// Where the server knows it.
    IfOffered(Arc<Settings>),
    /// Or no connection.
    Required(Arc<Settings>),
    /// Or no connection, since the server was spoken to with TLS before.
    AsBefore(Arc<Settings>),
    /// From the first byte.
    Implicit(Arc<Settings>),
}

/// What the connector wants to tell past suppaftp, whose errors carry text only.
#[derive(Debug, Clone, Default)]
pub struct Note {
    text: Arc<Mutex<NoteText>>,
    /// How many servers have accepted and are not yet done with what comes first, over all attempts.
    greeting: Arc<AtomicUsize>,
    /// Switches of the stream.
    pub cork: Cork,
}

#[derive(Debug, Default)]
struct NoteText {
    /// How long it took until the server had accepted.
    dialled_in: Option<Duration>,
    welcome: Option<Welcome>,
    failure: Option<Failure>,
}

/// How a server met us.
#[derive(Debug)]
pub struct Welcome {
    /// Its greeting.
    pub greeting: Reply,
    /// TLS, where the connection has it.
    pub security: Option<Security>,
}

impl Note {
    /// One among several attempts, which share the count of those that were accepted.
    pub fn among(greeting: &Arc<AtomicUsize>) -> Self {
        Self { greeting: Arc::clone(greeting), ..Self::default() }
    }

    fn with<T>(&self, act: impl FnOnce(&mut NoteText) -> T) -> T {
        act(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long it took until the server had accepted, once it has.
    pub fn dialled_in(&self) -> Option<Duration> {
        self.with(|note| note.dialled_in)
    }

    /// How the server met us.
    pub fn take_welcome(&self) -> Option<Welcome> {
        self.with(|note| note.welcome.take())
    }

    /// Why it came to nothing.
    pub fn take_failure(&self) -> Option<Failure> {
        self.with(|note| note.failure.take())
    }
}

/// Does all that, as the connector that suppaftp calls.
#[derive(Debug)]
pub struct Greeter {
    /// How long things may take.
    pub limits: Limits,
    /// Log lines go here.
    pub log: Log,
    /// What is told.
    pub note: Note,
    /// When dialling began.
    pub began: Instant,
    /// What TLS is wanted.
    pub wanted: Wanted,
    /// How sockets are made.
    pub route: Route,
    /// What is dialled: the server, or the proxy before it.
    pub address: SocketAddr,
    /// The server's port.
    pub port: u16,
}

#[async_trait::async_trait]
impl AsyncTlsConnector for Greeter {
    type Stream = Wire;

    async fn connect(&self, _host: &str, tcp: TcpStream) -> suppaftp::FtpResult<Wire> {
        let tcp = match self.route.bind() {
            Some(_) => self.route.dial(self.address).await.map_err(FtpError::ConnectionError)?,
            None => tcp,
        };
        self.note.with(|note| note.dialled_in = Some(self.began.elapsed()));
        set_options(&tcp, &self.log);
        let passed = self.within("no answer of the proxy", self.route.pass(tcp, self.port)).await;
        let tcp = passed.map_err(|failure| {
            self.note.with(|note| note.failure = Some(failure));
            FtpError::BadResponse
        })?;
        let wire = Wire::new(Stream::Plain(tcp), self.log.clone(), self.note.cork.clone());
        self.note.greeting.fetch_add(1, Ordering::Relaxed);
        let outcome = Box::pin(self.meet(wire)).await;
        self.note.greeting.fetch_sub(1, Ordering::Relaxed);
        match outcome {
            Ok((mut wire, welcome)) => {
                self.note.with(|note| note.welcome = Some(welcome));
                // The strict reader wants to have read it itself.
                wire.give_back(b"220 \r\n");
                Ok(wire)
            }
            Err(mut failure) => {
                failure.reply = failure.reply.map(|reply| self.log.fit_to_keep(&reply));
                self.note.with(|note| note.failure = Some(failure));
                Err(FtpError::BadResponse)
            }
        }
    }
}

impl Greeter {
    async fn meet(&self, mut wire: Wire) -> Result<(Wire, Welcome)> {
        let mut security = None;
        if let Wanted::Implicit(settings) = &self.wanted {
            security = Some(self.handshake(&mut wire, settings).await?);
        }
        let greeting = self.within("no greeting", greeting(&mut wire)).await?;
        match &self.wanted {
            Wanted::Off | Wanted::Implicit(_) => {}
            Wanted::Required(settings) | Wanted::AsBefore(settings) => {
                let answer = self.ask(&mut wire).await?;
                if !has_agreed(&answer) {
                    let detail = match &self.wanted {
                        Wanted::AsBefore(_) => {
                            "the server spoke TLS before and refuses it now, which somebody in between may have brought about"
                        }
                        _ => "the server refuses TLS, which was asked for",
                    };
                    return Err(Failure::new(FailureKind::Tls, During::Connect, detail).with_reply(answer).hint(TLS_OFF));
                }
                security = Some(self.handshake(&mut wire, settings).await?);
            }
            Wanted::IfOffered(settings) => {
                // Some old and small servers say nothing to what they do not know.
                let answer = self.ask(&mut wire).await.map_err(|failure| failure.hint(TLS_OFF))?;
                if has_agreed(&answer) {
                    security = Some(self.handshake(&mut wire, settings).await?);
                } else if (500..600).contains(&answer.code) {
                    self.log.step("the server knows no TLS: going on without it, readable by anybody in between");
                } else {
                    let detail = "the server does not say whether it knows TLS";
                    return Err(Failure::new(FailureKind::Tls, During::Connect, detail).with_reply(answer).hint(TLS_OFF));
                }
            }
        }
        Ok((wire, Welcome { greeting, security }))
    }

    async fn within<T>(&self, what: &str, step: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.limits.reply;
        timeout(limit, step).await.unwrap_or_else(|_| {
            let detail = format!("connected, but {what} within {} s", limit.as_secs());
            Err(Failure::new(FailureKind::TimedOut, During::Connect, detail))
        })
    }

    /// Asks for TLS. What came behind the agreement in the clear was put there by somebody who wants it to count as said under TLS.
    async fn ask(&self, wire: &mut Wire) -> Result<Reply> {
        let lost = |error: std::io::Error| Failure::new(FailureKind::Disconnected, During::Connect, error.to_string());
        wire.write_all(b"AUTH TLS\r\n").await.map_err(lost)?;
        wire.flush().await.map_err(lost)?;
        let answer = self.within("no answer to AUTH TLS", one_reply(wire)).await?;
        if has_agreed(&answer) && !wire.is_drained() {
            let detail = "bytes came in the clear behind the answer to AUTH TLS: somebody in between may have put them there";
            return Err(Failure::new(FailureKind::Protocol, During::Connect, detail));
        }
        Ok(answer)
    }

    async fn handshake(&self, wire: &mut Wire, settings: &Settings) -> Result<Security> {
        let security = settings.security()?;
        self.within("no end of the TLS handshake", wire.secure(&security)).await?;
        self.log.step_with(|| security.state().to_string());
        Ok(security)
    }
}

/// RFC 4217 §4: 234. Old servers say 334 or a plain 200.
fn has_agreed(answer: &Reply) -> bool {
    matches!(answer.code, 200..=299 | 334)
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
        let raw = raw_reply(wire, "its greeting").await?;
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

async fn one_reply(wire: &mut Wire) -> Result<Reply> {
    let raw = raw_reply(wire, "it answered AUTH TLS").await?;
    reply::parse(&raw).ok_or_else(|| Failure::new(FailureKind::Protocol, During::Connect, "the answer to AUTH TLS makes no sense"))
}

/// One reply as the wire mends it, which ends with its first line that has a blank behind the code.
async fn raw_reply(wire: &mut Wire, what: &str) -> Result<Vec<u8>> {
    let mut raw: Vec<u8> = Vec::new();
    let mut line_start = 0;
    loop {
        let byte = wire.read_u8().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => Failure::new(FailureKind::Protocol, During::Connect, error.to_string()),
            _ => Failure::new(FailureKind::Disconnected, During::Connect, format!("the server closed the connection before {what}")),
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
