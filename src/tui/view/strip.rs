//! The line above the key bar: what the next key may be, else a notice, else the transfers, else the details of the current entry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::key::Prefix;
use crate::app::transfers::{RowId, Section, What};
use crate::app::{App, Content};
use crate::bus::Meter;
use crate::model::figures::{percent, share};
use crate::model::listing::Count;
use crate::model::text::printable_str;
use crate::model::transfer::Verb;
use crate::model::{Direction, Transfer};
use crate::tui::format::{count, duration, grouped, rate, short_count, size, size_in_words};
use crate::tui::layout::toast_lines;
use crate::tui::text::{cut_middle, width};

use super::{Scene, names, pen, title};

/// Draws the line.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if let Some(hint) = pending(scene.app) {
        pen::put(buffer, inner, hint, scene.theme.key);
        return;
    }
    if let Some(toast) = &scene.app.toast {
        let style = if toast.is_error { scene.theme.toast_error } else { scene.theme.toast };
        let lines = toast_lines(&toast.text, area.width);
        for (text, line) in lines.iter().zip(area.rows()) {
            pen::fill(buffer, line, style);
            pen::put(buffer, Rect { y: line.y, height: 1, ..inner }, text, style);
        }
        return;
    }
    if let Some(why) = standing_still(scene.app) {
        pen::put(buffer, inner, &why, scene.theme.warn);
        return;
    }
    if scene.app.transfers.is_busy() || !scene.app.meters.active.is_empty() {
        transfers(scene, inner, buffer);
        return;
    }
    if let Some(offer) = offer(scene.app, usize::from(inner.width)) {
        pen::put(buffer, inner, &offer, scene.theme.key);
        return;
    }
    let pane = scene.app.pane(scene.app.focus);
    if let (Content::Directory, Some(entry)) = (&pane.content, pane.current()) {
        pen::put(buffer, inner, &title::details(scene, pane, entry), scene.theme.dim);
    }
}

/// What a two-key command goes on with.
fn pending(app: &App) -> Option<&'static str> {
    match app.pending? {
        Prefix::Sort => Some("sort by: n name  s size  t time  e extension"),
        Prefix::CtrlX => Some("Ctrl-X: f why it failed  i server  c permissions  t type  a ask again"),
        Prefix::Esc(_) => None,
    }
}

/// What is to be said of transfers, in words and as a warning or not, where nothing moves.
fn standing_still(app: &App) -> Option<String> {
    let transfers = &app.transfers;
    if !app.meters.active.is_empty() {
        return None;
    }
    if let Some((_, failure)) = transfers.held_by() {
        return Some(format!("held (C goes on, w shows): {}", failure.why()));
    }
    if transfers.is_paused() {
        return Some(format!("paused: {}, C goes on, w shows them", count(app.waiting(), "transfer waits", "transfers wait")));
    }
    None
}

/// What an earlier run has not finished, with the keys for it.
fn offer(app: &App, columns: usize) -> Option<String> {
    if !app.has_offer() {
        return None;
    }
    let transfers = &app.transfers;
    let mut ids = transfers.ids(Section::Unfinished);
    let keys = "C goes on, w looks, D forgets";
    let first = ids.next().and_then(|id| transfers.find(id));
    let Some(What::Unfinished(batch)) = first.map(|row| &row.what) else { return None };
    let more = ids.count() as u64;
    if more > 0 {
        return Some(format!("{} were not finished: {keys}", count(more + 1, "copy", "copies")));
    }
    let verb = if batch.verb == Verb::Move { "move" } else { "copy" };
    let head = format!("{verb} of {} to ", count(batch.items, "entry", "entries"));
    let tail = format!(" not finished: {keys}");
    let room = columns.saturating_sub(width(&head) + width(&tail));
    if room < 12 {
        return Some(format!("{}{tail}", count(batch.items, "entry", "entries")));
    }
    Some(format!("{head}{}{tail}", cut_middle(&printable_str(&batch.to), room)))
}

