//! One transfer from its discovery to its end.

use std::sync::Arc;

use crate::bus::TransferEvent;
use crate::engine::existing::{Verdict, decide, free_name};
use crate::engine::journal::FileEnd;
use crate::engine::progress::Progress;
use crate::engine::work::{Copied, FoundFile, How};
use crate::model::{BatchId, During, Existing, Failure, FailureKind, Name, Place, Transfer, TransferId, TransferState, VPath};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{Record, Shown, State, Then};

impl<C: Connector> Supervisor<C> {
    /// A found file becomes a transfer, and the batch's rule is applied to it.
    pub(super) fn admit(&mut self, batch_id: BatchId, file: FoundFile) {
        if self.was_done(batch_id, &file) {
            return;
        }
        let Some(batch) = self.batches.get(&batch_id) else { return };
        let rule = batch.rule;
        let id = self.next_transfer.advance();
        self.enter(id, batch_id, file, None, 0);
        self.apply(id, rule, None);
    }

    /// Makes a record of a transfer and tells of it.
    pub(super) fn enter(&mut self, id: TransferId, batch_id: BatchId, file: FoundFile, how: Option<How>, at: u64) {
        let Some(batch) = self.batches.get_mut(&batch_id) else { return };
        batch.transfers += 1;
        let record = Record {
            batch: batch_id,
            file,
            how,
            state: State::Waiting,
            shown: Shown::Queued,
            paused: false,
            progress: Arc::new(Progress::at(at)),
            moved: 0,
            counted: 0,
            stopped_at: 0,
            claim: None,
            taken: None,
        };
        self.records.insert(id, record);
        self.tell_of(id);
        self.tell_reached(id);
    }

    /// Says how much of a file that does not move is there.
    pub(super) fn tell_reached(&self, id: TransferId) {
        if let Some(done) = self.records.get(&id).map(Record::done).filter(|done| *done > 0) {
            self.outbox.transfer(TransferEvent::Reached { id, done });
        }
    }

    /// Says what a waiting transfer is: before all else about it, and again where it gets another target.
    pub(super) fn tell_of(&self, id: TransferId) {
        let Some(record) = self.records.get(&id) else { return };
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let file = &record.file;
        self.outbox.transfer(TransferEvent::Queued(Box::new(Transfer {
            id,
            batch: record.batch,
            direction: batch.pair.direction(),
            source: Place { connection: batch.facts.from, path: file.source.clone() },
            target: Place { connection: batch.facts.to, path: file.target.clone() },
            size: file.size,
            priority: batch.priority,
            state: TransferState::Queued,
        })));
    }

    /// What the rule says of a file, where what is there is not an unfinished upload of our own.
    pub(super) fn verdict(&self, batch_id: BatchId, file: &FoundFile, rule: Existing) -> Verdict {
        let decided = || decide(rule, file.size, file.modified, file.existing.as_ref(), file.partial);
        if self.reader_is_gone(batch_id, file) {
            let gone = Failure::new(FailureKind::Unsupported, During::Write, "it is no regular file, and who read it has gone");
            return Verdict::Fail(gone);
        }
        self.own_target(batch_id, file).unwrap_or_else(decided)
    }

    /// Does with a transfer what `rule` says; `name` is the one a person chose for a rename.
    pub(super) fn apply(&mut self, id: TransferId, rule: Existing, name: Option<Name>) {
        let Some(record) = self.records.get(&id) else { return };
        let batch_id = record.batch;
        if rule != Existing::Rename && self.joins(id) {
            return;
        }
        let Some(record) = self.records.get(&id) else { return };
        match self.verdict(batch_id, &record.file, rule) {
            Verdict::Go(how) => self.launch(id, how),
            Verdict::Skip(_) if self.may_be_cut_short(batch_id, &record.file) => self.fail_cut_short(id),
            Verdict::Skip(why) => {
                self.record_end(id, FileEnd::Skipped);
                self.finish(id, TransferState::Skipped(why.to_owned()));
            }
            Verdict::Fail(failure) => {
                let failure = failure.about(record.file.target.as_bytes());
                self.record_end(id, FileEnd::Failed(failure.clone()));
                self.finish(id, TransferState::Failed(failure));
            }
            Verdict::Rename => self.launch_renamed(id, name),
            Verdict::Ask => {
                if let Some(record) = self.records.get_mut(&id) {
                    record.state = State::Asking;
                }
                self.show(id, Shown::Asking);
                if let Some(batch) = self.batches.get_mut(&batch_id) {
                    batch.asking.push_back(id);
                }
                self.ask_next(batch_id);
            }
        }
    }

