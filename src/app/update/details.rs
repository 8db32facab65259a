//! All that is known of a row of the transfers panel, as a text to read.

use crate::model::figures::grouped;
use crate::model::journal::Unfinished;
use crate::model::text::{printable, printable_str};
use crate::model::transfer::{Verb, Verified};
use crate::model::{Direction, Failure, Place, Priority, TransferState};

use super::super::App;
use super::super::dialog::{About, Dialog, Scroll};
use super::super::transfers::{Job, RowId, What};
use super::{checkup, text, why};

/// Shows all that is known of the row under the cursor.
pub(super) fn show(app: &mut App) {
    let Some(id) = app.transfers.current().map(|row| row.id) else { return };
    let lines = of_row(app, id).unwrap_or_default();
    app.dialogs.push(Dialog::Message { title: "Transfer".to_owned(), lines, scroll: Scroll::default(), about: Some(About::Row(id)) });
}

/// What is told of a row is told anew as it changes. Of one that is not in the list any more the last of it stays.
pub(super) fn follow(app: &mut App) {
    let told = |dialog: &Dialog| if let Dialog::Message { about: Some(about), .. } = dialog { Some(*about) } else { None };
    let Some((at, about)) = app.dialogs.iter().enumerate().find_map(|(at, dialog)| Some((at, told(dialog)?))) else { return };
    let new = match about {
        About::Row(id) => of_row(app, id),
        About::Server => app.checkup.as_ref().map(checkup::lines),
    };
    let Some(new) = new else { return };
    if let Some(Dialog::Message { lines, .. }) = app.dialogs.get_mut(at) {
        *lines = new;
    }
}

fn of_row(app: &App, id: RowId) -> Option<Vec<String>> {
    Some(match &app.transfers.find(id)?.what {
        What::Transfer(job) => of_job(app, job),
        What::Note(note) => {
            let mut lines = vec![field("what", &text::path(&note.path))];
            lines.extend(of_failure(if note.failed { "failed" } else { "passed over" }, &note.failure, note.again));
            lines
        }
        What::Unfinished(batch) => of_unfinished(batch),
    })
}

fn field(name: &str, value: &str) -> String {
    format!("{name:<9} {value}")
}

fn of_job(app: &App, job: &Job) -> Vec<String> {
    let transfer = &job.transfer;
    let mut lines = vec![
        field("from", &place(app, &transfer.source)),
        field("to", &place(app, &transfer.target)),
        field("way", way(transfer.direction)),
        field("size", &transfer.size.map_or_else(|| "not known".to_owned(), |size| text::many(size, "byte", "bytes"))),
    ];
    if transfer.priority != Priority::Normal {
        lines.push(field("priority", if transfer.priority == Priority::High { "high" } else { "low" }));
    }
    lines.extend(how_far(app, job).map(|far| field("there", &far)));
    lines.extend(parts(app, job).map(|parts| field("over", &parts)));
    if job.tried > 0 {
        lines.push(field("tried", &text::many(u64::from(job.tried), "time", "times")));
    }
    lines.extend(state(app, job));
    lines.extend(because(app, job));
    lines
}

/// Why it failed, and the key that fixes it.
fn because(app: &App, job: &Job) -> Vec<String> {
    let failure = match &job.transfer.state {
        TransferState::Failed(failure) => failure,
        TransferState::Retrying(retrying) => &retrying.failure,
        _ => return Vec::new(),
    };
    let places = [&job.transfer.source, &job.transfer.target];
    let site = places.into_iter().find_map(|place| app.volumes.get(&place.connection)?.as_deref());
    let Some(why) = site.and_then(|site| why::hint(failure, site, None)) else { return Vec::new() };
    let mut lines = vec![field("why", why.cause)];
    lines.extend(why.fix.map(|fix| field("fix", &format!("x: {}", fix.words()))));
    lines
}

/// Over how many connections it comes or came, where those are several.
fn parts(app: &App, job: &Job) -> Option<String> {
    let now = app.meters.active.iter().find(|meter| meter.id == job.transfer.id).map_or(0, |meter| meter.connections);
    match (now, job.connections) {
        (2.., _) => Some(format!("{now} connections at once")),
        (_, most @ 2..) => Some(format!("{most} connections at once, at most")),
        _ => None,
    }
}

/// How much of the file is there, where it is not done.
fn how_far(app: &App, job: &Job) -> Option<String> {
    let transfer = &job.transfer;
    let meter = app.meters.active.iter().find(|meter| meter.id == transfer.id);
    match &transfer.state {
        TransferState::Done(_) | TransferState::Skipped(_) => None,
        TransferState::Active => meter.map(|meter| part(meter.done, meter.size.or(transfer.size))),
        TransferState::Retrying(_) => Some(part(meter.map_or(job.reached, |meter| meter.done), transfer.size)),
        TransferState::Queued | TransferState::Asking if job.reached == 0 => None,
        TransferState::Queued | TransferState::Asking | TransferState::Paused => Some(part(job.reached, transfer.size)),
        TransferState::Failed(_) | TransferState::Cancelled => Some(part(job.reached, transfer.size)),
    }
}

