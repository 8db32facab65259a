//! A connection with or without TLS, as one type.
//!
//! Guarantee: with TLS, an end without the peer's close_notify (RFC 8446 §6.1) is an error of kind `UnexpectedEof`, never an ordinary end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection.
#[derive(Debug)]
pub enum Stream {
    /// As it is.
    Plain(TcpStream),
    /// With TLS.
    Secure(Box<TlsStream<TcpStream>>),
    /// Between the two: only while one becomes the other, and after that has failed.
    Nothing,
}

impl Stream {
    /// One with TLS.
    pub fn secure(stream: TlsStream<TcpStream>) -> Self {
        Self::Secure(Box::new(stream))
    }

    /// The socket under it.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(tcp) => Some(tcp),
            Self::Secure(stream) => Some(stream.get_ref().0),
            Self::Nothing => None,
        }
    }

    /// The socket under it.
    pub fn tcp_mut(&mut self) -> Option<&mut TcpStream> {
        match self {
            Self::Plain(tcp) => Some(tcp),
            Self::Secure(stream) => Some(stream.get_mut().0),
            Self::Nothing => None,
        }
    }

    /// The socket without TLS.
    pub fn into_tcp(self) -> Option<TcpStream> {
        match self {
            Self::Plain(tcp) => Some(tcp),
            Self::Secure(stream) => Some(stream.into_inner().0),
            Self::Nothing => None,
        }
    }

    /// Whether it has TLS.
    pub fn is_secure(&self) -> bool {
        matches!(self, Self::Secure(_))
    }

    /// Ends TLS on a connection that goes on without it: says so, and waits until the peer has said so.
    pub fn poll_clear(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self::Secure(stream) = self else { return Poll::Ready(Ok(())) };
        // Said once, however often it is asked for.
        stream.get_mut().1.send_close_notify();
        ready!(Pin::new(&mut **stream).poll_flush(cx))?;
        let mut stray = [0; 1];
        let mut buffer = ReadBuf::new(&mut stray);
        ready!(Pin::new(&mut **stream).poll_read(cx, &mut buffer))?;
        if !buffer.filled().is_empty() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "the server goes on under TLS after CCC")));
        }
        *self = match std::mem::replace(self, Self::Nothing).into_tcp() {
            Some(tcp) => Self::Plain(tcp),
            None => Self::Nothing,
        };
        Poll::Ready(Ok(()))
    }
}

fn gone<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Self::Secure(stream) => Pin::new(&mut **stream).poll_read(cx, buffer),
            Self::Nothing => gone(),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Secure(stream) => Pin::new(&mut **stream).poll_write(cx, bytes),
            Self::Nothing => gone(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Secure(stream) => Pin::new(&mut **stream).poll_flush(cx),
            Self::Nothing => gone(),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(&mut **stream).poll_shutdown(cx),
            Self::Nothing => Poll::Ready(Ok(())),
        }
    }
}
