//! The end of a copy: what is whole gets its time, its mode and its name.
//!
//! Guarantee: the name comes last, so that nothing under a target's name lacks what it is to have; what cannot be set is no failure.

use crate::model::figures;
use crate::model::{During, Entry, Failure, FailureKind, Kind, Precision, Timestamp, VPath};
use crate::volume::{Settled, Volume};

use super::copy::{Whole, is_local, look};
use super::copy_state::CopyState;
use super::work::FileJob;

/// A file in its place.
pub(super) struct Finished {
    pub(super) entry: Entry,
    /// Whether its time could be set, where it is known.
    pub(super) timed: Option<bool>,
    /// Whether its mode could be set, where that was asked for.
    pub(super) moded: Option<bool>,
}

/// A file that is whole, and the time it is to have.
pub(super) struct Timed<'a> {
    pub(super) whole: &'a Whole,
    pub(super) modified: Option<Timestamp>,
}

/// The time that the target is to have, of a source that was `listed` with a time. What a LIST says of old files is the day: there one question keeps the time to the second. A minute is
/// near enough, and spares a round trip for each file of a tree.
pub(super) async fn time_for<A: Volume>(
    a: &mut A,
    job: &FileJob,
    listed: Option<Timestamp>,
    is_special: bool,
    known: Option<Option<Timestamp>>,
) -> Result<Option<Timestamp>, Failure> {
    match (known, listed) {
        (Some(known), _) => Ok(known),
        (None, Some(time)) if time.precision == Precision::Day && !is_special => Ok(exact_time(a, &job.source).await?.or(listed)),
        (None, known) => Ok(known),
    }
}

/// The time of a source to the second, where its volume can tell.
pub(super) async fn exact_time<V: Volume>(volume: &mut V, path: &VPath) -> Result<Option<Timestamp>, Failure> {
    match volume.exact_time(path).await {
        Err(failure) if failure.is_connection_lost() || volume.is_lost() => Err(failure),
        outcome => Ok(outcome.ok().flatten()),
    }
}

/// Gives the file its time, mode and name. `None`: it could not be put in place of the old one and must be written over it.
pub(super) async fn finish<B: Volume>(
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    &Timed { whole, modified: known }: &Timed<'_>,
    from_local: bool,
) -> Result<Option<Finished>, Failure> {
    let Some(dest) = state.dest.clone() else { return Ok(None) };
    let modified = if dest.special { None } else { known };
    let mode = if dest.special { None } else { wanted_mode(job, from_local && is_local(b)) };
    let at = if whole.renamed { &job.target } else { &dest.path };
    let (timed, moded) = dress(b, at, whole.settled.as_ref(), modified, mode).await?;
    state.renaming = dest.beside;
    // A server's target was empty when the upload began beside it, if it was; here what came meanwhile can be kept, and is.
    let replace = job.existing.is_some() || !is_local(b);
    if dest.beside
        && !whole.renamed
        && let Err(failure) = b.rename(&dest.path, &job.target, replace).await
    {
        if failure.kind == FailureKind::AlreadyExists && !replace {
            return Err(came(b, job, "a file of that name has come there meanwhile").await);
        }
        if failure.is_connection_lost() || b.is_lost() || is_local(b) {
            return Err(failure);
        }
        state.straighten(job, Some(dest.path));
        return Ok(None);
    }
    if let Some(leftover) = state.leftover.take() {
        // The bytes that could not be renamed into place were sent again; failing to clear them away harms nothing.
        let _ = b.remove_file(&leftover).await;
    }
    let seen = if is_local(b) && !dest.special { in_place(b, job, state.sent).await? } else { whole.seen.clone() };
    let (wished, wanted) = (modified, job.facts.manner.modes.then_some(mode).flatten());
    Ok(job.target.name().map(|name| {
        let base = seen.unwrap_or_else(|| Entry::new(name.clone(), Kind::File));
        let modified = if timed { known } else { base.modified };
        let mode = if moded { mode } else { base.mode };
        let size = if dest.special { None } else { Some(state.sent) };
        let size = if b.is_text(&job.target) { base.size } else { size };
        let kind = if dest.special { Kind::Other } else { Kind::File };
        Finished {
            entry: Entry { name, kind, size, rounded: false, modified, mode, ..base },
            timed: wished.map(|_| timed),
            moded: wanted.map(|_| moded),
        }
    }))
}

/// Sets time and mode, as far as that was not done already; answers whether each is set.
async fn dress<B: Volume>(
    b: &mut B,
    at: &VPath,
    settled: Option<&Settled>,
    modified: Option<Timestamp>,
    mode: Option<u16>,
) -> Result<(bool, bool), Failure> {
    if let Some(settled) = settled {
        return Ok((modified.is_some() && settled.timed, mode.is_some() && settled.moded));
    }
    let (mut timed, mut moded) = (false, false);
    if let Some(time) = modified.filter(|_| b.abilities().set_time) {
        let done = b.set_time(at, time).await;
        timed = tolerated(done, b.is_lost())?;
    }
    if let Some(mode) = mode.filter(|_| b.abilities().set_mode) {
        let done = b.set_mode(at, mode).await;
        moded = tolerated(done, b.is_lost())?;
    }
    Ok((timed, moded))
}

/// The local target as it is now, which must hold as many bytes as were written.
async fn in_place<B: Volume>(b: &mut B, job: &FileJob, sent: u64) -> Result<Option<Entry>, Failure> {
    let seen = look(b, &job.target).await?;
    match seen.as_ref().and_then(Entry::file_size) {
        Some(there) if there != sent => {
            // Whoever else has written it: what is there is not what came.
            let detail = format!(
                "{there} {} there, and {sent} {} written",
                figures::noun(there, "byte is", "bytes are"),
                figures::noun(sent, "was", "were")
            );
            Err(Failure::new(FailureKind::Local, During::Verify, detail).about(job.target.as_bytes()).hint("copy it again"))
        }
        _ => Ok(seen),
    }
}

/// The target is not what it was taken for: what it is, is looked at, so that what becomes of it can be decided anew.
pub(super) async fn came<B: Volume>(b: &mut B, job: &FileJob, detail: &str) -> Failure {
    if let Ok(Some(there)) = b.stat(&job.target).await
        && let Some(name) = job.target.name()
    {
        // One attempt in the life of a job ends so.
        let _ = job.came.set(Entry { name, ..there });
    }
    Failure::new(FailureKind::AlreadyExists, During::Write, detail).about(job.target.as_bytes()).hint("copy it again to decide about it")
}

/// The mode to set: the source's where modes are kept, else the replaced file's, else between local disks the source's. What makes a program
/// run as somebody else is never taken over from or to a server.
pub(super) fn wanted_mode(job: &FileJob, both_local: bool) -> Option<u16> {
    let replaced = job.existing.as_ref().filter(|entry| entry.kind == Kind::File).and_then(|entry| entry.mode);
    let source = job.mode.map(|mode| if both_local { mode } else { mode & 0o777 });
    let kept = if job.facts.manner.modes { source } else { None };
    kept.or(replaced).or(if both_local { source } else { None })
}

/// The outcome of what is nice to have: only a lost connection is a failure. Answers whether it was done.
fn tolerated(outcome: Result<(), Failure>, lost: bool) -> Result<bool, Failure> {
    match outcome {
        Ok(()) => Ok(true),
        Err(failure) if failure.is_connection_lost() || lost => Err(failure),
        Err(_) => Ok(false),
    }
}
