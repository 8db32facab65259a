//! Local files being read and written.
//!
//! Guarantee: no two write one file at once, be they lanes (two names that a disk takes for one) or programs: who writes holds its lock
//! until the file has its final name, or is given up. Only parts of a file ([`WriteFrom::Within`]) are written by several, who know of each
//! other.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::model::{During, Failure, FailureKind};

use super::super::{Result, Sink, Source, WriteFrom};
use super::{attempt, failure, os};

/// Smaller files are not worth a call to keep space for them.
const PREALLOCATE_FROM: u64 = 1 << 20;

/// A local file being read.
#[derive(Debug)]
pub struct LocalSource {
    file: File,
    size: Option<u64>,
}

impl LocalSource {
    pub(super) fn open(path: &Path, offset: u64) -> Result<Self> {
        let mut file = attempt(During::Read, path, File::open(path))?;
        let found = attempt(During::Read, path, file.metadata())?;
        if found.is_dir() {
            return Err(Failure::new(FailureKind::Invalid, During::Read, "it is a directory").about(os::bytes_of(path)));
        }
        if offset > 0 {
            attempt(During::Read, path, file.seek(SeekFrom::Start(offset)))?;
        }
        Ok(Self { size: found.is_file().then_some(found.len()), file })
    }
}

impl Source for LocalSource {
    async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    fn file(&self) -> Option<BorrowedFd<'_>> {
        // What is no regular file may end without having one, and has to be read for that.
        self.size.map(|_| self.file.as_fd())
    }

    fn size(&self) -> Option<u64> {
        self.size
    }

    async fn finish(self) -> Result<()> {
        Ok(())
    }

    async fn abandon(self) {}
}

/// A local file being written.
#[derive(Debug)]
pub struct LocalSink<'a> {
    file: File,
    path: PathBuf,
    is_regular: bool,
    /// Space was kept that may lie behind the last byte.
    keeps_space: bool,
    /// Where a written file's lock is kept until it has its name; `None` where it has none.
    written: Option<&'a mut Option<File>>,
}

impl<'a> LocalSink<'a> {
    pub(super) fn open(path: &Path, from: WriteFrom, size: Option<u64>, written: &'a mut Option<File>) -> Result<Self> {
        let written = if matches!(from, WriteFrom::Within(_)) {
            None
        } else {
            *written = None;
            Some(written)
        };
        if os::is_standard_output(path) {
            let file = attempt(During::Write, path, os::standard_output())?;
            return Ok(Self { file, path: path.to_owned(), is_regular: false, keeps_space: false, written: None });
        }
        if from == WriteFrom::Start
            && let Ok(file) = OpenOptions::new().write(true).create_new(true).open(path)
        {
            // Nothing was there, as is the rule: no look at it is needed.
            lock(&file, path)?;
            return Self::new(file, path, from, size, written);
        }
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => Self::open_other(path, &found),
            Ok(_) | Err(_) => Self::open_regular(path, from, size, written),
        }
    }

    fn open_regular(path: &Path, from: WriteFrom, size: Option<u64>, written: Option<&'a mut Option<File>>) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).custom_flags(no_follow());
        let file = attempt(During::Write, path, options.open(path))?;
        if written.is_some() {
            lock(&file, path)?;
            // Who held the lock may have renamed the file meanwhile: it is not ours to write then.
            if !os::is_at(&file, path) {
                return Err(contended(path));
            }
        }
        if from == WriteFrom::Start {
            attempt(During::Write, path, file.set_len(0))?;
        }
        Self::new(file, path, from, size, written)
    }

    /// A regular file that is open, and locked where it is to be.
    fn new(mut file: File, path: &Path, from: WriteFrom, size: Option<u64>, written: Option<&'a mut Option<File>>) -> Result<Self> {
        match from {
            WriteFrom::Start => {}
            // What lies behind the offset is not trusted.
            WriteFrom::Offset(offset) => {
                attempt(During::Write, path, file.set_len(offset).and_then(|()| file.seek(SeekFrom::Start(offset))))?;
            }
            WriteFrom::Within(offset) => {
                attempt(During::Write, path, file.seek(SeekFrom::Start(offset)))?;
            }
        }
        let mut keeps_space = false;
        if let Some(size) = size.filter(|&size| size >= PREALLOCATE_FROM) {
            attempt(During::Write, path, os::preallocate(&file, size))?;
            // Others that write within the same file at once must not lose what they add to its end.
            keeps_space = !matches!(from, WriteFrom::Within(_));
        }
        Ok(Self { file, path: path.to_owned(), is_regular: true, keeps_space, written })
    }

    /// Gives back the space behind the last byte: a partial file may lie about for long, and a server may have said too much.
    fn give_back(&self) -> io::Result<()> {
        if self.keeps_space { self.file.set_len(self.file.metadata()?.len()) } else { Ok(()) }
    }

    /// A device or a pipe is written straight, also where a link of the system leads to it; a link to a file is not written through.
    fn open_other(path: &Path, found: &Metadata) -> Result<Self> {
        let target = if found.is_symlink() { std::fs::metadata(path).ok() } else { Some(found.clone()) };
        let refusal = match target {
            Some(target) if target.is_dir() => "a directory is there",
            Some(target) if target.is_file() => "a symbolic link is there, and files are not written through one",
            None => "a symbolic link that leads nowhere is there",
            Some(_) => {
                let file = attempt(During::Write, path, OpenOptions::new().write(true).open(path))?;
                return Ok(Self { file, path: path.to_owned(), is_regular: false, keeps_space: false, written: None });
            }
        };
        Err(Failure::new(FailureKind::AlreadyExists, During::Write, refusal)
            .about(os::bytes_of(path))
            .hint("remove it or choose another name"))
    }
}

/// Locks a file for as long as it is written. Where the file system knows no locks, nobody can hold one.
fn lock(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(contended(path)),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn contended(path: &Path) -> Failure {
    Failure::new(FailureKind::AlreadyExists, During::Write, "another program is writing it, or another transfer")
        .about(os::bytes_of(path))
        .hint("try it again when that has ended")
}

#[cfg(unix)]
fn no_follow() -> i32 {
    rustix::fs::OFlags::NOFOLLOW.bits().cast_signed()
}

impl Sink for LocalSink<'_> {
    async fn write(&mut self, block: &[u8]) -> io::Result<()> {
        self.file.write_all(block).map_err(|error| match error.kind() {
            // The reader of a pipe went away: no connection of ours broke, and trying again is of no use.
            io::ErrorKind::BrokenPipe => io::Error::other("whoever read the output has stopped"),
            _ => error,
        })
    }

    fn file(&self) -> Option<BorrowedFd<'_>> {
        Some(self.file.as_fd())
    }

    async fn finish(self, sync: bool) -> Result<()> {
        let ended = self.give_back().and_then(|()| if sync && self.is_regular { self.file.sync_all() } else { Ok(()) });
        ended.map_err(|error| failure(During::Write, &self.path, &error))?;
        if let Some(written) = self.written {
            *written = Some(self.file);
        }
        Ok(())
    }

    async fn abandon(self) {
        // It costs space at worst, and what stopped the transfer is told already.
        let _ = self.give_back();
    }
}
