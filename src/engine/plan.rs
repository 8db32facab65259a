//! From a batch to its files: one directory at a time.
//!
//! A walk lists one source directory and, where it was there before, the target directory: existing targets are known from that one
//! listing, never from a command for each file. What it finds goes back as values; the supervisor queues files while other directories
//! are still to be walked. Guarantee: a link to a directory is only entered where that was asked for and never in a circle, nothing is
//! copied into itself, and no two sources share a target.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::transfer::{Item, Verb};
use crate::model::{During, Entry, Failure, FailureKind, Kind, Name, VPath, limits};
use crate::volume::{Ahead, Connector, Volume};

use super::copy::is_local;
use super::mirror;
use super::partial::{CONTESTED, contested};
use super::resume::is_gone;
use super::retry;
use super::rows::{Row, Rows, rows};
use super::seen::NamesSeen;
use super::spelling::Spelling;
use super::targets::{Targets, targets_of};
use super::work::{Above, BatchFacts, BeginJob, Found, FoundFile, Remark, WalkJob};
use super::worker::Worker;

/// What a source entry comes to.
enum Seen {
    File(FoundFile),
    Dir,
    Not(Remark),
}

/// Looks at what a batch begins with.
pub(super) async fn begin<C: Connector>(worker: &mut Worker<C>, job: &BeginJob) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut claimed = HashSet::new();
    let mut parents: BTreeMap<VPath, Vec<&Item>> = BTreeMap::new();
    for item in &job.items {
        match refuse(item, &job.facts, &mut claimed) {
            Some(remark) => found.remarks.push(remark),
            None => parents.entry(item.target.parent().unwrap_or_else(VPath::root)).or_default().push(item),
        }
    }
    for (parent, items) in parents {
        let targets = targets_of(worker, &job.facts, &parent, &items).await?;
        let names: Vec<Name> = items.iter().filter_map(|item| item.target.name()).collect();
        let contested = contested(names.iter());
        let ends = items.first().and_then(|item| item.source.parent()).unwrap_or_else(VPath::root);
        let mut spelling = Spelling::begin(worker, &job.facts, (&ends, &parent, &targets), names.iter()).await?;
        for item in items {
            let target = match spelling.target((&item.source, &item.target), &targets) {
                Ok(target) => target,
                Err(failure) => {
                    found = note(found, &item.source, failure);
                    continue;
                }
            };
            if item.target.name().is_some_and(|name| contested.contains(&name)) {
                let failure = Failure::new(FailureKind::Invalid, During::Plan, CONTESTED).about(item.source.as_bytes());
                found = note(found, &item.source, failure);
                continue;
            }
            // What an earlier run moved in its last moment was not written down.
            if job.facts.restored
                && job.facts.verb == Verb::Move
                && targets.has(item)
                && is_gone(worker.source().await?, &item.source).await?
            {
                continue;
            }
            let seen = see_item(worker, &job.facts, item, &target).await?;
            let target_parent = targets.path.clone().filter(|_| job.facts.same);
            let existing = target.name().and_then(|name| targets.kind(&name));
            let walk = |source: &VPath, target: &VPath| WalkJob {
                facts: job.facts.clone(),
                source: source.clone(),
                target: target.clone(),
                existing,
                replace: false,
                above: None,
                target_parent,
            };
            add(&mut found, seen, &targets, &job.facts, || walk(&item.source, &target));
        }
    }
    Ok(found)
}

/// What an item comes to. The root has no name, and is a directory.
async fn see_item<C: Connector>(worker: &mut Worker<C>, facts: &BatchFacts, item: &Item, target: &VPath) -> Result<Seen, Failure> {
    let Some(name) = item.source.name() else { return Ok(Seen::Dir) };
    let entry = Entry { size: item.size, modified: item.modified, mode: item.mode, ..Entry::new(name, item.kind) };
    see(worker, facts, (&item.source, target), &entry, true).await
}

