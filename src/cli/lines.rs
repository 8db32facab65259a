//! What is printed about transfers: a line of text or an object of JSON for each, and one at the end for all.

use serde::Serialize;

use crate::bus::{BatchSummary, MirrorStep};
use crate::model::figures::{self, grouped, size_in_words};
use crate::model::transfer::{Transfer, Verified};
use crate::model::{Direction, Failure, Kind, TransferState, VPath};

use super::show::{escaped, text_and_hex};

/// A transfer that has ended.
#[derive(Serialize)]
pub struct JsonTransfer {
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
    connections: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// The end of all.
#[derive(Serialize)]
pub struct JsonSummary {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_copy: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    skipped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_delete: Option<u64>,
    failed: u64,
    cancelled: u64,
    bytes: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
}

impl JsonSummary {
    /// What a run came to.
    pub fn of(total: &BatchSummary, seconds: f64, mirror: Option<Mirrored>) -> Self {
        let dry_run = mirror.is_some_and(|mirror| mirror.dry_run);
        let (done, deleted) = (Some(total.done), mirror.map(|_| total.deleted));
        let unless = |is: bool, count: Option<u64>| count.filter(|_| !is);
        Self {
            r#type: "summary",
            done: unless(dry_run, done),
            to_copy: unless(!dry_run, done),
            before: Some(total.before).filter(|before| *before > 0),
            skipped: total.skipped,
            deleted: unless(dry_run, deleted),
            to_delete: unless(!dry_run, deleted),
            failed: total.failed,
            cancelled: total.cancelled,
            bytes: total.bytes,
            seconds: (seconds * 1000.0).round() / 1000.0,
            dry_run,
        }
    }
}

/// A step of a mirror beside transfers, or of a dry run.
#[derive(Serialize)]
pub struct JsonStep {
    r#type: &'static str,
    step: &'static str,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_hex: Option<String>,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

/// A step as JSON.
pub fn json_of_step(step: &MirrorStep, dry_run: bool) -> JsonStep {
    let (word, source, target, kind, size) = match step {
        MirrorStep::Copy { source, target, size } => ("copy", Some(source), target, None, *size),
        MirrorStep::MakeDir(target) => ("mkdir", None, target, None, None),
        MirrorStep::Delete(target, kind) => ("delete", None, target, Some(super::row::word(*kind)), None),
    };
    let source = source.map(|source| text_and_hex(source.as_bytes()));
    let (target, target_hex) = text_and_hex(target.as_bytes());
    let (source, source_hex) = source.map_or((None, None), |(text, hex)| (Some(text), hex));
    JsonStep { r#type: "step", step: word, dry_run, source, source_hex, target, target_hex, kind, size }
}

/// A step as a line.
pub fn plain_of_step(step: &MirrorStep, dry_run: bool) -> String {
    match step {
        MirrorStep::Copy { source, target, size } => {
            let size = size.map(|size| format!(" ({})", size_in_words(size))).unwrap_or_default();
            format!("copy {} -> {}{size}", escaped(source.as_bytes()), escaped(target.as_bytes()))
        }
        MirrorStep::MakeDir(path) => format!("mkdir {}", escaped(path.as_bytes())),
        MirrorStep::Delete(path, kind) => {
            let slash = if *kind == Kind::Dir { "/" } else { "" };
            format!("{} {}{slash}", if dry_run { "delete" } else { "deleted" }, escaped(path.as_bytes()))
        }
    }
}

/// What a mirror's summary tells beside that of a copy.
#[derive(Debug, Clone, Copy)]
pub struct Mirrored {
    /// Nothing was done.
    pub dry_run: bool,
    /// Of what was skipped, so many were told of: the rest is the same on both sides.
    pub told: u64,
}

/// What was passed over, or failed before it became a transfer.
pub fn json_of_note(path: &VPath, failure: &Failure, failed: bool) -> JsonTransfer {
    let (name, name_hex) = text_and_hex(path.name().as_ref().map_or(b"/", |name| name.as_bytes()));
    let (source, source_hex) = text_and_hex(path.as_bytes());
    let state = if failed { "failed" } else { "skipped" };
    let message = Some(failure.to_string());
    JsonTransfer {
        r#type: if !failed && super::report::is_about_more(failure) { "note" } else { "transfer" },
        state,
        name,
        name_hex,
        source,
        source_hex,
        target: None,
        target_hex: None,
        size: None,
        connections: None,
        verified: None,
        message,
    }
}

/// A transfer's end as JSON, with the connections that it came over where they were several.
pub fn json_of(transfer: &Transfer, state: &TransferState, connections: Option<u16>) -> JsonTransfer {
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
        connections,
        verified,
        message,
    }
}

/// How it is known that a copy is whole.
pub fn verified_word(verified: Verified) -> &'static str {
    match verified {
        Verified::Size => "size",
        Verified::Reply => "reply",
        Verified::SizeAfterLoss => "size after loss",
        Verified::Checksum(algorithm) => algorithm.name(),
    }
}

/// The line for an end; a failure has one already.
pub fn plain_of(transfer: &Transfer, state: &TransferState) -> Option<String> {
    let source = escaped(transfer.source.path.as_bytes());
    match state {
        TransferState::Done(_) => {
            let word = if transfer.direction == Direction::Up { "sent" } else { "got" };
            let size = transfer.size.map(|size| format!(" ({})", size_in_words(size))).unwrap_or_default();
            Some(format!("{word} {source} -> {}{size}", target_of(transfer)))
        }
        TransferState::Skipped(why) => Some(format!("skipped {source}: {why}")),
        // Only the end of the whole run cancels: the summary counts what it left.
        _ => None,
    }
}

/// The target as it was asked for: a copy to standard output goes by a name of the system's.
fn target_of(transfer: &Transfer) -> String {
    let path = transfer.target.path.as_bytes();
    let is_output = transfer.direction == Direction::Down && (path == b"/dev/stdout" || path.starts_with(b"/dev/fd/"));
    if is_output { "-".to_owned() } else { escaped(path) }
}

/// The last line.
pub fn summary(total: &BatchSummary, seconds: f64, interrupted: bool, mirror: Option<Mirrored>) -> String {
    let dry_run = mirror.is_some_and(|mirror| mirror.dry_run);
    let would = if dry_run { "to be " } else { "" };
    let mut parts = vec![format!("{} {would}copied", count(total.done))];
    let same = mirror.map_or(0, |mirror| total.skipped.saturating_sub(mirror.told));
    let (deleted, skipped) = (format!("{would}deleted"), total.skipped - same);
    let counts = [
        (total.before, "before"),
        (total.deleted, deleted.as_str()),
        (same, "the same"),
        (skipped, "skipped"),
        (total.failed, "failed"),
        (total.cancelled, "not copied"),
    ];
    for (number, word) in counts {
        if number > 0 {
            parts.push(format!("{} {word}", grouped(number)));
        }
    }
    let hint = match (interrupted, mirror) {
        (false, _) => "",
        (true, None) => "; what has arrived is kept, ftpane queue --resume goes on",
        (true, Some(_)) => "; run it again to go on",
    };
    let all = size_in_words(total.bytes);
    if dry_run {
        format!("{}; {all}; nothing was changed{hint}", parts.join(", "))
    } else {
        format!("{}; {all} in {seconds:.1} s{hint}", parts.join(", "))
    }
}

fn count(files: u64) -> String {
    figures::count(files, "file", "files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_happened_and_no_more() {
        let total = BatchSummary { done: 1, bytes: 5, ..BatchSummary::default() };
        assert_eq!(summary(&total, 0.04, false, None), "1 file copied; 5 bytes in 0.0 s");
        let total = BatchSummary { done: 2, failed: 1, cancelled: 3, bytes: 9, ..BatchSummary::default() };
        assert_eq!(
            summary(&total, 1.0, true, None),
            "2 files copied, 1 failed, 3 not copied; 9 bytes in 1.0 s; what has arrived is kept, ftpane queue --resume goes on"
        );
        let mirror = Some(Mirrored { dry_run: true, told: 1 });
        let total = BatchSummary { done: 1, skipped: 4, deleted: 2, bytes: 1, ..BatchSummary::default() };
        assert_eq!(
            summary(&total, 1.0, false, mirror),
            "1 file to be copied, 2 to be deleted, 3 the same, 1 skipped; 1 byte; nothing was changed"
        );
    }
}
