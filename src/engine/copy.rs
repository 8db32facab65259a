//! One file from any volume to any volume.
//!
//! Guarantee: a target that exists keeps its bytes until the new ones are complete and checked, wherever the server lets that be; what
//! is not known to be whole is never called done. The state of a copy outlives an attempt, so that the next one goes on at the byte.
//! Knows nothing of queues, lanes or connections: who calls it opens lost volumes anew.

use crate::model::figures;
use crate::model::transfer::Verified;
use crate::model::{During, Entry, Failure, FailureKind, Kind, Timestamp, VPath};
use crate::volume::{Finish, Settled, Source, Volume, WriteFrom};

use super::copy_state::{CopyState, Dest};
use super::finish::{Timed, finish, time_for, wanted_mode};
use super::partial::partial_of;
use super::pump::{Moved, pump};
use super::resume::{is_foreign, open_behind, spare, start_of, tail_of};
use super::segments::{self, Fetched, Owned, Spread};
use super::unchanged;
use super::verify::{compare, discard};
use super::work::{Copied, FileJob, How};

/// Whether the target is a device or a pipe.
pub(super) fn is_special(job: &FileJob) -> bool {
    job.existing.as_ref().is_some_and(|entry| entry.kind == Kind::Other)
}

/// Whether the bytes are kept beside the target until they are complete; `local` tells of the target's volume.
pub(super) fn goes_beside(job: &FileJob, local: bool) -> bool {
    !is_special(job) && !matches!(job.how, How::Append(_) | How::Own(_)) && (local || job.existing.is_some())
}

fn choose(job: &FileJob, (local, straight): (bool, bool)) -> Result<Dest, Failure> {
    let (special, beside) = (is_special(job), goes_beside(job, local) && !straight);
    let path = if beside { partial_of(&job.target) } else { Some(job.target.clone()) };
    match path {
        Some(path) if job.target.name().is_some() => Ok(Dest { path, beside, special }),
        _ => Err(Failure::new(FailureKind::Invalid, During::Write, "the target is the root")),
    }
}

/// Whether the file is moved as text, so that the sizes of both sides need not be the same.
pub(super) fn is_text<A: Volume, B: Volume>(a: &A, b: &B, job: &FileJob) -> bool {
    a.is_text(&job.source) || b.is_text(&job.target)
}

/// Copies `job`'s file once, or goes on with what an attempt before it left.
pub(super) async fn copy<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    block: &mut [u8],
) -> Result<Copied, Failure> {
    loop {
        if state.dest.is_none() {
            state.dest = Some(choose(job, (is_local(b), b.abilities().straight))?);
        }
        let Some(dest) = state.dest.clone() else { continue };
        let whole = if state.whole { after_loss(a, b, job, state, &dest).await? } else { None };
        let whole = match whole {
            Some(whole) => whole,
            None => match transfer(a, b, job, state, block).await? {
                Some(verified) => verified,
                None => continue,
            },
        };
        if !dest.special
            && let Some(now) = unchanged::changed(a, job, state).await?
        {
            state.begin_anew(now);
            return Err(unchanged::failure(job));
        }
        // If a connection breaks from here on, the bytes are all there: the next attempt only has to look.
        state.whole = true;
        if job.facts.manner.verify
            && !dest.special
            && !is_text(a, b, job)
            && let Err(failure) = compare(a, b, job, state).await
        {
            discard(b, job, state, &failure).await;
            return Err(failure);
        }
        let verified = state.compared.map_or(whole.verified, Verified::Checksum);
        let modified = time_for(a, job, state.time(job), dest.special, whole.modified).await?;
        let timed = Timed { whole: &whole, modified };
        if let Some(finished) = finish(b, job, state, &timed, is_local(a)).await? {
            return Ok(Copied { verified, entry: finished.entry, left: false, timed: finished.timed, moded: finished.moded });
        }
    }
}

/// Whether a volume is the local disk.
pub(super) fn is_local<V: Volume>(volume: &V) -> bool {
    volume.opened().site.is_none()
}

/// A file that is known to be whole.
pub(super) struct Whole {
    pub(super) verified: Verified,
    /// What the target's volume said of it.
    pub(super) seen: Option<Entry>,
    /// It bears its final name already.
    pub(super) renamed: bool,
    /// The time that it is to have, where that was asked already.
    pub(super) modified: Option<Option<Timestamp>>,
    /// Its time and mode were set as far as that goes, along with the look at it.
    pub(super) settled: Option<Settled>,
}

