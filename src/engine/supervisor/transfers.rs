//! One transfer from its discovery to its end.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::bus::TransferEvent;
use crate::engine::account::Account;
use crate::engine::existing::{Verdict, decide, free_name};
use crate::engine::meter::Sample;
use crate::engine::work::{Copied, FileJob, FoundFile, How, Progress, Work};
use crate::model::{BatchId, During, Existing, Failure, FailureKind, Name, Place, Priority, Transfer, TransferId, TransferState, VPath};
use crate::volume::Connector;

use super::Supervisor;

/// Where a transfer stands, with what it needs to go on.
pub(super) enum State {
    /// Waits for an answer.
    Asking(Box<FoundFile>),
    /// Is in the queue.
    Queued,
    /// Is with a runner.
    Active,
}

/// A transfer that has not ended.
pub(super) struct Record {
    pub(super) batch: BatchId,
    pub(super) state: State,
    pub(super) stop: CancellationToken,
    size: Option<u64>,
    progress: Arc<Progress>,
    pub(super) claim: Option<(Account, VPath)>,
}

impl Record {
    /// Bytes that went through.
    pub(super) fn moved(&self) -> u64 {
        self.progress.moved()
    }

    /// The bytes in place.
    pub(super) fn done(&self) -> u64 {
        self.progress.done()
    }

    /// How far it is.
    pub(super) fn sample(&self, id: TransferId) -> Sample {
        Sample { id, batch: self.batch, done: self.progress.done(), moved: self.progress.moved(), size: self.size }
    }
}

impl<C: Connector> Supervisor<C> {
    /// A walk found a file: it becomes a transfer, and the batch's rule is applied to it.
    pub(super) fn admit(&mut self, batch_id: BatchId, file: FoundFile) {
        if self.was_done(batch_id, &file) {
            return;
        }
        let Some(batch) = self.batches.get_mut(&batch_id) else { return };
        let id = self.next_transfer.advance();
        let transfer = Transfer {
            id,
            batch: batch_id,
            direction: batch.pair.direction(),
            source: Place { connection: batch.facts.from, path: file.source.clone() },
            target: Place { connection: batch.facts.to, path: file.target.clone() },
            size: file.size,
            priority: Priority::Normal,
            state: TransferState::Queued,
        };
        let record = Record {
            batch: batch_id,
            state: State::Queued,
            stop: batch.facts.stop.child_token(),
            size: file.size,
            progress: Arc::default(),
            claim: None,
        };
        batch.transfers += 1;
        let rule = batch.rule;
        self.records.insert(id, record);
        self.outbox.transfer(TransferEvent::Queued(Box::new(transfer)));
        self.apply(id, file, rule, None);
    }

    /// Does with a transfer what `rule` says; `name` is the one a person chose for a rename.
    pub(super) fn apply(&mut self, id: TransferId, mut file: FoundFile, rule: Existing, name: Option<Name>) {
        let decided = || decide(rule, file.size, file.modified, file.existing.as_ref(), file.partial);
        match self.own_target(id, &file).unwrap_or_else(decided) {
            Verdict::Go(how) => self.launch(id, file, how),
            Verdict::Skip(_) if self.may_be_cut_short(id, &file) => self.fail_cut_short(id, &file),
            Verdict::Skip(why) => {
                self.record_skip(id, &file);
                self.finish(id, TransferState::Skipped(why.to_owned()));
            }
            Verdict::Fail(failure) => {
                let failure = failure.about(file.target.as_bytes());
                self.record_failure(id, &file, &failure);
                self.finish(id, TransferState::Failed(failure));
            }
            Verdict::Rename => match self.other_name(id, &file, name) {
                Some(target) => {
                    self.recorder.renamed(id);
                    file.target = target;
                    file.existing = None;
                    self.launch(id, file, How::New);
                }
                None => {
                    let failure = Failure::new(FailureKind::AlreadyExists, During::Write, "no free name could be found");
                    self.finish(id, TransferState::Failed(failure.about(file.target.as_bytes())));
                }
            },
            Verdict::Ask => {
                let Some(record) = self.records.get_mut(&id) else { return };
                let batch_id = record.batch;
                record.state = State::Asking(Box::new(file));
                self.outbox.transfer(TransferEvent::Changed { id, state: TransferState::Asking });
                if let Some(batch) = self.batches.get_mut(&batch_id) {
                    batch.asking.push_back(id);
                }
                self.ask_next(batch_id);
            }
        }
    }

