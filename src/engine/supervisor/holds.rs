//! What a person does to transfers that have not ended: holding, letting go on, moving, priorities; and what a full disk does.

use std::cmp::Reverse;

use crate::bus::TransferEvent;
use crate::model::{BatchId, Failure, Priority, Shift, TransferId, Which};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{Shown, State, Then};

/// Why a batch is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// A person asked for it.
    Person,
    /// The target is full.
    Full,
}

impl<C: Connector> Supervisor<C> {
    pub(super) fn pause(&mut self, which: Which) {
        match which {
            Which::All => self.batches.keys().copied().collect::<Vec<_>>().into_iter().for_each(|id| self.pause_batch(id)),
            Which::Batch(id) => self.pause_batch(id),
            Which::Transfer(id) => self.pause_transfer(id),
        }
    }

    pub(super) fn resume(&mut self, which: Which) {
        match which {
            Which::All => self.batches.keys().copied().collect::<Vec<_>>().into_iter().for_each(|id| self.resume_batch(id)),
            Which::Batch(id) => self.resume_batch(id),
            Which::Transfer(id) => self.resume_transfer(id),
        }
    }

    fn pause_transfer(&mut self, id: TransferId) {
        let Some(record) = self.records.get_mut(&id) else { return };
        if matches!(record.state, State::Asking) {
            return;
        }
        record.paused = true;
        self.queue.pause(id, true);
        if matches!(record.state, State::Waiting) {
            self.show(id, Shown::Paused);
        } else {
            self.call_back(id);
        }
    }

    fn resume_transfer(&mut self, id: TransferId) {
        let Some(record) = self.records.get_mut(&id) else { return };
        record.paused = false;
        self.queue.pause(id, false);
        let is_held = self.batches.get(&record.batch).is_some_and(|batch| batch.held.is_some());
        if matches!(record.state, State::Waiting) && !is_held {
            self.show(id, Shown::Queued);
        }
    }

    fn pause_batch(&mut self, id: BatchId) {
        let is_new = self.hold_batch(id, Hold::Person);
        if is_new {
            self.outbox.transfer(TransferEvent::Held { batch: id, failure: None });
        }
        for transfer in self.of_batch(id) {
            self.call_back(transfer);
        }
    }

    /// Nothing of the batch is begun any more; false where it was held already.
    fn hold_batch(&mut self, id: BatchId, why: Hold) -> bool {
        self.unstock(id);
        let Some(batch) = self.batches.get_mut(&id) else { return false };
        let was = batch.held;
        batch.held = Some(was.unwrap_or(why));
        self.queue.hold(&batch.pair, id, batch.priority);
        was.is_none()
    }

    fn resume_batch(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let was_held = batch.held.take().is_some();
        let found = batch.backlog.stock();
        if was_held {
            self.queue.release(id);
            self.stocked(id, found);
            self.outbox.transfer(TransferEvent::Released(id));
        }
        for transfer in self.of_batch(id) {
            self.resume_transfer(transfer);
        }
    }

    /// Takes a transfer back from its runner into its place in the queue, at once where it was not begun, else as soon as it has stopped.
    pub(super) fn call_back(&mut self, id: TransferId) {
        if self.take_from_lane(id) {
            self.put_back(id);
        } else {
            self.stop_moving(id, Then::Back);
        }
    }

    /// The target of a transfer is full: its batch waits until a person has made room. One notice stands for all that find the same.
    pub(super) fn is_full(&mut self, id: TransferId, failure: Failure) {
        let Some(batch) = self.records.get(&id).map(|record| record.batch) else { return };
        if self.hold_batch(batch, Hold::Full) {
            self.outbox.transfer(TransferEvent::Held { batch, failure: Some(failure) });
        }
        self.put_back(id);
        for other in self.of_batch(batch) {
            if self.take_from_lane(other) {
                self.put_back(other);
            }
        }
    }

    /// A walk found the target full. Answers whether its batch is held now, so that the walk is made again.
    pub(super) fn walk_is_full(&mut self, id: BatchId, failure: Failure) {
        if self.hold_batch(id, Hold::Full) {
            self.outbox.transfer(TransferEvent::Held { batch: id, failure: Some(failure) });
        }
    }

    pub(super) fn shift(&mut self, id: TransferId, to: Shift) {
        self.recall_all();
        if let Some(before) = self.queue.shift(id, to) {
            self.outbox.transfer(TransferEvent::Shifted { id, before });
        }
    }

    pub(super) fn prioritize(&mut self, which: Which, priority: Priority) {
        self.recall_all();
        match which {
            Which::Transfer(id) => self.prioritize_one(id, priority),
            Which::Batch(id) => self.prioritize_batch(id, priority),
            Which::All => {
                for id in self.batches.keys().copied().collect::<Vec<_>>() {
                    self.prioritize_batch(id, priority);
                }
            }
        }
    }

    pub(super) fn prioritize_one(&mut self, id: TransferId, priority: Priority) {
        if self.queue.prioritize(id, priority) {
            self.outbox.transfer(TransferEvent::Prioritized { id, priority });
        }
    }

    fn prioritize_batch(&mut self, id: BatchId, priority: Priority) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let old = std::mem::replace(&mut batch.priority, priority);
        if self.hungry.remove(&(Reverse(old), id)) {
            self.hungry.insert((Reverse(priority), id));
        }
        self.queue.prioritize_plans(&batch.pair, id, priority);
        for transfer in self.of_batch(id) {
            self.prioritize_one(transfer, priority);
        }
    }

    /// Takes back all that lanes were given ahead, so that a new order counts at once.
    fn recall_all(&mut self) {
        let given: Vec<TransferId> = self.running.values().flat_map(|running| running.files().copied()).collect();
        for id in given {
            if self.take_from_lane(id) {
                self.put_back(id);
            }
        }
    }

    /// Spreads what a lane has before it where another one has nothing to do. Answers whether there was something to spread.
    pub(super) fn spread(&mut self) -> bool {
        let Some(runner) = self.queue.lopsided() else { return false };
        let Some(running) = self.running.get(&runner) else { return false };
        let ahead: Vec<TransferId> = running.files().copied().collect();
        let keep = ahead.len().div_ceil(2);
        let mut found = false;
        for id in ahead.into_iter().skip(keep) {
            if self.take_from_lane(id) {
                self.put_back(id);
                found = true;
            }
        }
        found
    }
}
