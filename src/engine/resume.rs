//! Going on in the middle of a file: from which byte, and whether what is there is the beginning of what comes.
//!
//! Guarantee: nothing is appended to bytes whose end was not compared with the source's, and where these are others a target is not
//! written over in its place.

use tokio_util::sync::CancellationToken;

use crate::model::{During, Failure, FailureKind, VPath};
use crate::volume::{Source, Volume};

use super::copy::{is_text, look, size_of};
use super::copy_state::{CopyState, Dest};
use super::finish::came;
use super::partial::partial_of;
use super::plan::hopeless;
use super::pump::read_up_to;
use super::work::{FileJob, How};

/// Bytes before a restart offset that are compared with the source's.
const OVERLAP: u64 = 64 * 1024;

/// Whether nothing is at a path any more, as its volume says for certain.
pub(super) async fn is_gone<V: Volume>(volume: &mut V, path: &VPath) -> Result<bool, Failure> {
    match volume.stat(path).await {
        Ok(found) => Ok(found.is_none()),
        Err(failure) if hopeless(&failure) => Err(failure),
        Err(_) => Ok(false),
    }
}

/// From which byte to begin.
pub(super) async fn start_of<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    job: &FileJob,
    state: &CopyState,
    dest: &Dest,
) -> Result<u64, Failure> {
    if dest.special && state.sent > 0 {
        return Err(Failure::new(FailureKind::Incomplete, During::Write, "a device cannot be written again from the middle"));
    }
    if state.no_resume || dest.special || is_text(a, b, job) || !a.abilities().resume_read || !b.abilities().resume_write {
        return Ok(0);
    }
    let wanted = match (state.attempted, job.how) {
        (true, _) => state.sent,
        (false, How::Append(there) | How::Own(there) | How::Partial(there)) => there,
        (false, How::New | How::Replace) => 0,
    };
    if wanted == 0 {
        return Ok(0);
    }
    let Some(size) = known_size(a, job).await? else { return Ok(0) };
    let there = size_of(b, &dest.path).await?.unwrap_or(0);
    // What is longer than the file is other content, or has holes.
    Ok(if there > size { 0 } else { there.min(wanted) })
}

/// The source's size. Where nothing tells it, a server that takes REST and sends from the first byte could not be found out if its bytes
/// happen to agree: such a file is begun anew.
async fn known_size<A: Volume>(a: &mut A, job: &FileJob) -> Result<Option<u64>, Failure> {
    match job.size {
        Some(size) => Ok(Some(size)),
        None => size_of(a, &job.source).await,
    }
}

/// The last bytes before `start` of what is at the target; `None` where they cannot be read.
pub(super) async fn tail_of<B: Volume>(
    b: &mut B,
    job: &FileJob,
    state: &mut CopyState,
    path: &VPath,
    start: u64,
) -> Result<Option<Vec<u8>>, Failure> {
    let overlap = start.min(OVERLAP);
    let failure = match read_part(b, job, path, start - overlap, overlap).await {
        Ok(tail) if tail.len() as u64 == overlap => return Ok(Some(tail)),
        Ok(_) => return cut_short(state, path).map(|()| None),
        Err(failure) => failure,
    };
    let stops = failure.kind == FailureKind::Cancelled || failure.is_connection_lost() || b.is_lost();
    if stops { Err(failure) } else { Ok(None) }
}

/// What was to be compared ended before it should. Once that is taken for a connection that broke, however orderly: to believe that the
/// content is another would cost all that is there. Who does so again cannot send from the middle.
fn cut_short(state: &mut CopyState, path: &VPath) -> Result<(), Failure> {
    if std::mem::replace(&mut state.cut_short, true) {
        return Ok(());
    }
    let detail = "the data ended before what was to be compared did";
    Err(Failure::new(FailureKind::Disconnected, During::Read, detail).about(path.as_bytes()))
}

async fn read_part<B: Volume>(b: &mut B, job: &FileJob, path: &VPath, offset: u64, length: u64) -> Result<Vec<u8>, Failure> {
    let mut source = b.read(path, offset, &job.stop).await?;
    let part = read_up_to(&mut source, length as usize, &job.stop).await;
    end_of_reading(source, &part, &job.stop).await;
    part
}

/// Finishes a source that has come to its end, abandons one that has more.
async fn end_of_reading<S: Source>(mut source: S, so_far: &Result<Vec<u8>, Failure>, stop: &CancellationToken) {
    if so_far.is_ok() && read_up_to(&mut source, 1, stop).await.is_ok_and(|more| more.is_empty()) {
        // The bytes were compared, or will be: a bad completion reply adds nothing to that.
        let _ = source.finish().await;
    } else {
        source.abandon().await;
    }
}

/// Opens the source so that it stands at `start`, if the bytes before that are `tail`. `None`: it is other content, or it cannot begin
/// in the middle (also where a server takes REST and sends from the first byte all the same).
pub(super) async fn open_behind<'a, A: Volume>(
    a: &'a mut A,
    job: &FileJob,
    state: &mut CopyState,
    start: u64,
    tail: &[u8],
) -> Result<Option<A::Source<'a>>, Failure> {
    let mut source = match a.read(&job.source, start - tail.len() as u64, &job.stop).await {
        Ok(source) => source,
        Err(failure) if matches!(failure.kind, FailureKind::Unsupported | FailureKind::Refused | FailureKind::Invalid) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    match read_up_to(&mut source, tail.len(), &job.stop).await {
        Ok(bytes) if bytes == tail => Ok(Some(source)),
        Ok(bytes) => {
            source.abandon().await;
            let is_cut = bytes.len() < tail.len() && tail.starts_with(&bytes);
            if is_cut { cut_short(state, &job.source).map(|()| None) } else { Ok(None) }
        }
        Err(failure) => {
            source.abandon().await;
            Err(failure)
        }
    }
}

/// Whether what is at the target itself, and was to be gone on with, is something else: it must not be written over.
pub(super) async fn is_foreign<B: Volume>(b: &mut B, job: &FileJob, state: &CopyState, dest: &Dest) -> Result<bool, Failure> {
    let goes_on = matches!(job.how, How::Append(there) | How::Own(there) if there > 0);
    if !goes_on || dest.beside || dest.special || state.joined || state.attempted {
        return Ok(false);
    }
    Ok(look(b, &dest.path).await?.is_some_and(|there| there.size != Some(0)))
}

/// Leaves what is at the target alone: where a person asked to go on with it the whole file is written beside it, to replace it; where it
/// was only taken for our own, what is to become of it is asked anew.
pub(super) async fn spare<B: Volume>(b: &mut B, job: &FileJob, state: &mut CopyState) -> Result<(), Failure> {
    if matches!(job.how, How::Own(_)) {
        return Err(came(b, job, "what is there is not what an earlier run left unfinished").await);
    }
    let Some(path) = partial_of(&job.target) else { return Ok(()) };
    state.dest = Some(Dest { path, beside: true, special: false });
    Ok(())
}
