//! Progress figures: samples what moves, smooths the rates, publishes the newest.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::bus::{Meter as Figure, Meters};
use crate::model::{BatchId, TransferId};

/// Time between two samples.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// Seconds over which rates are smoothed.
const SMOOTH: f64 = 3.0;

/// One transfer that moves, as it is now.
pub(super) struct Sample {
    pub(super) id: TransferId,
    pub(super) batch: BatchId,
    pub(super) done: u64,
    pub(super) moved: u64,
    pub(super) size: Option<u64>,
    pub(super) connections: u16,
}

/// Figures of all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Transfers that wait.
    pub(super) queued: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Bytes that went through since the program began.
    pub(super) moved: u64,
    /// Lanes that are open.
    pub(super) lanes: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Rate {
    moved: u64,
    rate: f64,
    seen: f64,
}

impl Rate {
    fn feed(&mut self, moved: u64, seconds: f64) {
        let now = moved.saturating_sub(self.moved) as f64 / seconds;
        self.moved = moved;
        self.seen += seconds;
        // Young rates are averaged over the time there is, or they would climb for seconds.
        let weight = (seconds / self.seen.min(SMOOTH)).min(1.0);
        self.rate += (now - self.rate) * weight;
    }
}

/// The meter.
pub(super) struct Meter {
    figures: watch::Sender<Meters>,
    rates: HashMap<TransferId, Rate>,
    /// Of all together: small files come and go between two samples.
    total: Rate,
    last: Option<Instant>,
}

impl Meter {
    /// A meter that publishes there.
    pub(super) fn new(figures: watch::Sender<Meters>) -> Self {
        Self { figures, rates: HashMap::new(), total: Rate::default(), last: None }
    }

    /// When to sample next.
    pub(super) fn next(&self) -> Instant {
        self.last.map_or_else(Instant::now, |last| last + TICK)
    }

    /// Whether anything moved when it was sampled last.
    pub(super) fn is_moving(&self) -> bool {
        self.last.is_some()
    }

    /// Samples what moves, in the order in which it began.
    pub(super) fn sample(&mut self, samples: &[Sample], totals: Totals) {
        let now = Instant::now();
        let seconds = self.last.map_or(TICK.as_secs_f64(), |last| (now - last).as_secs_f64()).max(1e-3);
        self.last = Some(now);
        self.rates.retain(|id, _| samples.iter().any(|sample| sample.id == *id));
        self.total.feed(totals.moved, seconds);
        let mut meters = Meters { rate: self.total.rate, ..resting(totals) };
        for sample in samples {
            let rate = self.rates.entry(sample.id).or_default();
            rate.feed(sample.moved, seconds);
            meters.bytes_left = meters.bytes_left.saturating_add(sample.size.unwrap_or(0).saturating_sub(sample.done));
            let Sample { id, batch, done, size, connections, .. } = *sample;
            meters.active.push(Figure { id, batch, done, size, rate: rate.rate, connections });
        }
        self.figures.send_replace(meters);
    }

    /// Nothing moves: publishes that, and forgets the rates.
    pub(super) fn rest(&mut self, totals: Totals) {
        self.last = None;
        self.rates.clear();
        self.total = Rate { moved: totals.moved, ..Rate::default() };
        self.figures.send_replace(resting(totals));
    }
}

fn resting(totals: Totals) -> Meters {
    Meters { queued: totals.queued, bytes_left: totals.bytes, moved: totals.moved, lanes: totals.lanes, ..Meters::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_is_shown_from_the_first_sample_on() {
        let mut rate = Rate::default();
        for n in 1..=50 {
            rate.feed(n * 1000, 0.1);
            assert!((rate.rate - 10_000.0).abs() < 1.0, "{n}: {}", rate.rate);
        }
    }

    #[test]
    fn a_change_of_rate_shows_over_about_three_seconds() {
        let mut rate = Rate::default();
        for n in 1..=100 {
            rate.feed(n * 1000, 0.1);
        }
        for _ in 0..30 {
            rate.feed(100_000, 0.1);
        }
        assert!(rate.rate < 4_500.0 && rate.rate > 1_000.0, "{}", rate.rate);
    }
}
