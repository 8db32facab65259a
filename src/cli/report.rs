//! What a copy tells while it goes on: bars on a terminal, plain lines elsewhere, JSON, or nothing but failures.
//!
//! Guarantee: failures are named on standard error in every form, with the server's words; standard output gets JSON results only.

use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use serde::Serialize;

use crate::bus::event::TransferEvent;
use crate::bus::{BatchSummary, Meters};
use crate::model::transfer::{Transfer, Verified};
use crate::model::{Direction, Failure, FailureKind, TransferId, TransferState, VPath};

use super::bars::Bars;
use super::show::{escaped, json_line, text_and_hex};
use super::stop::{Stop, eprintln_quietly};

/// In which form.
enum Form {
    Bars(Bars),
    Plain,
    Json,
    Quiet,
}

/// Tells what becomes of a copy.
pub struct Reporter {
    form: Form,
    begun: Instant,
    /// What is under way, by number; gone once it has ended.
    transfers: HashMap<TransferId, Transfer>,
    /// A copy to a pipe that nobody reads any more: an end without words.
    pub pipe_closed: bool,
    failed_before: u64,
    /// What the system said to the first result that could not be printed.
    unwritten: Option<std::io::Error>,
}

#[derive(Serialize)]
struct JsonTransfer {
    r#type: &'static str,
    state: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_hex: Option<String>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct JsonSummary {
    r#type: &'static str,
    done: u64,
    skipped: u64,
    failed: u64,
    cancelled: u64,
    bytes: u64,
    seconds: f64,
}

impl Reporter {
    /// The form that the options and standard error ask for.
    pub fn new(quiet: bool, json: bool) -> Self {
        let form = if json {
            Form::Json
        } else if quiet {
            Form::Quiet
        } else if std::io::stderr().is_terminal() {
            Form::Bars(Bars::new())
        } else {
            Form::Plain
        };
        Self { form, begun: Instant::now(), transfers: HashMap::new(), pipe_closed: false, failed_before: 0, unwritten: None }
    }

    /// A transfer or a batch went on.
    pub fn transfer(&mut self, event: TransferEvent) {
        match event {
            TransferEvent::Queued(transfer) => {
                if let Form::Bars(bars) = &mut self.form {
                    bars.queued(transfer.size);
                }
                self.transfers.insert(transfer.id, *transfer);
            }
            TransferEvent::Changed { id, state } => self.changed(id, &state),
            TransferEvent::Noted { path, failure, failed, .. } => self.noted(&path, &failure, failed),
            TransferEvent::Planned { .. } | TransferEvent::Landed { .. } | TransferEvent::Left { .. } | TransferEvent::BatchEnded(_) => {}
            TransferEvent::Shifted { .. } | TransferEvent::Prioritized { .. } => {}
            TransferEvent::Held { .. } | TransferEvent::Released(_) | TransferEvent::Mirrored { .. } => {}
        }
    }

    /// The newest figures.
    pub fn meters(&mut self, meters: &Meters) {
        if let Form::Bars(bars) = &mut self.form {
            bars.draw(meters, &self.transfers);
        }
    }

    /// The terminal is needed for a question.
    pub fn make_room(&mut self) {
        if let Form::Bars(bars) = &mut self.form {
            bars.clear();
        }
    }

    /// Something of the copy that never became a transfer: a source that is not there.
    pub fn failed(&mut self, path: &VPath, failure: &Failure) {
        self.noted(path, failure, true);
    }

    /// So many sources failed before the copy began; the summary counts them.
    pub fn failed_before(&mut self, failed: u64) {
        self.failed_before = failed;
    }

    /// A reason to end.
    pub fn trouble(&mut self, stop: &Stop) {
        if let Some(message) = &stop.message {
            self.error(&format!("ftpane: {message}"));
        }
    }

