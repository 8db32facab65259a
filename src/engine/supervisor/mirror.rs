//! What a mirror does beside copying: it tells its steps, and deletes at the end.
//!
//! Guarantee: nothing is deleted before every directory was walked and every file copied, and nothing at all where one of them failed
//! or was cancelled.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::bus::{MirrorStep, TransferEvent};
use crate::engine::journal::Entry;
use crate::engine::ledger::Spot;
use crate::engine::partial::{Partials, partial_of};
use crate::engine::work::{BatchFacts, ClearJob, Found, FoundFile, Remark, WalkJob, Work};
use crate::model::{BatchId, During, Failure, FailureKind, Kind, VPath};
use crate::volume::Connector;

use super::Supervisor;
use super::batch::Batch;

/// Entries that one lane deletes at a time.
const CHUNK: usize = 64;

/// What a mirror does once all that was found is copied.
#[derive(Default)]
pub(super) struct Later {
    walks: Vec<WalkJob>,
    files: Vec<(FoundFile, Kind)>,
    extras: Vec<(VPath, Kind)>,
    /// Partials that are not deleted, once that is known.
    partials: Option<Arc<Partials>>,
}

impl Later {
    /// Belongs to a batch whose servers are met otherwise.
    pub(super) fn renew(&mut self, facts: &Arc<BatchFacts>) {
        for walk in &mut self.walks {
            walk.facts = facts.clone();
        }
    }

    fn is_empty(&self) -> bool {
        self.walks.is_empty() && self.files.is_empty() && self.extras.is_empty()
    }
}

impl<C: Connector> Supervisor<C> {
    /// Takes what is a mirror's own out of what a walk found.
    pub(super) fn mirrored(&mut self, id: BatchId, found: &mut Found) {
        let Some(batch) = self.batches.get_mut(&id).filter(|batch| batch.facts.mirror().is_some()) else { return };
        let own = std::mem::take(&mut found.mirror);
        batch.summary.skipped += own.same;
        batch.later.walks.extend(own.held_walks);
        batch.later.files.extend(own.held_files);
        batch.later.extras.extend(own.extras);
        let deleted = own.steps.iter().filter(|step| matches!(step, MirrorStep::Delete(..))).count();
        batch.summary.deleted += deleted as u64;
        let dry_run = batch.facts.is_dry();
        for step in own.steps {
            self.outbox.transfer(TransferEvent::Mirrored { batch: id, step, dry_run });
        }
    }

