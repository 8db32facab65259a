//! The temporary directory of one demo, and the removal of those that killed demos have left.
//!
//! Guarantee: one private (0700) directory holds everything; it goes away on drop. A demo that was killed cannot do
//! that, so each one holds a lock on a file in its directory: a directory whose lock is free belongs to nobody and is removed
//! by the next demo. Only real directories of this user are ever touched.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

const PREFIX: &str = "ftpane-demo-";
const LOCK: &str = "lock";

/// A temporary directory with places for the served tree, the local pane and the configuration.
#[derive(Debug)]
pub(super) struct Scratch {
    // Before the directory: Windows removes no open file.
    _lock: File,
    dir: TempDir,
}

impl Scratch {
    /// Makes the directory in the system's temporary directory and starts to remove those of killed demos.
    pub(super) fn new() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        let scratch = Self::new_in(&parent)?;
        // Removing thousands of files takes a moment that the first frame need not wait for.
        std::thread::Builder::new().name("demo-sweep".into()).spawn(move || sweep(&parent))?;
        Ok(scratch)
    }

    fn new_in(parent: &Path) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // The lock is taken before the file has its name: a sweep never finds it free.
        let unnamed = dir.path().join("lock.new");
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        fs::rename(&unnamed, dir.path().join(LOCK))?;
        let scratch = Self { _lock: lock, dir };
        for place in [scratch.served(), scratch.local(), scratch.config()] {
            fs::create_dir(place)?;
        }
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn served(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    pub(super) fn local(&self) -> PathBuf {
        self.dir.path().join("local")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.dir.path().join("config")
    }
}

/// Removes the directories of demos that no longer run. Failures are left to the next sweep.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the directory is ours and nobody holds its lock. The lock is let go again at the end: it was only a question.
fn is_abandoned(dir: &Path) -> bool {
    let ours = fs::symlink_metadata(dir).is_ok_and(|meta| meta.is_dir() && belongs_to_us(&meta));
    // File::open would follow a link put in the lock's place; the directory is private, so only this user could have put it.
    ours && File::open(dir.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(unix)]
fn belongs_to_us(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn belongs_to_us(_: &fs::Metadata) -> bool {
    // The temporary directory is the user's own there.
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_removes_what_a_killed_demo_left_and_spares_a_running_one() {
        let parent = tempfile::tempdir().unwrap();
        let running = Scratch::new_in(parent.path()).unwrap();
        let killed = parent.path().join("ftpane-demo-killed");
        fs::create_dir_all(killed.join("server/many")).unwrap();
        fs::write(killed.join(LOCK), b"").unwrap();
        let foreign = parent.path().join("something-else");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join(LOCK), b"").unwrap();

        sweep(parent.path());

        assert!(!killed.exists());
        assert!(running.served().is_dir());
        assert!(foreign.is_dir());
    }

    #[test]
    fn a_sweep_spares_a_demo_that_is_just_being_made() {
        let parent = tempfile::tempdir().unwrap();
        let begun = parent.path().join("ftpane-demo-begun");
        fs::create_dir(&begun).unwrap();
        sweep(parent.path());
        assert!(begun.is_dir());
    }

    #[test]
    fn the_directory_goes_away_with_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new_in(parent.path()).unwrap();
        fs::write(scratch.local().join("a"), b"a").unwrap();
        drop(scratch);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
