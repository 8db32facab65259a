//! What workers are given and what they hand back; values only.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use super::limit::Throttle;
use super::partial::Partials;
use super::progress::Progress;
use super::queue::Backlog;
use super::segments::Spread;
use crate::bus::MirrorStep;
use crate::model::listing::Count;
use crate::model::transfer::{Item, Mirror, Verb, Verified};
use crate::model::{Ascii, BatchId, ConnectionId, Entry, Failure, Kind, Manner, Name, Timestamp, TransferId, VPath};

/// What all the work of one batch has in common.
#[derive(Debug, Clone)]
pub(super) struct BatchFacts {
    /// Which batch.
    pub(super) id: BatchId,
    /// Copy or move.
    pub(super) verb: Verb,
    /// Whether links to directories are entered.
    pub(super) follow: bool,
    /// Whether both ends are one file system.
    pub(super) same: bool,
    /// Whether partials of an earlier run are looked for.
    pub(super) partials: bool,
    /// Whether it goes on with what an earlier run had begun.
    pub(super) restored: bool,
    /// The connection that the sources were named on.
    pub(super) from: ConnectionId,
    /// The connection that the targets were named on.
    pub(super) to: ConnectionId,
    /// Which files of each end are text, from when it was asked for: its lanes, that other batches use too, are told with each file.
    pub(super) texts: (Ascii, Ascii),
    /// How it is carried out.
    pub(super) manner: Manner,
    /// How fast its bytes may move.
    pub(super) throttle: Throttle,
    /// Stops the batch.
    pub(super) stop: CancellationToken,
    /// Cancelled once its servers are met in another way than when this was handed out: nothing more is dialled for it, and nothing begun.
    pub(super) outdated: CancellationToken,
}

impl BatchFacts {
    /// What a mirror does, where it is one.
    pub(super) fn mirror(&self) -> Option<Mirror> {
        self.manner.mirror
    }

    /// Whether nothing may be changed, only told.
    pub(super) fn is_dry(&self) -> bool {
        self.manner.mirror.is_some_and(|mirror| mirror.dry_run)
    }
}

/// One thing for a lane, or for a browser that stands in for one.
#[derive(Debug)]
pub(super) enum Work {
    /// Look at what a batch begins with.
    Begin(Box<BeginJob>),
    /// Walk one directory.
    Walk(Box<WalkJob>),
    /// Copy or move one file.
    File(Box<FileJob>),
    /// Delete the directories that a move has emptied.
    Sweep(Box<SweepJob>),
    /// Help another lane with a big file.
    Help(Box<HelpJob>),
    /// Delete what a mirror's source does not have.
    Clear(Box<ClearJob>),
}

impl Work {
    /// The batch that it belongs to.
    pub(super) fn facts(&self) -> &Arc<BatchFacts> {
        match self {
            Self::Begin(job) => &job.facts,
            Self::Walk(job) => &job.facts,
            Self::File(job) => &job.facts,
            Self::Sweep(job) => &job.facts,
            Self::Help(job) => &job.facts,
            Self::Clear(job) => &job.facts,
        }
    }

    /// Belongs to a batch that goes on after it was stopped.
    pub(super) fn renew(&mut self, facts: &Arc<BatchFacts>) {
        let old = match self {
            Self::Begin(job) => &mut job.facts,
            Self::Walk(job) => &mut job.facts,
            Self::File(job) => &mut job.facts,
            Self::Sweep(job) => &mut job.facts,
            Self::Help(job) => &mut job.facts,
            Self::Clear(job) => &mut job.facts,
        };
        *old = facts.clone();
    }
}

/// What a lane is handed.
#[derive(Debug)]
pub(super) enum Given {
    /// Something to plan or to sweep; only to a lane that has nothing else.
    Plan(Box<Work>),
    /// Files, one after another, behind those that it has.
    #[expect(clippy::vec_box, reason = "a job goes from hand to hand as it is, and is large")]
    Files(Vec<Box<FileJob>>),
}

/// What a lane tells of its files.
#[derive(Debug)]
pub(super) enum Ran {
    /// It has begun with one.
    Begun(TransferId),
    /// It is done with one.
    Ended(Box<FileJob>, Result<Copied, Failure>),
}

/// The first step of a batch.
#[derive(Debug)]
pub(super) struct BeginJob {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) items: Vec<Item>,
}

/// One directory to walk.
#[derive(Debug, Clone)]
pub(super) struct WalkJob {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) source: VPath,
    pub(super) target: VPath,
    /// What is at the target, where its parent's listing told.
    pub(super) existing: Option<Kind>,
    /// Whether what is in the way of the directory is deleted.
    pub(super) replace: bool,
    /// The directories above on the way down, as their volume calls them: a link must not lead back into one.
    pub(super) above: Option<Arc<Above>>,
    /// The target's parent as its volume calls it, where it is on the source's volume and known.
    pub(super) target_parent: Option<VPath>,
}

/// A link of the chain of directories above.
#[derive(Debug)]
pub(super) struct Above {
    pub(super) path: VPath,
    /// How many are above it.
    pub(super) depth: usize,
    /// Bytes of what waits beside the way to here.
    pub(super) beside: usize,
    pub(super) above: Option<Arc<Above>>,
}