/// Why an item cannot be copied at all.
fn refuse(item: &Item, facts: &BatchFacts, claimed: &mut HashSet<VPath>) -> Option<Remark> {
    let invalid = |detail: &str| {
        let failure = Failure::new(FailureKind::Invalid, During::Plan, detail).about(item.source.as_bytes());
        Some(Remark { path: item.source.clone(), failure, failed: true })
    };
    if facts.same && item.source == item.target {
        return invalid("source and target are the same");
    }
    if facts.same && item.target.is_within(&item.source) {
        return invalid("the target lies in the source");
    }
    if !claimed.insert(item.target.clone()) {
        return invalid("another one of the batch has the same target");
    }
    None
}

/// Whether a failure ends the step rather than being one of the things it finds.
pub(super) fn hopeless(failure: &Failure) -> bool {
    retry::may_pass(failure) || failure.kind == FailureKind::Cancelled
}

/// Walks one directory.
pub(super) async fn walk<C: Connector>(worker: &mut Worker<C>, job: &WalkJob) -> Result<Found, Failure> {
    if job.facts.stop.is_cancelled() {
        return Err(Failure::cancelled(During::Plan));
    }
    if let Some(found) = rename_whole(worker, job).await? {
        return Ok(found);
    }
    let mut found = Found::default();
    let source = match listed(worker, job).await {
        Ok(rows) => rows,
        Err(failure) if hopeless(&failure) => return Err(failure),
        Err(failure) => return Ok(note(found, &job.source, failure)),
    };
    if let Some(failure) = circle(job, &source.path) {
        return Ok(note(found, &job.source, failure));
    }
    let targets = match enter(worker, job, &mut found).await? {
        Ok(targets) => targets,
        Err(failure) => return Ok(note(found, &job.source, failure)),
    };
    found.count.dirs += 1;
    found.walked = Some(job.source.clone());
    for row in source.unparsed {
        let failure = Failure::new(FailureKind::Protocol, During::List, "a row of the listing could not be read").about(row);
        found.remarks.push(Remark { path: job.source.clone(), failure, failed: true });
    }
    let above = Some(Arc::new(below(job, source.path, &source.entries)));
    let sources = source.entries.iter().map(|entry| &entry.name);
    let mut beside = Beside {
        dirs_fit: above.as_ref().is_some_and(|above| above.beside <= limits::BESIDE),
        contested: contested(sources.clone()),
        names: NamesSeen::new(mirror::deletes(job)),
        spelling: Spelling::begin(worker, &job.facts, (&job.source, &job.target, &targets), sources).await?,
    };
    for entry in source.entries.into_iter().map(Entry::from) {
        let from = job.source.join(&entry.name);
        let to = match beside.target(job, (&from, &entry), &targets) {
            Ok(to) => to,
            Err(failure) => {
                found = note(found, &from, failure);
                continue;
            }
        };
        let seen = see(worker, &job.facts, (&from, &to), &entry, false).await?;
        let existing = to.name().and_then(|name| targets.kind(&name));
        let (facts, above) = (job.facts.clone(), above.clone());
        add(&mut found, seen, &targets, &job.facts, || WalkJob {
            facts,
            source: from,
            target: to,
            existing,
            replace: false,
            above,
            target_parent: None,
        });
    }
    mirror::extras(&mut found, job, &beside.names, targets.into_rows());
    found.files.settle();
    Ok(found)
}

/// The rows of the directory. What is found in it is listed or read on the same connection, most likely.
async fn listed<C: Connector>(worker: &mut Worker<C>, job: &WalkJob) -> Result<Rows, Failure> {
    let volume = worker.source().await?;
    volume.expect(Ahead { more: true, ..Ahead::default() });
    rows(volume, &job.source, &job.facts.stop).await
}

/// The directory that is walked, for those below it.
fn below(job: &WalkJob, path: VPath, entries: &[Row]) -> Above {
    let (depth, before) = job.above.as_ref().map_or((0, 0), |above| (above.depth + 1, above.beside));
    let (from, to) = (job.source.as_bytes().len(), job.target.as_bytes().len());
    let held = |name: &Name| size_of::<WalkJob>() + from + to + 2 * name.as_bytes().len();
    let beside = entries.iter().filter(|row| row.kind == Kind::Dir).map(|row| held(&row.name)).sum::<usize>();
    Above { path, depth, beside: before + beside, above: job.above.clone() }
}

/// What is known of the entries of a directory beside each other.
struct Beside {
    dirs_fit: bool,
    contested: HashSet<Name>,
    names: NamesSeen,
    spelling: Spelling,
}

