//! Whether a copy has the same bytes as its source, as both sides compute it.
//!
//! Guarantee: a copy that differs never takes its target's place. Where a side offers no checksum, nothing is claimed.

use crate::model::digest::{Algorithm, Digest};
use crate::model::{During, Failure, FailureKind, VPath};
use crate::volume::Volume;

use super::copy::is_local;
use super::copy_state::CopyState;
use super::work::{FileJob, How};

/// Compares the digests of both sides by the best algorithm that both have, and notes by which.
pub(super) async fn compare<A: Volume, B: Volume>(a: &mut A, b: &mut B, job: &FileJob, state: &mut CopyState) -> Result<(), Failure> {
    let Some(dest) = state.dest.clone().filter(|_| state.compared.is_none()) else { return Ok(()) };
    // A rename was only sent after a comparison, so that what bears the target's name needs none.
    let Some((source, copy)) = digests(a, b, job, &dest.path).await? else { return Ok(()) };
    if source != copy {
        let detail = format!("the {} of the copy is {copy}, the source's is {source}", source.algorithm());
        let failure = Failure::new(FailureKind::Protocol, During::Verify, detail).about(job.source.as_bytes());
        return Err(failure.hint("copy it again; if that fails too, the source may be changing"));
    }
    state.compared = Some(source.algorithm());
    Ok(())
}

/// The digests of both sides. The one that has less to offer chooses: a server, never the local disk.
async fn digests<A: Volume, B: Volume>(a: &mut A, b: &mut B, job: &FileJob, copy: &VPath) -> Result<Option<(Digest, Digest)>, Failure> {
    if is_local(a) {
        let Some(copied) = digest(b, copy, None, job).await? else { return Ok(None) };
        let source = digest(a, &job.source, Some(copied.algorithm()), job).await?;
        return Ok(source.map(|source| (source, copied)));
    }
    let Some(source) = digest(a, &job.source, None, job).await? else { return Ok(None) };
    if let Some(copied) = digest(b, copy, Some(source.algorithm()), job).await? {
        return Ok(Some((source, copied)));
    }
    // Another server may know another one.
    let Some(copied) = digest(b, copy, None, job).await? else { return Ok(None) };
    let source = digest(a, &job.source, Some(copied.algorithm()), job).await?;
    Ok(source.map(|source| (source, copied)))
}

/// A digest; what the volume refuses to compute is `None`.
async fn digest<V: Volume>(volume: &mut V, path: &VPath, algorithm: Option<Algorithm>, job: &FileJob) -> Result<Option<Digest>, Failure> {
    match volume.digest(path, algorithm, &job.stop).await {
        Ok(digest) => Ok(digest.filter(|digest| algorithm.is_none_or(|algorithm| algorithm == digest.algorithm()))),
        Err(failure) if failure.is_connection_lost() || volume.is_lost() || failure.kind == FailureKind::Cancelled => Err(failure),
        // A disk that cannot read what was just written is worth a failure; a server may not compute for everyone.
        Err(failure) if is_local(volume) => Err(failure),
        Err(_) => Ok(None),
    }
}

/// Takes a copy away that is not what it should be, unless it was there before us. The next try begins at the first byte.
pub(super) async fn discard<B: Volume>(b: &mut B, job: &FileJob, state: &mut CopyState, failure: &Failure) {
    if failure.kind != FailureKind::Protocol || b.is_lost() {
        return;
    }
    if let Some(dest) = &state.dest
        && !matches!(job.how, How::Append(_) | How::Own(_))
        && (dest.beside || job.how == How::New)
    {
        // What remains is no target, and is never taken for one: a partial's end is compared before it is gone on with.
        let _ = b.remove_file(&dest.path).await;
    }
    state.keep_in_one();
    state.whole = false;
    state.sent = 0;
}
