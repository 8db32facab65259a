//! What is told to the journal, and when; the ledger of partials, which lives as long as the run even where no journal is kept.
//!
//! Guarantee: nothing of a batch begins before the journal has it, or has said that it cannot. What the journal is told besides waits
//! for nothing.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::engine::account::Pair;
use crate::engine::copy::{goes_beside, is_special};
use crate::engine::existing::Verdict;
use crate::engine::journal::{Entry, FileEnd, FileRow, Journal, Kept};
use crate::engine::ledger::{Ledger, Origin, Partial, Spot};
use crate::engine::note::Note;
use crate::engine::work::{BeginJob, Copied, End, FileJob, FoundFile, How, Work};
use crate::model::site::VolumeSpec;
use crate::model::transfer::Item;
use crate::model::{BatchId, BatchSpec, During, Existing, Failure, FailureKind, Kind, TransferId};
use crate::volume::Connector;

use super::Supervisor;
use super::batch::Batch;

/// How often the progress of what moves is kept.
const PROGRESS: Duration = Duration::from_millis(900);
/// A download of less is not worth going on with: as much is compared before.
const SMALL: u64 = 64 * 1024;
/// What was sent and had not arrived when an upload broke off: it lay in the buffers of both systems, which are no larger.
const ON_THE_WAY: u64 = 16 << 20;

/// The journal from the supervisor's side.
pub(super) struct Recorder {
    journal: Option<Journal>,
    pub(super) ledger: Ledger,
    /// What batches begin with that the journal does not have yet.
    waiting: HashMap<BatchId, Vec<Item>>,
    /// Transfers whose target has another name than the batch gives it.
    renamed: HashSet<TransferId>,
    /// Batches that the end of the run interrupts.
    interrupted: HashSet<BatchId>,
    progress_kept: Instant,
}

impl Recorder {
    /// Opens the journal, where there is to be one.
    pub(super) fn open(at: Option<PathBuf>, notes: &UnboundedSender<Note>) -> Self {
        Self {
            journal: at.and_then(|at| Journal::open(at, notes.clone())),
            ledger: Ledger::default(),
            waiting: HashMap::new(),
            renamed: HashSet::new(),
            interrupted: HashSet::new(),
            progress_kept: Instant::now(),
        }
    }

