//! What a copy is to have besides its bytes: the time and the mode.
//!
//! Guarantee: a question to the source is spent only where its listing told too little.

use crate::model::{Failure, Kind, Precision, Timestamp, VPath};
use crate::volume::Volume;

use super::work::FileJob;

/// The time that the target is to have. What a LIST says of old files is the day: there one question keeps the time to the second. A minute is
/// near enough, and spares a round trip for each file of a tree.
pub(super) async fn time_for<A: Volume>(
    a: &mut A,
    job: &FileJob,
    is_special: bool,
    known: Option<Option<Timestamp>>,
) -> Result<Option<Timestamp>, Failure> {
    match (known, job.modified) {
        (Some(known), _) => Ok(known),
        (None, Some(time)) if time.precision == Precision::Day && !is_special => Ok(exact_time(a, &job.source).await?.or(job.modified)),
        (None, known) => Ok(known),
    }
}

/// The time of a source to the second, where its volume can tell.
async fn exact_time<V: Volume>(volume: &mut V, path: &VPath) -> Result<Option<Timestamp>, Failure> {
    match volume.exact_time(path).await {
        Err(failure) if failure.is_connection_lost() || volume.is_lost() => Err(failure),
        outcome => Ok(outcome.ok().flatten()),
    }
}

/// The mode to set: the replaced file's, else between local disks the source's.
pub(super) fn wanted_mode(job: &FileJob, both_local: bool) -> Option<u16> {
    let replaced = job.existing.as_ref().filter(|entry| entry.kind == Kind::File).and_then(|entry| entry.mode);
    replaced.or(if both_local { job.mode } else { None })
}