/// After a lost completion reply: asks for the sizes on fresh connections. `None` where they do not prove that all is there.
async fn after_loss<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    dest: &Dest,
) -> Result<Option<Whole>, Failure> {
    if is_text(a, b, job) {
        // Nothing tells whether it is whole but the reply that was lost.
        state.whole = false;
        state.sent = 0;
        return Ok(None);
    }
    let expected = size_of(a, &job.source).await?.or(job.size);
    let mut seen = b.stat(&dest.path).await?;
    let mut renamed = false;
    if seen.is_none() && dest.beside && state.renaming {
        seen = b.stat(&job.target).await?;
        renamed = true;
    }
    let there = seen.as_ref().and_then(Entry::file_size);
    if expected == Some(state.sent) && there == Some(state.sent) {
        return Ok(Some(Whole { verified: Verified::SizeAfterLoss, seen, renamed, modified: None, settled: None }));
    }
    state.whole = false;
    Ok(None)
}

/// Moves the bytes and checks them. `None`: begin again, the state says how.
async fn transfer<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    block: &mut [u8],
) -> Result<Option<Whole>, Failure> {
    let Some(dest) = state.dest.clone() else { return Ok(None) };
    if let Some(whole) = in_parts(a, b, job, state, &dest, block).await? {
        return Ok(Some(whole));
    }
    if state.attempted && state.sent > 0 && is_local(a) && job.size.is_none() {
        let failure = Failure::new(FailureKind::Invalid, During::Read, "what was read of it is gone, since it is no regular file");
        return Err(failure.about(job.source.as_bytes()).hint("begin again with what feeds it"));
    }
    let start = start_of(a, b, job, state, &dest).await?;
    let tail = if start > 0 { tail_of(b, job, state, &dest.path, start).await? } else { None };
    let mut fed = match tail {
        Some(tail) => feed_behind(a, b, job, state, start, &tail, block).await?,
        None => Fed::Other,
    };
    if matches!(fed, Fed::Other) && is_foreign(b, job, state, &dest).await? {
        return spare(b, job, state).await.map(|()| None);
    }
    if matches!(fed, Fed::Other) {
        let source = a.read(&job.source, 0, &job.stop).await?;
        fed = feed(source, b, job, state, 0, block).await?;
    }
    match fed {
        Fed::All(size) => check(a, b, job, state, size).await,
        Fed::Again | Fed::Other => Ok(None),
    }
}

/// Fetches a file in parts, where it is begun so or was left so. `None`: it is to be copied in one.
async fn in_parts<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    dest: &Dest,
    block: &mut [u8],
) -> Result<Option<Whole>, Failure> {
    if state.in_one || !dest.beside || !is_local(b) || is_local(a) || is_text(a, b, job) {
        return Ok(None);
    }
    if state.spread.is_none() && !state.attempted && segments::is_left(b, job, &dest.path).await? {
        state.spread = Spread::new(job, dest.path.clone(), Some(1)).map(Owned);
    }
    let Some(spread) = state.spread.as_ref().map(|owned| owned.0.clone()) else { return Ok(None) };
    let fetched = segments::fetch(a, b, &spread, block).await;
    state.attempted = true;
    state.sent = spread.done();
    state.written |= spread.is_open();
    if fetched? == Fetched::Whole {
        return Ok(Some(Whole { verified: Verified::Size, seen: None, renamed: false, modified: None, settled: None }));
    }
    state.keep_in_one();
    state.sent = 0;
    Ok(None)
}

/// What came of moving bytes.
enum Fed {
    /// All went through; the source was said to have so many.
    All(Option<u64>),
    /// Begin again: the state says how.
    Again,
    /// What is at the target is other content, or the source cannot begin in the middle.
    Other,
}

/// Moves what comes behind `start`, if the bytes before it agree with `tail`.
async fn feed_behind<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    start: u64,
    tail: &[u8],
    block: &mut [u8],
) -> Result<Fed, Failure> {
    match open_behind(a, job, state, start, tail).await? {
        Some(source) => {
            state.joined = true;
            feed(source, b, job, state, start, block).await
        }
        None => Ok(Fed::Other),
    }
}