fn transfers(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let app = scene.app;
    let rest = rest_of(app, area.width >= 70);
    let used = pen::put_right(buffer, area, &rest, scene.theme.warn);
    let area = Rect { width: area.width.saturating_sub(used + 2), ..area };
    if let Some(waits) = between_tries(app, usize::from(area.width)) {
        pen::put(buffer, area, &waits, scene.theme.warn);
        return;
    }
    let shown = app.meters.active.iter().find_map(|meter| Some((meter, &app.transfers.job(meter.id)?.transfer)));
    match shown {
        Some(_) if is_many(app) => together(scene, area, buffer),
        Some((meter, transfer)) => one(scene, meter, transfer, area, buffer),
        // Small files come and go between two looks at what moves.
        None if app.transfers.has_begun() && app.waiting() > 0 => together(scene, area, buffer),
        None => {
            pen::put(buffer, area, &preparing(app), scene.theme.text);
        }
    }
}

/// What is said where all that has begun waits to be tried again: when the first of it is and why, and no rate, as nothing moves.
pub fn between_tries(app: &App, room: usize) -> Option<String> {
    let begun = || app.meters.active.iter().filter_map(|meter| app.transfers.job(meter.id));
    if !begun().all(|job| job.retrying().is_some()) {
        return None;
    }
    let next = begun().min_by_key(|job| job.again)?;
    let words = next.retrying()?.words(next.until_again(app.now));
    Some(match begun().count() {
        1 => {
            // The reason needs the room more than the name.
            let name = cut_middle(&name_of(&next.transfer), room.saturating_sub(width(&words) + 4).max(8)).into_owned();
            format!("{} {name}: {words}", arrow(next.transfer.direction))
        }
        waiting => format!("{} {waiting} files: {words}", way(app)),
    })
}

/// Whether so much moves or waits that a single name would only flicker by.
fn is_many(app: &App) -> bool {
    app.meters.active.len() > 1 || app.waiting() > 0
}

/// Everything that moves and waits, as one: `↓ 1,234 of 10,000 files  ▇▇▇▇▁▁▁▁ 42%  3.1 MB/s  0:04`.
fn together(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let app = scene.app;
    let open = app.transfers.batches.values().filter(|batch| batch.summary.is_none());
    let (done, found) =
        open.fold((0, 0), |(done, found), batch| (done + batch.ended, found + batch.found.files.max(batch.ended + batch.open as u64)));
    let planned = app.transfers.is_planned();
    let more = if planned { "" } else { "+" };
    let moved = app.meters.moved.saturating_sub(app.transfers.moved_before);
    let there = Count { files: done, dirs: 0, bytes: moved };
    let ratio = share(there, Count { files: found.max(done), dirs: 0, bytes: moved.saturating_add(app.meters.bytes_left) });
    let left = app.meters.seconds_left().map(duration).unwrap_or_default();
    let figures = format!("{}  {}  {left}", percent(ratio), rate(app.meters.rate));
    let all = if planned { count(found, "file", "files") } else { format!("{}+ files", grouped(found)) };
    let files = format!("{} of {all}", grouped(done));
    let room = usize::from(area.width).saturating_sub(width(&figures) + 5);
    // Where there is little room the figures matter most, then the counts, then the bar.
    let files = if width(&files) + 8 > room { format!("{}/{}{more}", short_count(done), short_count(found)) } else { files };
    let bar_columns = room.saturating_sub(width(&files)).min(12);
    let line = Line { arrow: way(app), what: &files, ratio, bar_columns: bar_columns as u16, figures: &figures };
    line.draw(scene, area, buffer);
}

/// The way that what moves goes, where it is one.
fn way(app: &App) -> &'static str {
    let next = app.transfers.ids(Section::Queued).next().filter(|_| app.meters.active.is_empty());
    let next = next.and_then(|id| if let RowId::Transfer(id) = id { app.transfers.job(id) } else { None });
    let active = app.meters.active.iter().filter_map(|meter| app.transfers.job(meter.id));
    let mut ways = active.chain(next).map(|job| job.transfer.direction);
    let first = ways.next();
    match first {
        Some(direction) if ways.all(|other| other == direction) => arrow(direction),
        _ => "⇅",
    }
}

