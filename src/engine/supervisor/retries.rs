//! What has failed or was cancelled, kept so that it can be tried again from where it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::bus::TransferEvent;
use crate::engine::account::Pair;
use crate::engine::journal::{Before, Entry, FileEnd};
use crate::engine::ledger::Spot;
use crate::engine::queue::Backlog;
use crate::engine::work::{BatchFacts, FoundFile, How, Work};
use crate::model::listing::Count;
use crate::model::site::VolumeSpec;
use crate::model::transfer::ENDED_KEPT;
use crate::model::{BatchId, Existing, Failure, Priority, TransferId, Which};
use crate::volume::Connector;

use super::Supervisor;
use super::batch::Batch;
use super::endings::begins_with;
use super::record::Record;

/// A transfer that has ended and can be tried again.
struct Ended {
    batch: BatchId,
    file: FoundFile,
    how: Option<How>,
    /// Bytes that are in place.
    at: u64,
    /// What a person gave it, where that is not its batch's.
    priority: Priority,
    /// It failed, and was not cancelled.
    failed: bool,
    /// It failed with what may pass.
    passing: bool,
    /// Its place among all that ended.
    turn: u64,
}

/// What of a batch had not become transfers.
#[derive(Default)]
struct Left {
    files: Backlog,
    plans: Vec<Work>,
    /// It failed with what may pass.
    passing: bool,
}

impl Left {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.plans.is_empty()
    }

    /// How many it was counted as.
    fn count(&self) -> u64 {
        self.plans.iter().fold(self.files.len(), |count, plan| count + begins_with(plan).len()) as u64
    }
}

/// What of a batch outlives it.
struct Past {
    facts: Arc<BatchFacts>,
    pair: Pair,
    ends: (VolumeSpec, VolumeSpec),
    rule: Existing,
    priority: Priority,
    before: Arc<Before>,
    /// What was found of it, and how many files were done, when it ended last.
    counts: (Count, u64),
    /// How many of its transfers are kept.
    kept: usize,
    /// How many of those failed with what may pass.
    passing: usize,
    failed: Left,
    cancelled: Left,
    /// Something else of it failed with what may pass, and only the journal can go on with that.
    lost: bool,
}

impl Past {
    fn left_of(&mut self, failed: bool) -> &mut Left {
        if failed { &mut self.failed } else { &mut self.cancelled }
    }

    fn is_empty(&self) -> bool {
        self.kept == 0 && self.failed.is_empty() && self.cancelled.is_empty()
    }
}

/// What has ended and can be tried again.
#[derive(Default)]
pub(super) struct Endings {
    ended: BTreeMap<TransferId, Ended>,
    /// The same in the order in which they ended.
    turns: BTreeMap<u64, TransferId>,
    next_turn: u64,
    batches: HashMap<BatchId, Past>,
}

impl Endings {
    fn take(&mut self, id: TransferId) -> Option<Ended> {
        let ended = self.ended.remove(&id)?;
        self.turns.remove(&ended.turn);
        if let Some(past) = self.batches.get_mut(&ended.batch) {
            past.kept -= 1;
            past.passing -= usize::from(ended.passing);
        }
        Some(ended)
    }

    fn put(&mut self, id: TransferId, ended: Ended) {
        if let Some(past) = self.batches.get_mut(&ended.batch) {
            past.kept += 1;
            past.passing += usize::from(ended.passing);
        }
        self.turns.insert(ended.turn, id);
        self.ended.insert(id, ended);
        if self.ended.len() > ENDED_KEPT
            && let Some((_, oldest)) = self.turns.first_key_value()
        {
            let oldest = *oldest;
            if let Some(ended) = self.take(oldest) {
                if let Some(past) = self.batches.get_mut(&ended.batch) {
                    past.lost |= ended.passing;
                }
                self.tidy(ended.batch);
            }
        }
    }

    fn tidy(&mut self, id: BatchId) {
        if self.batches.get(&id).is_some_and(|past| past.is_empty() && !past.lost) {
            self.batches.remove(&id);
        }
    }

    fn of_batch(&self, id: BatchId) -> Vec<TransferId> {
        self.ended.iter().filter(|(_, ended)| ended.batch == id).map(|(id, _)| *id).collect()
    }

