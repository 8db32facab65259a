//! One batch that has not ended: what is known of it, and its counts.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bus::BatchSummary;
use crate::engine::account::Pair;
use crate::engine::journal::Before;
use crate::engine::queue::Backlog;
use crate::engine::work::BatchFacts;
use crate::model::listing::Count;
use crate::model::site::VolumeSpec;
use crate::model::{Existing, Failure, Priority, QuestionId, TransferId, TransferState, VPath};

use super::endings::Once;
use super::holds::Hold;
use super::mirror::Later;
use super::twins::Wanted;

/// A batch that has not ended.
pub(super) struct Batch {
    pub(super) facts: Arc<BatchFacts>,
    pub(super) pair: Pair,
    /// What its lanes open.
    pub(super) ends: (VolumeSpec, VolumeSpec),
    /// What is done about existing targets from now on.
    pub(super) rule: Existing,
    /// What goes first among what waits.
    pub(super) priority: Priority,
    /// Why nothing of it is begun, where that is so.
    pub(super) held: Option<Hold>,
    /// What it began with, to name it by.
    pub(super) root: VPath,
    /// What it was asked for, where the same asked for again is no other batch.
    pub(super) wanted: Option<Wanted>,
    /// Files that were found and are no transfers yet.
    pub(super) backlog: Backlog,
    /// Those that must be asked about, while enough others are.
    pub(super) aside: Backlog,
    /// Walks and sweeps that have not ended.
    pub(super) plans: usize,
    /// Transfers that have not ended.
    pub(super) transfers: usize,
    /// Transfers that wait for their question to be asked.
    pub(super) asking: VecDeque<TransferId>,
    /// The open question.
    pub(super) question: Option<QuestionId>,
    /// What an earlier run has done of it.
    pub(super) before: Arc<Before>,
    /// Something failed that may pass and is not kept to be retried: only the journal can go on with it.
    pub(super) passing: bool,
    /// What was found of it, the files that were done before it was begun anew included.
    pub(super) found: Count,
    /// What was found is less than was told.
    pub(super) recounted: bool,
    /// Nothing more of it is looked for.
    pub(super) planned: bool,
    /// Directories that a move has gone through.
    pub(super) walked: Vec<VPath>,
    /// What a mirror does later.
    pub(super) later: Later,
    /// That times, or permissions, could not be kept was said.
    pub(super) told: Once,
    pub(super) summary: BatchSummary,
}

impl Batch {
    /// A batch that has found nothing yet.
    pub(super) fn new(facts: Arc<BatchFacts>, pair: Pair, ends: (VolumeSpec, VolumeSpec), rule: Existing, priority: Priority) -> Self {
        Self {
            summary: BatchSummary { batch: facts.id, ..BatchSummary::default() },
            facts,
            pair,
            ends,
            rule,
            priority,
            held: None,
            root: VPath::root(),
            wanted: None,
            backlog: Backlog::default(),
            aside: Backlog::default(),
            plans: 0,
            transfers: 0,
            asking: VecDeque::new(),
            question: None,
            before: Arc::default(),
            passing: false,
            found: Count::default(),
            recounted: false,
            planned: false,
            walked: Vec::new(),
            later: Later::default(),
            told: Once::default(),
        }
    }

    /// Counts what was found and will not be copied because of a failure.
    pub(super) fn count_failed(&mut self, count: u64, failure: &Failure) {
        self.summary.failed += count;
        if count > 0 {
            self.summary.first_failure.get_or_insert_with(|| failure.clone());
        }
    }

    /// Counts what was found and will not be copied because a person stopped it.
    pub(super) fn count_cancelled(&mut self, count: u64) {
        self.summary.cancelled += count;
    }

    /// Takes back so many that failed, or were cancelled, and are tried again.
    pub(super) fn ended_no_more(&mut self, ended: u64, failed: bool) {
        let count = if failed { &mut self.summary.failed } else { &mut self.summary.cancelled };
        *count = count.saturating_sub(ended);
        if self.summary.failed == 0 {
            self.summary.first_failure = None;
        }
    }

    /// Counts how a transfer ended.
    pub(super) fn count(&mut self, state: &TransferState, bytes: u64) {
        self.summary.bytes += bytes;
        match state {
            TransferState::Done(_) => self.summary.done += 1,
            TransferState::Skipped(_) => self.summary.skipped += 1,
            TransferState::Cancelled => self.summary.cancelled += 1,
            TransferState::Failed(failure) => {
                self.summary.failed += 1;
                self.summary.first_failure.get_or_insert_with(|| failure.clone());
            }
            TransferState::Queued | TransferState::Asking | TransferState::Paused | TransferState::Active | TransferState::Retrying(_) => {}
        }
    }

    /// A file was found that an earlier run has done: it is none of what is to be done.
    pub(super) fn uncount(&mut self, bytes: u64) {
        self.found.files = self.found.files.saturating_sub(1);
        self.found.bytes = self.found.bytes.saturating_sub(bytes);
        self.recounted = true;
    }

    /// Whether all that has ended was done.
    pub(super) fn is_flawless(&self) -> bool {
        self.summary.failed + self.summary.skipped + self.summary.cancelled == 0
    }
}