impl Beside {
    /// Where an entry goes, or why nowhere.
    fn target(&mut self, job: &WalkJob, (from, entry): (&VPath, &Entry), targets: &Targets) -> Result<VPath, Failure> {
        let refused = |kind, detail: &str| Err(Failure::new(kind, During::Plan, detail).about(from.as_bytes()));
        let to = job.target.join(&entry.name);
        if from.as_bytes().len().max(to.as_bytes().len()) > limits::PATH {
            return refused(FailureKind::Invalid, "its path is too long");
        }
        if entry.kind == Kind::Dir && !self.dirs_fit {
            return refused(FailureKind::Invalid, "too many directories wait beside it");
        }
        if self.contested.contains(&entry.name) {
            return refused(FailureKind::Protocol, CONTESTED);
        }
        if !self.names.insert(&entry.name) {
            return refused(FailureKind::Protocol, "the listing names it twice");
        }
        let to = self.spelling.target((from, &to), targets)?;
        if let Some(name) = to.name() {
            // What is there under its other spelling has a source.
            self.names.insert(&name);
        }
        Ok(to)
    }
}

fn note(mut found: Found, path: &VPath, failure: Failure) -> Found {
    found.remarks.push(Remark { path: path.clone(), failure, failed: true });
    found
}

/// A move of a directory to where nothing is, on one volume, is one rename.
async fn rename_whole<C: Connector>(worker: &mut Worker<C>, job: &WalkJob) -> Result<Option<Found>, Failure> {
    if job.facts.verb != Verb::Move || !job.facts.same || job.existing.is_some() {
        return Ok(None);
    }
    let volume = worker.source().await?;
    let failure = match volume.rename(&job.source, &job.target, false).await {
        Ok(()) => {
            let mut found = Found { moved: Some(job.source.clone()), ..Found::default() };
            found.count.dirs += 1;
            found.made.extend(made(volume, &job.target).await);
            return Ok(Some(found));
        }
        Err(failure) => failure,
    };
    match failure.kind {
        FailureKind::Unsupported | FailureKind::AlreadyExists => Ok(None),
        _ if hopeless(&failure) => Err(failure),
        _ => Ok(Some(note(Found::default(), &job.source, failure))),
    }
}

/// A directory that came to be. On the local disk it is looked at for its time; a server is not asked for that alone.
pub(super) async fn made<V: Volume>(volume: &mut V, path: &VPath) -> Option<(VPath, Entry)> {
    let (parent, name) = (path.parent()?, path.name()?);
    let seen = if is_local(volume) { volume.stat(path).await.ok().flatten() } else { None };
    let entry = seen.filter(|entry| entry.kind == Kind::Dir).unwrap_or_else(|| Entry::new(name.clone(), Kind::Dir));
    Some((parent, Entry { name, ..entry }))
}

/// Whether walking on would lead round in a circle.
fn circle(job: &WalkJob, source: &VPath) -> Option<Failure> {
    let invalid = |detail: &str| Some(Failure::new(FailureKind::Invalid, During::Plan, detail).about(job.source.as_bytes()));
    if job.above.as_ref().is_some_and(|above| above.holds(source)) {
        return invalid("the link leads back into a directory above it");
    }
    if job.above.as_ref().is_some_and(|above| above.depth >= limits::DEPTH) {
        return invalid("it lies too deep");
    }
    if job.target_parent.as_ref().is_some_and(|parent| parent.is_within(source)) {
        return invalid("the target lies in the source");
    }
    None
}

