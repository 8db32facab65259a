//! The local disk as a volume.
//!
//! Calls block: a local volume lives on a thread of its own (a lane's or a pane's), where a blocking call harms nobody and costs a fraction
//! of a hand-over to a pool. Guarantee: a symbolic link at a target is never written through, and what is no regular file is written straight.

mod digest;
mod file;
mod list;
mod os;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::local_name::{self, System};
use crate::model::opened::{Abilities, Opened};
use crate::model::site::Learnt;
use crate::model::{During, Entry, Failure, FailureKind, Reply, Timestamp, VPath};

pub use file::{LocalSink, LocalSource};
pub use os::{from_path, to_path};

use super::{Result, Volume, WriteFrom};

/// The local disk.
#[derive(Debug)]
pub struct LocalVolume {
    opened: Opened,
    people: list::People,
    /// The file that was written last, whose lock is held until it has its final name.
    written: Option<File>,
    /// By whose rules names are judged.
    system: System,
}

impl LocalVolume {
    /// Opens it, beginning in the working directory.
    pub fn open() -> Self {
        let home = os::home().and_then(|path| from_path(&path).ok());
        let start = std::env::current_dir().ok().and_then(|path| from_path(&path).ok()).or_else(|| home.clone());
        let can = Abilities {
            set_time: true,
            set_mode: cfg!(unix),
            trash: true,
            straight: false,
            resume_read: true,
            resume_write: true,
            utc_times: true,
            names_alone: false,
        };
        Self {
            opened: Opened { start, home, can, ..Opened::default() },
            people: list::People::default(),
            written: None,
            system: System::HERE,
        }
    }

    /// The local path of something that is to be made: here a name that may have come from a server becomes a file's.
    fn to_make(&self, during: During, path: &VPath) -> Result<PathBuf> {
        match path.name().map(|name| local_name::check(&name, self.system)) {
            Some(Err(why)) => {
                let failure = Failure::new(FailureKind::Invalid, during, why.to_string()).about(path.as_bytes());
                Err(failure.hint("give it another name"))
            }
            Some(Ok(())) | None => Ok(to_path(path)),
        }
    }
}

/// An error of the system as a failure.
pub(super) fn failure(during: During, path: &Path, error: &io::Error) -> Failure {
    let kind = os::kind_of(error);
    let failure = Failure::new(kind, during, os::words_of(error)).about(os::bytes_of(path));
    match kind {
        FailureKind::Full => failure.hint("free some space and try again"),
        FailureKind::Denied => failure.hint("check who owns it and its permissions"),
        _ => failure,
    }
}

fn attempt<T>(during: During, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| failure(during, path, &error))
}

impl Volume for LocalVolume {
    type Source<'a> = LocalSource;
    type Sink<'a> = LocalSink<'a>;

    fn opened(&self) -> &Opened {
        &self.opened
    }

    fn abilities(&self) -> Abilities {
        self.opened.can
    }

    fn learnt(&self) -> Option<&Learnt> {
        None
    }

    fn is_lost(&self) -> bool {
        false
    }

    async fn list(&mut self, path: &VPath, stop: &CancellationToken, rows: &mut (dyn FnMut(ListingPart) + Send)) -> Result<VPath> {
        list::list(&mut self.people, path, stop, rows)
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        list::stat(&mut self.people, path)
    }

    async fn is_case_blind(&mut self, directory: &VPath) -> Option<bool> {
        os::is_case_blind(&to_path(directory))
    }

    async fn rules(&mut self, directory: &VPath) -> System {
        if os::is_of_dos(&to_path(directory)) { System::Windows } else { self.system }
    }

    async fn free(&mut self, path: &VPath) -> Option<u64> {
        os::free(&to_path(path))
    }

    async fn read(&mut self, path: &VPath, offset: u64, _stop: &CancellationToken) -> Result<LocalSource> {
        LocalSource::open(&to_path(path), offset)
    }

    fn let_go(&mut self) {
        self.written = None;
    }

    async fn write<'a>(&'a mut self, path: &VPath, from: WriteFrom, size: Option<u64>, _stop: &CancellationToken) -> Result<LocalSink<'a>> {
        let path = self.to_make(During::Write, path)?;
        LocalSink::open(&path, from, size, &mut self.written)
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        let path = self.to_make(During::MakeDir, path)?;
        attempt(During::MakeDir, &path, fs::create_dir(&path))
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        let (from, to) = (to_path(from), self.to_make(During::Rename, to)?);
        let outcome = if replace { fs::rename(&from, &to) } else { os::rename_new(&from, &to) };
        self.written = None;
        outcome.map_err(|error| {
            let subject = if fs::symlink_metadata(&from).is_ok() { &to } else { &from };
            failure(During::Rename, subject, &error)
        })
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        let path = to_path(path);
        attempt(During::Remove, &path, fs::remove_file(&path))
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        let path = to_path(path);
        attempt(During::Remove, &path, fs::remove_dir(&path))
    }

    async fn trash(&mut self, path: &VPath) -> Result<()> {
        let path = to_path(path);
        let asked = path.clone();
        // The trash crate may talk to a desktop service; it gets a thread of its own.
        let outcome = tokio::task::spawn_blocking(move || trash::delete(asked)).await;
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(trash_failure(&path, &error.to_string())),
            Err(error) => Err(trash_failure(&path, &error.to_string())),
        }
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        let path = to_path(path);
        attempt(During::SetTime, &path, os::set_time(&path, time.seconds))
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        let path = to_path(path);
        attempt(During::SetMode, &path, os::set_mode(&path, mode))
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, stop: &CancellationToken) -> Result<Option<Digest>> {
        digest::of(&to_path(path), algorithm.unwrap_or(Algorithm::Sha256), stop)
    }

    async fn raw(&mut self, _line: &[u8]) -> Result<Reply> {
        Err(Failure::new(FailureKind::Unsupported, During::Command, "the local disk takes no FTP commands").hint("go to the server's pane"))
    }

    async fn keep_alive(&mut self) -> Result<()> {
        Ok(())
    }

    async fn close(self) {}
}

fn trash_failure(path: &Path, words: &str) -> Failure {
    Failure::new(FailureKind::Local, During::Remove, format!("the trash refused it: {words}"))
        .about(os::bytes_of(path))
        .hint("Shift-F8 deletes for good")
}

/// Whether writing to `path` goes straight there, since it is no regular file: a device, a pipe, a socket, or the program's own output.
pub fn is_written_straight(path: &VPath) -> bool {
    let path: PathBuf = to_path(path);
    os::is_standard_output(&path) || fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

#[cfg(test)]
mod tests;
