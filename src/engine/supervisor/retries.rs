//! What has failed or was cancelled, kept so that it can be tried again from where it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::engine::account::Pair;
use crate::engine::ledger::Spot;
use crate::engine::queue::Backlog;
use crate::engine::work::{BatchFacts, FoundFile, How, Work};
use crate::model::site::VolumeSpec;
use crate::model::{BatchId, Existing, Priority, TransferId, Which};
use crate::volume::Connector;

use super::Supervisor;
use super::batches::Batch;
use super::endings::begins_with;
use super::transfers::Record;

/// Transfers that are kept; the oldest make room.
const KEPT: usize = 10_000;

/// A transfer that has ended and can be tried again.
struct Ended {
    batch: BatchId,
    file: FoundFile,
    how: Option<How>,
    /// Bytes that are in place.
    at: u64,
    /// What a person gave it, where that is not its batch's.
    priority: Priority,
    failed: bool,
}

/// What of a batch outlives it.
struct Past {
    facts: Arc<BatchFacts>,
    pair: Pair,
    ends: (VolumeSpec, VolumeSpec),
    rule: Existing,
    priority: Priority,
    /// How many of its transfers are kept.
    kept: usize,
    /// Files that had not become transfers, and what was not walked.
    rest: Backlog,
    plans: Vec<Box<Work>>,
}

/// What has ended and can be tried again.
#[derive(Default)]
pub(super) struct Endings {
    ended: BTreeMap<TransferId, Ended>,
    batches: HashMap<BatchId, Past>,
}

impl Endings {
    fn take(&mut self, id: TransferId) -> Option<Ended> {
        let ended = self.ended.remove(&id)?;
        if let Some(past) = self.batches.get_mut(&ended.batch) {
            past.kept -= 1;
        }
        Some(ended)
    }

    fn tidy(&mut self, id: BatchId) {
        if self.batches.get(&id).is_some_and(|past| past.kept == 0 && past.rest.is_empty() && past.plans.is_empty()) {
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
            kept: 0,
            rest: Backlog::default(),
            plans: Vec::new(),
        })
    }
}

impl<C: Connector> Supervisor<C> {
    /// Keeps a transfer that has just ended.
    pub(super) fn remember(&mut self, id: TransferId, record: Record, (priority, failed): (Priority, bool)) {
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let at = record.done();
        if at == 0
            && !record.how().goes_on()
            && let Some((account, path)) = &record.claim
        {
            self.recorder.forget(Spot { account: account.clone(), path: path.clone() });
        }
        self.past.past(record.batch, batch).kept += 1;
        let how = record.how.map(|_| record.how());
        self.past.ended.insert(id, Ended { batch: record.batch, file: record.file, how, at, priority, failed });
        if self.past.ended.len() > KEPT
            && let Some((oldest, _)) = self.past.ended.first_key_value()
        {
            let oldest = *oldest;
            if let Some(ended) = self.past.take(oldest) {
                self.past.tidy(ended.batch);
            }
        }
    }

    /// Keeps what had not become transfers when its batch was ended.
    pub(super) fn remember_rest(&mut self, id: BatchId, rest: Backlog) {
        if let Some(batch) = self.batches.get(&id).filter(|_| !rest.is_empty()) {
            self.past.past(id, batch).rest.append(rest);
        }
    }

    /// Keeps what had not been walked when its batch was ended.
    pub(super) fn remember_plans(&mut self, id: BatchId, plans: Vec<Box<Work>>) {
        if let Some(batch) = self.batches.get(&id).filter(|_| !plans.is_empty()) {
            let walks = plans.into_iter().filter(|work| !matches!(**work, Work::Sweep(_) | Work::Clear(_)));
            self.past.past(id, batch).plans.extend(walks);
        }
    }

    pub(super) fn retry(&mut self, which: Which) {
        match which {
            Which::Transfer(id) => self.retry_one(id),
            Which::Batch(id) => self.retry_batch(id),
            Which::All => {
                let mut batches: Vec<BatchId> = self.past.batches.keys().copied().collect();
                batches.sort();
                batches.into_iter().for_each(|id| self.retry_batch(id));
            }
        }
    }

    fn retry_one(&mut self, id: TransferId) {
        let Some(ended) = self.past.take(id) else { return };
        let batch_id = ended.batch;
        let Some(rule) = self.revive(batch_id, ended.failed) else { return };
        self.past.tidy(batch_id);
        self.enter(id, batch_id, ended.file, (None, ended.at));
        match ended.how {
            Some(how) => self.launch(id, how),
            None => self.apply(id, rule, None),
        }
        if self.batches.get(&batch_id).is_some_and(|batch| batch.priority != ended.priority) {
            self.prioritize_one(id, ended.priority);
        }
    }

    fn retry_batch(&mut self, id: BatchId) {
        for transfer in self.past.of_batch(id) {
            self.retry_one(transfer);
        }
        let (rest, plans) = match self.past.batches.get_mut(&id) {
            Some(past) => (std::mem::take(&mut past.rest), std::mem::take(&mut past.plans)),
            None => return,
        };
        if rest.is_empty() && plans.is_empty() {
            return;
        }
        let counted = rest.len() + plans.iter().map(|work| begins_with(work).len()).sum::<usize>();
        self.revive_for(id, |batch| batch.uncount_rest(counted as u64));
        self.past.tidy(id);
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.plans += plans.len();
        let found = rest.len();
        batch.backlog.append(rest);
        let (facts, pair, priority) = (batch.facts.clone(), batch.pair.clone(), batch.priority);
        for mut work in plans {
            work.renew(&facts);
            self.queue.push_plan(&pair, id, priority, work);
        }
        self.stocked(id, found);
        self.tell_planned(id);
    }

    /// A batch goes on with a transfer that had ended. Answers with its rule.
    fn revive(&mut self, id: BatchId, failed: bool) -> Option<Existing> {
        self.revive_for(id, |batch| batch.ended_no_more(failed))
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
        let facts = Arc::new(BatchFacts { stop: self.stop.child_token(), ..(*past.facts).clone() });
        let batch = Batch::new(facts, past.pair.clone(), past.ends.clone(), past.rule, past.priority);
        self.batches.insert(id, batch);
        Some(past.rule)
    }

    pub(super) fn forget(&mut self, which: Which) {
        match which {
            Which::All => self.past = Endings::default(),
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
    }
}