    fn launch_renamed(&mut self, id: TransferId, name: Option<Name>) {
        let Some(target) = self.other_name(id, name) else {
            let Some(record) = self.records.get(&id) else { return };
            let failure = Failure::new(FailureKind::AlreadyExists, During::Write, "no free name could be found");
            let failure = failure.about(record.file.target.as_bytes());
            return self.finish(id, TransferState::Failed(failure));
        };
        self.recorder.renamed(id);
        if let Some(record) = self.records.get_mut(&id) {
            record.taken = Some(std::mem::replace(&mut record.file.target, target));
            record.file.existing = None;
        }
        self.tell_of(id);
        self.launch(id, How::New);
    }

    /// Another target for a file whose own name is taken.
    pub(super) fn other_name(&self, id: TransferId, chosen: Option<Name>) -> Option<VPath> {
        let record = self.records.get(&id)?;
        let batch = self.batches.get(&record.batch)?;
        let file = &record.file;
        let parent = file.target.parent()?;
        let free = |name: &Name| !self.claims.contains_key(&(batch.pair.to.clone(), parent.join(name)));
        // In a directory that cannot be listed nobody knows which names are free, but a person may.
        let taken = file.taken.as_deref();
        let name = match chosen {
            Some(name) if free(&name) && taken.is_none_or(|taken| !taken.contains(&name)) => name,
            Some(name) => free_name(&name, taken?, free)?,
            None => free_name(&file.target.name()?, taken?, free)?,
        };
        Some(parent.join(&name))
    }

    /// A transfer that is decided about joins the queue.
    pub(super) fn launch(&mut self, id: TransferId, how: How) {
        let Some(record) = self.records.get(&id) else { return };
        let how = self.start_from(record.batch, &record.file, how);
        let Some(record) = self.records.get_mut(&id) else { return };
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let claim = (batch.pair.to.clone(), record.file.target.clone());
        if self.claims.get(&claim).is_some_and(|other| *other != id) {
            let failure = self.claimed(id);
            return self.finish(id, TransferState::Failed(failure));
        }
        self.claims.insert(claim.clone(), id);
        record.claim = Some(claim);
        record.how = Some(how);
        record.state = State::Waiting;
        self.queue.join((&batch.pair, record.batch), id, batch.priority, record.file.size);
    }

    /// A runner is done with a transfer.
    pub(super) fn copied(&mut self, id: TransferId, end: Result<Copied, Failure>) {
        let Some(record) = self.records.get(&id) else { return };
        let goes_on = matches!(&record.state, State::Given(given) if given.then == Then::Back);
        let copied = match end {
            Ok(copied) => copied,
            Err(failure) if failure.kind == FailureKind::Cancelled && goes_on => return self.put_back(id),
            Err(failure) if failure.kind == FailureKind::Cancelled => return self.finish(id, TransferState::Cancelled),
            Err(failure) if failure.kind == FailureKind::Full && self.is_stopped(record) => {
                return self.finish(id, TransferState::Cancelled);
            }
            Err(failure) if failure.kind == FailureKind::Full => return self.is_full(id, failure),
            Err(failure) => return self.finish(id, TransferState::Failed(failure)),
        };
        if let Some(batch) = self.batches.get(&record.batch) {
            let (from, to) = (batch.facts.from, batch.facts.to);
            if let Some(directory) = record.file.target.parent() {
                let directory = Place { connection: to, path: directory };
                self.outbox.transfer(TransferEvent::Landed { directory, entry: copied.entry });
            }
            if copied.left {
                self.left(from, &record.file.source);
            }
        }
        if copied.timed == Some(false) {
            self.not_kept(id, During::SetTime);
        }
        if copied.moded == Some(false) {
            self.not_kept(id, During::SetMode);
        }
        self.finish(id, TransferState::Done(copied.verified));
    }

