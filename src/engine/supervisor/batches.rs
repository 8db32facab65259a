//! Batches from their commands to their summaries.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::bus::{BatchSummary, TransferEvent};
use crate::engine::account::Pair;
use crate::engine::journal::Before;
use crate::engine::work::{BatchFacts, BeginJob, End, Found, Remark, SweepJob, Work};
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Item, Verb};
use crate::model::{Ascii, BatchId, BatchSpec, During, Existing, Failure, FailureKind, Kind, Manner, Place, TransferId, VPath};
use crate::volume::Connector;

use super::Supervisor;
use super::batch::Batch;
use super::endings::begins_with;
use super::questions::Asked;
use super::twins::{QUEUED, Wanted};

impl<C: Connector> Supervisor<C> {
    pub(super) fn enqueue(&mut self, mut spec: BatchSpec) {
        let invalid = |why: &str| Failure::new(FailureKind::Invalid, During::Plan, why);
        let ends = match (self.known.get(&spec.from), self.known.get(&spec.to)) {
            (Some(from), Some(to)) if !self.batches.contains_key(&spec.id) => (from.spec.clone(), to.spec.clone()),
            (Some(_), Some(_)) => return self.refuse_batch(spec.id, invalid("the batch's number is in use")),
            _ => return self.refuse_batch(spec.id, invalid("its volume was never opened")),
        };
        let verifies = |end: &VolumeSpec| matches!(end, VolumeSpec::Ftp(site, _) if site.verify);
        spec.manner.verify |= verifies(&ends.0) || verifies(&ends.1);
        let pair = Pair::of(&ends.0, &ends.1);
        let wanted = self.sums.of(&spec);
        if self.twin(&pair, wanted).is_some() {
            let first = spec.items.first().map_or_else(VPath::root, |item| item.source.clone());
            return self.pass_over(spec.id, spec.items.len(), (&first, QUEUED));
        }
        self.hand_over((spec.from, spec.to), &ends, &pair);
        self.install(&spec, ends, None, wanted);
        self.record_batch(spec);
    }

    /// Makes room for a batch, of which nothing begins yet; `before` is what an earlier run has done of it.
    pub(super) fn install(&mut self, spec: &BatchSpec, ends: (VolumeSpec, VolumeSpec), before: Option<Before>, wanted: Option<Wanted>) {
        let pair = Pair::of(&ends.0, &ends.1);
        let facts = Arc::new(BatchFacts {
            id: spec.id,
            verb: spec.verb,
            follow: spec.follow,
            same: pair.is_same(),
            partials: spec.existing == Existing::Resume,
            restored: before.is_some(),
            from: spec.from,
            to: spec.to,
            // With one connection in all there is nothing to spread a file over.
            texts: (texts_of(&ends.0), texts_of(&ends.1)),
            manner: Manner { segments: spec.manner.segments.or((self.options.lanes < 2).then_some(1)), ..spec.manner },
            throttle: self.speed.toward(pair.direction()),
            stop: self.stop.child_token(),
            outdated: CancellationToken::new(),
        });
        for (account, spec) in [(&pair.from, &ends.0), (&pair.to, &ends.1)] {
            if let VolumeSpec::Ftp(site, _) = spec {
                self.begin_within_limit(account, site);
            }
        }
        let mut batch = Batch::new(facts, pair, ends, spec.existing, spec.manner.priority);
        batch.plans = 1;
        batch.wanted = wanted;
        batch.before = Arc::new(before.unwrap_or_default());
        self.batches.insert(spec.id, batch);
    }

