//! A small file from a server that is near: dialled, and waited for to its last byte, in one sleep of the thread.
//!
//! Job: what a runtime does by several wake-ups (connected, readable, at the end) the kernel does by one, where the whole file fits into the
//! socket's buffer. Guarantee: the thread sleeps no longer than [`PATIENCE`]; what has not come by then goes on the ordinary way, with the
//! same connection; a connection that failed does so there, too.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::super::session::Session;

/// How near a server is at most, by the round trip of its greeting: on this machine or in this house.
pub const NEAR: Duration = Duration::from_millis(2);
/// How long the thread sleeps at most. It belongs to one lane, and a stop is noticed that much later.
#[cfg(target_os = "linux")]
const PATIENCE: rustix::time::Timespec = rustix::time::Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// Whether the server is on this machine.
pub fn is_beside(session: &Session) -> bool {
    let (there, here) = (session.peer.ip(), session.local.ip());
    session.is_near && session.route.is_straight() && (there.is_loopback() || there == here)
}

/// A connection that was begun.
#[derive(Debug)]
pub enum Begun {
    /// All that the server sends before it closed its side, and what broke the connection then, if anything did.
    Whole(Vec<u8>, Option<io::Error>),
    /// The socket, which does not block: bytes, or the connection itself, are still to come.
    Early(TcpStream),
}

/// Begins to dial. `None` where the system has no such way.
#[cfg(target_os = "linux")]
pub fn begin_to_dial(address: SocketAddr) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM.nonblocking(), None).ok()?;
    match socket.connect(&address.into()) {
        Err(error) if error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => return None,
        Ok(()) | Err(_) => {}
    }
    Some(TcpStream::from(socket))
}

/// Dials, and sleeps until the server has sent about `size` bytes and closed its side. `None` where the system has no such way.
#[cfg(target_os = "linux")]
pub fn begin(address: SocketAddr, size: u64) -> Option<Begun> {
    use rustix::event::{PollFd, PollFlags, poll};
    let tcp = begin_to_dial(address)?;
    // Bytes that arrive wake nobody; the end does, and so does a failure.
    let mut polled = [PollFd::new(&tcp, PollFlags::RDHUP)];
    let is_ended = poll(&mut polled, Some(&PATIENCE)).is_ok_and(|count| count > 0)
        && polled.iter().all(|end| !end.revents().intersects(PollFlags::ERR | PollFlags::NVAL));
    Some(if is_ended { take(tcp, size) } else { Begun::Early(tcp) })
}

/// Takes what is in the socket's buffer. While that is done, the reply that comes behind the bytes arrives.
#[cfg(target_os = "linux")]
fn take(mut tcp: TcpStream, size: u64) -> Begun {
    use std::io::Read as _;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default() + 1];
    let mut filled = 0;
    let broken = loop {
        match tcp.read(bytes.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break None,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        }
        if filled == bytes.len() {
            // Longer than it was listed.
            bytes.resize(2 * filled, 0);
        }
    };
    bytes.truncate(filled);
    Begun::Whole(bytes, broken)
}

/// Nowhere else.
#[cfg(not(target_os = "linux"))]
pub fn begin_to_dial(_address: SocketAddr) -> Option<TcpStream> {
    None
}

/// Nowhere else.
#[cfg(not(target_os = "linux"))]
pub fn begin(_address: SocketAddr, _size: u64) -> Option<Begun> {
    None
}

/// Goes on the ordinary way with a connection that was begun.
///
/// # Errors
/// What befell the connection.
pub async fn connected(tcp: TcpStream) -> io::Result<tokio::net::TcpStream> {
    let tcp = tokio::net::TcpStream::from_std(tcp)?;
    tcp.writable().await?;
    match tcp.take_error()? {
        Some(error) => Err(error),
        None => Ok(tcp),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_sends_and_closes_is_waited_for_once_whatever_size_was_listed() {
        for size in [0, 3, 9, 5000] {
            let server = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = server.local_addr().unwrap();
            let sending = std::thread::spawn(move || server.accept().unwrap().0.write_all(b"all of it").unwrap());
            let begun = begin(address, size).unwrap();
            sending.join().unwrap();
            // On a machine that is busy the bytes may come too late for this.
            if let Begun::Whole(bytes, None) = begun {
                assert_eq!(bytes, b"all of it");
            }
        }
    }

    #[tokio::test]
    async fn what_does_not_come_in_time_goes_on_the_ordinary_way() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let Some(Begun::Early(tcp)) = begin(server.local_addr().unwrap(), 4) else { panic!("nothing was sent") };
        server.accept().unwrap().0.write_all(b"late").unwrap();
        let mut tcp = connected(tcp).await.unwrap();
        let mut text = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut tcp, &mut text).await.unwrap();
        assert_eq!(text, "late");
    }

    #[tokio::test]
    async fn a_connection_that_is_refused_fails_the_ordinary_way() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        match begin(address, 1) {
            Some(Begun::Early(tcp)) => assert!(connected(tcp).await.is_err()),
            Some(Begun::Whole(..)) => panic!("nobody listened"),
            None => {}
        }
    }
}
