//! A batch, or all that waits for a connection, ends before it is done.

use crate::engine::work::Work;
use crate::model::{BatchId, Failure, TransferState, VPath};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{State, Then};

/// What is said once of a batch.
#[derive(Debug, Default)]
pub(super) struct Once {
    pub(super) times: bool,
    pub(super) modes: bool,
}

impl<C: Connector> Supervisor<C> {
    pub(super) fn cancel_batch(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.facts.stop.cancel();
        // The batch must not end while its parts do.
        batch.plans += 1;
        self.withdraw_about(id, None);
        self.never_begin(id);
        self.drop_found(id, None);
        self.drop_plans(id, None);
        for transfer in self.of_batch(id) {
            let is_given = self.records.get(&transfer).is_some_and(|record| matches!(record.state, State::Given(_)));
            if !is_given || self.take_from_lane(transfer) {
                self.finish(transfer, TransferState::Cancelled);
            } else {
                self.stop_moving(transfer, Then::End);
            }
        }
        self.queue.release(id);
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.plans -= 1;
            batch.held = None;
            batch.asking.clear();
        }
        self.settle_batch(id);
    }

    /// No connection could be had: what waits for the same would only wait as long again. What is held stays.
    pub(super) fn give_up(&mut self, id: BatchId, failure: &Failure) {
        let Some(batch) = self.batches.get_mut(&id).filter(|batch| batch.held.is_none()) else { return };
        batch.plans += 1;
        self.drop_found(id, Some(failure));
        self.drop_plans(id, Some(failure));
        for transfer in self.of_batch(id) {
            let waits = self.records.get(&transfer).is_some_and(|record| matches!(record.state, State::Waiting) && !record.paused);
            if waits {
                self.finish(transfer, TransferState::Failed(failure.clone()));
            }
        }
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.plans -= 1;
        }
        self.settle_batch(id);
    }

    pub(super) fn cancel_all(&mut self) {
        for id in self.batches.keys().copied().collect::<Vec<_>>() {
            self.cancel_batch(id);
        }
    }

    /// Nothing more is planned for the batch: what was to be is counted, and kept for a retry.
    pub(super) fn drop_plans(&mut self, id: BatchId, failure: Option<&Failure>) {
        let Some(pair) = self.batches.get(&id).map(|batch| batch.pair.clone()) else { return };
        let mut plans = self.queue.take_plans(&pair, id);
        plans.retain(|work| !matches!(**work, Work::Help(_)));
        let plans: Vec<Work> = plans.into_iter().map(|work| *work).collect();
        let Some(batch) = self.batches.get_mut(&id).filter(|_| !plans.is_empty()) else { return };
        batch.plans -= plans.len();
        match failure {
            Some(failure) => self.plans_failed(id, plans, failure),
            None => {
                batch.count_cancelled(plans.iter().map(|work| begins_with(work).len() as u64).sum());
                self.remember_plans(id, plans, None);
            }
        }
        self.tell_planned(id);
    }
}

/// The sources that a plan begins with.
pub(super) fn begins_with(work: &Work) -> Vec<VPath> {
    match work {
        Work::Begin(job) => job.items.iter().map(|item| item.source.clone()).collect(),
        Work::Walk(job) => vec![job.source.clone()],
        Work::Clear(job) => job.entries.iter().map(|(path, _)| path.clone()).collect(),
        Work::File(_) | Work::Sweep(_) | Work::Help(_) => Vec::new(),
    }
}
