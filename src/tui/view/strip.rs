//! The line above the key bar: a notice, else what the next key may be, else the transfers, else the details of the current entry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::key::Prefix;
use crate::app::{App, Content};
use crate::bus::Meter;
use crate::model::{Direction, Transfer, TransferState};
use crate::tui::format::{count, duration, rate, size};
use crate::tui::text::{cut_middle, width};

use super::{Scene, names, pen, title};

/// Draws the line.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if let Some(toast) = &scene.app.toast {
        let style = if toast.is_error { scene.theme.toast_error } else { scene.theme.toast };
        pen::fill(buffer, area, style);
        pen::put(buffer, inner, &toast.text, style);
        return;
    }
    if let Some(hint) = pending(scene.app) {
        pen::put(buffer, inner, hint, scene.theme.key);
        return;
    }
    if has_transfers(scene.app) {
        transfers(scene, inner, buffer);
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
        Prefix::CtrlX => Some("Ctrl-X: c permissions  Esc nothing"),
        Prefix::Esc(_) => None,
    }
}

fn has_transfers(app: &App) -> bool {
    !app.transfers.order.is_empty() || !app.meters.active.is_empty() || app.transfers.batches.values().any(|batch| batch.summary.is_none())
}

fn transfers(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let app = scene.app;
    let rest = rest_of(app);
    let used = pen::put_right(buffer, area, &rest, scene.theme.warn);
    let area = Rect { width: area.width.saturating_sub(used + 2), ..area };
    let shown = app.meters.active.iter().find_map(|meter| Some((meter, app.transfers.open.get(&meter.id)?)));
    match shown {
        Some((meter, transfer)) => one(scene, meter, transfer, area, buffer),
        None => {
            pen::put(buffer, area, &preparing(app), scene.theme.text);
        }
    }
}

/// One transfer: `↑ assets/logo.png  ▇▇▇▇▇▁▁▁ 62%  3.1 MB/s  0:04`.
fn one(scene: &Scene<'_>, meter: &Meter, transfer: &Transfer, area: Rect, buffer: &mut Buffer) {
    let percent = match meter.ratio() {
        Some(ratio) => format!("{:3.0}%", (ratio * 100.0).floor()),
        None => size(meter.done),
    };
    // The figures are of all together where several move: that is what a person waits for.
    let several = scene.app.meters.active.len() > 1;
    let (speed, left) = if several { (scene.app.meters.rate, scene.app.meters.seconds_left()) } else { (meter.rate, meter.seconds_left()) };
    let figures = format!("{percent}  {}  {}", rate(speed), left.map(duration).unwrap_or_default());
    let bar_columns = if area.width >= 70 { 12 } else { 8 };
    let room = usize::from(area.width).saturating_sub(width(&figures) + usize::from(bar_columns) + 6);
    let name = cut_middle(&name_of(transfer), room).into_owned();
    let (full, empty) = pen::bar(meter.ratio().unwrap_or(0.0), bar_columns);
    let pieces = [
        (arrow(transfer.direction), scene.theme.bar),
        (" ", scene.theme.text),
        (&*name, scene.theme.text),
        ("  ", scene.theme.text),
        (&*full, scene.theme.bar),
        (&*empty, scene.theme.bar_rest),
        (" ", scene.theme.text),
        (&*figures, scene.theme.text),
    ];
    pen::put_all(buffer, area, &pieces);
}

/// What is said before the first byte moves.
fn preparing(app: &App) -> String {
    let found = app
        .transfers
        .batches
        .values()
        .filter(|batch| batch.summary.is_none() && !batch.planned)
        .fold((0, 0), |sum, batch| (sum.0 + batch.found.files, sum.1 + batch.found.bytes));
    if found.0 > 0 {
        return format!("looking … {}, {}", count(found.0, "file", "files"), size(found.1));
    }
    "preparing the transfer …".to_owned()
}

/// `+3 queued, 1 asks, 12.4M left`: what else there is.
fn rest_of(app: &App) -> String {
    let active = app.meters.active.len();
    let asking = app.transfers.open.values().filter(|transfer| transfer.state == TransferState::Asking).count();
    let waiting = app.transfers.order.len().saturating_sub(active + asking);
    let mut parts = Vec::new();
    if active > 1 {
        parts.push(format!("{active} at once"));
    }
    if waiting > 0 {
        parts.push(format!("+{waiting} queued"));
    }
    if asking > 0 {
        parts.push(format!("{asking} {}", if asking == 1 { "asks" } else { "ask" }));
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
