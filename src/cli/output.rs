//! Standard output as a path that a download can be written to.
//!
//! A pipe and a terminal can be opened by name. A regular file cannot: opening it would begin at its start and could empty what
//! `>> file` is to keep, and replacing it by a rename would leave the shell's file empty. For those, and for sockets, the bytes go
//! through a pipe of our own.

use std::io;
use std::path::Path;

use crate::model::VPath;

use super::stop::Stop;

/// Standard output, ready to be written to by name.
pub struct Output {
    /// The name.
    pub path: VPath,
    #[cfg(unix)]
    pump: Option<(std::os::fd::OwnedFd, std::thread::JoinHandle<io::Result<u64>>)>,
}

/// Whether a path names standard output.
pub fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| Path::new(name) == path)
}

#[cfg(unix)]
impl Output {
    /// Makes standard output ready.
    ///
    /// # Errors
    /// Exit 2 where it is closed.
    pub fn open() -> Result<Self, Stop> {
        use rustix::fs::FileType;
        let stdout = rustix::fs::fstat(io::stdout()).map_err(|error| unusable(&error.into()))?;
        match FileType::from_raw_mode(stdout.st_mode) {
            FileType::Fifo | FileType::CharacterDevice => Ok(Self { path: named("/dev/stdout")?, pump: None }),
            _ => Self::through_a_pipe().map_err(|error| unusable(&error)),
        }
    }

    fn through_a_pipe() -> io::Result<Self> {
        use std::os::fd::AsRawFd as _;
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let path = format!("/dev/fd/{}", write.as_raw_fd());
        let path = VPath::parse(path.as_bytes()).map_err(|bad| io::Error::other(bad.to_string()))?;
        let pump = std::thread::Builder::new()
            .name("ftpane-stdout".into())
            .spawn(move || io::copy(&mut std::fs::File::from(read), &mut io::stdout().lock()))?;
        Ok(Self { path, pump: Some((write, pump)) })
    }

    /// Waits until everything is out.
    ///
    /// # Errors
    /// What the system said to the last bytes.
    pub fn finish(self) -> io::Result<()> {
        use std::io::Write as _;
        let Some((write, pump)) = self.pump else { return Ok(()) };
        // The reader sees the end once the last writer is gone.
        drop(write);
        pump.join().map_err(|_| io::Error::other("the copy to standard output broke down"))??;
        io::stdout().flush()
    }
}

#[cfg(not(unix))]
impl Output {
    /// Makes standard output ready.
    ///
    /// # Errors
    /// Always: it has no name here.
    pub fn open() -> Result<Self, Stop> {
        Err(unusable(&io::Error::from(io::ErrorKind::Unsupported)))
    }

    /// Nothing is under way.
    ///
    /// # Errors
    /// None.
    pub fn finish(self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
fn named(path: &str) -> Result<VPath, Stop> {
    VPath::parse(path.as_bytes()).map_err(|bad| Stop::usage(bad.to_string()))
}

fn unusable(error: &io::Error) -> Stop {
    Stop::usage(format!("standard output cannot be used: {error}"))
}