    /// All is over.
    pub fn ended(&mut self, total: &BatchSummary, interrupted: bool) {
        let seconds = self.begun.elapsed().as_secs_f64();
        let total = &BatchSummary { failed: total.failed + self.failed_before, ..total.clone() };
        match &mut self.form {
            Form::Quiet => {}
            // Who closed the pipe has seen what they wanted.
            Form::Bars(bars) if self.pipe_closed => bars.clear(),
            Form::Plain if self.pipe_closed => {}
            Form::Json => print_json(
                &mut self.unwritten,
                &JsonSummary {
                    r#type: "summary",
                    done: total.done,
                    skipped: total.skipped,
                    failed: total.failed,
                    cancelled: total.cancelled,
                    bytes: total.bytes,
                    seconds: (seconds * 1000.0).round() / 1000.0,
                },
            ),
            Form::Bars(bars) => {
                bars.clear();
                eprintln_quietly(&summary(total, seconds, interrupted));
            }
            Form::Plain => eprintln_quietly(&summary(total, seconds, interrupted)),
        }
    }

    /// Whether all results could be printed.
    ///
    /// # Errors
    /// Exit 1 where they could not, unless their reader has gone.
    pub fn finish(&mut self) -> Result<(), Stop> {
        self.unwritten.take().map_or(Ok(()), super::run::forgive_closed)
    }

    fn changed(&mut self, id: TransferId, state: &TransferState) {
        let is_end =
            matches!(state, TransferState::Done(_) | TransferState::Skipped(_) | TransferState::Failed(_) | TransferState::Cancelled);
        if !is_end {
            return;
        }
        let Some(transfer) = self.transfers.remove(&id) else { return };
        if let TransferState::Failed(failure) = state {
            self.failure(&transfer.source.path, failure);
        }
        match &mut self.form {
            Form::Json => print_json(&mut self.unwritten, &json_of(&transfer, state)),
            Form::Plain => {
                if let Some(line) = plain_of(&transfer, state) {
                    eprintln_quietly(&line);
                }
            }
            Form::Bars(bars) => bars.ended(transfer.size),
            Form::Quiet => {}
        }
    }

    fn noted(&mut self, path: &VPath, failure: &Failure, failed: bool) {
        if failed {
            self.failure(path, failure);
        } else if !matches!(self.form, Form::Quiet) {
            self.error(&format!("ftpane: passed over {}: {}", escaped(path.as_bytes()), failure.detail));
        }
        if let Form::Json = self.form {
            let (name, name_hex) = text_and_hex(path.name().as_ref().map_or(b"/", |name| name.as_bytes()));
            let (source, source_hex) = text_and_hex(path.as_bytes());
            let state = if failed { "failed" } else { "skipped" };
            let message = Some(failure.to_string());
            print_json(
                &mut self.unwritten,
                &JsonTransfer {
                    r#type: "transfer",
                    state,
                    name,
                    name_hex,
                    source,
                    source_hex,
                    target: None,
                    target_hex: None,
                    size: None,
                    verified: None,
                    message,
                },
            );
        }
    }

    fn failure(&mut self, source: &VPath, failure: &Failure) {
        if self.pipe_closed || is_broken_pipe(failure) {
            self.pipe_closed = true;
            return;
        }
        // The sentence names what failed, which may be the target or a part of the path; the source is what the person asked for.
        let source = escaped(source.as_bytes());
        let sentence = failure.to_string();
        let line = if sentence.contains(&source) { format!("ftpane: {sentence}") } else { format!("ftpane: {source}: {sentence}") };
        self.error(&line);
    }

    fn error(&mut self, line: &str) {
        match &mut self.form {
            Form::Bars(bars) => bars.above(line),
            _ => eprintln_quietly(line),
        }
    }
}

/// Writing to a pipe whose reader has gone, as `| head` does.
fn is_broken_pipe(failure: &Failure) -> bool {
    // The local volume's words for it; the kind alone says no more than that writing failed.
    failure.kind == FailureKind::Local && failure.detail.contains("whoever read the output has stopped")
}

/// A line on standard output; remembers the first that could not be written.
fn print_json(unwritten: &mut Option<std::io::Error>, value: &impl Serialize) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{}", json_line(value)) {
        unwritten.get_or_insert(error);
    }
}