impl Above {
    /// Whether `path` is this directory or one above it.
    pub(super) fn holds(&self, path: &VPath) -> bool {
        let mut at = Some(self);
        while let Some(link) = at {
            if link.path == *path {
                return true;
            }
            at = link.above.as_deref();
        }
        false
    }
}

/// How an existing target is dealt with, once that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Nothing is there.
    New,
    /// What is there is replaced.
    Replace,
    /// What is there is this long and is gone on with.
    Append(u64),
    /// What is there is this long, is an unfinished upload of our own as far as is known, and is gone on with if its end shows that.
    Own(u64),
    /// An earlier run's partial beside the target is this long and is gone on with.
    Partial(u64),
}

impl How {
    /// Whether what is there is to be gone on with.
    pub(super) fn goes_on(self) -> bool {
        matches!(self, Self::Append(there) | Self::Own(there) | Self::Partial(there) if there > 0)
    }
}

/// One file to copy or move.
#[derive(Debug)]
pub(super) struct FileJob {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) id: TransferId,
    pub(super) source: VPath,
    pub(super) target: VPath,
    pub(super) size: Option<u64>,
    pub(super) modified: Option<Timestamp>,
    pub(super) mode: Option<u16>,
    /// What is at the target.
    pub(super) existing: Option<Entry>,
    pub(super) how: How,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
    /// The target itself is gone on with, and a partial of it lies beside it all the same: from when a run that was cut off replaced it.
    pub(super) orphan: bool,
    /// Another copy follows right behind it on the same connections.
    pub(super) more: bool,
    /// What the target turned out to be, where that is not what it was taken for: what becomes of it is decided anew.
    pub(super) came: OnceLock<Entry>,
}

/// Helping another lane.
#[derive(Debug)]
pub(super) struct HelpJob {
    pub(super) facts: Arc<BatchFacts>,
    /// The file; `None` only connects, so that it need not be waited for once there is one.
    pub(super) spread: Option<Arc<Spread>>,
}

/// The directories that a move has emptied, each before the ones in it.
#[derive(Debug)]
pub(super) struct SweepJob {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) directories: Vec<VPath>,
}

/// Things at a mirror's target to delete.
#[derive(Debug)]
pub(super) struct ClearJob {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) entries: Vec<(VPath, Kind)>,
    /// A directory of this machine that stays with all that is in it: the journal's.
    pub(super) spared: Option<VPath>,
    /// Partials that somebody is at, or may go on with.
    pub(super) partials: Arc<Partials>,
    /// The file that takes the place of what is deleted.
    pub(super) then: Option<Box<FoundFile>>,
}

/// A file that a walk found.
#[derive(Debug)]
pub(super) struct FoundFile {
    pub(super) source: VPath,
    pub(super) target: VPath,
    pub(super) size: Option<u64>,
    pub(super) modified: Option<Timestamp>,
    pub(super) mode: Option<u16>,
    /// What is at the target.
    pub(super) existing: Option<Entry>,
    /// How long an earlier run's partial is.
    pub(super) partial: Option<u64>,
    /// The names in the target's directory, where one must be found that is free.
    pub(super) taken: Option<Arc<HashSet<Name>>>,
}

/// Something passed over, or failed without becoming a transfer.
#[derive(Debug)]
pub(super) struct Remark {
    pub(super) path: VPath,
    pub(super) failure: Failure,
    pub(super) failed: bool,
}

/// What a step of a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Packed: of one directory there may be a million.
    pub(super) files: Backlog,
    pub(super) walks: Vec<WalkJob>,
    pub(super) remarks: Vec<Remark>,
    /// Directories made at the target, with where they are.
    pub(super) made: Vec<(VPath, Entry)>,
    /// A source directory that was walked, to be deleted at the end of a move.
    pub(super) walked: Option<VPath>,
    /// A source directory that a rename has moved as a whole.
    pub(super) moved: Option<VPath>,
    /// What a mirror found beside what is to be copied.
    pub(super) mirror: FoundMirror,
    pub(super) count: Count,
}

/// What a step of a mirror's walk found beside files and directories.
#[derive(Debug, Default)]
pub(super) struct FoundMirror {
    /// Files that are the same on both sides.
    pub(super) same: u64,
    /// Targets that have no source.
    pub(super) extras: Vec<(VPath, Kind)>,
    /// Directories where something else is in the way.
    pub(super) held_walks: Vec<WalkJob>,
    /// Files where something else, of that kind, is in the way.
    pub(super) held_files: Vec<(FoundFile, Kind)>,
    /// What a dry run tells.
    pub(super) steps: Vec<MirrorStep>,
}

/// A file that was copied or moved.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) verified: Verified,
    /// The entry that is at the target now.
    pub(super) entry: Entry,
    /// Whether the source is gone.
    pub(super) left: bool,
    /// Whether it could be given its source's time, where that is known.
    pub(super) timed: Option<bool>,
    /// Whether its permission bits could be set, where they are to be kept.
    pub(super) moded: Option<bool>,
}

/// How a piece of work ended.
#[derive(Debug)]
pub(super) enum End {
    /// A copy or move.
    File(Result<Copied, Failure>),
    /// A first step or a walk.
    Planned(Result<Found, Failure>),
    /// Help was given.
    Helped,
    /// Directories deleted, and what could not be.
    Swept(Vec<VPath>, Vec<Remark>),
    /// What a mirror deleted, the content before its directory, and what could not be.
    Cleared(Vec<(VPath, Kind)>, Vec<Remark>),
}
