//! What goes into the journal and what comes back; values only.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::engine::ledger::{Partial, Spot};
use crate::model::journal::{Past, Unfinished};
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Item, Verb, Verified};
use crate::model::{BatchId, Existing, Failure, Manner, RequestId, Timestamp, VPath};

/// A batch as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Kept {
    pub(in crate::engine) verb: Verb,
    /// What the sources are on; never with a password.
    pub(in crate::engine) from: VolumeSpec,
    /// What the targets are on; never with a password.
    pub(in crate::engine) to: VolumeSpec,
    pub(in crate::engine) items: Vec<Item>,
    pub(in crate::engine) existing: Existing,
    pub(in crate::engine) follow: bool,
    pub(in crate::engine) manner: Manner,
}

/// How a file of a batch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum FileEnd {
    /// It is there and checked.
    Done(Verified),
    /// A rule, or a person, said to leave it.
    Skipped,
    /// A person cancelled it alone.
    Cancelled,
    /// It has not ended: it was cancelled, and is wanted after all.
    Again,
    /// It failed, and that was told.
    Failed(Failure),
}

/// A file of a batch that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct FileRow {
    pub(in crate::engine) source: VPath,
    /// Where it went.
    pub(in crate::engine) target: VPath,
    /// The target has another name than the source's place in the batch gives it.
    pub(in crate::engine) renamed: bool,
    pub(in crate::engine) size: Option<u64>,
    pub(in crate::engine) modified: Option<Timestamp>,
    pub(in crate::engine) end: FileEnd,
    /// Seconds since 1970.
    pub(in crate::engine) at: i64,
}

/// Something for the journal.
#[derive(Debug)]
pub(in crate::engine) enum Entry {
    /// A batch, before anything of it begins. Answered by [`Told::Recorded`], whether or not it could be written.
    Batch(BatchId, Box<Kept>),
    /// What is done about existing targets of a batch from now on.
    Rule(BatchId, Existing),
    /// A file of a batch has ended.
    File(BatchId, Box<FileRow>),
    /// A partial was begun, or went on.
    Partial(Box<(Spot, Partial)>),
    /// A partial is none any more.
    NoPartial(Box<Spot>),
    /// Nothing of a batch is left to be done, and that was told.
    Over(BatchId),
    /// Something of a batch that was over is tried again.
    Again(BatchId),
    /// A batch of an earlier run is ours from now on, under this number. Answered by [`Told::Restored`].
    Restore(i64, BatchId),
    /// A batch of an earlier run is given up. Answered by [`Told::Unfinished`].
    Discard(i64),
    /// All partials that any run has told of. Answered by [`Told::Partials`].
    Partials(BatchId),
    /// The newest rows of the history that hold all of the words. Answered by [`Told::Past`].
    History(RequestId, String, usize),
}

impl Entry {
    /// Whether somebody waits for it.
    pub(super) fn is_urgent(&self) -> bool {
        match self {
            Self::Batch(..) | Self::Restore(..) | Self::Discard(_) | Self::Partials(_) | Self::History(..) => true,
            Self::Rule(..) | Self::File(..) | Self::Partial(_) | Self::NoPartial(_) | Self::Over(_) | Self::Again(_) => false,
        }
    }
}

/// What the journal says.
#[derive(Debug)]
pub(in crate::engine) enum Told {
    /// The first word: the partials of runs that have ended.
    Opened(Vec<(Spot, Partial)>),
    /// What other runs are at; comes before [`Told::Unfinished`], where there is any.
    Elsewhere(Vec<Unfinished>),
    /// What earlier runs have not finished; or why that is not known, or nothing of it could be given up.
    Unfinished(Result<Vec<Unfinished>, Failure>),
    /// A batch may begin.
    Recorded(BatchId),
    /// What was to be gone on with is none of ours: another run is at it, or is done with it; says which.
    NotOurs(BatchId, &'static str),
    /// A batch of an earlier run.
    Restored(BatchId, Result<Box<Restored>, Failure>),
    /// Where partials are to arrive, whichever run they are of; `None` where the journal could not be read.
    Partials(BatchId, Option<Vec<Spot>>),
    /// Rows of the history.
    Past(RequestId, Result<Vec<Past>, Failure>),
    /// It cannot be written; told once, until it can be again.
    Broken(Failure),
    /// It is written again.
    Kept,
    /// It was damaged: it was set aside, and another one begun.
    BegunAnew(Failure),
}

/// A batch of an earlier run, to be gone on with.
#[derive(Debug)]
pub(in crate::engine) struct Restored {
    pub(in crate::engine) kept: Kept,
    /// The files of it that need not be done again.
    pub(in crate::engine) before: Before,
    /// All partials that are known by now.
    pub(in crate::engine) partials: Vec<(Spot, Partial)>,
}

/// Why a file of a restored batch need not be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum WasDone {
    /// It was copied, and its target must still be there.
    Done,
    /// It was copied under another name.
    Renamed,
    /// It was to be left.
    Skipped,
}

