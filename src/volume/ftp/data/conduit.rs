//! The system's own ways between a socket and a file: splice(2) through a kernel pipe, and sendfile(2).
//!
//! Guarantee: what was taken from the socket reaches the file or is an error of the file; nothing is left in the kernel pipe for the next step.
//! Knows nothing of waiting: a socket that has nothing is `WouldBlock`.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Bytes that the kernel pipe is to hold; the most that Linux gives to anybody.
#[cfg(target_os = "linux")]
const ROOM: usize = 1 << 20;

/// A kernel pipe, empty between two steps.
#[derive(Debug)]
pub struct Conduit {
    reader: OwnedFd,
    writer: OwnedFd,
    /// The file does not take from a pipe.
    refused: bool,
}

#[cfg(target_os = "linux")]
impl Conduit {
    /// Makes one.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        // One that stays small moves the same bytes in more steps.
        let _ = rustix::pipe::fcntl_setpipe_size(&writer, ROOM);
        Ok(Self { reader, writer, refused: false })
    }

    /// Whether its file does not take from it.
    pub fn is_useless(&self) -> bool {
        self.refused
    }

    /// Takes what the socket has; 0 is its end.
    pub fn fill(&self, socket: BorrowedFd<'_>, limit: u64) -> io::Result<u64> {
        use rustix::pipe::{SpliceFlags, splice};
        let most = usize::try_from(limit).unwrap_or(ROOM).min(ROOM);
        let taken = again(|| splice(socket, None, &self.writer, None, most, SpliceFlags::MOVE | SpliceFlags::NONBLOCK))?;
        Ok(taken as u64)
    }

    /// Gives all of it to the file.
    pub fn drain(&mut self, file: BorrowedFd<'_>, mut count: u64) -> io::Result<()> {
        use rustix::pipe::{SpliceFlags, splice};
        while count > 0 {
            let most = usize::try_from(count).unwrap_or(ROOM);
            match again(|| splice(&self.reader, None, file, None, most, SpliceFlags::MOVE)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(given) => count = count.saturating_sub(given as u64),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    self.refused = true;
                    return self.carry(file, count);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Gives the rest to a file that does not take from a pipe, such as one that is open for appending.
    fn carry(&self, file: BorrowedFd<'_>, count: u64) -> io::Result<()> {
        use std::io::{Read as _, Write as _};
        let mut reader = std::fs::File::from(self.reader.try_clone()?);
        let mut rest = vec![0; usize::try_from(count).unwrap_or(ROOM)];
        reader.read_exact(&mut rest)?;
        std::fs::File::from(file.try_clone_to_owned()?).write_all(&rest)
    }
}

/// Sends from where the file stands; 0 is its end.
#[cfg(target_os = "linux")]
pub fn send(socket: BorrowedFd<'_>, file: BorrowedFd<'_>, limit: u64) -> io::Result<u64> {
    let most = usize::try_from(limit).unwrap_or(ROOM);
    Ok(again(|| rustix::fs::sendfile(socket, file, None, most))? as u64)
}

/// As [`send`], and the thread sleeps while the socket is full, as long as its send timeout says (SO_SNDTIMEO).
#[cfg(target_os = "linux")]
pub fn send_patiently(socket: BorrowedFd<'_>, file: BorrowedFd<'_>, limit: u64) -> io::Result<u64> {
    rustix::io::ioctl_fionbio(socket, false)?;
    let sent = send(socket, file, limit);
    rustix::io::ioctl_fionbio(socket, true)?;
    sent
}

/// Whether a socket takes bytes now; one that cannot tell is tried.
#[cfg(target_os = "linux")]
pub fn takes(socket: BorrowedFd<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::from_borrowed_fd(socket, PollFlags::OUT)];
    again(|| poll(&mut asked, Some(&Timespec::default()))).map_or(true, |ready| ready > 0)
}

#[cfg(target_os = "linux")]
fn again(mut step: impl FnMut() -> rustix::io::Result<usize>) -> io::Result<usize> {
    loop {
        match step() {
            Err(rustix::io::Errno::INTR) => {}
            outcome => return Ok(outcome?),
        }
    }
}

/// Whether an error of [`send`] is the file's rather than the socket's.
pub fn is_of_file(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::TimedOut
            | io::ErrorKind::Other
    )
}

