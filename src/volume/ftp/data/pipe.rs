//! One data connection in use.
//!
//! Guarantee: reading and writing end, at the latest, when [`Watch`] says that it is enough, and where both sides can, bytes go past the
//! program's memory.

use std::future::Future;
use std::io::ErrorKind::WouldBlock;
use std::io::{self, Cursor, Read as _};
use std::mem::take;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::super::limits;
use super::super::log::Log;
use super::super::route::Route;
use super::super::session::Session;
use super::brisk;
use super::channel::Channel;
use super::conduit::{self, Conduit};
use super::wakes::Wakes;
use super::watch::Watch;
use crate::model::{During, figures};
use crate::volume::Direct;

/// How long the thread waits for a server on this machine to take the next 64 KiB of a step. It belongs to one lane; a stop is noticed a step later.
const BESIDE: Duration = Duration::from_millis(5);

/// What an upload to a server on this machine has on the way at most, which the system doubles: what is sent is taken while a processor still has
/// it at hand. There is no line that more would fill. Less than a segment of the loopback device (64 KiB) would never go out.
const AT_HAND: usize = 64 * 1024;

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
    /// The last step gave the socket less than it might have: it is full, or the file has no more.
    is_full: bool,
    /// The thread may sleep until a full socket has room: a runtime's way of waiting costs more where that is soon.
    is_beside: bool,
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
        let mut is_beside = during == During::Write && brisk::is_beside(session);
        if let (Line::Live(tcp), true) = (&line, is_beside) {
            let socket = socket2::SockRef::from(tcp);
            // The system's own choices work as well, but slower; that of a timeout is none, with which the thread must not sleep.
            let is_set = socket.set_send_buffer_size(AT_HAND).and_then(|()| socket.set_write_timeout(Some(BESIDE)));
            is_beside = is_set.is_ok();
        }
        let (watch, log) = (Watch::new(session, during), session.log.clone());
        Self {
            line,
            log,
            watch,
            wakes: Wakes::default(),
            dialled,
            conduit: None,
            is_full: false,
            is_beside,
            moved: 0,
            began: Instant::now(),
        }
    }

    /// Reads what is there; 0 is the end.
    ///
    /// # Errors
    /// The socket's error; what stopped the transfer or its idleness as a [`Failure`](crate::model::Failure) inside.
    pub async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let Self { line, watch, wakes, moved, .. } = self;
        let tcp = match line {
            Line::Live(tcp) => tcp,
            Line::Secure(channel) => {
                // Nothing gathers under TLS: the server, which has more to do than we have, was slower by it.
                return std::future::poll_fn(|cx| match channel.poll_read(cx, block) {
                    Poll::Ready(outcome) => {
                        *moved += outcome.as_ref().map_or(0, |count| *count as u64);
                        watch.is_alive();
                        Poll::Ready(outcome)
                    }
                    Poll::Pending => watch.poll(cx, *moved).map(Err),
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
            let taken = poll_direct(tcp, cx, Interest::READABLE, || conduit.fill(tcp.as_fd(), limit));
            if taken.is_ready() {
                return taken;
            }
            wakes.wait(cx, tcp);
            watch.poll(cx, *moved).map(Err)
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
        let Self { line, watch, is_full, is_beside, moved, .. } = self;
        let Line::Live(tcp) = line else { return Direct::Cannot };
        let mut send = || {
            // To ask is cheaper than to have the system read what it then cannot send.
            if take(is_full) && !conduit::takes(tcp.as_fd()) {
                return Err(WouldBlock.into());
            }
            if *is_beside { conduit::send_patiently(tcp.as_fd(), file, limit) } else { conduit::send(tcp.as_fd(), file, limit) }
        };
        let sent = std::future::poll_fn(|cx| {
            let sent = poll_direct(tcp, cx, Interest::WRITABLE, &mut send);
            if sent.is_ready() { sent } else { watch.poll(cx, *moved).map(Err) }
        })
        .await;
        match sent {
            Ok(count) => {
                *moved += count;
                *is_full = count < limit;
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

/// Tries a step of the system's own until the socket has us wait.
fn poll_direct<T>(
    tcp: &TcpStream,
    cx: &mut Context<'_>,
    interest: Interest,
    mut step: impl FnMut() -> io::Result<T>,
) -> Poll<io::Result<T>> {
    loop {
        match tcp.try_io(interest, &mut step) {
            Err(error) if error.kind() == WouldBlock => {}
            outcome => return Poll::Ready(outcome),
        }
        ready!(if interest.is_readable() { tcp.poll_read_ready(cx) } else { tcp.poll_write_ready(cx) })?;
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
