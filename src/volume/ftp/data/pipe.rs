//! One data connection in use.
//!
//! Guarantee: reading and writing end, at the latest, when nothing has moved for the idle limit, when next to nothing has for twice as long,
//! or when the transfer is stopped; the clock costs nothing while bytes flow, since it is looked at only where the socket would have us wait.

use std::future::Future;
use std::io::{self, Cursor, Read as _};
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::super::limits::{self, Limits};
use super::super::log::Log;
use super::super::route::Route;
use super::super::session::Session;
use super::channel::Channel;
use super::conduit::{self, Conduit};
use super::wakes::Wakes;
use crate::model::figures;
use crate::model::{During, Failure, FailureKind};
use crate::volume::Direct;

/// The idle limit is counted in so many ticks: a timer is set once a tick rather than once a block.
const TICKS: u32 = 4;

/// The average speed is looked at after so many ticks: twice the idle limit.
const SPAN: u32 = 2 * TICKS;

/// Who made the connection, and where the server's end is.
#[derive(Debug, Clone)]
pub enum Dialled {
    /// We did: passive mode.
    Us(SocketAddr),
    /// We did, by a proxy that passes on to this port of the server.
    Through(Route, u16),
    /// The server did: active mode.
    Server(SocketAddr),
}

impl std::fmt::Display for Dialled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Us(address) => write!(f, "passive, we dialled {address}"),
            Self::Through(route, port) => write!(f, "passive, through the proxy to {}", route.server(*port)),
            Self::Server(address) => write!(f, "active, the server dialled from {address}"),
        }
    }
}

/// The socket of a data connection.
pub enum Line {
    /// Bytes may still come and go.
    Live(TcpStream),
    /// As above, under TLS.
    Secure(Channel),
    /// All that the server has sent before it closed its side, and what broke the connection then, if anything did.
    Whole(Cursor<Vec<u8>>, Option<io::Error>),
}

/// A data connection.
pub struct Pipe {
    line: Line,
    log: Log,
    watch: Watch,
    wakes: Wakes,
    dialled: Dialled,
    /// What moves bytes past the program's memory; made when it is first wanted, `Some(None)` where the system has none.
    conduit: Option<Option<Conduit>>,
    moved: u64,
    began: Instant,
}

impl Pipe {
    /// Takes over a connection that was just made.
    pub fn new(line: Line, dialled: Dialled, session: &Session, during: During) -> Self {
        let dialled = match dialled {
            Dialled::Us(address) if session.route.tunnel().is_some() => Dialled::Through(session.route.clone(), address.port()),
            other => other,
        };
        session.log.step_with(|| format!("data connection: {dialled}"));
        let (watch, log) = (Watch::new(session, during), session.log.clone());
        Self { line, log, watch, wakes: Wakes::default(), dialled, conduit: None, moved: 0, began: Instant::now() }
    }