/// One transfer: `↑ assets/logo.png  ▇▇▇▇▇▁▁▁ 62%  3.1 MB/s  0:04`.
fn one(scene: &Scene<'_>, meter: &Meter, transfer: &Transfer, area: Rect, buffer: &mut Buffer) {
    let percent = match meter.ratio() {
        Some(ratio) => percent(ratio),
        None => size(meter.done),
    };
    let figures = format!("{percent}  {}  {}", rate(meter.rate), meter.seconds_left().map(duration).unwrap_or_default());
    let bar_columns = if area.width >= 70 { 12 } else { 8 };
    let room = usize::from(area.width).saturating_sub(width(&figures) + usize::from(bar_columns) + 6);
    let name = cut_middle(&name_of(transfer), room).into_owned();
    let ratio = meter.ratio().unwrap_or(0.0);
    let line = Line { arrow: arrow(transfer.direction), what: &name, ratio, bar_columns, figures: &figures };
    line.draw(scene, area, buffer);
}

/// A line with a bar, as it fits.
struct Line<'a> {
    arrow: &'a str,
    what: &'a str,
    ratio: f64,
    bar_columns: u16,
    /// Share, rate, time left.
    figures: &'a str,
}

impl Line<'_> {
    fn draw(&self, scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
        let (full, empty) = pen::bar(self.ratio, self.bar_columns);
        let pieces = [
            (self.arrow, scene.theme.bar),
            (" ", scene.theme.text),
            (self.what, scene.theme.text),
            ("  ", scene.theme.text),
            (&*full, scene.theme.bar),
            (&*empty, scene.theme.bar_rest),
            (" ", scene.theme.text),
            (self.figures, scene.theme.text),
        ];
        pen::put_all(buffer, area, &pieces);
    }
}

/// What is said before the first byte moves.
pub fn preparing(app: &App) -> String {
    let found = app
        .transfers
        .batches
        .values()
        .filter(|batch| batch.summary.is_none() && !batch.planned)
        .fold((0, 0, 0), |sum, batch| (sum.0 + batch.found.files, sum.1 + batch.found.bytes, sum.2 + batch.found.dirs));
    if found.0 > 0 || found.2 > 0 {
        let dirs = count(found.2, "directory", "directories");
        return format!("looking … {} in {dirs}, {}", count(found.0, "file", "files"), size_in_words(found.1));
    }
    if app.transfers.asking > 0 {
        return "waits for the answer about a target that exists".to_owned();
    }
    "preparing the transfer …".to_owned()
}

/// `+3 queued, 1 asks, 2 failed`: what else there is.
fn rest_of(app: &App, has_room: bool) -> String {
    let moving = app.meters.active.len();
    // What is active and not on a meter asks; both are told in the order they happen, figures a little later.
    let asking = app.transfers.asking;
    let waiting = app.waiting();
    let cancelled = app.transfers.cancelled as u64 + app.transfers.cancelled_untold();
    let failed = app.transfers.count(Section::Failed).saturating_sub(cancelled);
    let mut parts = Vec::new();
    if moving > 1 && has_room {
        parts.push(format!("{moving} at once"));
    }
    if waiting > 0 && !is_many(app) {
        parts.push(format!("+{} queued", short_count(waiting)));
    }
    if asking > 0 {
        parts.push(format!("{asking} {}", if asking == 1 { "asks" } else { "ask" }));
    }
    if app.transfers.held_by().is_some() {
        parts.push("some held".to_owned());
    }
    if failed > 0 {
        parts.push(format!("{} failed", short_count(failed)));
    }
    if cancelled > 0 && has_room {
        parts.push(format!("{} cancelled", short_count(cancelled)));
    }
    parts.join(", ")
}

/// Which way bytes go.
pub fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Down => "↓",
        Direction::Up => "↑",
        Direction::Local => "→",
        Direction::Across => "⇄",
    }
}

/// The last two parts of the source: `assets/logo.png`.
pub fn name_of(transfer: &Transfer) -> String {
    names::last_parts(&transfer.source.path)
}
