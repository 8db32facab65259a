//! Progress bars on a terminal: one line for each file that takes its time, one for all together.
//!
//! Guarantee: calm, however many small files fly past: a file has to move for a while before it gets a line, and keeps that until it ends.
//! Each line fits the width that the terminal has when it is drawn.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::bus::Meters;
use crate::model::listing::Count;
use crate::model::text::{printable, printable_str};
use crate::model::transfer::{Retrying, Transfer};
use crate::model::{BatchId, TransferId, TransferState};

/// Files shown at once; more would push each other around.
const SHOWN: usize = 6;
/// Drawings a second at most.
const RATE: u8 = 10;
/// Figures that a file must have been part of before it is shown.
const PATIENCE: u32 = 5;

const FILE: &str = "{prefix:24!} {wide_bar} {msg}";
const WAITING: &str = "{prefix:24!} {wide_msg}";
const TOTAL: &str = "{bar:10} {wide_msg}";
/// Columns of the total's line that its words cannot have.
const TOTAL_BAR: usize = 11;
/// While the walk goes on nobody knows how much there will be.
const WALKING: &str = "{wide_msg}";

/// The bars.
pub struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    files: Vec<(TransferId, ProgressBar)>,
    /// How often each file that moves was met.
    met: HashMap<TransferId, u32>,
    planned: BTreeMap<BatchId, (Count, bool)>,
    ended: u64,
    bytes_ended: u64,
    _echo: Option<NoEcho>,
}

impl Bars {
    /// On standard error; nothing is drawn before the first figures.
    pub fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(RATE));
        let total = all.add(ProgressBar::new(0).with_style(style(WALKING)));
        Self {
            all,
            total,
            files: Vec::new(),
            met: HashMap::new(),
            planned: BTreeMap::new(),
            ended: 0,
            bytes_ended: 0,
            _echo: NoEcho::begin(),
        }
    }

    /// The walk of a batch went on.
    pub fn planned(&mut self, batch: BatchId, found: Count, complete: bool) {
        self.planned.insert(batch, (found, complete));
    }

    /// A file ended, well or not.
    pub fn ended(&mut self, size: Option<u64>) {
        self.ended += 1;
        // A server may say any size.
        self.bytes_ended = self.bytes_ended.saturating_add(size.unwrap_or(0));
    }

    /// Draws the newest figures.
    pub fn draw(&mut self, meters: &Meters, transfers: &HashMap<TransferId, Transfer>) {
        self.met = meters.active.iter().map(|meter| (meter.id, self.met.get(&meter.id).map_or(1, |met| met + 1))).collect();
        let met = &self.met;
        // Without a drawing in between: a line that is drawn for a bar on its way out would stay.
        for (_, bar) in self.files.extract_if(.., |(id, _)| !met.contains_key(id)) {
            self.all.remove(&bar);
        }
        for meter in &meters.active {
            let shown = self.files.iter().position(|(id, _)| *id == meter.id);
            let is_due = self.met.get(&meter.id).is_some_and(|met| *met >= PATIENCE) && self.files.len() < SHOWN;
            let bar = match shown.and_then(|at| self.files.get(at)) {
                Some((_, bar)) => bar.clone(),
                None if is_due => {
                    let bar = self.all.insert_before(&self.total, ProgressBar::new(0).with_style(style(FILE)));
                    self.files.push((meter.id, bar.clone()));
                    bar
                }
                None => continue,
            };
            let transfer = transfers.get(&meter.id);
            let name = transfer.and_then(|transfer| transfer.source.path.name());
            bar.set_prefix(name.map(|name| printable(name.as_bytes()).into_owned()).unwrap_or_default());
            bar.set_length(meter.size.unwrap_or(meter.done).max(1));
            bar.set_position(meter.done);
            if let Some(TransferState::Retrying(retrying)) = transfer.map(|transfer| &transfer.state) {
                bar.set_style(style(WAITING));
                bar.set_message(again(retrying));
            } else {
                bar.set_style(style(FILE));
                let percent = percent(meter.done, meter.size.unwrap_or(0));
                bar.set_message(format!("{percent} {:>12} {:>5}", rate(meter.rate), eta(meter.seconds_left())));
            }
        }
        self.draw_total(meters);
    }

    fn draw_total(&mut self, meters: &Meters) {
        let done = meters.active.iter().fold(self.bytes_ended, |sum, meter| sum.saturating_add(meter.done));
        let (found, walked) = sum(self.planned.values());
        if walked {
            // Files without a byte have their share in it, too.
            let all = found.bytes.saturating_add(found.files);
            let there = done.saturating_add(self.ended).min(all);
            self.total.set_length(all.max(1));
            self.total.set_position(there);
            self.total.set_style(style(TOTAL));
            let mut parts = vec![percent(there, all), rate(meters.rate)];
            parts.extend(Some(eta(meters.seconds_left())).filter(|eta| !eta.is_empty()));
            parts.push(format!("{}/{} files", self.ended, found.files));
            parts.push(format!("{}/{}", size(done), size(found.bytes)));
            self.total.set_message(fitting(&parts, columns().saturating_sub(TOTAL_BAR)));
        } else {
            self.total.set_style(style(WALKING));
            let parts = [rate(meters.rate), format!("{} of {} files so far", self.ended, found.files), size(done)];
            self.total.set_message(fitting(&parts, columns()));
        }
    }

    /// A line above the bars.
    pub fn above(&mut self, line: &str) {
        let _ = self.all.println(line);
    }

    /// Takes the bars away; the next figures bring them back.
    pub fn clear(&mut self) {
        for (_, bar) in self.files.drain(..) {
            self.all.remove(&bar);
        }
        let _ = self.all.clear();
    }
}

