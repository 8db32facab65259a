//! Progress bars on a terminal: one line for each file that moves, one for all together.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::bus::Meters;
use crate::model::TransferId;
use crate::model::text::printable;
use crate::model::transfer::Transfer;

/// Files shown at once; more would push each other around.
const SHOWN: usize = 8;
/// Drawings a second at most.
const RATE: u8 = 10;
const WIDTH_OF_NAME: usize = 30;

/// The bars.
pub struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    files: Vec<ProgressBar>,
    queued: u64,
    ended: u64,
    bytes_ended: u64,
}

impl Bars {
    /// On standard error; nothing is drawn before the first figures.
    pub fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(RATE));
        let total = all.add(ProgressBar::new(0).with_style(style("{msg}")));
        Self { all, total, files: Vec::new(), queued: 0, ended: 0, bytes_ended: 0 }
    }

    /// A file joined.
    pub fn queued(&mut self, _size: Option<u64>) {
        self.queued += 1;
    }

    /// A file ended, well or not.
    pub fn ended(&mut self, size: Option<u64>) {
        self.ended += 1;
        // A server may say any size.
        self.bytes_ended = self.bytes_ended.saturating_add(size.unwrap_or(0));
    }

    /// Draws the newest figures.
    pub fn draw(&mut self, meters: &Meters, transfers: &HashMap<TransferId, Transfer>) {
        let shown = meters.active.len().min(SHOWN);
        while self.files.len() < shown {
            let bar = ProgressBar::new(0).with_style(style("{prefix:30} {bar:24} {percent:>3}% {msg}"));
            self.files.push(self.all.insert_before(&self.total, bar));
        }
        for bar in self.files.drain(shown..) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        for (bar, meter) in self.files.iter().zip(&meters.active) {
            let name = transfers.get(&meter.id).and_then(|transfer| transfer.source.path.name());
            bar.set_prefix(name.map(|name| shortened(&printable(name.as_bytes()))).unwrap_or_default());
            bar.set_length(meter.size.unwrap_or(meter.done).max(1));
            bar.set_position(meter.done);
            bar.set_message(format!("{} {}", rate(meter.rate), eta(meter.seconds_left())));
        }
        let done = meters.active.iter().fold(self.bytes_ended, |sum, meter| sum.saturating_add(meter.done));
        let (ended, queued) = (self.ended, self.queued);
        self.total.set_message(format!("{ended} of {queued} files, {}, {} {}", size(done), rate(meters.rate), eta(meters.seconds_left())));
    }

    /// A line above the bars.
    pub fn above(&mut self, line: &str) {
        let _ = self.all.println(line);
    }

    /// Takes the bars away; the next figures bring them back.
    pub fn clear(&mut self) {
        for bar in self.files.drain(..) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        let _ = self.all.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= WIDTH_OF_NAME { name.to_owned() } else { name.chars().take(WIDTH_OF_NAME - 1).chain(['…']).collect() }
}

fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

fn rate(bytes: f64) -> String {
    format!("{}/s", size(bytes.max(0.0) as u64))
}

fn eta(seconds: Option<u64>) -> String {
    seconds.map(|seconds| indicatif::FormattedDuration(Duration::from_secs(seconds)).to_string()).unwrap_or_default()
}