    /// Whether nobody wants the transfer any more, whatever it ended with.
    pub(super) fn is_stopped(&self, record: &Record) -> bool {
        let is_given_up = matches!(&record.state, State::Given(given) if given.is_cancelled());
        is_given_up || self.batches.get(&record.batch).is_none_or(|batch| batch.facts.stop.is_cancelled())
    }

    /// The time or the permission bits could not be set: told once for a batch, at its first file.
    fn not_kept(&mut self, id: TransferId, during: During) {
        let Some(record) = self.records.get(&id) else { return };
        let Some(batch) = self.batches.get_mut(&record.batch) else { return };
        let (told, what) = match during {
            During::SetTime => (&mut batch.told.times, "times could not be kept: none can be set there"),
            _ => (&mut batch.told.modes, "permissions could not be kept"),
        };
        if std::mem::replace(told, true) {
            return;
        }
        let failure = Failure::new(FailureKind::Unsupported, during, what);
        let failure = failure.about(record.file.target.as_bytes());
        let (batch, path) = (record.batch, record.file.source.clone());
        self.outbox.transfer(TransferEvent::Noted { batch, path, failure, failed: false, again: false });
    }

    /// Something is not there any more because it was moved.
    pub(super) fn left(&self, connection: crate::model::ConnectionId, path: &VPath) {
        if let (Some(directory), Some(name)) = (path.parent(), path.name()) {
            let directory = Place { connection, path: directory };
            self.outbox.transfer(TransferEvent::Left { directory, name });
        }
    }

    /// A transfer ends; so may its batch.
    pub(super) fn finish(&mut self, id: TransferId, state: TransferState) {
        if state == TransferState::Cancelled {
            self.record_cancelled(id);
        }
        if matches!(state, TransferState::Cancelled | TransferState::Failed(_)) {
            self.tell_reached(id);
        }
        let Some(record) = self.records.remove(&id) else { return };
        if let Some(connections) = Some(record.progress.most_connections()).filter(|connections| *connections > 1) {
            self.outbox.transfer(TransferEvent::InParts { id, connections });
        }
        self.dealt_with(record.batch, record.uncounted());
        if let Some(claim) = &record.claim {
            self.claims.remove(claim);
        }
        let priority = self.queue.priority(id);
        self.queue.forget(id);
        if record.shown == Shown::Active {
            self.active.retain(|active| *active != id);
        }
        self.moved = self.moved.saturating_add(record.uncounted());
        let batch_id = record.batch;
        if let Some(batch) = self.batches.get_mut(&batch_id) {
            batch.transfers -= 1;
            batch.count(&state, record.moved());
        }
        let priority = priority.or_else(|| self.batches.get(&batch_id).map(|batch| batch.priority)).unwrap_or_default();
        self.outbox.transfer(TransferEvent::Changed { id, state: state.clone() });
        match &state {
            TransferState::Failed(failure) => self.remember(id, record, priority, Some(failure)),
            TransferState::Cancelled => self.remember(id, record, priority, None),
            _ => {}
        }
        self.settle_batch(batch_id);
    }

    pub(super) fn cancel_transfer(&mut self, id: TransferId) {
        let Some(record) = self.records.get(&id) else { return };
        let batch = record.batch;
        match &record.state {
            State::Given(_) => {
                if self.take_from_lane(id) {
                    self.finish(id, TransferState::Cancelled);
                } else {
                    self.stop_moving(id, Then::End);
                }
            }
            State::Waiting => self.finish(id, TransferState::Cancelled),
            State::Asking => {
                self.withdraw_about(batch, Some(id));
                self.finish(id, TransferState::Cancelled);
                self.ask_next(batch);
            }
        }
    }
}