    /// Tells the journal; answers whether there is one that takes it.
    pub(super) fn write(&self, entry: Entry) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.write(entry))
    }

    /// The rule of a batch changed.
    pub(super) fn rule(&self, batch: BatchId, rule: Existing) {
        self.write(Entry::Rule(batch, rule));
    }

    /// A transfer goes to another name.
    pub(super) fn renamed(&mut self, id: TransferId) {
        if self.journal.is_some() {
            self.renamed.insert(id);
        }
    }

    /// A runner begins with a file.
    fn begun(&mut self, pair: &Pair, job: &FileJob) {
        let beside = goes_beside(job, pair.to.is_local());
        if is_special(job) || (beside && job.size.is_some_and(|size| size < SMALL)) {
            return;
        }
        let spot = Spot { account: pair.to.clone(), path: job.target.clone() };
        let origin = Origin { account: pair.from.clone(), path: job.source.clone(), size: job.size, modified: job.modified };
        let known = self.ledger.trusted(&spot, &origin).filter(|known| known.beside == beside);
        let done = known.map(|known| known.done).unwrap_or_default();
        self.keep(spot, Partial { origin, beside, done });
    }

    fn keep(&mut self, spot: Spot, partial: Partial) {
        if self.journal.is_some() {
            self.write(Entry::Partial(Box::new((spot.clone(), partial.clone()))));
        }
        self.ledger.keep(spot, partial);
    }

    /// Nothing unfinished of ours is there.
    pub(super) fn forget(&mut self, spot: Spot) {
        if self.ledger.forget(&spot) {
            self.write(Entry::NoPartial(Box::new(spot)));
        }
    }

    /// So much of an unfinished target is there.
    fn progress(&mut self, spot: &Spot, done: u64) {
        let Some(partial) = self.ledger.get_mut(spot) else { return };
        if partial.done == done {
            return;
        }
        partial.done = done;
        let entry = (spot.clone(), partial.clone());
        self.write(Entry::Partial(Box::new(entry)));
    }

    /// A runner is done with a file.
    fn ended(&mut self, pair: &Pair, job: &FileJob, end: &Result<Copied, Failure>) {
        let renamed = self.renamed.remove(&job.id);
        let spot = Spot { account: pair.to.clone(), path: job.target.clone() };
        match end {
            Err(_) if job.progress.done() > 0 => self.progress(&spot, job.progress.done()),
            // It ended before anybody looked at what was there.
            Err(_) if job.how.goes_on() => {}
            Ok(_) | Err(_) => self.forget(spot),
        }
        let end = match end {
            Ok(copied) => FileEnd::Done(copied.verified),
            // It goes on, now or later.
            Err(failure) if matches!(failure.kind, FailureKind::Cancelled | FailureKind::Full) || job.came.get().is_some() => return,
            Err(failure) => FileEnd::Failed(failure.clone()),
        };
        if self.journal.is_none() {
            return;
        }
        let (source, target, size, modified) = (job.source.clone(), job.target.clone(), job.size, job.modified);
        let row = FileRow { source, target, renamed, size, modified, end, at: now() };
        self.write(Entry::File(job.facts.id, Box::new(row)));
    }

    /// Writes what is left, and ends.
    pub(super) fn close(&mut self) {
        if let Some(mut journal) = self.journal.take() {
            journal.close();
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// What opens a volume, without the password.
fn bare(spec: &VolumeSpec) -> VolumeSpec {
    match spec {
        VolumeSpec::Local => VolumeSpec::Local,
        VolumeSpec::Ftp(site, _) => VolumeSpec::Ftp(site.clone(), None),
    }
}

impl<C: Connector> Supervisor<C> {
    /// Has a batch written down; it begins once that is done. What is only told, not done, is not kept.
    pub(super) fn record_batch(&mut self, spec: BatchSpec) {
        let id = spec.id;
        let dry_run = spec.manner.mirror.is_some_and(|mirror| mirror.dry_run);
        let Some(batch) = self.batches.get(&id).filter(|_| !dry_run && self.recorder.journal.is_some()) else {
            return self.begin(id, spec.items);
        };
        let kept = Kept {
            verb: spec.verb,
            from: bare(&batch.ends.0),
            to: bare(&batch.ends.1),
            items: spec.items.clone(),
            existing: spec.existing,
            follow: spec.follow,
            manner: spec.manner,
        };
        if self.recorder.write(Entry::Batch(id, Box::new(kept))) {
            self.recorder.waiting.insert(id, spec.items);
        } else {
            self.begin(id, spec.items);
        }
    }

    /// The journal has a batch, or cannot have it.
    pub(super) fn recorded(&mut self, id: BatchId) {
        if let Some(items) = self.recorder.waiting.remove(&id) {
            self.begin(id, items);
        }
    }

    /// A batch was stopped before it began.
    pub(super) fn never_begin(&mut self, id: BatchId) {
        let Some(items) = self.recorder.waiting.remove(&id) else { return };
        let Some(facts) = self.batches.get(&id).map(|batch| batch.facts.clone()) else { return };
        let begin = Work::Begin(Box::new(BeginJob { facts, items }));
        self.ended(begin, End::Planned(Err(Failure::cancelled(During::Plan))));
    }

    /// The run ends: what nobody has stopped until now is for the next one.
    pub(super) fn keep_for_next_run(&mut self) {
        let running = self.batches.iter().filter(|(_, batch)| !batch.facts.stop.is_cancelled());
        self.recorder.interrupted = running.map(|(id, _)| *id).collect();
        for (id, _) in self.batches.iter().filter(|(id, _)| !self.recorder.interrupted.contains(id)) {
            self.recorder.write(Entry::Over(*id));
        }
    }

    /// A batch has ended. It is over unless the end of the run broke it off, or what failed of it, now or before it was gone on with, may
    /// pass; what a person stopped is over.
    pub(super) fn record_over(&mut self, id: BatchId, batch: &Batch) {
        let stopped = batch.facts.stop.is_cancelled();
        if batch.passing && !stopped {
            self.past.lose(id);
        }
        let is_left = batch.passing || self.past.is_left(id);
        if !self.recorder.interrupted.contains(&id) && (stopped || !is_left) {
            self.recorder.write(Entry::Over(id));
        }
    }

    /// Keeps how far everything is that moves.
    pub(super) fn record_progress(&mut self) {
        if self.recorder.progress_kept.elapsed() < PROGRESS {
            return;
        }
        self.recorder.progress_kept = Instant::now();
        for record in self.active.iter().filter_map(|id| self.records.get(id)) {
            if let Some((account, path)) = &record.claim {
                let spot = Spot { account: account.clone(), path: path.clone() };
                self.recorder.progress(&spot, record.done());
            }
        }
    }

    /// A runner is to begin with a file.
    pub(super) fn record_begun(&mut self, job: &FileJob) {
        if let Some(batch) = self.batches.get(&job.facts.id) {
            self.recorder.begun(&batch.pair, job);
        }
    }

    /// A runner is done with a file.
    pub(super) fn record_ended(&mut self, job: &FileJob, end: &Result<Copied, Failure>) {
        if let Some(batch) = self.batches.get(&job.facts.id) {
            self.recorder.ended(&batch.pair, job, end);
        }
    }

    /// A runner was to begin with a file, and has not touched it.
    pub(super) fn record_untouched(&mut self, id: TransferId) {
        if let Some((account, path)) = self.records.get(&id).and_then(|record| record.claim.clone()) {
            self.recorder.forget(Spot { account, path });
        }
    }

    fn own_partial(&self, batch: BatchId, file: &FoundFile) -> Option<&Partial> {
        let pair = &self.batches.get(&batch)?.pair;
        let spot = Spot { account: pair.to.clone(), path: file.target.clone() };
        let (account, path) = (pair.from.clone(), file.source.clone());
        let origin = Origin { account, path, size: file.size, modified: file.modified };
        self.recorder.ledger.trusted(&spot, &origin)
    }

    /// An unfinished upload of our own at the target is no conflict: it is gone on with, whatever the rule for existing targets is. What was
    /// put there since is not ours: it would have to be no shorter than ours was, but for what was still on its way, and still not whole;
    /// whole only where the run ended before that could be written down. Who goes on with it compares its end, and if that is another's the
    /// rule holds.
    pub(super) fn own_target(&self, batch: BatchId, file: &FoundFile) -> Option<Verdict> {
        let partial = self.own_partial(batch, file).filter(|partial| !partial.beside)?;
        let there = file.existing.as_ref().filter(|entry| entry.kind == Kind::File)?.size?;
        let restored = self.batches.get(&batch).is_some_and(|batch| batch.facts.restored);
        let fits = file.size.is_some_and(|size| there < size || (restored && there == size));
        (fits && partial.done <= there.saturating_add(ON_THE_WAY)).then_some(Verdict::Go(How::Own(there)))
    }

    /// A file that would be begun anew goes on in a partial of our own, if there is one.
    pub(super) fn start_from(&self, batch: BatchId, file: &FoundFile, how: How) -> How {
        if !matches!(how, How::New | How::Replace) {
            return how;
        }
        match self.own_partial(batch, file) {
            Some(partial) if partial.beside => How::Partial(file.partial.unwrap_or(0).max(partial.done)),
            Some(_) | None => how,
        }
    }

    /// A person cancelled a file, and not its batch, which would be over with that: a later run that goes on with the batch leaves it.
    pub(super) fn record_cancelled(&self, id: TransferId) {
        let batch = self.records.get(&id).and_then(|record| self.batches.get(&record.batch));
        if batch.is_some_and(|batch| !batch.facts.stop.is_cancelled()) {
            self.record_end(id, FileEnd::Cancelled);
        }
    }

    /// A file ended without being tried.
    pub(super) fn record_end(&self, id: TransferId, end: FileEnd) {
        let Some(record) = self.records.get(&id).filter(|_| self.recorder.journal.is_some()) else { return };
        let (file, batch) = (&record.file, record.batch);
        let target = record.taken.as_ref().unwrap_or(&file.target).clone();
        let (source, size, modified) = (file.source.clone(), file.size, file.modified);
        let row = FileRow { source, target, renamed: false, size, modified, end, at: now() };
        self.recorder.write(Entry::File(batch, Box::new(row)));
    }
}