fn json_of(transfer: &Transfer, state: &TransferState) -> JsonTransfer {
    let (state_word, verified, message) = match state {
        TransferState::Done(verified) => ("done", Some(verified_word(*verified)), None),
        TransferState::Skipped(why) => ("skipped", None, Some(why.clone())),
        TransferState::Failed(failure) => ("failed", None, Some(failure.to_string())),
        TransferState::Cancelled
        | TransferState::Queued
        | TransferState::Asking
        | TransferState::Paused
        | TransferState::Active
        | TransferState::Retrying(_) => ("cancelled", None, None),
    };
    let (source, source_hex) = text_and_hex(transfer.source.path.as_bytes());
    let (target, target_hex) = text_and_hex(transfer.target.path.as_bytes());
    let (name, name_hex) = text_and_hex(transfer.source.path.name().as_ref().map_or(b"/", |name| name.as_bytes()));
    JsonTransfer {
        r#type: "transfer",
        state: state_word,
        name,
        name_hex,
        source,
        source_hex,
        target: Some(target),
        target_hex,
        size: transfer.size,
        verified,
        message,
    }
}

fn verified_word(verified: Verified) -> &'static str {
    match verified {
        Verified::Size => "size",
        Verified::Reply => "reply",
        Verified::SizeAfterLoss => "size after loss",
        Verified::Checksum(algorithm) => algorithm.name(),
    }
}

/// The line for an end; a failure has one already.
fn plain_of(transfer: &Transfer, state: &TransferState) -> Option<String> {
    let source = escaped(transfer.source.path.as_bytes());
    match state {
        TransferState::Done(_) => {
            let word = if transfer.direction == Direction::Up { "sent" } else { "got" };
            let size = transfer.size.map(|size| format!(" ({size} {})", if size == 1 { "byte" } else { "bytes" })).unwrap_or_default();
            Some(format!("{word} {source} -> {}{size}", target_of(transfer)))
        }
        TransferState::Skipped(why) => Some(format!("skipped {source}: {why}")),
        TransferState::Cancelled => Some(format!("cancelled {source}")),
        _ => None,
    }
}

/// The target as it was asked for: a copy to standard output goes by a name of the system's.
fn target_of(transfer: &Transfer) -> String {
    let path = transfer.target.path.as_bytes();
    let is_output = transfer.direction == Direction::Down && (path == b"/dev/stdout" || path.starts_with(b"/dev/fd/"));
    if is_output { "-".to_owned() } else { escaped(path) }
}

fn summary(total: &BatchSummary, seconds: f64, interrupted: bool) -> String {
    let mut parts = vec![format!("{} copied", count(total.done))];
    for (number, word) in [(total.skipped, "skipped"), (total.failed, "failed"), (total.cancelled, "not copied")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    let hint = if interrupted { "; partial files are kept, -c goes on with them" } else { "" };
    let unit = if total.bytes == 1 { "byte" } else { "bytes" };
    format!("{}; {} {unit} in {seconds:.1} s{hint}", parts.join(", "), total.bytes)
}

fn count(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_happened_and_no_more() {
        let total = BatchSummary { done: 1, bytes: 5, ..BatchSummary::default() };
        assert_eq!(summary(&total, 0.04, false), "1 file copied; 5 bytes in 0.0 s");
        let total = BatchSummary { done: 2, failed: 1, cancelled: 3, bytes: 9, ..BatchSummary::default() };
        assert_eq!(
            summary(&total, 1.0, true),
            "2 files copied, 1 failed, 3 not copied; 9 bytes in 1.0 s; partial files are kept, -c goes on with them"
        );
    }
}
