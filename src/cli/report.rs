//! What a copy tells while it goes on: bars on a terminal, plain lines elsewhere, JSON, or nothing but failures.
//!
//! Guarantee: failures are named on standard error in every form, with the server's words; standard output gets JSON results only.

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use serde::Serialize;

use crate::bus::event::TransferEvent;
use crate::bus::{BatchSummary, Meters, MirrorStep};
use crate::model::explain::Situation;
use crate::model::figures;
use crate::model::transfer::{Transfer, Verified};
use crate::model::{During, Failure, FailureKind, Site, TransferId, TransferState, VPath};

use super::bars::Bars;
use super::lines::{JsonSummary, Mirrored, json_of, json_of_note, json_of_step, plain_of, plain_of_step, summary};
use super::show::{escaped, json_line};
use super::stop::{Stop, eprintln_quietly};
use super::why;

/// In which form.
enum Form {
    Bars(Box<Bars>),
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
    /// Over how many connections those come that are in parts.
    parts: HashMap<TransferId, u16>,
    /// A copy to a pipe that nobody reads any more: an end without words.
    pub pipe_closed: bool,
    failed_before: u64,
    /// Whether checksums were asked for.
    verify: bool,
    /// Files that are complete and could not be compared by one, but by their size.
    by_size: u64,
    /// The same of which the server does not even tell the size.
    by_reply: u64,
    /// What a mirror adds.
    mirror: Option<Mirrored>,
    /// What the system said to the first result that could not be printed.
    unwritten: Option<std::io::Error>,
    /// What the server is asked for, which decides why something fails.
    situation: Situation,
    /// Explanations that were given: a thousand files that fail for one reason need it once.
    explained: HashSet<String>,
}

impl Reporter {
    /// The form that the options and standard error ask for.
    pub fn new(quiet: bool, json: bool) -> Self {
        let form = if json {
            Form::Json
        } else if quiet {
            Form::Quiet
        } else if std::io::stderr().is_terminal() {
            Form::Bars(Box::new(Bars::new()))
        } else {
            Form::Plain
        };
        Self {
            form,
            begun: Instant::now(),
            transfers: HashMap::new(),
            parts: HashMap::new(),
            pipe_closed: false,
            failed_before: 0,
            verify: false,
            by_size: 0,
            by_reply: 0,
            mirror: None,
            unwritten: None,
            situation: Situation::of(&Site::default()),
            explained: HashSet::new(),
        }
    }

    /// The same where checksums were asked for, or not.
    #[must_use]
    pub fn verifying(self, verify: bool) -> Self {
        Self { verify, ..self }
    }

    /// The same where all goes to or comes from one server.
    #[must_use]
    pub fn with(self, site: &Site) -> Self {
        Self { situation: Situation::of(site), ..self }
    }

    /// The same for a mirror.
    pub fn of_mirror(quiet: bool, json: bool, dry_run: bool) -> Self {
        Self { mirror: Some(Mirrored { dry_run, told: 0 }), ..Self::new(quiet, json) }
    }

