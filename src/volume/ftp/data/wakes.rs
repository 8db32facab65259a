//! How seldom the system wakes us for the bytes of a fast download.
//!
//! It wakes whoever waits with every segment that comes, and who sends from the same machine, or takes the interrupts of the network's card,
//! pays for that: on loopback more than for moving the bytes. With a low-water mark (SO_RCVLOWAT, socket(7); polling goes by it since Linux
//! 4.18) so many gather first. Guarantee: no byte waits longer than two ticks for it, and what comes slowly knows nothing of it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// After so many bytes the rate is looked at: looking costs a clock.
const LOOK: u64 = 4 * 1024 * 1024;
/// What comes in so long may gather.
const GATHER: Duration = Duration::from_millis(4);
/// Fewer bytes are not worth it, so that a rate below 32 MiB a second is left alone.
const LEAST: u32 = 128 * 1024;
/// More gain nothing: measured, 2 GiB from vsftpd 3.0.3 took 1.17 s without, 0.55 s with 256 KiB, 0.50 s with 512 KiB, 0.75 s with 1 MiB.
const MOST: u32 = 512 * 1024;
/// Who has gathered nothing for one to two of these is taken for slow.
const TICK: Duration = Duration::from_millis(20);

/// The mark of one socket, and what it is decided by.
#[derive(Default)]
pub struct Wakes {
    /// Bytes since the last look, and when that was.
    bytes: u64,
    looked: Option<Instant>,
    /// The mark that is set; 0 for none.
    mark: u32,
    /// Made with the first mark.
    tick: Option<Pin<Box<Sleep>>>,
    /// Nothing has come since the last tick.
    is_quiet: bool,
}

impl Wakes {
    /// So many bytes more were taken from the socket.
    pub fn took(&mut self, socket: &TcpStream, count: u64) {
        self.is_quiet = false;
        self.bytes += count;
        if self.bytes < LOOK {
            return;
        }
        let now = Instant::now();
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(looked) = self.looked.replace(now) {
            self.set(socket, mark_for(bytes, now - looked));
        }
    }

    /// The socket has us wait: after a while without a byte there is no mark any more, and the system wakes us with what is there.
    pub fn wait(&mut self, cx: &mut Context<'_>, socket: &TcpStream) {
        if self.mark == 0 {
            return;
        }
        while let Poll::Ready(()) = self.tick.get_or_insert_with(|| Box::pin(sleep(TICK))).as_mut().poll(cx) {
            if std::mem::replace(&mut self.is_quiet, true) {
                self.looked = None;
                self.set(socket, 0);
            }
            if self.mark == 0 {
                self.tick = None;
                return;
            }
            self.tick = Some(Box::pin(sleep(TICK)));
        }
    }

    fn set(&mut self, socket: &TcpStream, mark: u32) {
        // What cannot be set changes nothing but the number of wake-ups.
        if mark != self.mark && set_low_water(socket, mark.max(1)).is_ok() {
            self.mark = mark;
        }
    }
}

/// The mark for a socket that brings so many bytes in so long: a power of two, so that it is seldom another one.
fn mark_for(bytes: u64, took: Duration) -> u32 {
    let gathered = u128::from(bytes) * GATHER.as_micros() / took.as_micros().max(1);
    let gathered = u32::try_from(gathered).unwrap_or(MOST).min(MOST);
    if gathered < LEAST { 0 } else { 1 << gathered.ilog2() }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no crate that is at hand wraps this option; the call reads four bytes that outlive it")]
fn set_low_water(socket: &TcpStream, bytes: u32) -> std::io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let value = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    // SAFETY: the pointer is to a live `c_int`, whose size is told, and the descriptor is open for as long as the socket is borrowed.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Nobody has measured it elsewhere.
#[cfg(not(target_os = "linux"))]
fn set_low_water(_socket: &TcpStream, _bytes: u32) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_follows_the_rate() {
        let of = |mib_a_second: u64| mark_for(mib_a_second << 20, Duration::from_secs(1));
        assert_eq!([of(0), of(31), of(32), of(50), of(64), of(128), of(4096)], [0, 0, LEAST, LEAST, 2 * LEAST, MOST, MOST]);
        assert_eq!(mark_for(LOOK, Duration::ZERO), MOST);
        assert_eq!(mark_for(u64::MAX, Duration::from_nanos(1)), MOST);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_byte_that_comes_behind_a_fast_start_is_not_waited_for_long() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut there, _) = listener.accept().await.unwrap();
        let mut wakes = Wakes::default();
        for _ in 0..2 {
            wakes.took(&here, LOOK);
        }
        assert_eq!(wakes.mark, MOST);
        there.write_all(b"a").await.unwrap();
        let mut here = here;
        let began = Instant::now();
        let mut byte = [0];
        let waited = std::future::poll_fn(|cx| {
            let ready = here.poll_read_ready(cx);
            if ready.is_pending() {
                wakes.wait(cx, &here);
            }
            ready
        });
        tokio::time::timeout(Duration::from_secs(10), waited).await.unwrap().unwrap();
        assert!(began.elapsed() >= TICK, "the mark holds one byte back");
        assert_eq!((here.read(&mut byte).await.unwrap(), byte), (1, *b"a"));
        assert_eq!(wakes.mark, 0, "what comes slowly is told of at once again");
    }
}
