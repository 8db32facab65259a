//! Whether a source is still the file that it was when the copy began.
//!
//! Guarantee: of a source whose time has changed meanwhile nothing is called whole: some of the bytes may be of the file before, others of
//! the one behind. A small file on a server that came in one go is not asked about: its bytes leave the server at once, and the question
//! would cost as much as the file.
//!
//! Where all that is known of the time before is a LIST, which tells it by the server's clock on the wall, a change by whole quarters of an
//! hour cannot be told from another time zone and is not seen, nor is one within the minute or the day to which a LIST tells times.

use std::cmp::Ordering;

use crate::model::clock::{FARTHEST, STEP};
use crate::model::{During, Failure, FailureKind, Precision, Timestamp};
use crate::volume::Volume;

use super::copy::{is_local, look};
use super::copy_state::CopyState;
use super::finish::exact_time;
use super::work::FileJob;

/// From how many bytes on a file on a server is asked about once more.
const WORTH_ASKING: u64 = 1 << 20;

/// The source's time where it is another than before, after the bytes that `state` tells of were read.
pub(super) async fn changed<A: Volume>(a: &mut A, job: &FileJob, state: &CopyState) -> Result<Option<Timestamp>, Failure> {
    let Some(before) = state.time(job) else { return Ok(None) };
    if is_local(a) {
        let now = look(a, &job.source).await?.and_then(|entry| entry.modified);
        return Ok(now.filter(|now| now.compare(before) != Ordering::Equal));
    }
    if state.sent < WORTH_ASKING && !state.joined {
        return Ok(None);
    }
    let now = exact_time(a, &job.source).await?;
    let is_utc = state.time_was_asked() || (a.abilities().utc_times && before.precision == Precision::Second);
    Ok(now.filter(|now| if is_utc { before.compare(*now) != Ordering::Equal } else { is_other(before, *now) }))
}

/// Whether a time in UTC is another than what a listing said by the server's clock on the wall.
fn is_other(listed: Timestamp, now: Timestamp) -> bool {
    if listed.compare(now) == Ordering::Equal {
        return false;
    }
    let apart = listed.seconds.saturating_sub(now.seconds).saturating_abs();
    let beside = (apart % STEP).min(STEP - apart % STEP);
    let step = listed.precision.max(now.precision).seconds();
    apart > i64::from(FARTHEST) + step || beside > step
}

/// The failure for a source that changed: it is read again from its beginning.
pub(super) fn failure(job: &FileJob) -> Failure {
    Failure::new(FailureKind::Incomplete, During::Read, "it changed while it was copied").about(job.source.as_bytes()).hint("copy it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_by_another_clock_is_no_change() {
        let now = Timestamp::exact(1_700_000_000);
        let listed = |seconds: i64, precision| Timestamp { seconds, precision };
        for same in [0, 3600, -3600, 5 * 3600 + 1800, -14 * 3600] {
            assert!(!is_other(listed(now.seconds + same, Precision::Second), now), "{same}");
            assert!(!is_other(listed(now.seconds + same - now.seconds % 60, Precision::Minute), now), "{same}");
        }
        assert!(!is_other(listed(now.seconds - now.seconds % 86_400, Precision::Day), now));
        for other in [2, 90, 3000, 15 * 3600, 400 * 86_400] {
            assert!(is_other(listed(now.seconds - other, Precision::Second), now), "{other}");
        }
        assert!(is_other(listed(now.seconds - 300, Precision::Minute), now));
        assert!(is_other(listed(now.seconds - 3 * 86_400, Precision::Day), now));
    }
}
