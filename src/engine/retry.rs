//! What is tried again, and when.
//!
//! Guarantee: pauses double up to a limit, and each is stretched by up to as much again by chance, so that many lanes that lost their
//! connections together do not come back together. Bytes that arrive are a new beginning. Knows no clock, and is told the time.

use std::time::Duration;

use tokio::time::Instant;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

use crate::model::{During, Failure, FailureKind};

/// Doublings after which the wait grows no more.
const DOUBLINGS: u32 = 6;

/// The longest pause between two tries at a server that is away: it is noticed soon that it is back.
const MOST: Duration = Duration::from_secs(15);

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
    gone: Option<Gone>,
}

/// The tries at a server that cannot be reached.
#[derive(Debug)]
struct Gone {
    since: Instant,
    tried: u32,
    pauses: ExponentialBackoff,
}

impl Schedule {
    /// Begins with a pause of `base`.
    pub fn new(base: Duration) -> Self {
        Self::of(ExponentialBuilder::new().with_min_delay(base).with_max_delay(base.saturating_mul(1 << DOUBLINGS)))
    }

    fn of(builder: ExponentialBuilder) -> Self {
        let builder = builder.with_factor(2.0).without_max_times().with_jitter();
        Self { builder, pauses: builder.build(), tried: 0, best: 0, gone: None }
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

    /// The pause before the next try at a server that cannot be reached, and how many tries that makes; `None` once it has been tried for so long.
    pub fn away(&mut self, now: Instant, long: Duration) -> Option<(Duration, u32)> {
        let builder = &self.builder;
        let gone = self.gone.get_or_insert_with(|| Gone { since: now, tried: 0, pauses: builder.build() });
        let left = long.saturating_sub(now.saturating_duration_since(gone.since));
        if left.is_zero() {
            return None;
        }
        gone.tried += 1;
        let pause = gone.pauses.next()?;
        Some((capped(pause).min(left), gone.tried))
    }

    /// The server has let somebody in again.
    pub fn back(&mut self) {
        self.gone = None;
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

/// No longer than [`MOST`], and still by chance.
fn capped(pause: Duration) -> Duration {
    if pause <= MOST {
        return pause;
    }
    let half = MOST / 2;
    half + Duration::from_nanos(u64::try_from(pause.as_nanos() % half.as_nanos().max(1)).unwrap_or_default())
}

/// Whether a failed attempt to connect says that the server is away, as it is while it, or its machine, starts anew. One that has greeted is there,
/// and is not to be given a password over and over.
pub fn is_away(failure: &Failure) -> bool {
    let kinds = [FailureKind::Unreachable, FailureKind::Disconnected, FailureKind::TimedOut];
    kinds.contains(&failure.kind) && failure.during == During::Connect
}

/// How long to wait before try number `tried` + 1: `base`, twice that, four times …
pub(super) fn wait(base: Duration, tried: u32) -> Duration {
    base.saturating_mul(1 << tried.min(DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_server_that_is_away_is_tried_for_so_long_ever_more_rarely_and_anew_once_it_was_back() {
        let long = Duration::from_secs(120);
        let mut schedule = Schedule::new(Duration::from_millis(500));
        let begin = Instant::now();
        let mut now = begin;
        let mut tried = 0;
        while let Some((pause, of)) = schedule.away(now, long) {
            assert!(pause <= MOST && of == tried + 1, "{pause:?}, {of} after {tried}");
            (now, tried) = (now + pause, of);
        }
        assert_eq!(now - begin, long);
        assert!((10..=24).contains(&tried), "{tried}");
        schedule.back();
        assert!(schedule.away(now, long).is_some_and(|(pause, of)| of == 1 && pause < Duration::from_millis(1001)));
        assert_eq!(schedule.tried(), 0, "these count by themselves");
        assert_eq!(Schedule::new(Duration::from_millis(500)).away(now, Duration::ZERO), None);
    }

    #[test]
    fn neither_a_name_that_leads_nowhere_nor_one_that_greets_is_a_server_that_is_away() {
        let of = |kind, during| is_away(&Failure::new(kind, during, ""));
        assert!(of(FailureKind::Unreachable, During::Connect) && of(FailureKind::Disconnected, During::Connect));
        assert!(!of(FailureKind::Unreachable, During::Lookup) && !of(FailureKind::TooMany, During::Login));
        assert!(!of(FailureKind::Disconnected, During::Login), "who has greeted is there");
    }

    #[test]
    fn what_the_server_refused_for_good_is_not_tried_again() {
        let of = |kind| may_pass(&Failure::new(kind, During::Read, ""));
        assert!(of(FailureKind::Disconnected) && of(FailureKind::Transient) && of(FailureKind::Incomplete));
        assert!(!of(FailureKind::Refused) && !of(FailureKind::Cancelled) && !of(FailureKind::Full));
    }
}
