//! How fast bytes may move: in all, from servers and to servers, shared by all lanes and changed while they run.
//!
//! Guarantee: without a limit a block costs one look at an atomic. With one, steps are so small that a change of the limit is felt within
//! a second, however low it was. Time is tokio's, so that a paused clock works.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_speed_limit::Limiter;
use async_speed_limit::clock::Clock;
use tokio::time::{Instant, Sleep};

use crate::model::{Direction, Limits};

/// Steps a second that one lane makes at the limit.
const STEPS: u64 = 20;
/// The smallest step, in bytes.
const LEAST: u64 = 512;
/// Nobody waits longer than this many would who share the limit evenly: small files must not stand behind what large ones have taken ahead.
const SHARERS: u64 = 64;

#[derive(Debug, Clone, Copy, Default)]
struct TokioClock;

impl Clock for TokioClock {
    type Instant = Instant;
    type Delay = Pin<Box<Sleep>>;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, time: Duration) -> Self::Delay {
        Box::pin(tokio::time::sleep(time))
    }
}

/// One limit.
#[derive(Debug)]
struct Gate {
    limiter: Limiter<TokioClock>,
    /// Bytes a second; 0 is as fast as they go.
    rate: AtomicU64,
}

impl Default for Gate {
    fn default() -> Self {
        Self { limiter: Limiter::new(f64::INFINITY), rate: AtomicU64::new(0) }
    }
}

impl Gate {
    fn set(&self, rate: Option<u64>) {
        let rate = rate.map_or(0, |rate| rate.max(1));
        if self.rate.swap(rate, Ordering::Relaxed) != rate {
            self.limiter.set_speed_limit(if rate == 0 { f64::INFINITY } else { rate as f64 });
        }
    }

    fn rate(&self) -> Option<u64> {
        Some(self.rate.load(Ordering::Relaxed)).filter(|rate| *rate > 0)
    }
}

#[derive(Debug, Default)]
struct Gates {
    total: Gate,
    down: Gate,
    up: Gate,
    limited: AtomicBool,
}

/// The limits of all transfers. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Speed(Arc<Gates>);

impl Speed {
    /// With these limits, to begin with.
    pub(super) fn new(limits: Limits) -> Self {
        let speed = Self::default();
        speed.set(limits);
        speed
    }

    /// Changes the limits.
    pub(super) fn set(&self, limits: Limits) {
        self.0.total.set(limits.total);
        self.0.down.set(limits.down);
        self.0.up.set(limits.up);
        self.0.limited.store(limits != Limits::default(), Ordering::Relaxed);
    }

    /// For transfers that go this way.
    pub(super) fn toward(&self, direction: Direction) -> Throttle {
        Throttle { gates: self.0.clone(), direction: Some(direction) }
    }
}

/// The limits as they are for transfers of one direction; by default there are none.
#[derive(Debug, Clone, Default)]
pub(super) struct Throttle {
    gates: Arc<Gates>,
    direction: Option<Direction>,
}

impl Throttle {
    /// The gates that bytes go through: local copies go through none, and from server to server they come down and go up.
    fn gates(&self) -> impl Iterator<Item = &Gate> {
        let (down, up) = match self.direction {
            Some(Direction::Down) => (true, false),
            Some(Direction::Up) => (false, true),
            Some(Direction::Across) => (true, true),
            Some(Direction::Local) | None => (false, false),
        };
        let gates = &self.gates;
        [(down || up).then_some(&gates.total), down.then_some(&gates.down), up.then_some(&gates.up)].into_iter().flatten()
    }

    /// How many bytes may go at one time; `None` as many as one likes.
    pub(super) fn step(&self) -> Option<usize> {
        if !self.gates.limited.load(Ordering::Relaxed) {
            return None;
        }
        let tightest = self.gates().filter_map(Gate::rate).min()?;
        Some(usize::try_from((tightest / STEPS).max(LEAST)).unwrap_or(usize::MAX))
    }

