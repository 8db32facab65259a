//! Transfers on their way to runners and back.

use std::sync::{Arc, OnceLock};

use crate::bus::TransferEvent;
use crate::engine::progress::Progress;
use crate::engine::queue::Runner;
use crate::engine::work::{FileJob, How};
use crate::model::transfer::Verb;
use crate::model::{BatchId, TransferId, TransferState};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{Given, Record, Shown, State, Then};

impl<C: Connector> Supervisor<C> {
    /// What a runner is given of a transfer that was taken from the queue.
    pub(super) fn job(&mut self, id: TransferId, runner: Runner) -> Option<Box<FileJob>> {
        let record = self.records.get_mut(&id)?;
        let batch = self.batches.get(&record.batch)?;
        let how = record.how();
        record.moved = record.moved();
        record.progress = Arc::new(Progress::at(record.progress.done()));
        let stop = batch.facts.stop.child_token();
        record.state = State::Given(Given { runner, stop: stop.clone(), then: Then::End });
        let job = Box::new(FileJob {
            facts: batch.facts.clone(),
            id,
            source: record.file.source.clone(),
            target: record.file.target.clone(),
            size: record.file.size,
            modified: record.file.modified,
            mode: record.file.mode,
            existing: record.file.existing.clone(),
            how,
            progress: record.progress.clone(),
            stop,
            orphan: matches!(how, How::Own(_)) && record.file.partial.is_some(),
            more: batch.facts.verb == Verb::Copy && self.queue.files_wait(&batch.pair) > 0,
            came: OnceLock::new(),
        });
        self.record_begun(&job);
        Some(job)
    }

    /// Tells where a transfer stands, where that is something new.
    pub(super) fn show(&mut self, id: TransferId, shown: Shown) {
        let Some(record) = self.records.get_mut(&id) else { return };
        let before = std::mem::replace(&mut record.shown, shown);
        if before == shown {
            return;
        }
        let state = match shown {
            Shown::Queued => TransferState::Queued,
            Shown::Asking => TransferState::Asking,
            Shown::Paused => TransferState::Paused,
            Shown::Active => TransferState::Active,
        };
        if before == Shown::Active {
            self.active.retain(|active| *active != id);
        }
        if shown == Shown::Active {
            self.active.push(id);
        }
        self.outbox.transfer(TransferEvent::Changed { id, state });
    }

    /// A transfer that was with a runner waits again, in its place.
    pub(super) fn put_back(&mut self, id: TransferId) {
        let Some(record) = self.records.get_mut(&id) else { return };
        let Some(batch) = self.batches.get(&record.batch) else { return };
        record.state = State::Waiting;
        record.stopped_at = record.done();
        let (of, fresh) = (record.batch, record.uncounted());
        record.counted = record.moved();
        let is_held = record.paused || (batch.held.is_some() && record.shown == Shown::Active);
        self.stopped_after(of, fresh);
        self.queue.put_back(id);
        self.tell_reached(id);
        self.show(id, if is_held { Shown::Paused } else { Shown::Queued });
    }

    /// Takes back a transfer that its lane has not begun with; false where it has.
    pub(super) fn take_from_lane(&mut self, id: TransferId) -> bool {
        let Some(record) = self.records.get(&id) else { return false };
        let State::Given(given) = &record.state else { return false };
        let runner = given.runner;
        if !record.progress.take_back() {
            return false;
        }
        if record.done() == 0 && !record.how().goes_on() {
            // Nothing of it is there, so that whatever is at its target then is not ours.
            self.record_untouched(id);
        }
        self.off(runner, id);
        true
    }

    /// Stops a transfer that moves; `then` says what comes of it. One that was cancelled stays so.
    pub(super) fn stop_moving(&mut self, id: TransferId, then: Then) {
        if let Some(Record { state: State::Given(given), .. }) = self.records.get_mut(&id)
            && !given.is_cancelled()
        {
            given.then = then;
            given.stop.cancel();
        }
    }

    /// The transfers of a batch that have not ended.
    pub(super) fn of_batch(&self, batch: BatchId) -> Vec<TransferId> {
        let mut all: Vec<TransferId> = self.records.iter().filter(|(_, record)| record.batch == batch).map(|(id, _)| *id).collect();
        all.sort();
        all
    }
}
