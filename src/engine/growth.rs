//! How many lanes run at once: more while that makes all together faster. Pure: rates in, a number out.
//!
//! It begins with two lanes and doubles while doubling pays, then goes on one by one. What is measured is work: bytes, and a file counts
//! as so many bytes more, since small files are bound by round trips rather than by the line. Guarantee: a trial is judged only by time
//! in which every lane was connected and work waited; lanes that brought too little are given back, and the next trial comes later each time.

/// Lanes to begin with.
const FIRST: usize = 2;
/// What a file costs beside its bytes, in bytes: about what a line carries in the round trips that a file takes.
const FILE: f64 = 65_536.0;
/// The share of the ideal gain (twice the lanes, twice the rate) that a trial must bring.
const SHARE: f64 = 0.25;
/// The same share, and the seconds to the first trial, where the server is so near that what bounds the lanes is mostly the machines' own work.
const NEAR: (f64, f64) = (0.6, 1.0);
/// Seconds that are measured at least: at a first look, and where that was not convincing.
const LOOK: (f64, f64) = (0.09, 0.5);
/// Seconds that are measured at least once lanes are added one by one: what one of many brings is small beside what rates vary.
const CAREFUL: f64 = 1.0;
/// Files a lane, or [`BLOCKS`] of it, that make a measurement; else so many seconds.
const EVIDENCE: (f64, f64) = (2.0, 2.0);
/// Bytes a lane that make a measurement.
const BLOCKS: f64 = 512.0 * 1024.0;
/// Seconds that connecting may take before the others are judged without it.
const CONNECT: f64 = 3.0;
/// Seconds from a trial that did not pay to the next one: at first, and at most.
const PATIENCE: (f64, f64) = (4.0, 60.0);

/// What went on since the last sample.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sample {
    /// How long ago that was.
    pub(super) seconds: f64,
    /// Bytes that went through.
    pub(super) bytes: u64,
    /// Files and directories that were dealt with.
    pub(super) files: u64,
    /// Every lane has its connections.
    pub(super) connected: bool,
    /// Work waits for a lane.
    pub(super) wanting: bool,
}

/// A number of lanes, and what they did.
#[derive(Debug, Clone, Copy)]
struct Level {
    lanes: usize,
    rate: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    seconds: f64,
    bytes: f64,
    files: f64,
}

impl Window {
    fn rate(self) -> f64 {
        (self.bytes + self.files * FILE) / self.seconds.max(1e-3)
    }
}

/// How many lanes may run for one pair of accounts.
#[derive(Debug)]
pub(super) struct Growth {
    most: usize,
    lanes: usize,
    doubling: bool,
    /// What the present number is compared with, while that is a trial.
    base: Option<Level>,
    /// The trial was looked at once and did not convince.
    doubted: bool,
    window: Window,
    /// Seconds that connecting has taken.
    unconnected: f64,
    /// Seconds to the next trial.
    hold: f64,
    patience: f64,
    /// The share of the ideal gain that a trial must bring.
    share: f64,
}

impl Growth {
    /// Up to `most` lanes; all of them `at_once`, or as many as prove useful.
    pub(super) fn new(most: usize, at_once: bool) -> Self {
        let most = most.max(1);
        Self {
            most,
            lanes: if at_once { most } else { FIRST.min(most) },
            doubling: !at_once,
            base: None,
            doubted: false,
            window: Window::default(),
            unconnected: 0.0,
            hold: 0.0,
            patience: PATIENCE.0,
            share: SHARE,
        }
    }

    /// The server is near: waiting for it is not what takes time, so that more lanes must show more.
    pub(super) fn near(self) -> Self {
        Self { share: NEAR.0, hold: NEAR.1, ..self }
    }

    /// Up to `most` connections for the parts of one file, which one connection can do without help.
    pub(super) fn of_parts(most: usize) -> Self {
        Self { lanes: 1, ..Self::new(most, false) }
    }

    /// Lanes that may run now.
    pub(super) fn lanes(&self) -> usize {
        self.lanes
    }