/// The files of a batch that an earlier run has done. There may be a million: each costs a few bytes, whatever its name is.
#[derive(Debug, Default)]
pub(in crate::engine) struct Before {
    keys: (RandomState, RandomState),
    files: HashMap<u128, WasDone>,
}

impl Before {
    /// Takes in a row of the journal, the newest last; a failed file is to be done again.
    pub(super) fn add(&mut self, row: &FileRow) {
        let (target, was) = match (&row.end, row.renamed) {
            (FileEnd::Done(_), false) => (Some(&row.target), WasDone::Done),
            (FileEnd::Done(_), true) => (None, WasDone::Renamed),
            (FileEnd::Skipped | FileEnd::Cancelled, _) => (Some(&row.target), WasDone::Skipped),
            (FileEnd::Failed(_) | FileEnd::Again, _) => {
                let key = self.key(&row.source, Some(&row.target), row.size, row.modified);
                self.files.remove(&key);
                return;
            }
        };
        let key = self.key(&row.source, target, row.size, row.modified);
        self.files.insert(key, was);
    }

    /// Whether the file, unchanged since, was done.
    pub(in crate::engine) fn was(&self, source: &VPath, target: &VPath, size: Option<u64>, modified: Option<Timestamp>) -> Option<WasDone> {
        if self.files.is_empty() {
            return None;
        }
        let at = |target| self.files.get(&self.key(source, target, size, modified)).copied();
        at(Some(target)).or_else(|| at(None))
    }

    /// Sixteen bytes with a secret in them: whoever chooses names cannot choose two with the same.
    fn key(&self, source: &VPath, target: Option<&VPath>, size: Option<u64>, modified: Option<Timestamp>) -> u128 {
        let value = (source, target, size, modified);
        u128::from(self.keys.0.hash_one(value)) << 64 | u128::from(self.keys.1.hash_one(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> VPath {
        VPath::parse(text.as_bytes()).unwrap()
    }

    fn row(end: FileEnd, renamed: bool) -> FileRow {
        let modified = Some(Timestamp::exact(5));
        FileRow { source: path("/s"), target: path("/t"), renamed, size: Some(3), modified, end, at: 0 }
    }

    #[test]
    fn a_file_was_done_only_if_it_is_unchanged_and_did_not_fail() {
        let mut before = Before::default();
        before.add(&row(FileEnd::Done(Verified::Size), false));
        let was = |size, seconds, target: &str| before.was(&path("/s"), &path(target), Some(size), Some(Timestamp::exact(seconds)));
        assert_eq!(was(3, 5, "/t"), Some(WasDone::Done));
        assert_eq!((was(4, 5, "/t"), was(3, 6, "/t"), was(3, 5, "/u")), (None, None, None));
        let mut failed = Before::default();
        let failure = Failure::cancelled(crate::model::During::Read);
        failed.add(&row(FileEnd::Failed(failure), false));
        assert_eq!(failed.was(&path("/s"), &path("/t"), Some(3), Some(Timestamp::exact(5))), None);
    }

    #[test]
    fn a_file_that_was_cancelled_is_left_unless_it_was_tried_again_since() {
        let mut before = Before::default();
        let was = |before: &Before| before.was(&path("/s"), &path("/t"), Some(3), Some(Timestamp::exact(5)));
        before.add(&row(FileEnd::Cancelled, false));
        assert_eq!(was(&before), Some(WasDone::Skipped));
        before.add(&row(FileEnd::Again, false));
        assert_eq!(was(&before), None);
    }

    #[test]
    fn a_file_that_was_given_another_name_is_known_by_its_source() {
        let mut before = Before::default();
        before.add(&FileRow { target: path("/t (1)"), ..row(FileEnd::Done(Verified::Size), true) });
        assert_eq!(before.was(&path("/s"), &path("/t"), Some(3), Some(Timestamp::exact(5))), Some(WasDone::Renamed));
    }
}