/// `43%, 4,300 of 10,000 bytes`, in words.
fn part(done: u64, size: Option<u64>) -> String {
    match size {
        Some(size) if size > 0 => {
            let percent = u128::from(done.min(size)) * 100 / u128::from(size);
            format!("{percent}%, {} of {}", grouped(done), text::many(size, "byte", "bytes"))
        }
        Some(_) => "0 of 0 bytes".to_owned(),
        None => text::many(done, "byte", "bytes"),
    }
}

/// What an earlier run has not finished.
fn of_unfinished(batch: &Unfinished) -> Vec<String> {
    let verb = if batch.verb == Verb::Move { "move" } else { "copy" };
    let mut lines = vec![
        field("what", &format!("{verb} of {}", text::many(batch.items, "entry", "entries"))),
        field("from", &printable_str(&batch.from)),
        field("to", &printable_str(&batch.to)),
        field("way", way(batch.direction)),
        field("done", &text::many(batch.done, "file", "files")),
    ];
    if batch.begun.files > 0 {
        let files = text::many(batch.begun.files, "file", "files");
        lines.push(field("there", &format!("{files} in part: {}", part(batch.begun.done, Some(batch.begun.size)))));
    }
    if batch.failed > 0 {
        lines.push(field("failed", &format!("{}; going on tries them again", text::many(batch.failed, "file", "files"))));
    }
    lines.push(field("state", "not finished by an earlier run"));
    lines.push(field("to do", "Enter or C goes on, each file where it is; Del forgets it"));
    lines
}

/// A place with its volume: `ftp.example.org /pub/a`, or the path alone on the local disk.
fn place(app: &App, place: &Place) -> String {
    let path = text::path(&place.path);
    match app.volumes.get(&place.connection) {
        Some(Some(site)) => format!("{} {path}", printable(site.title().as_bytes())),
        Some(None) | None => path,
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Down => "down, from a server",
        Direction::Up => "up, to a server",
        Direction::Local => "from disk to disk",
        Direction::Across => "from server to server",
    }
}

fn state(app: &App, job: &Job) -> Vec<String> {
    let said = |text: &str| vec![field("state", text)];
    let mut lines = match &job.transfer.state {
        TransferState::Queued => said("waits"),
        TransferState::Asking => said("asks what to do with its target, which exists"),
        TransferState::Paused => said("paused; Space lets it go on"),
        TransferState::Active => said("moves"),
        TransferState::Retrying(retrying) => {
            let of = match retrying.of {
                0 => format!("waits to be tried again, {} so far", retrying.tried),
                of => format!("waits to be tried again, {} of {}", retrying.tried, of.max(retrying.tried)),
            };
            let mut lines = said(&of);
            let left = job.again.unwrap_or(0).saturating_sub(app.now).div_ceil(1000);
            lines.push(field(
                "next try",
                &if left == 0 { "now".to_owned() } else { format!("in {}", text::many(left, "second", "seconds")) },
            ));
            lines.extend(of_failure("because", &retrying.failure, false));
            return lines;
        }
        TransferState::Done(verified) => said(&format!("done: {}", how(*verified))),
        TransferState::Skipped(why) => said(&format!("passed over: {}", printable_str(why))),
        TransferState::Failed(failure) => return of_failure("failed", failure, true),
        TransferState::Cancelled => said("cancelled; r goes on where it was"),
    };
    if let Some(Some(failure)) = app.transfers.held.get(&job.transfer.batch) {
        lines.extend(of_failure("held", failure, false));
    } else if !matches!(job.transfer.state, TransferState::Done(_))
        && let Some(trouble) = &job.trouble
    {
        lines.extend(of_failure("last try", trouble, false));
    }
    lines
}

/// What went wrong, the server's words line by line, and what to do; `r` where it does something.
fn of_failure(word: &str, failure: &Failure, again: bool) -> Vec<String> {
    let ours = if failure.detail.is_empty() { "refused" } else { &failure.detail };
    let mut lines = vec![field(word, &format!("cannot {}: {}", failure.during, printable_str(ours)))];
    if let Some(subject) = &failure.subject {
        lines.push(field("", &printable(subject)));
    }
    if let Some(reply) = &failure.reply {
        for (index, line) in reply.text.split(|&byte| byte == b'\n').enumerate() {
            let name = if index == 0 { "server" } else { "" };
            let code = if index == 0 { format!("{} ", reply.code) } else { String::new() };
            lines.push(field(name, &format!("{code}{}", printable(line))));
        }
    }
    let hint = failure.hint.as_deref().or(again.then_some("r in the panel tries it again"));
    lines.extend(hint.map(|hint| field("to do", &printable_str(hint))));
    lines
}

/// How it is known that a copy is whole.
pub(super) fn how(verified: Verified) -> String {
    let words = match verified {
        Verified::Size => "size and the server's confirmation agree",
        Verified::Reply => "confirmed by the server; it does not tell sizes",
        Verified::SizeAfterLoss => "the confirmation was lost, the size was asked on a new connection",
        Verified::Checksum(algorithm) => return format!("{algorithm} of both sides is the same"),
    };
    words.to_owned()
}
