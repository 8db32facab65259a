//! A row of the transfers panel: which way, name, size, and how far it is or why it is not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::transfers::{Job, Row, What};
use crate::model::journal::Unfinished;
use crate::model::text::{printable, printable_str};
use crate::model::transfer::{Verb, Verified};
use crate::model::{Priority, TransferState};
use crate::tui::format::{SIZE_WIDTH, count, duration, rate, size};
use crate::tui::text::{cut_end, cut_middle, cut_start, width};

use super::strip::{arrow, name_of};
use super::{Scene, names, pen};

/// Columns of a percentage, a rate and a time left, with the blanks before them.
const FIGURES: u16 = 5 + 11 + 8;
/// From so many columns on the directory that it goes to shows too, and from so many on the size.
const WIDE: u16 = 100;
const MIDDLE: u16 = 70;
/// A name is not cut below this for the sake of what is behind it.
const NAME: u16 = 20;

/// What a row shows.
struct Shown<'a> {
    sign: &'static str,
    mark: &'static str,
    name: String,
    target: Option<String>,
    size: String,
    end: End<'a>,
}

/// What is at the end of a row.
enum End<'a> {
    Progress(&'a Job),
    Words(String, Style),
}

/// Draws the row; `bar` is its style where the cursor is on it.
pub fn draw(scene: &Scene<'_>, row: &Row, line: Rect, bar: Option<Style>, buffer: &mut Buffer) {
    let shown = match &row.what {
        What::Transfer(job) => of_job(scene, job),
        What::Note(note) => Shown {
            sign: "·",
            mark: "",
            name: names::last_parts(&note.path),
            target: None,
            size: String::new(),
            end: End::Words(note.failure.why(), if note.failed { scene.theme.error } else { scene.theme.dim }),
        },
        What::Unfinished(batch) => of_unfinished(scene, batch),
    };
    place(scene, &shown, line, bar, buffer);
}

fn of_job<'a>(scene: &Scene<'_>, job: &'a Job) -> Shown<'a> {
    let transfer = &job.transfer;
    Shown {
        sign: arrow(transfer.direction),
        mark: match transfer.priority {
            Priority::High => "▲ ",
            Priority::Normal => "",
            Priority::Low => "▼ ",
        },
        name: name_of(transfer),
        target: transfer.target.path.parent().map(|parent| printable(parent.as_bytes()).into_owned()),
        size: transfer.size.map(size).unwrap_or_default(),
        end: match &transfer.state {
            TransferState::Active => End::Progress(job),
            other => {
                let (words, style) = state(scene, job, other);
                End::Words(words, style)
            }
        },
    }
}

fn of_unfinished<'a>(scene: &Scene<'_>, batch: &Unfinished) -> Shown<'a> {
    let verb = if batch.verb == Verb::Move { "move" } else { "copy" };
    let done = if batch.done > 0 { format!(", {} done", count(batch.done, "file", "files")) } else { String::new() };
    Shown {
        sign: arrow(batch.direction),
        mark: "",
        name: format!("{verb} of {} to {}", count(batch.items, "entry", "entries"), printable_str(&batch.to)),
        target: None,
        size: String::new(),
        end: End::Words(format!("not finished{done}"), scene.theme.warn),
    }
}

