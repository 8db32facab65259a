//! The journal: what was asked for and how far it came, on the disk, so that it outlives the program.
//!
//! A thread of its own owns the database and is fed values; the supervisor never waits for a disk. What comes is written in groups, each
//! at most a quarter of a second after its first; a batch is written at once, and is told of before anything of it begins. Guarantee:
//! every group is one transaction, so that an end at any moment, also by `kill -9`, leaves a journal that was true a moment ago; what was
//! not written is done again, which harms nothing. Where the journal cannot be kept that is told once, and everything else goes on. No
//! password ever comes here: what opens a volume is stripped of it before. The only place that names the database's crate.

mod batches;
mod codec;
mod entry;
mod files;
mod group;
mod lock;
mod partials;
mod store;
mod thread;
mod ways;

pub(super) use entry::{Before, Entry, FileEnd, FileRow, Kept, Restored, Told, WasDone};

use std::path::PathBuf;
use std::sync::mpsc;

use tokio::sync::mpsc::UnboundedSender;

use super::note::Note;

/// The way to the journal's thread; dropping it ends the thread once all is written.
#[derive(Debug)]
pub(super) struct Journal {
    entries: Option<mpsc::Sender<Entry>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal in the directory `at`. All answers, the first of them [`Told::Opened`], come as notes. `None` where the system gives
    /// no thread.
    pub(super) fn open(at: PathBuf, notes: UnboundedSender<Note>) -> Option<Self> {
        let (entries, queue) = mpsc::channel();
        let tell = move |told| {
            // Nobody listens only when the engine has ended.
            let _ = notes.send(Note::Journal(told));
        };
        let run = move || thread::run(&at, &queue, &tell);
        let thread = std::thread::Builder::new().name("ftpane-journal".to_owned()).spawn(run).ok()?;
        Some(Self { entries: Some(entries), thread: Some(thread) })
    }

    /// Hands something over; answers whether the journal still takes anything.
    pub(super) fn write(&self, entry: Entry) -> bool {
        self.entries.as_ref().is_some_and(|entries| entries.send(entry).is_ok())
    }

    /// Writes all that was handed over, and ends; only at the end of a run, as it waits for the disk.
    pub(super) fn close(&mut self) {
        self.entries = None;
        if let Some(thread) = self.thread.take() {
            // It ends by itself once nothing can come any more; if it has panicked there is nothing left to write.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
