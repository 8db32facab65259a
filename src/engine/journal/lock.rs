//! Which runs live: each holds a lock on a file of its own, which the system lets go however the run ends.
//!
//! Guarantee: what a live run is at is never taken from it, and what a dead one left can be taken by one only, since taking happens in a
//! transaction of the database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The lock of a run, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

fn file_of(dir: &Path, run: i64) -> PathBuf {
    dir.join(format!("run-{run}.lock"))
}

fn open(path: &Path, create: bool) -> io::Result<File> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    OpenOptions::new().write(true).create(create).truncate(false).mode(0o600).custom_flags(no_follow).open(path)
}

impl Lock {
    /// Says that `run` lives.
    pub(super) fn hold(dir: &Path, run: i64) -> io::Result<Self> {
        let file = open(&file_of(dir, run), true)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Self { _file: file })
    }
}

/// Whether a run lives; where that cannot be found out it counts as alive.
pub(super) fn is_live(dir: &Path, run: i64) -> bool {
    match open(&file_of(dir, run), false) {
        Ok(file) => file.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the file of a run that does not live.
pub(super) fn clear(dir: &Path, run: i64) {
    // One that stays says nothing wrong: nobody holds its lock.
    let _ = std::fs::remove_file(file_of(dir, run));
}

/// Keeps others from opening the journal at the same time, while it is decided whether it is of any use. Gives up after a while: a
/// stopped process must not stop others.
pub(super) fn opening(dir: &Path) -> io::Result<Option<File>> {
    let file = open(&dir.join("open.lock"), true)?;
    for _ in 0..40 {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(50)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_lives_as_long_as_its_lock_is_held() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_live(dir.path(), 1));
        let lock = Lock::hold(dir.path(), 1).unwrap();
        assert!(is_live(dir.path(), 1));
        assert!(Lock::hold(dir.path(), 1).is_err());
        drop(lock);
        assert!(!is_live(dir.path(), 1));
        clear(dir.path(), 1);
        assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
    }
}