    /// So many bytes went: how long to wait before the next ones.
    pub(super) fn pause_after(&self, bytes: u64) -> Option<Duration> {
        if !self.gates.limited.load(Ordering::Relaxed) {
            return None;
        }
        let taken = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.gates()
            .filter_map(|gate| Some((gate, gate.rate()?)))
            .map(|(gate, rate)| {
                let share = Duration::from_secs_f64(bytes.saturating_mul(SHARERS) as f64 / rate as f64);
                gate.limiter.consume_duration(taken).min(share)
            })
            .max()
            .filter(|pause| !pause.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(total: Option<u64>, down: Option<u64>) -> Limits {
        Limits { total, down, up: None }
    }

    async fn moves(throttle: &Throttle, mut bytes: u64) -> f64 {
        let began = Instant::now();
        while bytes > 0 {
            let step = throttle.step().map_or(bytes, |step| bytes.min(step as u64));
            bytes -= step;
            if let Some(pause) = throttle.pause_after(step) {
                tokio::time::sleep(pause).await;
            }
        }
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_move_as_fast_as_the_tightest_limit_says() {
        let speed = Speed::new(limits(Some(1_000_000), Some(100_000)));
        let took = moves(&speed.toward(Direction::Down), 1_000_000).await;
        assert!((9.5..10.5).contains(&took), "{took}");
        let took = moves(&speed.toward(Direction::Up), 1_000_000).await;
        assert!((0.8..1.2).contains(&took), "{took}");
        assert!(moves(&speed.toward(Direction::Local), 1_000_000_000).await < 0.001);
    }

    #[tokio::test(start_paused = true)]
    async fn several_share_one_limit() {
        let speed = Speed::new(limits(Some(1_000_000), None));
        let (down, up) = (speed.toward(Direction::Down), speed.toward(Direction::Up));
        let (one, other) = tokio::join!(moves(&down, 2_000_000), moves(&up, 2_000_000));
        assert!((3.7..4.3).contains(&one.max(other)), "{one} {other}");
    }

    /// Moves small files, one after the other.
    async fn small(throttle: &Throttle, files: u32, bytes: u64) -> f64 {
        let began = Instant::now();
        for _ in 0..files {
            moves(throttle, bytes).await;
        }
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn small_files_do_not_wait_for_what_large_ones_have_taken() {
        let speed = Speed::new(limits(Some(1_000_000), None));
        let down = speed.toward(Direction::Down);
        let large = (0..4).map(|_| {
            let down = down.clone();
            tokio::spawn(async move { moves(&down, 5_000_000).await })
        });
        let large: Vec<_> = large.collect();
        let took = small(&down, 500, 100).await;
        assert!(took < 5.0, "500 files of 100 bytes took {took} s at a million a second");
        for one in large {
            let took = one.await.unwrap();
            assert!(took < 21.5, "{took}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn small_files_keep_to_the_limit_too() {
        let speed = Speed::new(limits(Some(100_000), None));
        let lanes = (0..10).map(|_| {
            let down = speed.toward(Direction::Down);
            tokio::spawn(async move { small(&down, 1000, 100).await })
        });
        let mut longest: f64 = 0.0;
        for lane in lanes.collect::<Vec<_>>() {
            longest = longest.max(lane.await.unwrap());
        }
        assert!((9.0..11.0).contains(&longest), "a million bytes at 100,000 a second took {longest} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_felt_within_a_second_however_low_the_limit_was() {
        let speed = Speed::new(limits(Some(1000), None));
        let down = speed.toward(Direction::Down);
        let moving = tokio::spawn(async move { moves(&down, 10_000_000).await });
        tokio::time::sleep(Duration::from_secs(5)).await;
        speed.set(Limits::default());
        let took = moving.await.unwrap();
        assert!((5.0..6.0).contains(&took), "{took}");
    }

    #[test]
    fn without_limits_nothing_is_asked_for() {
        let throttle = Speed::default().toward(Direction::Down);
        assert_eq!((throttle.step(), throttle.pause_after(1 << 40)), (None, None));
    }
}