/// Puts the parts beside each other: words at the end get the room they need, as long as a name is left.
fn place(scene: &Scene<'_>, shown: &Shown<'_>, line: Rect, bar: Option<Style>, buffer: &mut Buffer) {
    let plain = bar.unwrap_or(scene.theme.text);
    let bar_columns = if line.width >= WIDE {
        16
    } else if line.width >= MIDDLE {
        10
    } else {
        6
    };
    let block = bar_columns + FIGURES;
    let has_size = line.width >= MIDDLE && !matches!(&shown.end, End::Words(words, _) if width(words) > usize::from(block));
    let size_columns = if has_size { SIZE_WIDTH + 2 } else { 0 };
    let before = 2 + size_columns + 2;
    let end_columns = match &shown.end {
        End::Progress(_) => block,
        End::Words(words, _) => (width(words) as u16).max(block).min(line.width.saturating_sub(before + NAME)),
    };
    let room = usize::from(line.width.saturating_sub(before + end_columns));
    let used = pen::put_all(buffer, line, &[(shown.sign, plain), (" ", plain), (shown.mark, plain)]);
    let room = room.saturating_sub(width(shown.mark));
    let name_room = if line.width >= WIDE && shown.target.is_some() { room * 3 / 5 } else { room };
    let name = cut_middle(&shown.name, name_room).into_owned();
    let at = |x: u16, columns: usize| Rect { x: line.x + x, width: columns as u16, ..line };
    pen::put(buffer, at(used, name_room), &name, plain);
    if let Some(target) = shown.target.as_ref().filter(|_| name_room < room) {
        let target = cut_start(target, room.saturating_sub(name_room + 4)).into_owned();
        pen::put(buffer, at(used + name_room as u16 + 2, room - name_room - 2), &target, bar.unwrap_or(scene.theme.dim));
    }
    let end_x = line.width.saturating_sub(end_columns);
    if has_size {
        let area = at(end_x.saturating_sub(SIZE_WIDTH + 2), usize::from(SIZE_WIDTH));
        pen::put_right(buffer, area, &shown.size, plain);
    }
    let end = at(end_x, usize::from(end_columns));
    match &shown.end {
        End::Progress(job) => progress(scene, job, (end, bar_columns), bar, buffer),
        End::Words(words, style) => {
            pen::put(buffer, end, &cut_end(words, usize::from(end_columns)), bar.unwrap_or(*style));
        }
    }
}

fn progress(scene: &Scene<'_>, job: &Job, (area, columns): (Rect, u16), bar: Option<Style>, buffer: &mut Buffer) {
    let plain = bar.unwrap_or(scene.theme.text);
    let Some(meter) = scene.app.meters.active.iter().find(|meter| meter.id == job.transfer.id) else {
        pen::put(buffer, area, "begins", bar.unwrap_or(scene.theme.dim));
        return;
    };
    let (full, rest) = pen::bar(meter.ratio().unwrap_or(0.0), columns);
    let percent = meter.ratio().map_or_else(|| size(meter.done), |ratio| format!("{:.0}%", (ratio * 100.0).floor()));
    let left = meter.seconds_left().map(duration).unwrap_or_default();
    let figures = format!("{percent:>5}{:>11}{left:>8}", rate(meter.rate));
    let pieces = [(&*full, bar.unwrap_or(scene.theme.bar)), (&*rest, bar.unwrap_or(scene.theme.bar_rest)), (&*figures, plain)];
    pen::put_all(buffer, area, &pieces);
}

fn state(scene: &Scene<'_>, job: &Job, state: &TransferState) -> (String, Style) {
    let theme = scene.theme;
    match state {
        TransferState::Queued if scene.app.transfers.held.contains_key(&job.transfer.batch) => (format!("held{}", at(job)), theme.warn),
        TransferState::Queued => ("waits".to_owned(), theme.dim),
        TransferState::Asking => ("asks: its target exists".to_owned(), theme.warn),
        TransferState::Paused => (format!("paused{}", at(job)), theme.warn),
        TransferState::Retrying(retrying) => (retrying.words(job.until_again(scene.app.now)), theme.warn),
        TransferState::Active => (String::new(), theme.text),
        TransferState::Done(verified) => (format!("done, {}", how(*verified)), theme.good),
        TransferState::Skipped(why) => (format!("skipped: {}", printable_str(why)), theme.dim),
        TransferState::Failed(failure) => (failure.why(), theme.error),
        TransferState::Cancelled => (format!("cancelled{}", at(job)), theme.warn),
    }
}

/// `, 43% there`: how much of a file that does not move has arrived.
fn at(job: &Job) -> String {
    match job.transfer.size {
        Some(size) if size > 0 && job.reached > 0 => {
            format!(", {}% there", u128::from(job.reached.min(size)) * 100 / u128::from(size))
        }
        _ => String::new(),
    }
}

/// How it is known that the copy is whole.
fn how(verified: Verified) -> String {
    let words = match verified {
        Verified::Size => "size checked",
        Verified::Reply => "confirmed by the server",
        Verified::SizeAfterLoss => "size checked on a new connection",
        Verified::Checksum(algorithm) => return format!("{algorithm} checked"),
    };
    words.to_owned()
}