/// Makes the target directory, or finds what is in the one that is there. The inner failure is about this directory alone.
async fn enter<C: Connector>(worker: &mut Worker<C>, job: &WalkJob, found: &mut Found) -> Result<Result<Targets, Failure>, Failure> {
    if let Some(entered) = mirror::enter(worker, job, found).await? {
        return Ok(entered);
    }
    let in_the_way = |detail: &str| Failure::new(FailureKind::AlreadyExists, During::MakeDir, detail).about(job.target.as_bytes());
    match job.existing {
        Some(Kind::Link) => return Ok(Err(in_the_way("a link of that name is there, and links are not written through"))),
        Some(Kind::File | Kind::Other) => return Ok(Err(in_the_way("a file of that name is there"))),
        Some(Kind::Dir) | None => {}
    }
    let volume = worker.target().await?;
    let mut refused = None;
    if job.existing.is_none() && !job.target.is_root() {
        match volume.make_dir(&job.target).await {
            Ok(()) => {
                found.made.extend(made(volume, &job.target).await);
                return Ok(Ok(Targets::empty()));
            }
            Err(failure) if hopeless(&failure) => return Err(failure),
            Err(failure) => refused = Some(failure),
        }
    }
    match rows(volume, &job.target, &job.facts.stop).await {
        Ok(rows) => Ok(Ok(Targets::of(rows, &job.facts))),
        Err(failure) if hopeless(&failure) => Err(failure),
        Err(failure) => Ok(Err(refused.unwrap_or(failure))),
    }
}

/// What a source entry comes to: links are looked behind, directories are walked, the rest is copied.
async fn see<C: Connector>(
    worker: &mut Worker<C>,
    facts: &BatchFacts,
    (source, target): (&VPath, &VPath),
    entry: &Entry,
    named: bool,
) -> Result<Seen, Failure> {
    let remark = |kind, detail: &str, failed| {
        let failure = Failure::new(kind, During::Plan, detail).about(source.as_bytes());
        Seen::Not(Remark { path: source.clone(), failure, failed })
    };
    let file = |of: &Entry| {
        let (source, target) = (source.clone(), target.clone());
        let size = of.file_size();
        Seen::File(FoundFile { source, target, size, modified: of.modified, mode: of.mode, existing: None, partial: None, taken: None })
    };
    let behind = match entry.kind {
        Kind::Dir => return Ok(Seen::Dir),
        Kind::File => return Ok(file(entry)),
        // A pipe would wait for a writer; only one that a person named is read.
        Kind::Other if named && !facts.restored => return Ok(file(entry)),
        // What an earlier run was fed by has gone with it.
        Kind::Other => return Ok(remark(FailureKind::Unsupported, "it is no regular file", named)),
        Kind::Link if entry.leads_to == Some(Kind::Dir) && !facts.follow => None,
        Kind::Link => {
            let volume = worker.source().await?;
            match volume.stat(source).await {
                // It was a guess by its name: no link is known to be one there.
                Ok(Some(behind)) if behind.kind == Kind::Dir && volume.abilities().names_alone => return Ok(Seen::Dir),
                Ok(behind) => behind.map(|behind| (behind.kind, behind)),
                Err(failure) if hopeless(&failure) => return Err(failure),
                Err(failure) => return Ok(Seen::Not(Remark { path: source.clone(), failure, failed: true })),
            }
        }
    };
    Ok(match behind {
        Some((Kind::Dir, _)) if facts.follow => Seen::Dir,
        Some((Kind::File, behind)) => file(&behind),
        Some((Kind::Link, _)) => remark(FailureKind::NotFound, "the link leads nowhere", true),
        Some((Kind::Other, _)) => remark(FailureKind::Unsupported, "the link leads to no regular file", false),
        Some((Kind::Dir, _)) => remark(FailureKind::Unsupported, "it is a link to a directory", false),
        None if entry.leads_to == Some(Kind::Dir) => remark(FailureKind::Unsupported, "it is a link to a directory", false),
        None => remark(FailureKind::NotFound, "the link leads nowhere", true),
    })
}

fn add(found: &mut Found, seen: Seen, targets: &Targets, facts: &BatchFacts, walk: impl FnOnce() -> WalkJob) {
    match seen {
        Seen::File(mut file) => {
            targets.fill(&mut file, facts);
            let Some(file) = mirror::sift(found, file, facts) else { return };
            let bytes = file.size.unwrap_or(0);
            if let Some(file) = found.files.push(file) {
                let failure = Failure::new(FailureKind::Invalid, During::Plan, "it lies in no directory").about(file.source.as_bytes());
                return found.remarks.push(Remark { path: file.source, failure, failed: true });
            }
            found.count.files += 1;
            found.count.bytes = found.count.bytes.saturating_add(bytes);
        }
        Seen::Dir => mirror::hold_back(found, walk()),
        Seen::Not(remark) => found.remarks.push(remark),
    }
}