    /// What the batch began with is looked at.
    pub(super) fn begin(&mut self, id: BatchId, items: Vec<Item>) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let ledger = &self.recorder.ledger;
        if let Some(facts) = Arc::get_mut(&mut batch.facts) {
            facts.partials |= ledger.concerns(&batch.pair.to);
        }
        batch.root = items.first().map_or_else(VPath::root, |item| item.source.clone());
        let (pair, facts, priority) = (batch.pair.clone(), batch.facts.clone(), batch.priority);
        self.warm_up(id, &items);
        if items.iter().any(|item| item.kind == Kind::Dir) {
            self.warm_up_for_trees(id);
        }
        // The newest is taken first: by a lane that is connected, where there is one.
        let begin = Work::Begin(Box::new(BeginJob { facts, items }));
        self.queue.push_plan(&pair, id, priority, Box::new(begin));
    }

    pub(super) fn refuse_batch(&self, batch: BatchId, failure: Failure) {
        let summary = BatchSummary { batch, failed: 1, first_failure: Some(failure), ..BatchSummary::default() };
        self.outbox.transfer(TransferEvent::BatchEnded(summary));
    }

    /// A runner is done with something to plan, or with a file.
    pub(super) fn ended(&mut self, work: Work, end: End) {
        let id = work.facts().id;
        let stopped = work.facts().stop.is_cancelled();
        match (work, end) {
            (Work::Help(job), _) => self.helped(&job),
            (_, End::Helped) => {}
            (Work::File(job), End::File(end)) => self.file_ended(job, end),
            (_, End::Planned(Ok(found))) => self.planned(id, found, stopped),
            (Work::File(job), End::Planned(Err(failure))) => self.copied(job.id, Err(failure)),
            (work, End::Planned(Err(failure)) | End::File(Err(failure))) => self.unplanned(id, work, failure),
            (Work::Clear(job), End::Cleared(gone, remarks)) => self.cleared(*job, gone, remarks),
            (work, End::Cleared(..)) => self.unplanned(id, work, Failure::cancelled(During::Plan)),
            (_, End::Swept(gone, remarks)) => self.swept(id, &gone, remarks),
            (work, End::File(Ok(_))) => self.unplanned(id, work, Failure::cancelled(During::Plan)),
        }
    }

    fn planned(&mut self, id: BatchId, mut found: Found, stopped: bool) {
        self.dealt_with(id, 0);
        self.mirrored(id, &mut found);
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.plans -= 1;
        batch.found.files += found.count.files;
        batch.found.dirs += found.count.dirs;
        batch.found.bytes = batch.found.bytes.saturating_add(found.count.bytes);
        batch.walked.extend(found.walked);
        let (from, to, pair, priority) = (batch.facts.from, batch.facts.to, batch.pair.clone(), batch.priority);
        let walks = found.walks.into_iter().rev().map(|walk| Box::new(Work::Walk(Box::new(walk))));
        let files = found.files.stock();
        if stopped {
            batch.summary.cancelled += (files.files + walks.len()) as u64;
            let walks = walks.map(|walk| *walk).collect();
            self.remember_plans(id, walks, None);
            self.remember_rest(id, found.files, None);
        } else {
            batch.plans += walks.len();
            batch.backlog.append(found.files);
            for walk in walks {
                self.queue.push_plan(&pair, id, priority, walk);
            }
            self.stocked(id, files);
        }
        if let Some(batch) = self.batches.get_mut(&id).filter(|_| found.moved.is_some()) {
            batch.summary.done += 1;
        }
        self.tell_planned(id);
        for (directory, entry) in found.made {
            self.outbox.transfer(TransferEvent::Landed { directory: Place { connection: to, path: directory }, entry });
        }
        if let Some(moved) = found.moved {
            self.left(from, &moved);
        }
        self.remark(id, found.remarks);
        self.settle_batch(id);
    }

    pub(super) fn tell_planned(&mut self, id: BatchId) {
        if let Some(batch) = self.batches.get_mut(&id) {
            (batch.planned, batch.recounted) = (batch.plans == 0, false);
            self.outbox.transfer(TransferEvent::Planned { batch: id, found: batch.found, complete: batch.planned });
        }
    }

    /// A walk failed as a whole.
    fn unplanned(&mut self, id: BatchId, work: Work, failure: Failure) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let stopped = failure.kind == FailureKind::Cancelled || work.facts().stop.is_cancelled();
        if failure.kind == FailureKind::Full && !stopped {
            let (pair, priority) = (batch.pair.clone(), batch.priority);
            self.walk_is_full(id, failure);
            return self.queue.push_plan(&pair, id, priority, Box::new(work));
        }
        batch.plans -= 1;
        if stopped {
            batch.summary.cancelled += begins_with(&work).len() as u64;
            self.remember_plans(id, vec![work], None);
        } else {
            self.plans_failed(id, vec![work], &failure);
        }
        self.tell_planned(id);
        self.settle_batch(id);
    }

    /// Walks failed as a whole: each thing that they were to begin with is told of, and they are kept for a retry.
    pub(super) fn plans_failed(&mut self, id: BatchId, plans: Vec<Work>, failure: &Failure) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        for work in &plans {
            let again = matches!(work, Work::Begin(_) | Work::Walk(_));
            batch.passing |= !again && failure.is_passing();
            let sources = begins_with(work);
            batch.count_failed(sources.len() as u64, failure);
            for path in sources {
                self.outbox.transfer(TransferEvent::Noted { batch: id, path, failure: failure.clone(), failed: true, again });
            }
        }
        self.remember_plans(id, plans, Some(failure));
    }

    /// A walk was lost with the task that ran it.
    pub(super) fn lost_plan(&mut self, id: BatchId, failure: Failure) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.plans = batch.plans.saturating_sub(1);
        batch.summary.failed += 1;
        batch.summary.first_failure.get_or_insert(failure);
        self.tell_planned(id);
        self.settle_batch(id);
    }

    pub(super) fn remark(&mut self, id: BatchId, remarks: Vec<Remark>) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        for Remark { path, failure, failed } in remarks {
            if failed {
                batch.summary.failed += 1;
                batch.passing |= failure.is_passing();
                batch.summary.first_failure.get_or_insert_with(|| failure.clone());
            } else {
                batch.summary.skipped += 1;
            }
            self.outbox.transfer(TransferEvent::Noted { batch: id, path, failure, failed, again: false });
        }
    }

    /// Nothing is left to do for the batch: it ends, a move after its empty directories are swept up.
    pub(super) fn settle_batch(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        if batch.plans > 0 || batch.transfers > 0 || !batch.backlog.is_empty() || !batch.aside.is_empty() {
            return;
        }
        let directories = std::mem::take(&mut batch.walked);
        if batch.facts.verb == Verb::Move && !directories.is_empty() && !batch.facts.stop.is_cancelled() {
            batch.plans += 1;
            let sweep = Work::Sweep(Box::new(SweepJob { facts: batch.facts.clone(), directories }));
            self.queue.push_plan(&batch.pair, id, batch.priority, Box::new(sweep));
            return;
        }
        if self.mirror_goes_on(id) {
            return;
        }
        if self.batches.get(&id).is_some_and(|batch| batch.recounted) {
            self.tell_planned(id);
        }
        if let Some(batch) = self.batches.remove(&id) {
            self.hungry.remove(&(std::cmp::Reverse(batch.priority), id));
            self.queue.release(id);
            self.dismiss_helpers(&batch.pair, id);
            self.try_more(&batch.pair.from);
            self.try_more(&batch.pair.to);
            self.past.rest(id, &batch);
            self.record_over(id, &batch);
            self.outbox.transfer(TransferEvent::BatchEnded(batch.summary));
        }
    }

    fn swept(&mut self, id: BatchId, gone: &[VPath], remarks: Vec<Remark>) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.plans -= 1;
        let from = batch.facts.from;
        // Where something stayed behind, its directories do: that was told already.
        let remarks = if batch.is_flawless() { remarks } else { Vec::new() };
        for path in gone {
            self.left(from, path);
        }
        self.remark(id, remarks);
        self.settle_batch(id);
    }

    /// Withdraws the batch's open question, or only where it is about `transfer`.
    pub(super) fn withdraw_about(&mut self, id: BatchId, transfer: Option<TransferId>) {
        let Some(question) = self.batches.get(&id).and_then(|batch| batch.question) else { return };
        let about = match self.asked.get(&question) {
            Some(Asked::Existing(_, about)) => *about,
            _ => return,
        };
        if transfer.is_none_or(|transfer| transfer == about) {
            self.withdraw(question);
            if let Some(batch) = self.batches.get_mut(&id) {
                batch.question = None;
            }
        }
    }
}

/// Which files of a volume are text.
fn texts_of(spec: &VolumeSpec) -> Ascii {
    if let VolumeSpec::Ftp(site, _) = spec { site.ascii.clone() } else { Ascii::Never }
}
