//! The history of transfers: searched as you type, the newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::dialog::History;
use crate::app::hit::DialogHit;
use crate::model::journal::Past;
use crate::model::text::printable_str;
use crate::model::{Precision, Timestamp};
use crate::tui::format::{SIZE_WIDTH, date, size};
use crate::tui::layout::DialogPlan;
use crate::tui::text::{cut_end, cut_start};

use super::strip::arrow;
use super::{Scene, dialog_frame, pen};

/// Columns of a date.
const DATE: u16 = 7;

/// Draws the history.
pub fn draw(scene: &Scene<'_>, history: &History, plan: &DialogPlan, buffer: &mut Buffer) -> Option<Position> {
    let newest = format!("What was transferred before: the newest {}", history.rows.len());
    dialog_frame(scene, if history.is_cut { &newest } else { "What was transferred before" }, plan, buffer);
    let line = plan.part(DialogHit::Field(0))?;
    let shown = printable_str(history.input.value()).into_owned();
    let cursor = pen::input(buffer, line, &history.input, &shown, scene.theme.input_focus);
    if shown.is_empty() {
        let hint = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
        pen::put(buffer, hint, "type to search: words of source, target or message", scene.theme.input_focus.patch(scene.theme.dim));
    }
    if history.awaited.is_some() && history.told {
        pen::put_right(buffer, line, "looking … ", scene.theme.input_focus.patch(scene.theme.dim));
    }
    let Some(list) = plan.list else { return cursor };
    if history.rows.is_empty() {
        let text = match (&history.trouble, history.told, shown.is_empty()) {
            (Some(failure), ..) => failure.to_string(),
            (None, false, _) => "looking …".to_owned(),
            (None, true, true) => "nothing was transferred yet".to_owned(),
            (None, true, false) => "nothing matches".to_owned(),
        };
        pen::put(buffer, list.area, &cut_end(&text, usize::from(list.area.width)), scene.theme.dialog.patch(scene.theme.dim));
    }
    for (index, area) in list.rows() {
        let Some(past) = history.rows.get(index) else { continue };
        row(scene, past, index == history.selected, area, buffer);
    }
    super::scroll_mark(scene, plan, list.top, list.len, buffer);
    cursor
}

/// `14:02 ↓ /pub/a.iso  4.1K  size checked`, wide enough for both ends where there is room.
fn row(scene: &Scene<'_>, past: &Past, chosen: bool, area: Rect, buffer: &mut Buffer) {
    let plain = if chosen { scene.theme.cursor } else { scene.theme.dialog };
    if chosen {
        pen::fill(buffer, area, plain);
    }
    let ended = Timestamp { seconds: past.ended, precision: Precision::Second };
    let (outcome, style) = match &past.outcome {
        Ok(_) => (String::new(), plain),
        Err(failure) => (failure.to_string(), scene.theme.dialog.patch(scene.theme.error)),
    };
    let style = if chosen { plain } else { style };
    let head = format!("{:<width$} {} ", date(ended, scene.clock), arrow(past.direction), width = usize::from(DATE));
    let used = pen::put(buffer, area, &head, plain);
    let rest = Rect { x: area.x + used, width: area.width.saturating_sub(used), ..area };
    let bytes = Rect { x: rest.right().saturating_sub(SIZE_WIDTH), width: SIZE_WIDTH.min(rest.width), ..rest };
    pen::put_right(buffer, bytes, &past.size.map(size).unwrap_or_default(), plain);
    let room = usize::from(rest.width.saturating_sub(SIZE_WIDTH + 2));
    let half = room / 2;
    let source = cut_start(&printable_str(&past.source), half.saturating_sub(1)).into_owned();
    pen::put(buffer, Rect { width: half as u16, ..rest }, &source, plain);
    let other = if outcome.is_empty() {
        cut_start(&printable_str(&past.target), room - half).into_owned()
    } else {
        cut_end(&outcome, room - half).into_owned()
    };
    pen::put(buffer, Rect { x: rest.x + half as u16, width: (room - half) as u16, ..rest }, &other, style);
}
