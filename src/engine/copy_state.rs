//! How far one copy has come: what an attempt leaves for the next one. Plain data.

use crate::model::digest::Algorithm;
use crate::model::{Timestamp, VPath};

use super::segments::Owned;
use super::work::FileJob;

/// Where the bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dest {
    pub(super) path: VPath,
    /// It is a partial beside the target, to be renamed over it.
    pub(super) beside: bool,
    /// It is a device or a pipe: no size, no time, no second try.
    pub(super) special: bool,
}

/// How far a copy has come, over all its attempts.
#[derive(Debug, Default)]
pub(super) struct CopyState {
    pub(super) dest: Option<Dest>,
    pub(super) attempted: bool,
    pub(super) sent: u64,
    /// The target, or its partial, was written to: what is there is this copy's.
    pub(super) written: bool,
    /// All bytes went through, but a completion reply was lost.
    pub(super) whole: bool,
    /// The rename over the target was sent: only then may the target be the new file.
    pub(super) renaming: bool,
    /// By what the bytes were compared already.
    pub(super) compared: Option<Algorithm>,
    pub(super) no_resume: bool,
    /// Bytes that were to be compared ended early once.
    pub(super) cut_short: bool,
    /// Bytes were put behind some that were there: these were the beginning of the source.
    pub(super) joined: bool,
    /// A rename of the source itself was sent, and its reply was lost.
    pub(super) maybe_moved: bool,
    /// What is of no use once the file is in its place.
    pub(super) leftover: Option<VPath>,
    /// The time of the source, where that has changed since it was listed.
    changed: Option<Timestamp>,
    /// It is fetched in parts.
    pub(super) spread: Option<Owned>,
    /// It was found out that it cannot be.
    pub(super) in_one: bool,
}

impl CopyState {
    /// The partial that is of no use because it holds nothing; what an earlier run has left is not touched by one that did not come so far.
    pub(super) fn empty_partial(&self) -> Option<&VPath> {
        let dest = self.dest.as_ref()?;
        (dest.beside && self.sent == 0 && self.written).then_some(&dest.path)
    }

    /// The time of the source, as far as it is known.
    pub(super) fn time(&self, job: &FileJob) -> Option<Timestamp> {
        self.changed.or(job.modified)
    }

    /// Whether that time is one the source was asked for by itself, and not a listing's.
    pub(super) fn time_was_asked(&self) -> bool {
        self.changed.is_some()
    }

    /// The source is another file since `now`: nothing of what was moved counts.
    pub(super) fn begin_anew(&mut self, now: Timestamp) {
        self.changed = Some(now);
        self.keep_in_one();
        self.sent = 0;
        self.whole = false;
        self.compared = None;
    }

    /// Fetches nothing in parts any more.
    pub(super) fn keep_in_one(&mut self) {
        (self.spread, self.in_one) = (None, true);
    }

    /// Writes over the target itself from now on.
    pub(super) fn straighten(&mut self, job: &FileJob, leftover: Option<VPath>) {
        self.dest = Some(Dest { path: job.target.clone(), beside: false, special: false });
        self.sent = 0;
        self.whole = false;
        self.renaming = false;
        self.compared = None;
        self.leftover = leftover;
    }
}
