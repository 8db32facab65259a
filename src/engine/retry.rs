//! What is tried again, and when. Pure.

use std::time::Duration;

use crate::model::{Failure, FailureKind};

/// Doublings after which the wait grows no more.
const DOUBLINGS: u32 = 6;

/// Whether the same may succeed later.
pub(super) fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unreachable
            | FailureKind::Disconnected
            | FailureKind::TimedOut
            | FailureKind::Transient
            | FailureKind::TooMany
            // Cut short while the server said that all was well: what is there is gone on from.
            | FailureKind::Incomplete
    )
}

/// How long to wait before try number `tried` + 1: `base`, twice that, four times …
pub(super) fn wait(base: Duration, tried: u32) -> Duration {
    base.saturating_mul(1 << tried.min(DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::During;

    #[test]
    fn waits_double_and_stop_growing() {
        let base = Duration::from_millis(100);
        assert_eq!([0, 1, 2].map(|tried| wait(base, tried).as_millis()), [100, 200, 400]);
        assert_eq!(wait(base, 60), wait(base, 6));
    }

    #[test]
    fn what_the_server_refused_for_good_is_not_tried_again() {
        let of = |kind| may_pass(&Failure::new(kind, During::Read, ""));
        assert!(of(FailureKind::Disconnected) && of(FailureKind::Transient) && of(FailureKind::Incomplete));
        assert!(!of(FailureKind::Refused) && !of(FailureKind::Cancelled) && !of(FailureKind::Full));
    }
}
