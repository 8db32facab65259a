//! The transfers panel: what moves, asks and waits, then what was passed over, then what ended, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::transfers::TransferRow;
use crate::model::text::printable_str;
use crate::model::transfer::Verified;
use crate::model::{Transfer, TransferState};
use crate::tui::format::{duration, rate, size};
use crate::tui::layout::{PanelPlan, visible_top};
use crate::tui::text::{cut_middle, width};

use super::log::panel_title;
use super::strip::{arrow, name_of};
use super::{Scene, names, pen};

/// Columns of the bar of a transfer that moves.
const BAR: u16 = 10;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, plan: &PanelPlan, buffer: &mut Buffer) {
    let transfers = &scene.app.transfers;
    // Beside the totals there is no room for more than the way out.
    let hint = if scene.app.meters.active.is_empty() { "Enter tells more, w closes" } else { "w closes" };
    panel_title(scene, plan, &heading(scene), hint, buffer);
    let count = transfers.row_count();
    if count == 0 {
        pen::put(buffer, plan.body, " nothing was copied yet; F5 copies to the other pane", scene.theme.dim);
        return;
    }
    let top = visible_top(transfers.top, Some(transfers.selected), count, usize::from(plan.body.height));
    for (index, line) in (top..count).zip(plan.body.rows()) {
        let Some(row) = transfers.row(index) else { continue };
        let bar =
            (index == transfers.selected).then_some(if scene.app.panel_focus { scene.theme.cursor } else { scene.theme.cursor_other });
        if let Some(bar) = bar {
            pen::fill(buffer, line, bar);
        }
        let inner = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
        draw_row(scene, row, inner, bar, buffer);
    }
}

fn heading(scene: &Scene<'_>) -> String {
    let meters = &scene.app.meters;
    if meters.active.is_empty() {
        return "Transfers".to_owned();
    }
    let left = meters.seconds_left().map(|seconds| format!(", {} to go", duration(seconds))).unwrap_or_default();
    format!("Transfers  {}, {} left{left}", rate(meters.rate), size(meters.bytes_left))
}

fn draw_row(scene: &Scene<'_>, row: TransferRow<'_>, line: Rect, bar: Option<Style>, buffer: &mut Buffer) {
    let (sign, name, state, style) = match row {
        TransferRow::Note(path, failure) => ("·", names::last_parts(path), failure.to_string(), scene.theme.warn),
        TransferRow::Transfer(transfer) => {
            let (state, style) = state_of(scene, transfer);
            (arrow(transfer.direction), name_of(transfer), state, style)
        }
    };
    let style = bar.unwrap_or(style);
    let plain = bar.unwrap_or(scene.theme.text);
    let room = usize::from(line.width);
    let state_width = width(&state).min(room.saturating_sub(24).max(room / 2));
    let name_room = room.saturating_sub(state_width + 4);
    let used = pen::put_all(buffer, line, &[(sign, plain), (" ", plain), (&cut_middle(&name, name_room), plain)]);
    let rest = Rect { x: line.x + used + 2, width: line.width.saturating_sub(used + 2), ..line };
    pen::put_right(buffer, rest, &state, style);
}

fn state_of(scene: &Scene<'_>, transfer: &Transfer) -> (String, Style) {
    let theme = scene.theme;
    let bytes = transfer.size.map(size).unwrap_or_default();
    match &transfer.state {
        TransferState::Queued => (format!("{bytes}  waits"), theme.dim),
        TransferState::Asking => ("asks what to do with the existing target".to_owned(), theme.warn),
        TransferState::Paused => (format!("{bytes}  paused"), theme.warn),
        TransferState::Retrying(retrying) => (format!("tries again: {}", retrying.failure), theme.warn),
        TransferState::Active => (progress(scene, transfer), theme.bar),
        TransferState::Done(verified) => (format!("{bytes}  done, {}", how(*verified)), theme.good),
        TransferState::Skipped(why) => (format!("skipped: {}", printable_str(why)), theme.dim),
        TransferState::Failed(failure) => (failure.to_string(), theme.error),
        TransferState::Cancelled => ("cancelled".to_owned(), theme.warn),
    }
}

fn progress(scene: &Scene<'_>, transfer: &Transfer) -> String {
    let Some(meter) = scene.app.meters.active.iter().find(|meter| meter.id == transfer.id) else { return "begins".to_owned() };
    let (full, rest) = pen::bar(meter.ratio().unwrap_or(0.0), BAR);
    let percent = meter.ratio().map_or_else(|| size(meter.done), |ratio| format!("{:3.0}%", (ratio * 100.0).floor()));
    let left = meter.seconds_left().map(duration).unwrap_or_default();
    format!("{full}{rest} {percent}  {}  {left}", rate(meter.rate))
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