/// Moves all that the source has left to the target, from byte `start` on.
async fn feed<S: Source, B: Volume>(
    source: S,
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    start: u64,
    block: &mut [u8],
) -> Result<Fed, Failure> {
    let Some(dest) = state.dest.clone() else { return Ok(Fed::Again) };
    let size = source.size().or(job.size);
    let from = if start == 0 { WriteFrom::Start } else { WriteFrom::Offset(start) };
    let local = is_local(b);
    let sink = match b.write(&dest.path, from, size, &job.stop).await {
        Ok(sink) => sink,
        Err(failure) => {
            source.abandon().await;
            return no_sink(job, state, &dest, start, local, failure).map(|()| Fed::Again);
        }
    };
    state.written = true;
    state.attempted = true;
    job.progress.start_at(start);
    let moved = pump(source, sink, block, (&job.progress, &job.facts.throttle), &job.stop).await;
    state.sent = start + moved.bytes;
    judge(&moved, state)?;
    Ok(Fed::All(size))
}

/// The target could not be opened: whether there is another way.
fn no_sink(job: &FileJob, state: &mut CopyState, dest: &Dest, start: u64, local: bool, failure: Failure) -> Result<(), Failure> {
    let refused = matches!(failure.kind, FailureKind::Refused | FailureKind::Denied | FailureKind::Unsupported | FailureKind::Invalid);
    if start > 0 && refused {
        state.no_resume = true;
        return Ok(());
    }
    if dest.beside && refused && !local {
        state.straighten(job, None);
        return Ok(());
    }
    Err(failure)
}

/// Turns what both sides said into a failure, where there is one, and remembers whether all bytes went through.
fn judge(moved: &Moved, state: &mut CopyState) -> Result<(), Failure> {
    let lost_only = |end: &Result<(), Failure>| end.as_ref().err().is_none_or(Failure::is_connection_lost);
    state.whole = moved.whole && lost_only(&moved.source) && lost_only(&moved.sink);
    match moved.failure() {
        Some(failure) => Err(failure.clone()),
        None => Ok(()),
    }
}

/// Whether as many bytes are there as the source has; the listing's size may be old, so the source is asked before it counts as short.
async fn check<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &CopyState,
    size: Option<u64>,
) -> Result<Option<Whole>, Failure> {
    let Some(dest) = &state.dest else { return Ok(None) };
    let sent = state.sent;
    let is_text = is_text(a, b, job);
    let mut expected = size.filter(|_| !is_text);
    if expected != Some(sent) && !is_text {
        expected = size_of(a, &job.source).await?.or(size);
    }
    if let Some(expected) = expected.filter(|expected| *expected != sent) {
        return Err(short(job, sent, expected));
    }
    let whole = Whole { verified: Verified::Reply, seen: None, renamed: false, modified: None, settled: None };
    if is_local(b) {
        let verified = if expected.is_some() || (is_local(a) && !is_text) { Verified::Size } else { Verified::Reply };
        return Ok(Some(Whole { verified, ..whole }));
    }
    if dest.special {
        return Ok(Some(whole));
    }
    let modified = time_for(a, job, state.time(job), dest.special, None).await?;
    // Time, mode and look go out together: one round trip for an upload's end.
    let settled = b.settle(&dest.path, Finish { time: modified, mode: wanted_mode(job, false) }).await?;
    let seen = settled.entry.clone();
    let whole = Whole { seen, modified: Some(modified), settled: Some(settled), ..whole };
    match whole.seen.as_ref().and_then(Entry::file_size) {
        Some(there) if there != sent && !is_text => Err(short(job, there, sent)),
        Some(_) if !is_text => Ok(Some(Whole { verified: Verified::Size, ..whole })),
        Some(_) | None => Ok(Some(whole)),
    }
}

fn short(job: &FileJob, there: u64, expected: u64) -> Failure {
    Failure::new(
        FailureKind::Incomplete,
        During::Verify,
        format!("{there} {} arrived, the source has {expected}", figures::noun(there, "byte", "bytes")),
    )
    .about(job.source.as_bytes())
    .hint("copy it again with resume")
}

/// The size of a file as its volume says it, where it does.
pub(super) async fn size_of<V: Volume>(volume: &mut V, path: &VPath) -> Result<Option<u64>, Failure> {
    Ok(look(volume, path).await?.as_ref().and_then(Entry::file_size))
}

/// Looks at a path; what the volume cannot tell is `None`, a lost connection is a failure.
pub(super) async fn look<V: Volume>(volume: &mut V, path: &VPath) -> Result<Option<Entry>, Failure> {
    match volume.stat(path).await {
        Ok(entry) => Ok(entry),
        Err(failure) if failure.is_connection_lost() || volume.is_lost() => Err(failure),
        Err(_) => Ok(None),
    }
}