/// Keeps the terminal from showing `^C` for a Ctrl-C: bars fill their lines, so that it would stand on the next one, and what takes the
/// bars away would begin a line too low.
struct NoEcho(Termios);

impl NoEcho {
    fn begin() -> Option<Self> {
        let before = Self::is_ours().then(|| tcgetattr(std::io::stdin()).ok()).flatten()?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHOCTL);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &modes).ok()?;
        Some(Self(before))
    }

    /// A process in the background would be stopped for it.
    fn is_ours() -> bool {
        rustix::termios::tcgetpgrp(std::io::stdin()).is_ok_and(|front| front == rustix::process::getpgrp())
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if Self::is_ours() {
            // Where it fails a Ctrl-C is not shown, which harms nothing.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
        }
    }
}

/// What all batches come to, and whether that is all.
fn sum<'a>(planned: impl Iterator<Item = &'a (Count, bool)>) -> (Count, bool) {
    planned.fold((Count::default(), true), |(sum, all), (count, complete)| {
        let files = sum.files.saturating_add(count.files);
        (Count { files, dirs: sum.dirs + count.dirs, bytes: sum.bytes.saturating_add(count.bytes) }, all && *complete)
    })
}

/// What a retry is doing, for a line of its own.
pub fn again(retrying: &Retrying) -> String {
    let Retrying { failure, tried, of, seconds } = retrying;
    format!("again in {seconds} s ({tried} of {of}): {}", printable_str(&failure.to_string()))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// ` 99%`: all of it is only told where nothing is missing.
fn percent(done: u64, all: u64) -> String {
    let percent = if all == 0 { 100 } else { u128::from(done.min(all)) * 100 / u128::from(all) };
    format!("{percent:>3}%")
}

/// As many of the parts, the weightiest first, as fit the columns.
fn fitting(parts: &[String], columns: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { "  " };
        if !line.is_empty() && line.len() + gap.len() + part.len() > columns {
            break;
        }
        line.push_str(gap);
        line.push_str(part);
    }
    line
}

/// How wide the terminal is now.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    size.map(|size| usize::from(size.ws_col)).ok().filter(|columns| *columns > 0).unwrap_or(80)
}

fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

fn rate(bytes: f64) -> String {
    format!("{}/s", size(bytes.max(0.0) as u64))
}

/// `0:07`, `12:34`, `1:02:03`: short, for it stands in a line that has to fit.
fn eta(seconds: Option<u64>) -> String {
    let Some(seconds) = seconds else { return String::new() };
    let left = Duration::from_secs(seconds).as_secs();
    let (hours, minutes, seconds) = (left / 3600, left / 60 % 60, left % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{During, Failure, FailureKind};

    #[test]
    fn time_left_is_written_as_a_clock_does() {
        assert_eq!([eta(Some(7)), eta(Some(754)), eta(Some(3723)), eta(None)], ["0:07", "12:34", "1:02:03", ""]);
    }

    #[test]
    fn a_narrow_line_leaves_out_whole_figures() {
        let parts = ["  5%", "3.0 MiB/s", "1:43", "4/30 files", "1.0 MiB/9.0 MiB"].map(str::to_owned);
        assert_eq!(fitting(&parts, 80), "  5%  3.0 MiB/s  1:43  4/30 files  1.0 MiB/9.0 MiB");
        assert_eq!(fitting(&parts, 40), "  5%  3.0 MiB/s  1:43  4/30 files");
        assert_eq!(fitting(&parts, 3), "  5%");
    }

    #[test]
    fn all_is_only_told_where_nothing_is_missing() {
        assert_eq!([percent(999, 1000), percent(1000, 1000), percent(0, 0), percent(9, 2)], [" 99%", "100%", "100%", "100%"]);
    }

    #[test]
    fn a_retry_says_when_how_often_and_why() {
        let failure = Failure::new(FailureKind::Disconnected, During::Read, "the connection is gone");
        let retrying = Retrying { failure, tried: 2, of: 5, seconds: 3 };
        let text = again(&retrying);
        assert!(text.starts_with("again in 3 s (2 of 5): ") && text.ends_with("the connection is gone"), "{text}");
    }

    #[test]
    fn the_whole_is_known_once_every_walk_is_complete() {
        let count = |files, bytes| Count { files, dirs: 1, bytes };
        assert_eq!(sum([(count(2, 10), true), (count(3, u64::MAX), true)].iter()), (Count { files: 5, dirs: 2, bytes: u64::MAX }, true));
        assert!(!sum([(count(2, 10), true), (count(0, 0), false)].iter()).1);
    }
}