    fn past(&mut self, id: BatchId, batch: &Batch) -> &mut Past {
        self.batches.entry(id).or_insert_with(|| Past {
            facts: batch.facts.clone(),
            pair: batch.pair.clone(),
            ends: batch.ends.clone(),
            rule: batch.rule,
            priority: batch.priority,
            before: batch.before.clone(),
            counts: (Count::default(), 0),
            kept: 0,
            passing: 0,
            failed: Left::default(),
            cancelled: Left::default(),
            lost: false,
        })
    }

    /// A batch ends: what of it may be tried again goes on counting from here.
    pub(super) fn rest(&mut self, id: BatchId, batch: &Batch) {
        if let Some(past) = self.batches.get_mut(&id) {
            past.counts = (batch.found, batch.summary.done + batch.summary.before);
        }
    }

    /// What the lanes of those that are begun anew will open.
    pub(super) fn ends_mut(&mut self) -> impl Iterator<Item = &mut VolumeSpec> {
        self.batches.values_mut().flat_map(|past| [&mut past.ends.0, &mut past.ends.1])
    }

    /// What is begun anew goes over lanes that are connected as its ends ask for.
    pub(super) fn go_new_ways(&mut self) {
        for past in self.batches.values_mut() {
            past.pair = Pair::of(&past.ends.0, &past.ends.1);
        }
    }

    /// Whether anything of a batch did not end well.
    pub(super) fn holds(&self, id: BatchId) -> bool {
        self.batches.contains_key(&id)
    }

    /// Whether something of a batch failed that may go well another day.
    pub(super) fn is_left(&self, id: BatchId) -> bool {
        self.batches.get(&id).is_some_and(|past| past.lost || past.passing > 0 || past.failed.passing)
    }

    /// A batch ends of which something failed that may pass and that is not kept here.
    pub(super) fn lose(&mut self, id: BatchId) {
        if let Some(past) = self.batches.get_mut(&id) {
            past.lost = true;
        }
    }
}

impl<C: Connector> Supervisor<C> {
    /// Keeps a transfer that has just failed, or was cancelled.
    pub(super) fn remember(&mut self, id: TransferId, record: Record, priority: Priority, failure: Option<&Failure>) {
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let at = record.done();
        if at == 0
            && !record.how().goes_on()
            && let Some((account, path)) = &record.claim
        {
            self.recorder.forget(Spot { account: account.clone(), path: path.clone() });
        }
        self.past.past(record.batch, batch);
        let how = record.how.map(|_| record.how());
        let (failed, passing) = (failure.is_some(), failure.is_some_and(Failure::is_passing));
        self.past.next_turn += 1;
        let turn = self.past.next_turn;
        self.past.put(id, Ended { batch: record.batch, file: record.file, how, at, priority, failed, passing, turn });
    }

    /// Keeps what had not become transfers when its batch failed or was cancelled.
    pub(super) fn remember_rest(&mut self, id: BatchId, rest: Backlog, failure: Option<&Failure>) {
        if let Some(batch) = self.batches.get(&id).filter(|_| !rest.is_empty()) {
            let left = self.past.past(id, batch).left_of(failure.is_some());
            left.files.append(rest);
            left.passing |= failure.is_some_and(Failure::is_passing);
        }
    }

    /// Keeps what had not been walked when its batch failed or was cancelled.
    pub(super) fn remember_plans(&mut self, id: BatchId, mut plans: Vec<Work>, failure: Option<&Failure>) {
        plans.retain(|work| matches!(work, Work::Begin(_) | Work::Walk(_)));
        if let Some(batch) = self.batches.get(&id).filter(|_| !plans.is_empty()) {
            let left = self.past.past(id, batch).left_of(failure.is_some());
            left.plans.extend(plans);
            left.passing |= failure.is_some_and(Failure::is_passing);
        }
    }

    pub(super) fn retry(&mut self, which: Which) {
        // What waits to be tried again by itself is tried now.
        self.dialer.hurry.notify_waiters();
        let found = match which {
            Which::Transfer(id) => self.retry_one(id),
            Which::Batch(id) => self.retry_batch(id),
            Which::All => {
                let mut batches: Vec<BatchId> = self.past.batches.keys().copied().collect();
                batches.sort();
                // Every one of them, not only up to the first that has something.
                batches.into_iter().filter(|id| self.retry_batch(*id)).count() > 0
            }
        };
        let is_open = match which {
            Which::Transfer(id) => self.records.contains_key(&id),
            Which::Batch(id) => self.batches.contains_key(&id),
            Which::All => !self.batches.is_empty(),
        };
        if !found && !is_open {
            self.outbox.transfer(TransferEvent::Forgotten(which));
        }
    }

