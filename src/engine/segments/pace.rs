//! How fast a file in parts comes, and from how many bytes on another connection is worth its beginning.
//!
//! A connection that begins brings nothing for a while: commands, a data connection; and little for a while longer: TCP's slow start. Half of a
//! rest that the one that has it would bring in that time would come later than without help; one that has yet to connect comes later still,
//! to less. While the rate still rises nobody knows what that will be. Pure: instants in, numbers out.

use std::time::Duration;

use tokio::time::Instant;

use super::table::WORTH;

/// Over so long the rate is measured.
const SPAN: Duration = Duration::from_millis(250);
/// Round trips from asking for a part to its first byte, while nobody has seen it: the passive mode, the connection, REST, RETR.
const BEGINNING: u32 = 4;
/// Round trips until a connection that joins has logged in and carries what it can.
pub(in crate::engine) const JOINING: u32 = 12;
/// What TCP sends in its first round trip, in bytes, and doubles in each that follows: ten segments (RFC 6928 §2).
const FIRST_WINDOW: f64 = 14_600.0;
/// A rate that is so much above the one before still rises.
const RISE: f64 = 1.2;

/// The rate, and what a beginning costs.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Since when so many bytes have come.
    since: Option<(Instant, u64)>,
    rate: Option<f64>,
    is_rising: bool,
    beginning: Option<Duration>,
    round_trip: Duration,
}

impl Pace {
    /// So many bytes more have come.
    pub(super) fn came(&mut self, bytes: u64, now: Instant) {
        let (since, before) = self.since.unwrap_or((now, 0));
        let (took, sum) = (now.saturating_duration_since(since), before.saturating_add(bytes));
        if took >= SPAN {
            let rate = sum as f64 / took.as_secs_f64();
            self.is_rising = self.rate.is_none_or(|before| rate > RISE * before);
            self.rate = Some(rate);
            self.since = Some((now, 0));
        } else {
            self.since = Some((since, sum));
        }
    }

    /// The server is so far away.
    pub(super) fn learn_distance(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
    }

    /// It took so long from asking for a part to its first byte.
    pub(super) fn began(&mut self, took: Duration) {
        self.beginning = Some(self.beginning.map_or(took, |known| (known + took) / 2));
    }

    /// Bytes a second of all connections together, once that is known; where nothing has come for a while, that counts.
    pub(super) fn lately(&self, now: Instant) -> Option<f64> {
        let (since, sum) = self.since?;
        let took = now.saturating_duration_since(since);
        if took >= 2 * SPAN { Some(sum as f64 / took.as_secs_f64()) } else { self.rate }
    }

    /// Whether it is known and has come to rest: before, who joins would find less to do than it seemed.
    pub(super) fn is_steady(&self) -> bool {
        self.rate.is_some() && !self.is_rising
    }

    /// The least that is worth a connection, with `holders` at it: what one of them brings in twice the time that a beginning takes.
    pub(super) fn worth(&self, holders: usize) -> u64 {
        let beginning = self.beginning.unwrap_or(self.round_trip * BEGINNING) + self.slow_start(holders);
        self.comes_in(beginning * 2, holders)
    }

    /// How long another one is at bringing less than each of them does.
    fn slow_start(&self, holders: usize) -> Duration {
        let on_the_way = self.comes_in(self.round_trip, holders) as f64;
        self.round_trip.mul_f64((on_the_way / FIRST_WINDOW).log2().max(0.0))
    }

    /// The least rest for which another connection is worth making, with `holders` at it: some of it is gone by the time that one has logged in,
    /// and what is left then is halved.
    pub(super) fn worth_joining(&self, holders: usize) -> u64 {
        self.comes_in(self.round_trip * JOINING, holders).saturating_add(2 * WORTH.max(self.worth(holders)))
    }

    /// The bytes that one of them brings in a time.
    fn comes_in(&self, time: Duration, holders: usize) -> u64 {
        (self.rate.unwrap_or(0.0) / holders.max(1) as f64 * time.as_secs_f64()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_beginning_at_a_high_rate_makes_small_rests_not_worth_a_connection() {
        let mut pace = Pace::default();
        assert_eq!((pace.worth(1), pace.rate), (0, None));
        let start = Instant::now();
        for step in 0..10 {
            pace.came(4_000_000, start + Duration::from_millis(100 * step));
        }
        assert!(pace.rate.is_some_and(|rate| (35e6..55e6).contains(&rate)), "{pace:?}");
        assert_eq!(pace.worth(4), 0, "nobody has seen how long a beginning takes");
        pace.learn_distance(Duration::from_millis(50));
        // Four round trips, and five in which each of four comes to its 10 MB/s.
        assert!((7_500_000..11_500_000).contains(&pace.worth(4)), "{}", pace.worth(4));
        pace.began(Duration::from_millis(500));
        assert!((12_500_000..19_000_000).contains(&pace.worth(4)), "{}", pace.worth(4));
    }

    #[test]
    fn who_would_only_have_logged_in_when_little_is_left_is_not_called() {
        let mut pace = Pace::default();
        let start = Instant::now();
        for step in 0..10 {
            pace.came(4_000_000, start + Duration::from_millis(100 * step));
        }
        assert_eq!(pace.worth_joining(1), 2 * WORTH, "near");
        pace.learn_distance(Duration::from_millis(100));
        // 1.2 s to join, and on each side of the middle of what is left what comes in twice 0.4 s and the 0.8 s of slow start.
        assert!((210_000_000..300_000_000).contains(&pace.worth_joining(1)), "{}", pace.worth_joining(1));
        assert!(pace.worth_joining(4) < pace.worth_joining(1) / 3);
    }

    #[test]
    fn a_silence_is_a_rate_of_its_own() {
        let mut pace = Pace::default();
        let start = Instant::now();
        assert_eq!(pace.lately(start + Duration::from_secs(1)), None, "nothing has come");
        pace.came(1_000_000, start);
        assert_eq!(pace.lately(start + Duration::from_millis(400)), None);
        assert_eq!(pace.lately(start + Duration::from_secs(1)), Some(1e6));
        pace.came(99_000_000, start + Duration::from_secs(1));
        assert_eq!(pace.lately(start + Duration::from_millis(1400)), Some(1e8));
        assert_eq!(pace.lately(start + Duration::from_secs(2)), Some(0.0));
    }

    #[test]
    fn a_rate_is_steady_once_it_rises_no_more() {
        let mut pace = Pace::default();
        let start = Instant::now();
        let mut bytes = 100_000;
        for step in 0..20 {
            pace.came(bytes, start + Duration::from_millis(100 * step));
            assert!(!pace.is_steady(), "step {step}: {pace:?}");
            bytes = bytes * 3 / 2;
        }
        for step in 20..30 {
            pace.came(bytes, start + Duration::from_millis(100 * step));
        }
        assert!(pace.is_steady(), "{pace:?}");
    }
}