    /// Reads what is there; 0 is the end.
    ///
    /// # Errors
    /// The socket's error; what stopped the transfer or its idleness as a [`Failure`] inside.
    pub async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let Self { line, watch, wakes, moved, .. } = self;
        let tcp = match line {
            Line::Live(tcp) => tcp,
            Line::Secure(channel) => {
                return std::future::poll_fn(|cx| match channel.poll_read(cx, block) {
                    Poll::Ready(outcome) => {
                        let count = outcome.as_ref().map_or(0, |count| *count as u64);
                        *moved += count;
                        watch.is_alive();
                        if let Some(tcp) = channel.socket() {
                            wakes.took(tcp, count);
                        }
                        Poll::Ready(outcome)
                    }
                    Poll::Pending => {
                        if let Some(tcp) = channel.socket() {
                            wakes.wait(cx, tcp);
                        }
                        watch.poll(cx, *moved).map(Err)
                    }
                })
                .await;
            }
            Line::Whole(bytes, broken) => {
                let count = bytes.read(block)?;
                if count == 0 && !block.is_empty() {
                    return broken.take().map_or(Ok(0), Err);
                }
                *moved += count as u64;
                return Ok(count);
            }
        };
        std::future::poll_fn(|cx| {
            let mut buffer = ReadBuf::new(block);
            match Pin::new(&mut *tcp).poll_read(cx, &mut buffer) {
                Poll::Ready(outcome) => {
                    let count = buffer.filled().len();
                    *moved += count as u64;
                    watch.is_alive();
                    wakes.took(tcp, count as u64);
                    Poll::Ready(outcome.map(|()| count))
                }
                Poll::Pending => {
                    wakes.wait(cx, tcp);
                    watch.poll(cx, *moved).map(Err)
                }
            }
        })
        .await
    }

    /// Writes the whole block.
    ///
    /// # Errors
    /// As [`Pipe::read`].
    pub async fn write(&mut self, block: &[u8]) -> io::Result<()> {
        let Self { line, watch, moved, .. } = self;
        let mut rest = block;
        std::future::poll_fn(|cx| {
            while !rest.is_empty() {
                let written = match line {
                    Line::Live(tcp) => Pin::new(tcp).poll_write(cx, rest),
                    Line::Secure(channel) => channel.poll_write(cx, rest),
                    Line::Whole(..) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
                };
                match written {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(Ok(count)) => {
                        *moved += count as u64;
                        watch.is_alive();
                        rest = rest.get(count..).unwrap_or_default();
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => return watch.poll(cx, *moved).map(Err),
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Moves what is there, up to `limit` bytes, into a file, past the program's memory.
    pub async fn splice_into(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        let Self { line, watch, wakes, moved, conduit, .. } = self;
        let Line::Live(tcp) = line else { return Direct::Cannot };
        let Some(conduit) = conduit.get_or_insert_with(|| Conduit::new().ok()) else { return Direct::Cannot };
        if conduit.is_useless() {
            return Direct::Cannot;
        }
        let taken = std::future::poll_fn(|cx| {
            loop {
                match tcp.try_io(Interest::READABLE, || conduit.fill(tcp.as_fd(), limit)) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => match tcp.poll_read_ready(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Pending => {
                            wakes.wait(cx, tcp);
                            return watch.poll(cx, *moved).map(Err);
                        }
                    },
                    outcome => return Poll::Ready(outcome),
                }
            }
        })
        .await;
        match taken {
            Ok(count) => {
                *moved += count;
                watch.is_alive();
                wakes.took(tcp, count);
                conduit.drain(file, count).map_or_else(Direct::Sink, |()| Direct::Moved(count))
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Direct::Cannot,
            Err(error) => Direct::Source(error),
        }
    }

    /// Sends up to `limit` bytes of a file, past the program's memory; 0 is the file's end.
    pub async fn send_from(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        let Self { line, watch, moved, .. } = self;
        let Line::Live(tcp) = line else { return Direct::Cannot };
        let sent = std::future::poll_fn(|cx| {
            loop {
                match tcp.try_io(Interest::WRITABLE, || conduit::send(tcp.as_fd(), file, limit)) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => match tcp.poll_write_ready(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Pending => return watch.poll(cx, *moved).map(Err),
                    },
                    outcome => return Poll::Ready(outcome),
                }
            }
        })
        .await;
        match sent {
            Ok(count) => {
                *moved += count;
                watch.is_alive();
                Direct::Moved(count)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Direct::Cannot,
            Err(error) if conduit::is_of_file(&error) => Direct::Source(error),
            Err(error) => Direct::Sink(error),
        }
    }

    /// The bytes that went through.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// Whether it is under TLS.
    pub fn is_secure(&self) -> bool {
        matches!(self.line, Line::Secure(_))
    }

    /// Whether TLS was there and did not end as it should, so that what came may be cut short.
    pub fn was_cut(&self) -> bool {
        matches!(&self.line, Line::Secure(channel) if channel.was_cut())
    }

    /// Ends an upload: tells the server that this is all.
    pub async fn end(&mut self) -> io::Result<()> {
        let ended = match &mut self.line {
            Line::Live(tcp) => timeout(limits::LAST_WORDS, tcp.shutdown()).await,
            Line::Secure(channel) => timeout(self.watch.limit(), channel.end()).await,
            Line::Whole(..) => return Err(io::ErrorKind::NotConnected.into()),
        };
        ended.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads what the server still sends behind an upload while its reply is awaited: tickets, and its own end. To close on them would be a reset,
    /// which some take for a broken upload.
    pub async fn read_out<T, E>(mut self, completed: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Line::Secure(channel) = &mut self.line else { return completed.await };
        let mut completed = std::pin::pin!(completed);
        let mut is_read = false;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut completed => break outcome,
                () = channel.drain(), if !is_read => is_read = true,
            }
        };
        if !is_read && outcome.is_ok() {
            // It has said all, and is about to close.
            let _ = timeout(limits::STRAGGLER, channel.drain()).await;
        }
        outcome
    }
}

/// Closing is logged, however it comes.
impl Drop for Pipe {
    fn drop(&mut self) {
        self.log.step_with(|| {
            let seconds = self.began.elapsed().as_secs_f64();
            let bytes = figures::noun(self.moved, "byte", "bytes");
            format!("data connection closed: {}, {} {bytes} in {seconds:.3} s", self.dialled, self.moved)
        });
    }
}

/// Ends a wait that lasts too long or is not wanted any more.
struct Watch {
    during: During,
    stop: CancellationToken,
    step: Duration,
    /// Bytes a second below which it is given up.
    low_speed: u64,
    /// Ticks since something moved.
    quiet: u32,
    /// Ticks since the average was begun, and what had moved by then.
    span: (u32, u64),
    /// Made when something is waited for.
    clocks: Option<Box<Clocks>>,
}

struct Clocks {
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    tick: Pin<Box<Sleep>>,
}

impl Watch {
    fn new(session: &Session, during: During) -> Self {
        let Limits { idle, low_speed, .. } = session.limits;
        Self { during, stop: session.stop.clone(), step: idle / TICKS, low_speed, quiet: 0, span: (0, 0), clocks: None }
    }

    fn limit(&self) -> Duration {
        self.step * TICKS
    }

    fn is_alive(&mut self) {
        self.quiet = 0;
    }

    /// Ready with the reason to wait no longer. A tick passes only while the socket has us wait: who reads slowly himself, since his speed
    /// is limited, is not counted against the server.
    fn poll(&mut self, cx: &mut Context<'_>, moved: u64) -> Poll<io::Error> {
        let (stop, step) = (&self.stop, self.step);
        let make = || Box::new(Clocks { stop: Box::pin(stop.clone().cancelled_owned()), tick: Box::pin(sleep(step)) });
        let Clocks { stop, tick } = &mut **self.clocks.get_or_insert_with(make);
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(io::Error::other(Failure::cancelled(self.during)));
        }
        while tick.as_mut().poll(cx).is_ready() {
            tick.as_mut().reset(Instant::now() + step);
            self.quiet += 1;
            self.span.0 += 1;
            // The first tick may have begun before the silence did.
            if self.quiet > TICKS {
                let seconds = (step * TICKS).as_secs();
                let failure = Failure::new(FailureKind::TimedOut, self.during, format!("nothing moved for {seconds} s"));
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, failure));
            }
            if self.span.0 > SPAN {
                let bytes = moved.saturating_sub(self.span.1);
                if let Some(failure) = too_slow(bytes, step * SPAN, self.low_speed, self.during) {
                    return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, failure));
                }
                self.span = (0, moved);
            }
        }
        Poll::Pending
    }
}

/// The failure where so few bytes moved in so long.
fn too_slow(bytes: u64, time: Duration, low_speed: u64, during: During) -> Option<Failure> {
    let least = u128::from(low_speed) * time.as_millis() / 1000;
    let words = || format!("only {bytes} {} moved in {} s", figures::noun(bytes, "byte", "bytes"), time.as_secs());
    (u128::from(bytes) < least)
        .then(|| Failure::new(FailureKind::TimedOut, during, words()).hint("low_speed says how slow is too slow, or --low-speed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_slower_than_the_limit_is_given_up_and_no_limit_gives_nothing_up() {
        let minute = Duration::from_secs(60);
        assert_eq!(too_slow(59, minute, 1, During::Read).unwrap().kind, FailureKind::TimedOut);
        assert!(too_slow(60, minute, 1, During::Read).is_none());
        assert!(too_slow(0, minute, 0, During::Read).is_none());
        assert!(too_slow(u64::MAX, minute, u64::MAX, During::Read).is_some(), "no number wraps");
    }
}
