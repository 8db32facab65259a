//! The bytes of one data connection under TLS.
//!
//! Guarantee: an end that TLS did not announce (close_notify, RFC 8446 §6.1) reads as an end, and is told: whoever reads decides by it whether
//! what came may be whole.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::super::tls::Stream;

/// A data connection under TLS.
#[derive(Debug)]
pub struct Channel {
    stream: Stream,
    /// What ended it, behind bytes that were read before.
    broken: Option<io::Error>,
    was_cut: bool,
}

impl Channel {
    /// Over a connection whose handshake is done.
    pub fn new(stream: Stream) -> Self {
        Self { stream, broken: None, was_cut: false }
    }

    /// Whether it ended without the end of TLS.
    pub fn was_cut(&self) -> bool {
        self.was_cut
    }

    /// Reads what is there, record after record, until the block is full; 0 is the end.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, block: &mut [u8]) -> Poll<io::Result<usize>> {
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Err(error));
        }
        let mut buffer = ReadBuf::new(block);
        while buffer.remaining() > 0 {
            let before = buffer.filled().len();
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if buffer.filled().len() > before => {}
                Poll::Ready(Ok(())) => break,
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.was_cut = true;
                    break;
                }
                Poll::Ready(Err(error)) if before > 0 => {
                    self.broken = Some(error);
                    break;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if before > 0 => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Takes some of the bytes; they may be sent only by what follows.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        if count == 0 { Poll::Ready(Err(io::ErrorKind::WriteZero.into())) } else { Poll::Ready(Ok(count)) }
    }

    /// Sends all that was taken, and says that this is all.
    ///
    /// # Errors
    /// What befell the connection.
    pub async fn end(&mut self) -> io::Result<()> {
        self.stream.flush().await?;
        self.stream.shutdown().await
    }

    /// Reads until the server has closed its side, too.
    pub async fn drain(&mut self) {
        let mut block = [0; 1024];
        // Whatever ends it: what counts is the reply.
        while let Ok(1..) = self.stream.read(&mut block).await {}
    }
}