    /// A transfer or a batch went on.
    pub fn transfer(&mut self, event: TransferEvent) {
        match event {
            TransferEvent::Queued(transfer) => drop(self.transfers.insert(transfer.id, *transfer)),
            TransferEvent::Changed { id, state } => self.changed(id, &state),
            TransferEvent::InParts { id, connections } => drop(self.parts.insert(id, connections)),
            TransferEvent::Noted { path, failure, failed, .. } => self.noted(&path, &failure, failed),
            TransferEvent::Planned { batch, found, complete } => {
                if let Form::Bars(bars) = &mut self.form {
                    bars.planned(batch, found, complete);
                }
            }
            TransferEvent::Landed { .. } | TransferEvent::Left { .. } | TransferEvent::BatchEnded(_) => {}
            TransferEvent::Shifted { .. } | TransferEvent::Prioritized { .. } | TransferEvent::Forgotten(_) => {}
            TransferEvent::Held { .. } | TransferEvent::Released(_) | TransferEvent::Reached { .. } => {}
            TransferEvent::Mirrored { step, dry_run, .. } => self.step(&step, dry_run),
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

    /// What was begun before goes on in the directory that was named, and not below it.
    pub fn goes_on_in(&mut self, directory: &VPath) {
        self.note(&format!("ftpane: going on with what was not finished in {}", escaped(directory.as_bytes())));
    }

    /// A source that is copied once, however often it is named.
    pub fn named_twice(&mut self, source: &VPath) {
        self.note(&format!("ftpane: {} is named twice: it is copied once", escaped(source.as_bytes())));
    }

    /// A reason to end.
    pub fn trouble(&mut self, stop: &Stop) {
        if let Some(message) = &stop.message {
            self.error(&format!("ftpane: {message}"));
        }
    }

    /// All is over.
    pub fn ended(&mut self, total: &BatchSummary, interrupted: bool) {
        for (count, how) in [
            (self.by_size, "compared by size alone, because the server offers no checksum of them"),
            (self.by_reply, "only confirmed by the server, which offers neither checksum nor size of them"),
        ] {
            let files = figures::count(count, "file was", "files were");
            if count > 0 {
                self.note(&format!("ftpane: {files} {how}"));
            }
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        let total = &BatchSummary { failed: total.failed + self.failed_before, ..total.clone() };
        let mirror = self.mirror;
        match &mut self.form {
            Form::Quiet => {}
            // Who closed the pipe has seen what they wanted.
            Form::Bars(bars) if self.pipe_closed => bars.clear(),
            Form::Plain if self.pipe_closed => {}
            Form::Json => print_json(&mut self.unwritten, &JsonSummary::of(total, seconds, mirror)),
            Form::Bars(bars) => {
                bars.clear();
                eprintln_quietly(&summary(total, seconds, interrupted, mirror));
            }
            Form::Plain => eprintln_quietly(&summary(total, seconds, interrupted, mirror)),
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
            return self.goes_on(id, state);
        }
        if let TransferState::Done(verified) = state {
            match verified {
                Verified::Size | Verified::SizeAfterLoss => self.by_size += u64::from(self.verify),
                Verified::Reply => self.by_reply += u64::from(self.verify),
                Verified::Checksum(_) => {}
            }
        }
        let connections = self.parts.remove(&id);
        let Some(transfer) = self.transfers.remove(&id) else { return };
        if let TransferState::Failed(failure) = state {
            self.failure(&transfer.source.path, failure);
        }
        match &mut self.form {
            Form::Json => print_json(&mut self.unwritten, &json_of(&transfer, state, connections)),
            Form::Plain => {
                if let Some(line) = plain_of(&transfer, state) {
                    eprintln_quietly(&line);
                }
            }
            Form::Bars(bars) => bars.ended(transfer.size),
            Form::Quiet => {}
        }
    }

    /// A transfer is not at its end; what a retry waits for is worth a line where there are no bars.
    fn goes_on(&mut self, id: TransferId, state: &TransferState) {
        let Some(transfer) = self.transfers.get_mut(&id) else { return };
        transfer.state = state.clone();
        if let (TransferState::Retrying(retrying), Form::Plain) = (state, &self.form) {
            eprintln_quietly(&format!("ftpane: {}: {}", escaped(transfer.source.path.as_bytes()), retrying.words(retrying.seconds)));
        }
    }

    /// A line that is neither a result nor a failure.
    fn note(&mut self, line: &str) {
        if !matches!(self.form, Form::Quiet) {
            self.error(line);
        }
    }

    /// What a dry run would do is its result, and goes to standard output.
    fn step(&mut self, step: &MirrorStep, dry_run: bool) {
        match (&mut self.form, dry_run) {
            (Form::Json, _) => print_json(&mut self.unwritten, &json_of_step(step, dry_run)),
            (Form::Bars(bars), true) => {
                bars.clear();
                print(&mut self.unwritten, &plain_of_step(step, dry_run));
            }
            (Form::Plain | Form::Quiet, true) => print(&mut self.unwritten, &plain_of_step(step, dry_run)),
            (Form::Plain | Form::Bars(_), false) => self.error(&plain_of_step(step, dry_run)),
            (Form::Quiet, false) => {}
        }
    }

    fn noted(&mut self, path: &VPath, failure: &Failure, failed: bool) {
        if failed {
            self.failure(path, failure);
        } else {
            match is_about_more(failure) {
                true => self.note(&format!("ftpane: {failure}")),
                false => self.note(&format!("ftpane: passed over {}: {}", escaped(path.as_bytes()), failure.detail)),
            }
        }
        // That times or permissions could not be kept is no file that was passed over.
        if !failed
            && !matches!(failure.during, During::SetTime | During::SetMode)
            && let Some(mirror) = &mut self.mirror
        {
            mirror.told += 1;
        }
        if let Form::Json = self.form {
            print_json(&mut self.unwritten, &json_of_note(path, failure, failed));
        }
    }

    fn failure(&mut self, source: &VPath, failure: &Failure) {
        if self.pipe_closed || is_broken_pipe(failure) {
            self.pipe_closed = true;
            return;
        }
        // The sentence names what failed, which may be the target or a part of the path; the source is what the person asked for.
        let source = escaped(source.as_bytes());
        let sentence = match failure.certificate.as_deref() {
            // In full for the first of many files.
            Some(certificate) if self.explained.insert(certificate.fingerprint.to_string()) => super::tls::refused(failure, certificate),
            _ => failure.to_string(),
        };
        let line = if sentence.contains(&source) { format!("ftpane: {sentence}") } else { format!("ftpane: {source}: {sentence}") };
        self.error(&line);
        if let Some(line) = why::line(failure, &self.situation)
            && self.explained.insert(line.clone())
        {
            self.error(&line);
        }
    }

    fn error(&mut self, line: &str) {
        match &mut self.form {
            Form::Bars(bars) => bars.above(line),
            _ => eprintln_quietly(line),
        }
    }
}

/// Whether a note is about the whole rather than about something that was not copied.
pub fn is_about_more(failure: &Failure) -> bool {
    matches!(failure.during, During::SetTime | During::SetMode | During::Remove)
}

/// Writing to a pipe whose reader has gone, as `| head` does.
fn is_broken_pipe(failure: &Failure) -> bool {
    // The local volume's words for it; the kind alone says no more than that writing failed.
    failure.kind == FailureKind::Local && failure.detail.contains("whoever read the output has stopped")
}

/// An object on standard output.
fn print_json(unwritten: &mut Option<std::io::Error>, value: &impl Serialize) {
    print(unwritten, &json_line(value));
}

/// A line on standard output; remembers the first that could not be written.
fn print(unwritten: &mut Option<std::io::Error>, line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        unwritten.get_or_insert(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_checked_by_less_than_asked_for_is_counted_by_what_it_was_checked() {
        let mut report = Reporter::new(true, false).verifying(true);
        for verified in [Verified::Size, Verified::Reply, Verified::SizeAfterLoss, Verified::Checksum(crate::model::Algorithm::Sha256)] {
            report.changed(TransferId(1), &TransferState::Done(verified));
        }
        assert_eq!((report.by_size, report.by_reply), (2, 1));
    }

    #[test]
    fn permissions_that_could_not_be_kept_are_no_file_that_was_told_of() {
        let mut report = Reporter::of_mirror(true, false, false);
        let note = |during| Failure::new(FailureKind::Unsupported, during, "no");
        report.noted(&VPath::root(), &note(During::SetMode), false);
        assert_eq!(report.mirror.map(|mirror| mirror.told), Some(0));
        report.noted(&VPath::root(), &note(During::Read), false);
        assert_eq!(report.mirror.map(|mirror| mirror.told), Some(1));
    }
}