    /// Another target for a file whose own name is taken.
    fn other_name(&self, id: TransferId, file: &FoundFile, chosen: Option<Name>) -> Option<VPath> {
        let batch = self.batches.get(&self.records.get(&id)?.batch)?;
        let parent = file.target.parent()?;
        let free = |name: &Name| !self.claims.contains_key(&(batch.pair.to.clone(), parent.join(name)));
        let taken = file.taken.as_deref();
        let name = match chosen {
            Some(name) if free(&name) && taken.is_none_or(|taken| !taken.contains(&name)) => name,
            Some(name) => free_name(&name, taken.unwrap_or(&Default::default()), free)?,
            None => free_name(&file.target.name()?, taken.unwrap_or(&Default::default()), free)?,
        };
        Some(parent.join(&name))
    }

    fn launch(&mut self, id: TransferId, file: FoundFile, how: How) {
        let how = self.start_from(id, &file, how);
        let Some(record) = self.records.get_mut(&id) else { return };
        let Some(batch) = self.batches.get(&record.batch) else { return };
        let claim = (batch.pair.to.clone(), file.target.clone());
        if self.claims.get(&claim).is_some_and(|other| *other != id) {
            let failure = Failure::new(FailureKind::Invalid, During::Write, "another transfer writes it").about(file.target.as_bytes());
            return self.finish(id, TransferState::Failed(failure));
        }
        self.claims.insert(claim.clone(), id);
        record.claim = Some(claim);
        record.state = State::Queued;
        let bytes = file.size.unwrap_or(0);
        let job = FileJob {
            facts: batch.facts.clone(),
            id,
            source: file.source,
            target: file.target,
            size: file.size,
            modified: file.modified,
            mode: file.mode,
            existing: file.existing,
            how,
            more: false,
            progress: record.progress.clone(),
            stop: record.stop.clone(),
        };
        self.queue.push_file(&batch.pair, Box::new(Work::File(Box::new(job))), bytes);
    }

    /// A runner is done with a transfer.
    pub(super) fn copied(&mut self, job: &FileJob, end: Result<Copied, Failure>) {
        self.record_ended(job, &end);
        let copied = match end {
            Ok(copied) => copied,
            Err(failure) if failure.kind == FailureKind::Cancelled => return self.finish(job.id, TransferState::Cancelled),
            Err(failure) => return self.finish(job.id, TransferState::Failed(failure)),
        };
        if let Some(directory) = job.target.parent() {
            let directory = Place { connection: job.facts.to, path: directory };
            self.outbox.transfer(TransferEvent::Landed { directory, entry: copied.entry });
        }
        if copied.left {
            self.left(job.facts.from, &job.source);
        }
        if copied.moded == Some(false) {
            self.modes_not_kept(job);
        }
        self.finish(job.id, TransferState::Done(copied.verified));
    }

    /// Permission bits could not be set: told once for a batch, at its first file.
    fn modes_not_kept(&mut self, job: &FileJob) {
        let Some(batch) = self.batches.get_mut(&job.facts.id).filter(|batch| !batch.modes_told) else { return };
        batch.modes_told = true;
        let failure = Failure::new(FailureKind::Unsupported, During::SetMode, "permissions could not be kept").about(job.target.as_bytes());
        let (batch, path) = (job.facts.id, job.source.clone());
        self.outbox.transfer(TransferEvent::Noted { batch, path, failure, failed: false });
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
        let Some(record) = self.records.remove(&id) else { return };
        self.dealt_with(record.batch, record.progress.moved());
        if let Some(claim) = record.claim {
            self.claims.remove(&claim);
        }
        self.active.retain(|active| *active != id);
        if let Some(batch) = self.batches.get_mut(&record.batch) {
            batch.transfers -= 1;
            batch.count(&state, record.progress.moved());
        }
        self.outbox.transfer(TransferEvent::Changed { id, state });
        self.settle_batch(record.batch);
    }

    pub(super) fn cancel_transfer(&mut self, id: TransferId) {
        let Some(record) = self.records.get(&id) else { return };
        let batch = record.batch;
        record.stop.cancel();
        match record.state {
            State::Active => {}
            State::Queued => {
                self.queue.take_out(|work| work.transfer() == Some(id));
                self.finish(id, TransferState::Cancelled);
            }
            State::Asking(_) => {
                self.withdraw_about(batch, Some(id));
                self.finish(id, TransferState::Cancelled);
                self.ask_next(batch);
            }
        }
    }
}
