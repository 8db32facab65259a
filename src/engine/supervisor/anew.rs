//! A target that turned out not to be what it was taken for.
//!
//! Guarantee: the rule for existing targets holds for what came to a target after it was looked at, too, and for what is only called like
//! an unfinished upload of our own.

use std::sync::Arc;

use crate::engine::ledger::Spot;
use crate::engine::work::{Copied, FileJob};
use crate::model::{Entry, Existing, Failure, TransferId};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{Shown, State};

impl<C: Connector> Supervisor<C> {
    /// A runner is done with a file.
    pub(super) fn file_ended(&mut self, job: Box<FileJob>, end: Result<Copied, Failure>) {
        self.record_ended(&job, &end);
        let id = job.id;
        match job.came.into_inner() {
            Some(there) if end.is_err() && !self.records.get(&id).is_none_or(|record| self.is_stopped(record)) => {
                self.decide_anew(id, there)
            }
            _ => self.copied(id, end),
        }
    }

    /// What is at a transfer's target is not what it was taken for: the rule is applied to what it is. What was moved so far is kept.
    fn decide_anew(&mut self, id: TransferId, there: Entry) {
        self.show(id, Shown::Queued);
        self.queue.forget(id);
        let Some(record) = self.records.get_mut(&id) else { return };
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let rule = if record.taken.is_some() { Existing::Rename } else { batch.rule };
        if let Some(claim) = record.claim.take() {
            self.claims.remove(&claim);
            if !batch.pair.to.is_local() {
                // It was the target itself that was taken for ours.
                self.recorder.forget(Spot { account: claim.0, path: claim.1 });
                record.moved = record.moved();
                record.progress = Arc::default();
            }
        }
        let mut taken = record.file.taken.as_deref().cloned().unwrap_or_default();
        taken.insert(there.name.clone());
        record.file.taken = Some(Arc::new(taken));
        if let Some(target) = record.taken.take() {
            record.file.target = target;
            record.progress = Arc::default();
        }
        record.file.existing = Some(there);
        record.how = None;
        record.state = State::Waiting;
        self.apply(id, rule, None);
    }
}
