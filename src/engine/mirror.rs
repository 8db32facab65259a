//! What the walk of a mirror does differently: what is the same is passed over, what has no source is noted, and what is in the way of
//! something else is kept for later.
//!
//! Guarantee: nothing is deleted here but a file in the way of a directory, and that only in a walk that was held back until all others
//! had gone well. A dry run changes nothing.

use crate::bus::MirrorStep;
use crate::model::transfer::{Extras, Mirror};
use crate::model::{During, Entry, Existing, Failure, FailureKind, Kind, VPath};
use crate::volume::{Connector, Volume};

use super::existing::{Verdict, decide};
use super::plan::{hopeless, made};
use super::rows::Row;
use super::seen::NamesSeen;
use super::targets::Targets;
use super::work::{BatchFacts, Found, FoundFile, Remark, WalkJob};
use super::worker::Worker;

/// What is said where something may only be replaced by deleting it.
const HINT: &str = "only a mirror that deletes replaces it";

/// Leaves out of a walk's files those that are the same, and those that cannot be put where they belong; the rest is handed back.
pub(super) fn sift(found: &mut Found, file: FoundFile, facts: &BatchFacts) -> Option<FoundFile> {
    let Some(mirror) = facts.mirror() else { return Some(file) };
    let Some(there) = &file.existing else { return Some(file) };
    if let Some(kind) = in_the_way(there) {
        match mirror.extras {
            Extras::Delete => found.mirror.held_files.push((file, kind)),
            Extras::Keep => {
                let detail = if kind == Kind::Other { "something that is no file is there" } else { "a directory of that name is there" };
                let failure = Failure::new(FailureKind::AlreadyExists, During::Write, detail).about(file.target.as_bytes()).hint(HINT);
                found.remarks.push(Remark { path: file.source, failure, failed: true });
            }
        }
        return None;
    }
    match decide(Existing::Differs, file.size, file.modified, Some(there), None) {
        Verdict::Skip(_) => {
            found.mirror.same += 1;
            None
        }
        _ => Some(file),
    }
}

/// What cannot be replaced by a file without deleting more than a file.
fn in_the_way(there: &Entry) -> Option<Kind> {
    match there.kind {
        Kind::Link if there.leads_to == Some(Kind::Dir) => Some(Kind::Link),
        Kind::File | Kind::Link => None,
        kind @ (Kind::Dir | Kind::Other) => Some(kind),
    }
}

/// Adds a walk, or keeps it for later where a mirror must delete something first. What the mirror as a whole is to become is never deleted.
pub(super) fn hold_back(found: &mut Found, walk: WalkJob) {
    let deletes = walk.facts.mirror().is_some_and(|mirror| mirror.extras == Extras::Delete);
    let blocked = matches!(walk.existing, Some(Kind::File | Kind::Other | Kind::Link));
    if deletes && blocked && walk.above.is_some() {
        found.mirror.held_walks.push(WalkJob { replace: true, ..walk });
    } else {
        found.walks.push(walk);
    }
}

/// Whether what has no source is deleted.
pub(super) fn deletes(job: &WalkJob) -> bool {
    matches!(job.facts.mirror(), Some(Mirror { extras: Extras::Delete, .. }))
}

/// Notes the targets that have no source. A partial is an extra as any other file is; those that somebody may go on with are left out where
/// they are deleted. No extra is what a target that does not
/// tell large letters from small ones may have under the name of a source: to delete it would delete what was just copied.
pub(super) fn extras(found: &mut Found, job: &WalkJob, sources: &NamesSeen, targets: impl Iterator<Item = Row>) {
    if !deletes(job) {
        return;
    }
    let mut extras: Vec<_> = targets.filter(|entry| !sources.holds(&entry.name)).map(|entry| (entry.name, entry.kind)).collect();
    extras.retain(|(name, _)| {
        let is_alike = sources.holds_like(name);
        if is_alike {
            found.remarks.push(stays(job.target.join(name)));
        }
        !is_alike
    });
    extras.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    found.mirror.extras.extend(extras.into_iter().map(|(name, kind)| (job.target.join(&name), kind)));
}

/// Something without a source that is not deleted.
fn stays(path: VPath) -> Remark {
    let detail = "it is kept: its name differs from a source's in large and small letters only, and may be the same file";
    let failure = Failure::new(FailureKind::Invalid, During::Remove, detail).about(path.as_bytes());
    Remark { path, failure: failure.hint("delete it by hand if it is another one"), failed: false }
}

/// Makes the target directory where a mirror must delete for it or only tells of it; `None` where it is made as for any copy.
pub(super) async fn enter<C: Connector>(
    worker: &mut Worker<C>,
    job: &WalkJob,
    found: &mut Found,
) -> Result<Option<Result<Targets, Failure>>, Failure> {
    let blocked = job.existing.filter(|kind| job.replace && *kind != Kind::Dir);
    let dry = job.facts.is_dry();
    if blocked.is_none() && !(dry && job.existing.is_none() && !job.target.is_root()) {
        return Ok(None);
    }
    if let Some(kind) = blocked {
        found.mirror.steps.push(MirrorStep::Delete(job.target.clone(), kind));
    }
    if dry {
        found.mirror.steps.push(MirrorStep::MakeDir(job.target.clone()));
        return Ok(Some(Ok(Targets::empty())));
    }
    let volume = worker.target().await?;
    match volume.remove_file(&job.target).await {
        Ok(()) => {}
        // The reply to an earlier try was lost.
        Err(failure) if failure.kind == FailureKind::NotFound => {}
        Err(failure) if hopeless(&failure) => return Err(failure),
        Err(failure) => {
            found.mirror.steps.clear();
            return Ok(Some(Err(failure)));
        }
    }
    match volume.make_dir(&job.target).await {
        Ok(()) => {
            found.made.extend(made(volume, &job.target).await);
            Ok(Some(Ok(Targets::empty())))
        }
        Err(failure) if hopeless(&failure) => Err(failure),
        Err(failure) => Ok(Some(Err(failure))),
    }
}
