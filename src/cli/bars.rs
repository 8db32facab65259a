//! Progress bars on a terminal: one line for each file that takes its time, one for all together.
//!
//! Guarantee: calm, however many small files fly past: a file has to move for a while before it gets a line, and keeps that until it ends.
//! Each line fits the width that the terminal has when it is drawn.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::bus::Meters;
use crate::model::figures::{self, count, duration, grouped, rate, share, size};
use crate::model::listing::Count;
use crate::model::text::printable;
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
    /// When what waits to be tried again is.
    again: HashMap<TransferId, (Retrying, Instant)>,
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
            again: HashMap::new(),
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
        self.note_retries(meters, transfers);
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
            if let Some(words) = self.again.get(&meter.id).map(words) {
                bar.set_style(style(WAITING));
                bar.set_message(words);
            } else {
                bar.set_style(style(FILE));
                let percent = meter.ratio().map_or_else(|| size(meter.done), figures::percent);
                let left = meter.seconds_left().map(duration).unwrap_or_default();
                bar.set_message(format!("{percent:>4} {:>12} {left:>5}", rate(meter.rate)));
            }
        }
        self.draw_total(meters);
    }

    /// Since when what is between two tries is: its time left is counted from there.
    fn note_retries(&mut self, meters: &Meters, transfers: &HashMap<TransferId, Transfer>) {
        let mut again = HashMap::new();
        for id in meters.active.iter().map(|meter| meter.id) {
            let Some(TransferState::Retrying(retrying)) = transfers.get(&id).map(|transfer| &transfer.state) else { continue };
            let known = self.again.remove(&id).filter(|(known, _)| known == retrying);
            again
                .insert(id, known.unwrap_or_else(|| (retrying.clone(), Instant::now() + std::time::Duration::from_secs(retrying.seconds))));
        }
        self.again = again;
    }

    /// The rate; where all that has begun waits to be tried again, when the first of it is and why.
    fn pace(&self, meters: &Meters) -> Vec<String> {
        let waits = !meters.active.is_empty() && meters.active.iter().all(|meter| self.again.contains_key(&meter.id));
        match self.again.values().min_by_key(|(_, at)| *at).filter(|_| waits) {
            Some(first) => vec![words(first)],
            None => [Some(rate(meters.rate)), meters.seconds_left().map(duration)].into_iter().flatten().collect(),
        }
    }

    fn draw_total(&mut self, meters: &Meters) {
        let done = meters.active.iter().fold(self.bytes_ended, |sum, meter| sum.saturating_add(meter.done));
        let (found, walked) = sum(self.planned.values());
        // Before the first directory was looked at nobody knows that there is nothing.
        let walked = walked && !self.planned.is_empty();
        if walked {
            let there = Count { files: self.ended.min(found.files), dirs: 0, bytes: done.min(found.bytes) };
            let share = share(there, found);
            self.total.set_length(1000);
            self.total.set_position((share * 1000.0) as u64);
            self.total.set_style(style(TOTAL));
            let mut parts = vec![figures::percent(share)];
            parts.extend(self.pace(meters));
            parts.push(format!("{} of {}", grouped(self.ended), count(found.files, "file", "files")));
            parts.push(format!("{} of {}", size(done), size(found.bytes)));
            self.total.set_message(fitting(&parts, columns().saturating_sub(TOTAL_BAR)));
        } else {
            self.total.set_style(style(WALKING));
            let mut parts = self.pace(meters);
            parts.push(format!("{} of {} so far", grouped(self.ended), count(found.files, "file", "files")));
            parts.push(size(done));
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

/// What a retry waits for.
fn words((retrying, at): &(Retrying, Instant)) -> String {
    retrying.words(at.saturating_duration_since(Instant::now()).as_secs_f64().ceil() as u64)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{During, Failure, FailureKind};

    #[test]
    fn a_narrow_line_leaves_out_whole_figures() {
        let parts = ["  5%", "3.0 MB/s", "1:43", "4 of 30 files", "1.0M of 9.0M"].map(str::to_owned);
        assert_eq!(fitting(&parts, 80), "  5%  3.0 MB/s  1:43  4 of 30 files  1.0M of 9.0M");
        assert_eq!(fitting(&parts, 42), "  5%  3.0 MB/s  1:43  4 of 30 files");
        assert_eq!(fitting(&parts, 3), "  5%");
    }

    #[test]
    fn a_retry_says_when_how_often_and_why_and_no_rate_stands_beside_it() {
        let failure = Failure::new(FailureKind::Disconnected, During::Read, "the connection is gone");
        let state = TransferState::Retrying(Retrying { failure, tried: 2, of: 5, seconds: 30 });
        let place = || crate::model::Place { connection: crate::model::ConnectionId(1), path: crate::model::VPath::root() };
        let transfer = |id| Transfer {
            id: TransferId(id),
            batch: BatchId(1),
            direction: crate::model::Direction::Down,
            source: place(),
            target: place(),
            size: Some(9),
            priority: crate::model::Priority::Normal,
            state: state.clone(),
        };
        let mut bars = Bars::new();
        let meter = |id| crate::bus::Meter { id: TransferId(id), rate: 5e6, ..crate::bus::Meter::default() };
        let meters = |ids: &[u64]| Meters { active: ids.iter().map(|id| meter(*id)).collect(), rate: 5e6, ..Meters::default() };
        let transfers = HashMap::from([(TransferId(1), transfer(1))]);
        bars.note_retries(&meters(&[1]), &transfers);
        let pace = bars.pace(&meters(&[1]));
        assert!(pace.len() == 1 && pace[0].starts_with("retry in ") && pace[0].ends_with("s (2 of 5): the connection is gone"), "{pace:?}");
        // Where something else moves, that is what the rate is of.
        assert_eq!(bars.pace(&meters(&[1, 2]))[0], "5.0 MB/s");
        let since = bars.again[&TransferId(1)].1;
        bars.note_retries(&meters(&[1]), &transfers);
        assert_eq!(bars.again[&TransferId(1)].1, since, "it is not put off by being drawn");
    }

    #[test]
    fn the_whole_is_known_once_every_walk_is_complete() {
        let count = |files, bytes| Count { files, dirs: 1, bytes };
        assert_eq!(sum([(count(2, 10), true), (count(3, u64::MAX), true)].iter()), (Count { files: 5, dirs: 2, bytes: u64::MAX }, true));
        assert!(!sum([(count(2, 10), true), (count(0, 0), false)].iter()).1);
    }
}
