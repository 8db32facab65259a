//! From found files to transfers, no earlier than needed.
//!
//! A walk may find a million files: they wait packed, and become transfers a few thousand ahead of the lanes. Guarantee: what must be
//! asked about holds nothing else up, and a watcher that is slow is told of no more than it reads, as long as lanes have something to do.

use crate::bus::TransferEvent;
use crate::engine::existing::Verdict;
use crate::engine::queue::Stock;
use crate::model::figures;
use crate::model::{BatchId, Failure};
use crate::volume::Connector;

use super::Supervisor;

/// Transfers of a priority or a higher one that are ready for lanes of a pair.
const HORIZON: usize = 2_000;
/// Of those, so many are made whether the watcher keeps up or not.
const NEAR: usize = 64;
/// Transfers that wait for an answer, of one batch.
const ASKING: usize = 250;
/// Files that become transfers before anything else is looked at.
const SLICE: usize = 500;

impl<C: Connector> Supervisor<C> {
    /// Makes transfers of found files until enough are ready, and tells where fewer are left than was told.
    pub(super) fn admit_more(&mut self) {
        self.admit_enough();
        let recounted: Vec<BatchId> = self.batches.iter().filter(|(_, batch)| batch.recounted).map(|(id, _)| *id).collect();
        recounted.into_iter().for_each(|id| self.tell_planned(id));
    }

    fn admit_enough(&mut self) {
        self.unsated = false;
        let mut left = SLICE;
        for (priority, id) in self.hungry.clone() {
            let Some((pair, dry)) = self.batches.get(&id).map(|batch| (batch.pair.clone(), batch.facts.is_dry())) else { continue };
            loop {
                let ready = self.queue.ready_from(&pair, priority.0);
                if ready >= HORIZON {
                    break;
                }
                let is_crowded = (dry || ready >= NEAR) && !self.outbox.has_room();
                if left == 0 || is_crowded {
                    self.unsated = true;
                    return;
                }
                left -= 1;
                if !self.admit_next(id) {
                    break;
                }
            }
        }
    }

    /// Makes a transfer of the next file; false where none is left.
    fn admit_next(&mut self, id: BatchId) -> bool {
        let Some(batch) = self.batches.get_mut(&id) else { return false };
        let before = batch.backlog.stock();
        let Some(file) = batch.backlog.pop() else {
            self.hungry.retain(|(_, other)| *other != id);
            return false;
        };
        let gone = batch.backlog.stock().since(before);
        let (pair, rule, asks, dry) = (batch.pair.clone(), batch.rule, batch.asking.len(), batch.facts.is_dry());
        // The batch must not end between the two.
        batch.plans += 1;
        self.queue.stock(&pair, Stock::default(), gone);
        if dry {
            self.would_copy(id, file);
        } else if asks >= ASKING && self.verdict(id, &file, rule) == Verdict::Ask {
            if let Some(batch) = self.batches.get_mut(&id) {
                let before = batch.aside.stock();
                batch.aside.push(file);
                self.queue.put_aside(&pair, before.since(batch.aside.stock()), Stock::default());
            }
        } else {
            self.admit(id, file);
        }
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.plans -= 1;
        }
        self.settle_batch(id);
        true
    }

    /// Lets files that were put aside be asked about, now that others were answered.
    pub(super) fn bring_in(&mut self, id: BatchId) {
        loop {
            let Some(batch) = self.batches.get_mut(&id).filter(|batch| batch.asking.len() < ASKING / 2) else { return };
            let before = batch.aside.stock();
            let Some(file) = batch.aside.pop() else { return };
            batch.plans += 1;
            self.queue.put_aside(&batch.pair, Stock::default(), batch.aside.stock().since(before));
            self.admit(id, file);
            if let Some(batch) = self.batches.get_mut(&id) {
                batch.plans -= 1;
            }
        }
    }

    /// The rule is decided: what was put aside to be asked about goes by it, too.
    pub(super) fn unset_aside(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let aside = std::mem::take(&mut batch.aside);
        let found = aside.stock();
        batch.backlog.append(aside);
        self.queue.put_aside(&batch.pair, Stock::default(), found);
        self.stocked(id, found);
    }

    /// So many files of the batch joined those that are to become transfers.
    pub(super) fn stocked(&mut self, id: BatchId, found: Stock) {
        let Some(batch) = self.batches.get(&id) else { return };
        if batch.held.is_none() && !batch.backlog.is_empty() {
            self.queue.stock(&batch.pair, found, Stock::default());
            self.hungry.insert((std::cmp::Reverse(batch.priority), id));
        }
    }

    /// Nothing of the batch becomes a transfer until it is stocked again. Answers with how many files wait.
    pub(super) fn unstock(&mut self, id: BatchId) -> usize {
        let Some(batch) = self.batches.get(&id) else { return 0 };
        if self.hungry.remove(&(std::cmp::Reverse(batch.priority), id)) {
            self.queue.stock(&batch.pair, Stock::default(), batch.backlog.stock());
        }
        batch.backlog.len()
    }

    /// Files that wait in all forms, and their bytes.
    pub(super) fn waiting(&self) -> (u64, u64) {
        let (mut files, mut bytes) = (self.queue.files() as u64, self.queue.bytes());
        for batch in self.batches.values() {
            files += (batch.backlog.len() + batch.aside.len() + batch.asking.len()) as u64;
            bytes = bytes.saturating_add(batch.backlog.bytes()).saturating_add(batch.aside.bytes());
        }
        for record in self.running.values().flat_map(|running| running.files()).filter_map(|id| self.records.get(id)) {
            if record.progress.waits() {
                files += 1;
                bytes = bytes.saturating_add(record.file.size.unwrap_or(0));
            }
        }
        (files, bytes)
    }

    /// What has not become a transfer ends with its batch: it is counted, and kept for a retry. One notice stands for all.
    pub(super) fn drop_found(&mut self, id: BatchId, failure: Option<&Failure>) {
        self.unstock(id);
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let mut rest = std::mem::take(&mut batch.backlog);
        self.queue.put_aside(&batch.pair, Stock::default(), batch.aside.stock());
        rest.append(std::mem::take(&mut batch.aside));
        let count = rest.len() as u64;
        if count > 0
            && let Some(failure) = failure
        {
            let path = batch.root.clone();
            batch.count_failed(count, failure);
            let files = figures::count(count, "more file was", "more files were");
            let failure = Failure { detail: format!("{}; {files} not begun", failure.detail), ..failure.clone() };
            self.outbox.transfer(TransferEvent::Noted { batch: id, path, failure, failed: true, again: true });
        } else {
            batch.count_cancelled(count);
        }
        self.remember_rest(id, rest, failure);
    }
}
