//! The stream under a control connection.
//!
//! Guarantee: the reader above sees well-formed replies only (see [`super::mend`]); every line is logged as it passes, with its own time; a
//! command is taken whole at once, so that a future dropped after its first poll has sent its line. TLS lies under the line buffer; what
//! came before it began is never taken for part of it.

use std::future::Future;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use suppaftp::tokio::TokioTlsStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::limits;
use super::log::Log;
use super::mend::{Mender, single_iac};
use super::tls::{Security, Stream};
use crate::volume::Result;

/// Switches of the stream for who writes to it: suppaftp lies between the two.
#[derive(Debug, Clone, Default)]
pub struct Cork(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    holds: AtomicBool,
    clear: AtomicBool,
}

impl Cork {
    /// Holds back what is written from now on, so that several lines go out in one write, or lets it go with the next one.
    pub fn set(&self, holds: bool) {
        self.0.holds.store(holds, Ordering::Relaxed);
    }

    fn holds(&self) -> bool {
        self.0.holds.load(Ordering::Relaxed)
    }

    /// Goes on without TLS, after the server has agreed to CCC.
    pub fn go_clear(&self) {
        self.0.clear.store(true, Ordering::Relaxed);
    }

    fn is_clear(&self) -> bool {
        self.0.clear.load(Ordering::Relaxed)
    }
}

/// How much is read at once; replies are short.
const BLOCK: usize = 4096;

/// A control connection's stream.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    log: Log,
    cork: Cork,
    mender: Mender,
    /// The line that is being received.
    line: Vec<u8>,
    /// Mended bytes for the reader, from `given` on.
    ready: Vec<u8>,
    given: usize,
    /// Bytes on their way out, from `sent` on.
    out: Vec<u8>,
    sent: usize,
    /// Runs while a reply seems over.
    lull: Option<Pin<Box<Sleep>>>,
    /// Why nothing more can be read; told once the lines before it are given.
    broken: Option<io::Error>,
}

impl Wire {
    /// Over a connection as it is.
    pub fn new(stream: Stream, log: Log, cork: Cork) -> Self {
        Self {
            stream,
            log,
            cork,
            mender: Mender::default(),
            line: Vec::new(),
            ready: Vec::new(),
            given: 0,
            out: Vec::new(),
            sent: 0,
            lull: None,
            broken: None,
        }
    }

    /// Whether nothing was received that was not read. What came in the clear before TLS begins must not count afterwards: it is how commands'
    /// answers are smuggled in (CVE-2021-38370 and its kin).
    pub fn is_drained(&self) -> bool {
        self.line.is_empty() && self.given == self.ready.len() && self.broken.is_none() && self.mender.is_between()
    }

    /// Goes on with TLS; nothing may be left of what came before.
    ///
    /// # Errors
    /// As [`Security::control`]; the wire is of no more use then.
    pub async fn secure(&mut self, security: &Security) -> Result<()> {
        let Some(tcp) = std::mem::replace(&mut self.stream, Stream::Nothing).into_tcp() else { return Ok(()) };
        self.stream = security.control(tcp).await?;
        Ok(())
    }

    /// Gives `reply` to the reader as the next one; for what was read before the reader existed.
    pub fn give_back(&mut self, reply: &[u8]) {
        self.ready.splice(self.given..self.given, reply.iter().copied());
    }

    /// Takes in what the server sent.
    fn take_in(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            let (head, tail) = bytes.split_at(end);
            self.line.extend_from_slice(head);
            bytes = tail.get(1..).unwrap_or_default();
            let mut line = std::mem::take(&mut self.line);
            while line.last() == Some(&b'\r') {
                line.pop();
            }
            self.check_length(&line)?;
            self.log.received(&line);
            self.mender.line(&line, &mut self.ready)?;
            line.clear();
            self.line = line;
        }
        self.line.extend_from_slice(bytes);
        self.check_length(&self.line)
    }

    fn check_length(&self, line: &[u8]) -> io::Result<()> {
        if line.len() > limits::LINE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line of the reply is too long"));
        }
        Ok(())
    }

    /// Sends on what is still to go out, as much as goes without waiting.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cork.holds() {
            return Poll::Ready(Ok(()));
        }
        if self.cork.is_clear() {
            ready!(self.stream.poll_clear(cx))?;
        }
        while let Some(rest) = self.out.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        self.out.clear();
        self.sent = 0;
        // TLS may hold records that did not fit the socket's buffer.
        if self.stream.is_secure() { Pin::new(&mut self.stream).poll_flush(cx) } else { Poll::Ready(Ok(())) }
    }

    /// Ready once a reply that seemed over was ended, since nothing more came.
    fn poll_lull(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.mender.seems_over() {
            return Poll::Pending;
        }
        let lull = self.lull.get_or_insert_with(|| Box::pin(sleep(limits::LULL)));
        ready!(lull.as_mut().poll(cx));
        self.lull = None;
        self.mender.end_it(&mut self.ready);
        Poll::Ready(())
    }

    /// Reads until there is something for the reader, or the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Not zeroed for each of many looks at a socket that has nothing.
        let mut block = [MaybeUninit::uninit(); BLOCK];
        loop {
            if self.given < self.ready.len() {
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = self.broken.take() {
                return Poll::Ready(Err(error));
            }
            self.ready.clear();
            self.given = 0;
            let mut buffer = ReadBuf::uninit(&mut block);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    // Without TLS's own end a line may have been cut by anybody.
                    self.line.clear();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(outcome) => outcome?,
                Poll::Pending => {
                    ready!(self.poll_lull(cx));
                    continue;
                }
            }
            self.lull = None;
            let bytes = match buffer.filled() {
                // A last line without its end, before the server closed, is a line.
                b"" if !self.line.is_empty() => b"\n",
                b"" => return Poll::Ready(Ok(())),
                bytes => bytes,
            };
            if let Err(error) = self.take_in(bytes) {
                self.broken = Some(error);
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // A command that did not fit the socket's buffer goes on here: its reply is what we wait for.
        if let Poll::Ready(Err(error)) = this.poll_out(cx) {
            // A server that closed may have said why before: its last line is worth more than our broken pipe.
            this.out.clear();
            this.sent = 0;
            this.log.trouble(format!("cannot send: {error}"));
        }
        ready!(this.poll_fill(cx))?;
        let rest = this.ready.get(this.given..).unwrap_or_default();
        let count = rest.len().min(buf.remaining());
        buf.put_slice(rest.get(..count).unwrap_or_default());
        this.given += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let start = this.out.len();
        single_iac(buf, &mut this.out);
        let line = this.out.get(start..).unwrap_or_default();
        this.log.sent(line.strip_suffix(b"\r\n").unwrap_or(line));
        match this.poll_out(cx) {
            Poll::Ready(Err(error)) => this.log.trouble(format!("cannot send: {error}")),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// suppaftp wants the socket for its address only; a stream between plain and TLS is never given to it.
#[expect(clippy::expect_used, reason = "the trait has no way to say that there is none, and a stream given to suppaftp has one")]
impl TokioTlsStream for Wire {
    type InnerStream = TcpStream;

    fn tcp_stream(self) -> suppaftp::FtpResult<TcpStream> {
        self.stream.into_tcp().ok_or(suppaftp::FtpError::BadResponse)
    }

    fn get_ref(&self) -> &TcpStream {
        self.stream.tcp().expect("a stream that suppaftp has")
    }

    fn mut_ref(&mut self) -> &mut TcpStream {
        self.stream.tcp_mut().expect("a stream that suppaftp has")
    }
}