    fn retry_one(&mut self, id: TransferId) -> bool {
        let Some(ended) = self.past.take(id) else { return false };
        let batch_id = ended.batch;
        let Some(rule) = self.revive(batch_id, ended.failed) else { return false };
        self.past.tidy(batch_id);
        self.enter(id, batch_id, ended.file, None, ended.at);
        if !ended.failed {
            self.record_end(id, FileEnd::Again);
        }
        match ended.how {
            Some(how) => self.launch(id, how),
            None => self.apply(id, rule, None),
        }
        if self.batches.get(&batch_id).is_some_and(|batch| batch.priority != ended.priority) {
            self.prioritize_one(id, ended.priority);
        }
        true
    }

    /// Tries again what failed of a batch or was cancelled.
    fn retry_batch(&mut self, id: BatchId) -> bool {
        let mut found = false;
        for transfer in self.past.of_batch(id) {
            found |= self.retry_one(transfer);
        }
        for failed in [true, false] {
            found |= self.retry_left(id, failed);
        }
        found
    }

    fn retry_left(&mut self, id: BatchId, failed: bool) -> bool {
        let Some(past) = self.past.batches.get_mut(&id) else { return false };
        let left = std::mem::take(past.left_of(failed));
        if left.is_empty() {
            return false;
        }
        self.revive_for(id, |batch| batch.ended_no_more(left.count(), failed));
        self.past.tidy(id);
        let Some(batch) = self.batches.get_mut(&id) else { return false };
        batch.plans += left.plans.len();
        let found = left.files.stock();
        batch.backlog.append(left.files);
        let (facts, pair, priority) = (batch.facts.clone(), batch.pair.clone(), batch.priority);
        for mut work in left.plans {
            work.renew(&facts);
            self.queue.push_plan(&pair, id, priority, Box::new(work));
        }
        self.stocked(id, found);
        self.tell_planned(id);
        true
    }

    /// A batch goes on with a transfer that had ended. Answers with its rule.
    fn revive(&mut self, id: BatchId, failed: bool) -> Option<Existing> {
        self.revive_for(id, |batch| batch.ended_no_more(1, failed))
    }

    /// A batch goes on: one that has not ended takes back what it counted; one that has is begun anew.
    fn revive_for(&mut self, id: BatchId, uncount: impl FnOnce(&mut Batch)) -> Option<Existing> {
        if let Some(batch) = self.batches.get_mut(&id) {
            if batch.facts.stop.is_cancelled() {
                batch.facts = Arc::new(BatchFacts { stop: self.stop.child_token(), ..(*batch.facts).clone() });
            }
            uncount(batch);
            return Some(batch.rule);
        }
        let past = self.past.batches.get(&id)?;
        let (stop, outdated) = (self.stop.child_token(), CancellationToken::new());
        let facts = Arc::new(BatchFacts { stop, outdated, ..(*past.facts).clone() });
        let mut batch = Batch::new(facts, past.pair.clone(), past.ends.clone(), past.rule, past.priority);
        batch.before = past.before.clone();
        (batch.found, batch.summary.before) = past.counts;
        let rule = past.rule;
        self.batches.insert(id, batch);
        // It may have been over for the journal.
        self.recorder.write(Entry::Again(id));
        Some(rule)
    }

    /// What is forgotten is not offered at the next start either.
    pub(super) fn forget(&mut self, which: Which) {
        let mut left: Vec<BatchId> = self.past.batches.keys().copied().filter(|id| self.past.is_left(*id)).collect();
        match which {
            Which::All => self.past = Endings { next_turn: self.past.next_turn, ..Endings::default() },
            Which::Batch(id) => {
                for transfer in self.past.of_batch(id) {
                    self.past.take(transfer);
                }
                self.past.batches.remove(&id);
            }
            Which::Transfer(id) => {
                if let Some(ended) = self.past.take(id) {
                    self.past.tidy(ended.batch);
                }
            }
        }
        left.retain(|id| !self.batches.contains_key(id) && !self.past.is_left(*id));
        for id in left {
            self.recorder.write(Entry::Over(id));
        }
    }
}
