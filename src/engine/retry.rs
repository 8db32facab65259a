//! What is tried again, and when.
//!
//! Guarantee: pauses double up to a limit, and each is stretched by up to as much again by chance, so that many lanes that lost their
//! connections together do not come back together. Bytes that arrive are a new beginning. Knows no clock.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

use crate::model::{Failure, FailureKind};

/// Doublings after which the wait grows no more.
const DOUBLINGS: u32 = 6;

/// Whether the same may succeed later.
pub fn may_pass(failure: &Failure) -> bool {
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

/// The pauses between tries of one thing.
#[derive(Debug)]
pub struct Schedule {
    builder: ExponentialBuilder,
    pauses: ExponentialBackoff,
    tried: u32,
    best: u64,
}

impl Schedule {
    /// Begins with a pause of `base`.
    pub fn new(base: Duration) -> Self {
        Self::of(ExponentialBuilder::new().with_min_delay(base).with_max_delay(base.saturating_mul(1 << DOUBLINGS)))
    }

    fn of(builder: ExponentialBuilder) -> Self {
        let builder = builder.with_factor(2.0).without_max_times().with_jitter();
        Self { builder, pauses: builder.build(), tried: 0, best: 0 }
    }

    /// Retries so far without progress.
    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// So much is done by now: more than ever before is a new beginning. The same bytes once more are none, or a server that breaks off
    /// at the same place each time would be asked for ever.
    pub fn reached(&mut self, done: u64) {
        if done > self.best {
            self.best = done;
            self.tried = 0;
            self.pauses = self.builder.build();
        }
    }

    /// The pause before the next try; `None` once there were `of`.
    pub fn next(&mut self, of: u32) -> Option<Duration> {
        if self.tried >= of {
            return None;
        }
        self.tried += 1;
        self.pauses.next()
    }
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
    fn bytes_that_arrive_are_a_new_beginning_and_the_same_bytes_again_are_none() {
        let mut schedule = Schedule::new(Duration::from_millis(100));
        schedule.reached(10);
        assert!(schedule.next(2).is_some() && schedule.next(2).is_some() && schedule.next(2).is_none());
        schedule.reached(10);
        assert!(schedule.next(2).is_none());
        schedule.reached(11);
        assert!(schedule.next(2).is_some_and(|pause| pause <= Duration::from_millis(200)));
        assert_eq!(schedule.tried(), 1);
    }

    proptest::proptest! {
        #[test]
        fn pauses_double_up_to_the_limit_and_chance_at_most_doubles_them(base in 1u64..5_000, of in 0u32..20, seed: u64) {
            let base = Duration::from_millis(base);
            let mut schedule = Schedule::new(base);
            schedule.builder = schedule.builder.with_jitter_seed(seed);
            schedule.pauses = schedule.builder.build();
            let mut given = 0;
            while let Some(pause) = schedule.next(of) {
                let least = base * (1 << given.min(DOUBLINGS));
                // Factors are single precision.
                let (low, high) = (least.mul_f64(0.999), least.mul_f64(2.001));
                proptest::prop_assert!(pause >= low && pause <= high, "{given}: {pause:?} is not in {low:?}..{high:?}");
                given += 1;
            }
            proptest::prop_assert_eq!(given, of);
        }
    }

    #[test]
    fn what_the_server_refused_for_good_is_not_tried_again() {
        let of = |kind| may_pass(&Failure::new(kind, During::Read, ""));
        assert!(of(FailureKind::Disconnected) && of(FailureKind::Transient) && of(FailureKind::Incomplete));
        assert!(!of(FailureKind::Refused) && !of(FailureKind::Cancelled) && !of(FailureKind::Full));
    }
}