/// Other systems have nothing of the kind that measures better than blocks.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{BorrowedFd, Conduit, io};

    impl Conduit {
        /// There is none.
        pub fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// It always is.
        pub fn is_useless(&self) -> bool {
            true
        }

        /// Takes nothing.
        pub fn fill(&self, _socket: BorrowedFd<'_>, _limit: u64) -> io::Result<u64> {
            Err(io::ErrorKind::InvalidInput.into())
        }

        /// Gives nothing.
        pub fn drain(&mut self, _file: BorrowedFd<'_>, _count: u64) -> io::Result<()> {
            Ok(())
        }
    }

    /// It is tried.
    pub fn takes(_socket: BorrowedFd<'_>) -> bool {
        true
    }

    /// Sends nothing.
    pub fn send_patiently(socket: BorrowedFd<'_>, file: BorrowedFd<'_>, limit: u64) -> io::Result<u64> {
        send(socket, file, limit)
    }

    /// Sends nothing.
    pub fn send(_socket: BorrowedFd<'_>, _file: BorrowedFd<'_>, _limit: u64) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::{send, send_patiently, takes};

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_a_socket_has_goes_into_a_file_and_its_end_is_told() {
        let (mut there, here) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        let mut conduit = Conduit::new().unwrap();
        there.write_all(b"through the pipe").unwrap();
        let count = conduit.fill(here.as_fd(), 7).unwrap();
        assert_eq!(count, 7, "no more than the limit");
        conduit.drain(file.as_fd(), count).unwrap();
        let count = conduit.fill(here.as_fd(), 100).unwrap();
        conduit.drain(file.as_fd(), count).unwrap();
        drop(there);
        assert_eq!(conduit.fill(here.as_fd(), 100).unwrap(), 0);
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "through the pipe");
        assert!(!conduit.is_useless());
    }

    #[test]
    fn a_file_that_takes_nothing_from_a_pipe_gets_the_bytes_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("appended");
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let (mut there, here) = UnixStream::pair().unwrap();
        there.write_all(b"carried").unwrap();
        let mut conduit = Conduit::new().unwrap();
        let count = conduit.fill(here.as_fd(), 100).unwrap();
        conduit.drain(file.as_fd(), count).unwrap();
        assert!(conduit.is_useless(), "an appending file refuses splice");
        assert_eq!(std::fs::read(path).unwrap(), b"carried");
    }

    #[test]
    fn a_socket_that_is_full_says_so_and_one_that_has_room_again_too() {
        let (mut there, mut here) = UnixStream::pair().unwrap();
        assert!(takes(here.as_fd()));
        here.set_nonblocking(true).unwrap();
        let mut sent = 0;
        while let Ok(count) = here.write(&[0; 4096]) {
            sent += count;
        }
        assert!(!takes(here.as_fd()));
        there.read_exact(&mut vec![0; sent]).unwrap();
        assert!(takes(here.as_fd()));
    }

    #[test]
    fn a_thread_sleeps_for_a_full_socket_no_longer_than_it_was_told_to() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 22).unwrap();
        let (mut there, here) = UnixStream::pair().unwrap();
        here.set_nonblocking(true).unwrap();
        here.set_write_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
        let began = std::time::Instant::now();
        let sent = send_patiently(here.as_fd(), file.as_fd(), 1 << 21).unwrap();
        assert!((1..1 << 21).contains(&sent), "{sent}");
        assert_eq!(send_patiently(here.as_fd(), file.as_fd(), 1 << 21).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
        let reader = std::thread::spawn(move || there.read_exact(&mut vec![0; 1 << 22]));
        let mut left = (1 << 22) - sent;
        while left > 0 {
            left -= send_patiently(here.as_fd(), file.as_fd(), left).unwrap_or(0);
        }
        reader.join().unwrap().unwrap();
    }

    #[test]
    fn a_file_is_sent_from_where_it_stands() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        let (mut there, here) = UnixStream::pair().unwrap();
        assert_eq!(send(here.as_fd(), file.as_fd(), 3).unwrap(), 3);
        assert_eq!(send(here.as_fd(), file.as_fd(), 100).unwrap(), 3);
        assert_eq!(send(here.as_fd(), file.as_fd(), 100).unwrap(), 0);
        drop(here);
        let mut text = String::new();
        there.read_to_string(&mut text).unwrap();
        assert_eq!(text, "456789");
    }
}
