//! The same copy asked for twice is one: what is asked for while it waits or moves joins what was asked for first.
//!
//! A batch of files joins another one of this program that has the very same sources, targets and rule, and of which nothing went wrong; a single
//! file joins a transfer that brings it there. Guarantee: nothing is passed over but what something that has not ended brings to the same
//! place from the same source as that is now. A source that has changed since is copied as it is now, or told of as not copied. What is below a
//! directory may have changed after it was walked: a directory is walked again, and its files join one by one.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use crate::bus::{BatchSummary, TransferEvent};
use crate::engine::account::Pair;
use crate::engine::journal::FileEnd;
use crate::engine::work::FoundFile;
use crate::model::transfer::{Item, Verb};
use crate::model::{BatchId, BatchSpec, During, Existing, Failure, FailureKind, Kind, Timestamp, TransferId, TransferState, VPath};
use crate::volume::Connector;

use super::Supervisor;
use super::batch::Batch;
use super::record::{Record, Shown, State};

/// What is said of a copy that this run is at.
pub(super) const QUEUED: &str = "already in the queue";

/// What a batch was asked for, as far as it makes it another one: how fast and on how many connections do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    verb: Verb,
    follow: bool,
    verify: bool,
    modes: bool,
    existing: Existing,
    items: usize,
    /// Of all items together, in whichever order.
    sum: u64,
}

/// Makes a sum of what batches were asked for, instead of keeping a million items twice. The key is drawn anew for each run, so that no server
/// can choose names that pass for others.
#[derive(Debug, Default)]
pub(super) struct Sums(RandomState);

impl Sums {
    /// What a batch asks for; `None` where another copy is meant, or may be, however often it is asked for.
    pub(super) fn of(&self, spec: &BatchSpec) -> Option<Wanted> {
        let (items, is_file) = (&spec.items, |item: &Item| item.kind == Kind::File);
        if spec.existing == Existing::Rename || spec.manner.mirror.is_some() || items.is_empty() || !items.iter().all(is_file) {
            return None;
        }
        let sum = items.iter().fold(0u64, |sum, item| sum.wrapping_add(self.of_item(item)));
        let (verify, modes) = (spec.manner.verify, spec.manner.modes);
        Some(Wanted { verb: spec.verb, follow: spec.follow, verify, modes, existing: spec.existing, items: items.len(), sum })
    }

    fn of_item(&self, item: &Item) -> u64 {
        let mut hasher = self.0.build_hasher();
        (item.source.as_bytes(), item.target.as_bytes(), item.size).hash(&mut hasher);
        (item.kind, item.modified.map(|time| time.seconds)).hash(&mut hasher);
        hasher.finish()
    }
}

impl<C: Connector> Supervisor<C> {
    /// A batch that has not ended and does the same already.
    pub(super) fn twin(&self, pair: &Pair, wanted: Option<Wanted>) -> Option<BatchId> {
        let wanted = wanted?;
        let same = |batch: &Batch| {
            let is_as_asked = batch.wanted == Some(wanted) && batch.rule == wanted.existing && batch.pair.is_between_the_same(pair);
            is_as_asked && batch.is_flawless() && !batch.facts.stop.is_cancelled()
        };
        self.batches.iter().find(|(_, batch)| same(batch)).map(|(id, _)| *id)
    }

    /// A batch ends before it begins, because what it asks for is under way already.
    pub(super) fn pass_over(&self, batch: BatchId, items: usize, (path, why): (&VPath, &str)) {
        let others = if items > 1 { format!(", and so are {} more", items - 1) } else { String::new() };
        let failure = Failure::new(FailureKind::Invalid, During::Plan, format!("{why}{others}")).about(path.as_bytes());
        self.outbox.transfer(TransferEvent::Noted { batch, path: path.clone(), failure, failed: false, again: false });
        let summary = BatchSummary { batch, skipped: items.max(1) as u64, joined: true, ..BatchSummary::default() };
        self.outbox.transfer(TransferEvent::BatchEnded(summary));
    }

    /// Ends a transfer whose target another one is about to bring from the same source; tells whether it did.
    pub(super) fn joins(&mut self, id: TransferId) -> bool {
        let Some(other) = self.same_copy(id) else { return false };
        let Some(facts) = self.records.get(&id).map(|record| facts_of(&record.file)) else { return false };
        let Some(there) = self.records.get_mut(&other) else { return false };
        if facts_of(&there.file) != facts {
            if !matches!(there.state, State::Waiting) {
                return false;
            }
            // It has not been begun: what is there now is what it brings.
            (there.file.size, there.file.modified, there.file.mode) = facts;
            if there.shown == Shown::Queued {
                self.tell_of(other);
            }
        }
        self.record_end(id, FileEnd::Skipped);
        self.finish(id, TransferState::Skipped(QUEUED.to_owned()));
        true
    }

    /// Another transfer with the source and the target of this one.
    fn same_copy(&self, id: TransferId) -> Option<TransferId> {
        let record = self.records.get(&id)?;
        // What is checked, or given its permissions, is more than what is only copied.
        let pair = |record: &Record| {
            let manner = |batch: &Batch| (batch.facts.verb, batch.facts.manner.verify, batch.facts.manner.modes);
            self.batches.get(&record.batch).map(|batch| (&batch.pair.from, &batch.pair.to, manner(batch)))
        };
        let at = (self.batches.get(&record.batch)?.pair.to.clone(), record.file.target.clone());
        let other = *self.claims.get(&at).filter(|other| **other != id)?;
        let there = self.records.get(&other)?;
        let is_same = there.file.source == record.file.source && pair(there) == pair(record) && !self.is_stopped(there);
        is_same.then_some(other)
    }

    /// What a transfer ends with whose target another one is writing.
    pub(super) fn claimed(&self, id: TransferId) -> Failure {
        let failure = Failure::new(FailureKind::Invalid, During::Write, "another transfer writes it");
        let failure = if self.same_copy(id).is_some() {
            failure.hint("the source has changed since that was begun: copy it again once it is done")
        } else {
            failure
        };
        let target = self.records.get(&id).map(|record| record.file.target.as_bytes().to_owned());
        failure.about(target.unwrap_or_default())
    }
}

/// What is known of a source, which a change of it changes.
fn facts_of(file: &FoundFile) -> (Option<u64>, Option<Timestamp>, Option<u16>) {
    (file.size, file.modified, file.mode)
}