    /// So many are wanted now, whatever they bring.
    pub(super) fn at_least(&mut self, lanes: usize) {
        self.most = self.most.max(lanes);
        if self.lanes < lanes {
            self.lanes = lanes;
            self.settle();
        }
    }

    /// The server gives no more than `held` lanes: no more are tried for long.
    pub(super) fn refused(&mut self, held: usize) {
        self.lanes = held.clamp(1, self.most);
        self.doubling = false;
        self.base = None;
        self.patience = PATIENCE.1;
        self.hold = self.patience;
        self.window = Window::default();
    }

    /// Takes a sample; answers with the lanes that may run from now on.
    pub(super) fn feed(&mut self, sample: Sample) -> usize {
        self.unconnected = if sample.connected { 0.0 } else { self.unconnected + sample.seconds };
        let waits = !sample.connected && self.unconnected < CONNECT;
        if !sample.wanting || waits || (self.lanes >= self.most && self.base.is_none()) {
            self.window = Window::default();
            return self.lanes;
        }
        self.window.seconds += sample.seconds;
        self.window.bytes += sample.bytes as f64;
        self.window.files += sample.files as f64;
        if self.is_telling() {
            let (rate, seconds) = (self.window.rate(), self.window.seconds);
            self.window = Window::default();
            self.judge(rate, seconds);
        }
        self.lanes
    }

    fn is_telling(&self) -> bool {
        let lanes = self.lanes as f64;
        let looked = if self.doubted { LOOK.1 } else { LOOK.0 };
        let least = if self.doubling { looked } else { CAREFUL };
        let Window { seconds, bytes, files } = self.window;
        seconds >= least && (files >= EVIDENCE.0 * lanes || bytes >= BLOCKS * lanes || seconds >= EVIDENCE.1)
    }

    fn judge(&mut self, rate: f64, seconds: f64) {
        let Some(base) = self.base else {
            self.hold -= seconds;
            if self.hold <= 0.0 {
                self.grow(rate);
            }
            return;
        };
        let ideal = self.lanes as f64 / base.lanes as f64;
        if rate >= base.rate * (1.0 + self.share * (ideal - 1.0)) {
            self.patience = PATIENCE.0;
            self.grow(rate);
        } else if !self.doubted {
            self.doubted = true;
        } else {
            self.lanes = base.lanes;
            self.doubling = false;
            self.settle();
            self.hold = self.patience;
            self.patience = (self.patience * 2.0).min(PATIENCE.1);
        }
    }

    /// Tries more lanes than the ones that did `rate`.
    fn grow(&mut self, rate: f64) {
        self.settle();
        if self.lanes < self.most {
            self.base = Some(Level { lanes: self.lanes, rate });
            self.lanes = if self.doubling { self.lanes * 2 } else { self.lanes + 1 }.min(self.most);
        }
    }