    /// A dry run tells of a file, which goes no further.
    pub(super) fn would_copy(&mut self, id: BatchId, file: FoundFile) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.summary.done += 1;
        batch.summary.bytes = batch.summary.bytes.saturating_add(file.size.unwrap_or(0));
        let step = MirrorStep::Copy { source: file.source, target: file.target, size: file.size };
        self.outbox.transfer(TransferEvent::Mirrored { batch: id, step, dry_run: true });
    }

    /// Nothing is under way: begins what a mirror has kept for later, where there is something and all went well.
    pub(super) fn mirror_goes_on(&mut self, id: BatchId) -> bool {
        // A batch that was gone on with has counts of its own: what is left of before tells.
        let is_whole = !self.past.holds(id);
        let Some(batch) = self.batches.get_mut(&id).filter(|batch| !batch.later.is_empty()) else { return false };
        if batch.facts.stop.is_cancelled() || !is_whole || !went_well(batch) {
            let later = std::mem::take(&mut batch.later);
            self.stays(id, later);
            return false;
        }
        let Some(partials) = batch.later.partials.clone() else { return self.ask_for_partials(id) };
        let facts = batch.facts.clone();
        let (walks, files) = (std::mem::take(&mut batch.later.walks), std::mem::take(&mut batch.later.files));
        let spared = self.options.journal.as_deref().filter(|_| batch.pair.to.is_local()).and_then(vpath);
        let clear = |entries, then| {
            Work::Clear(Box::new(ClearJob { facts: facts.clone(), entries, spared: spared.clone(), partials: partials.clone(), then }))
        };
        let mut works: Vec<Work> = walks.into_iter().map(|walk| Work::Walk(Box::new(walk))).collect();
        for (mut file, kind) in files {
            let entries = vec![(file.target.clone(), kind)];
            file.existing = None;
            works.push(clear(entries, Some(Box::new(file))));
        }
        if works.is_empty() {
            let extras = std::mem::take(&mut batch.later.extras);
            let mut extras = self.unclaimed(id, extras).into_iter();
            works.extend(
                std::iter::from_fn(|| Some(extras.by_ref().take(CHUNK).collect()).filter(|chunk: &Vec<_>| !chunk.is_empty()))
                    .map(|entries| clear(entries, None)),
            );
        }
        let Some(batch) = self.batches.get_mut(&id) else { return false };
        batch.plans += works.len();
        for work in works.into_iter().rev() {
            self.queue.push_plan(&batch.pair, id, batch.priority, Box::new(work));
        }
        batch.plans > 0
    }

    /// Asks the journal which partials are anybody's, before anything is deleted: another program may have begun some since this one was started.
    fn ask_for_partials(&mut self, id: BatchId) -> bool {
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.plans += 1;
        }
        if !self.recorder.write(Entry::Partials(id)) {
            // Without a journal there are no others to know of.
            self.partials_told(id, self.options.journal.is_none().then(Vec::new));
        }
        true
    }

    /// Which partials the journal knows, be they of this run or of others, where it could say; those that this run knows are added.
    pub(super) fn partials_told(&mut self, id: BatchId, spots: Option<Vec<Spot>>) {
        let Some(to) = self.batches.get(&id).map(|batch| batch.pair.to.clone()) else { return };
        let known = |spots: Vec<Spot>| {
            let told = spots.into_iter().filter(|spot| spot.account == to).map(|spot| spot.path);
            let claimed = self.claims.keys().filter(|(account, _)| *account == to).map(|(_, path)| path.clone());
            told.chain(self.recorder.ledger.targets_on(&to)).chain(claimed).filter_map(|target| partial_of(&target)).collect()
        };
        let partials = spots.map_or(Partials::Any, |spots| Partials::Known(known(spots)));
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.later.partials = Some(Arc::new(partials));
            batch.plans -= 1;
        }
        self.settle_batch(id);
    }

    /// Leaves out what another transfer is writing, and what holds it.
    fn unclaimed(&self, id: BatchId, mut extras: Vec<(VPath, Kind)>) -> Vec<(VPath, Kind)> {
        let Some(to) = self.batches.get(&id).map(|batch| &batch.pair.to) else { return Vec::new() };
        if self.claims.is_empty() {
            return extras;
        }
        let claimed = self.claims.keys().filter(|(account, _)| account == to).map(|(_, path)| path.clone());
        let held: HashSet<VPath> = claimed.flat_map(|path| std::iter::successors(Some(path), VPath::parent)).collect();
        extras.retain(|(extra, _)| !held.contains(extra));
        extras
    }

    /// What was to be deleted stays, because something went wrong; told once.
    fn stays(&mut self, id: BatchId, later: Later) {
        let in_the_way = later.walks.iter().map(|walk| &walk.source).chain(later.files.iter().map(|(file, _)| &file.source));
        let remarks: Vec<Remark> = in_the_way
            .map(|path| {
                let failure = Failure::new(FailureKind::AlreadyExists, During::Write, "something else is at its target")
                    .about(path.as_bytes())
                    .hint("it was not replaced, because not everything went well");
                Remark { path: path.clone(), failure, failed: true }
            })
            .collect();
        self.remark(id, remarks);
        if let Some(directory) = later.extras.first().and_then(|(path, _)| path.parent()) {
            let count = later.extras.len();
            let detail =
                format!("{count} without a source {} kept, because not everything went well", if count == 1 { "is" } else { "are" });
            let failure = Failure::new(FailureKind::Invalid, During::Remove, detail).about(directory.as_bytes());
            self.remark(id, vec![Remark { path: directory, failure, failed: false }]);
        }
    }

    /// A lane has deleted what it was given.
    pub(super) fn cleared(&mut self, job: ClearJob, gone: Vec<(VPath, Kind)>, remarks: Vec<Remark>) {
        let id = job.facts.id;
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let dry_run = job.facts.is_dry();
        batch.summary.deleted += gone.len() as u64;
        let is_free = gone.iter().any(|(path, _)| job.then.as_ref().is_some_and(|file| file.target == *path));
        for (path, kind) in gone {
            if !dry_run {
                self.left(job.facts.to, &path);
            }
            self.outbox.transfer(TransferEvent::Mirrored { batch: id, step: MirrorStep::Delete(path, kind), dry_run });
        }
        let told = !remarks.is_empty();
        self.remark(id, remarks);
        match job.then {
            Some(file) if is_free && dry_run => self.would_copy(id, *file),
            Some(file) if is_free => self.admit(id, *file),
            Some(file) if !told => {
                let detail = "what is in its way holds something that must stay";
                let failure = Failure::new(FailureKind::AlreadyExists, During::Write, detail).about(file.target.as_bytes());
                self.remark(id, vec![Remark { path: file.source, failure, failed: true }]);
            }
            Some(_) | None => {}
        }
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.plans -= 1;
        }
        self.settle_batch(id);
    }
}

fn went_well(batch: &Batch) -> bool {
    batch.summary.failed + batch.summary.cancelled == 0
}

/// A path of this machine as the volumes call it.
fn vpath(path: &Path) -> Option<VPath> {
    VPath::parse(path.as_os_str().as_encoded_bytes()).ok()
}