    fn settle(&mut self) {
        self.base = None;
        self.doubted = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `seconds` of what `rate` (files a second) says so many lanes do; answers with the lanes at the end.
    fn run(growth: &mut Growth, seconds: f64, rate: impl Fn(usize) -> f64) -> usize {
        let mut owed = 0.0;
        for _ in 0..(seconds * 10.0).round() as usize {
            owed += rate(growth.lanes()) * 0.1;
            let files = owed.floor();
            owed -= files;
            growth.feed(Sample { seconds: 0.1, bytes: 0, files: files as u64, connected: true, wanting: true });
        }
        growth.lanes()
    }

    #[test]
    fn from_near_more_lanes_are_tried_late_and_kept_where_they_nearly_double_the_rate() {
        let mut bound_by_the_machine = Growth::new(10, false).near();
        assert_eq!(run(&mut bound_by_the_machine, 0.8, |_| 9000.0), 2);
        assert_eq!(run(&mut bound_by_the_machine, 3.0, |lanes| 9000.0 + lanes as f64 * 100.0), 2);
        let mut bound_by_a_slow_disk = Growth::new(10, false).near();
        assert!(run(&mut bound_by_a_slow_disk, 5.0, |lanes| lanes as f64 * 50.0) >= 8);
    }

    /// As [`run`], in bytes a second.
    fn flow(growth: &mut Growth, seconds: f64, rate: impl Fn(usize) -> f64) -> usize {
        for _ in 0..(seconds * 10.0).round() as usize {
            let bytes = (rate(growth.lanes()) * 0.1) as u64;
            growth.feed(Sample { seconds: 0.1, bytes, files: 0, connected: true, wanting: true });
        }
        growth.lanes()
    }

    #[test]
    fn small_files_that_wait_for_round_trips_get_all_lanes_within_a_second() {
        let mut growth = Growth::new(10, false);
        assert_eq!(growth.lanes(), 2);
        assert_eq!(run(&mut growth, 1.0, |lanes| 20.0 * lanes as f64), 10);
    }

    #[test]
    fn a_line_that_one_connection_fills_keeps_to_few_lanes() {
        let mut growth = Growth::new(10, false);
        let mut sum = 0;
        for _ in 0..300 {
            sum += flow(&mut growth, 1.0, |_| 10e6);
        }
        assert!(growth.lanes() <= 3, "{growth:?}");
        assert!(sum < 300 * 5 / 2, "trials are rare: {sum}");
    }

    #[test]
    fn where_more_lanes_make_it_slower_they_are_given_back() {
        let mut growth = Growth::new(10, false);
        let rate = |lanes: usize| if lanes <= 4 { lanes as f64 * 1e6 } else { 4e6 / (lanes as f64 - 3.0) };
        flow(&mut growth, 10.0, rate);
        assert!((3..=5).contains(&growth.lanes()), "{growth:?}");
    }

    #[test]
    fn a_line_that_grows_wider_is_found_out_later() {
        let mut growth = Growth::new(10, false);
        flow(&mut growth, 20.0, |_| 1e6);
        assert!(growth.lanes() <= 3);
        assert_eq!(flow(&mut growth, 120.0, |lanes| 1e6 * lanes as f64), 10);
    }

    #[test]
    fn nothing_is_tried_while_nothing_waits_or_connections_are_still_made() {
        let mut growth = Growth::new(10, false);
        let sample = Sample { seconds: 0.1, bytes: 9_000_000, files: 90, connected: true, wanting: false };
        assert!((0..100).all(|_| growth.feed(sample) == 2));
        let sample = Sample { connected: false, wanting: true, ..sample };
        assert!((0..25).all(|_| growth.feed(sample) == 2));
        assert!((0..100).any(|_| growth.feed(sample) > 2), "one that never connects does not hold up the others");
    }

    #[test]
    fn what_a_server_refused_is_not_asked_for_again_soon() {
        let mut growth = Growth::new(10, false);
        run(&mut growth, 1.0, |lanes| 20.0 * lanes as f64);
        growth.refused(3);
        assert_eq!(run(&mut growth, 50.0, |lanes| 20.0 * lanes as f64), 3);
        assert!(run(&mut growth, 20.0, |lanes| 20.0 * lanes as f64) > 3, "in the long run it is");
    }

    #[test]
    fn all_at_once_is_all_at_once() {
        let mut growth = Growth::new(16, true);
        assert_eq!(growth.lanes(), 16);
        assert_eq!(flow(&mut growth, 100.0, |_| 1e6), 16);
    }

    proptest::proptest! {
        #[test]
        fn the_number_stays_between_one_and_the_limit(
            most in 1usize..40,
            at_once: bool,
            samples in proptest::collection::vec((0u64..10_000_000, 0u64..200, proptest::bool::ANY, proptest::bool::ANY, 0usize..60), 0..300),
        ) {
            let mut growth = Growth::new(most, at_once);
            for (bytes, files, connected, wanting, held) in samples {
                if held < 4 {
                    growth.refused(held);
                }
                let lanes = growth.feed(Sample { seconds: 0.1, bytes, files, connected, wanting });
                proptest::prop_assert!(lanes >= 1 && lanes <= most);
            }
        }
    }
}
