//! The transfers panel: tabs with counts, totals with the rate of the last minutes, rows, and what keys do with the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::bus::Meter;
use crate::model::rate::limit_text;
use crate::model::{Direction, Limits};
use crate::tui::format::{count, duration, grouped, rate, size};
use crate::tui::layout::{PanelPlan, Part, panel_action_of, visible_top};
use crate::tui::text::cut_end;

use super::{Scene, pen, transfer_row};

/// Columns of the sparkline at most, and below which it is left out.
const SPARK: (u16, u16) = (60, 8);

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, plan: &PanelPlan, buffer: &mut Buffer) {
    title(scene, plan, buffer);
    totals(scene, plan.totals, buffer);
    let transfers = &scene.app.transfers;
    let count = transfers.row_count();
    if count == 0 {
        pen::put(buffer, plan.body, &format!(" {}", nothing(scene.app)), scene.theme.dim);
    }
    let top = visible_top(transfers.top, Some(transfers.cursor), count, usize::from(plan.body.height));
    for (index, line) in (top..count).zip(plan.body.rows()) {
        let Some(row) = transfers.row(index) else { continue };
        let has_cursor = index == transfers.cursor;
        let bar = has_cursor.then_some(if scene.app.panel_focus { scene.theme.cursor } else { scene.theme.cursor_other });
        if let Some(bar) = bar {
            pen::fill(buffer, line, bar);
        }
        let inner = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
        transfer_row::draw(scene, row, inner, bar, buffer);
    }
    for hint in &plan.hints {
        part(hint, scene.theme.key, scene.theme.dim, buffer);
    }
}

/// Why there is no row.
fn nothing(app: &App) -> String {
    let transfers = &app.transfers;
    match (&transfers.filter, transfers.tab.word()) {
        (Some(words), _) => format!("nothing here holds “{words}”; Esc shows all"),
        (None, "all") => "no transfers; F5 in a pane copies to the other one, H tells what was copied before".to_owned(),
        (None, word) => format!("nothing is {word}"),
    }
}

fn title(scene: &Scene<'_>, plan: &PanelPlan, buffer: &mut Buffer) {
    super::log::panel_rule(scene, plan, buffer);
    let chosen = panel_action_of(scene.app.transfers.tab);
    let mut end = plan.title.x;
    for tab in &plan.tabs {
        let is_chosen = tab.action == chosen;
        let style = if is_chosen { scene.theme.title_focus } else { scene.theme.title };
        let key_style = if is_chosen { style } else { scene.theme.key };
        pen::fill(buffer, tab.area, style);
        let inner = Rect { x: tab.area.x + 1, width: tab.area.width.saturating_sub(2), ..tab.area };
        part(&Part { area: inner, ..tab.clone() }, key_style, style, buffer);
        end = tab.area.right();
    }
    if let Some(words) = &scene.app.transfers.filter {
        let room = Rect { x: end + 1, width: plan.title.right().saturating_sub(end + 3), ..plan.title };
        let text = cut_end(&format!(" only “{words}” "), usize::from(room.width)).into_owned();
        pen::put_right(buffer, room, &text, scene.theme.warn);
    }
}

/// A key and its words.
fn part(part: &Part, key: Style, words: Style, buffer: &mut Buffer) {
    let gap = if part.key.is_empty() { "" } else { " " };
    pen::put_all(buffer, part.area, &[(part.key, key), (gap, words), (&part.words, words)]);
}

/// Rates, what is left, limits; why transfers are held, where they are; and the rate of the last minutes.
fn totals(scene: &Scene<'_>, line: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line };
    let (text, style) = state(scene, usize::from(inner.width));
    // A reason needs the room more.
    let limits = if scene.app.transfers.held_by().is_some() { String::new() } else { limits(scene.app.limits) };
    let gap = if limits.is_empty() { "" } else { "  " };
    let used = pen::put_all(buffer, inner, &[(&text, style), (gap, style), (&limits, scene.theme.warn)]);
    let room = inner.width.saturating_sub(used + 2).min(SPARK.0);
    if room >= SPARK.1 {
        let spark = sparkline(scene.app, usize::from(room));
        pen::put_right(buffer, inner, &spark, scene.theme.bar);
    }
}

fn state(scene: &Scene<'_>, columns: usize) -> (String, Style) {
    let (app, theme) = (scene.app, scene.theme);
    if let Some((_, failure)) = app.transfers.held_by() {
        return (format!("held (P goes on): {}", failure.why()), theme.warn);
    }
    if app.transfers.is_paused() {
        return ("paused: P goes on".to_owned(), theme.warn);
    }
    let meters = &app.meters;
    if meters.active.is_empty() && !(app.transfers.has_begun() && app.waiting() > 0) {
        let text = match app.transfers.no_journal {
            Some(_) => "nothing moves; the journal cannot be written, so transfers end with ftpane",
            None if app.transfers.is_busy() => return (super::strip::preparing(app), theme.dim),
            None => "nothing moves",
        };
        return (text.to_owned(), theme.dim);
    }
    if let Some(waits) = super::strip::between_tries(app, columns) {
        return (waits, theme.warn);
    }
    let mut parts = vec![rate(meters.rate), left(app)];
    parts.extend(meters.seconds_left().map(duration));
    let is_here = |meter: &Meter| app.transfers.job(meter.id).is_some_and(|job| job.transfer.direction == Direction::Local);
    if !meters.active.iter().all(is_here) {
        parts.push(count(meters.lanes.max(1) as u64, "connection", "connections"));
    }
    (parts.join("  "), theme.text)
}

/// `108M left`, more than that while the walk goes on; files where only these are left: the last ones, or empty ones.
fn left(app: &App) -> String {
    let more = if app.transfers.is_planned() { "" } else { "+" };
    if app.meters.bytes_left > 0 {
        return format!("{}{more} left", size(app.meters.bytes_left));
    }
    let files = app.waiting() + app.meters.active.len() as u64;
    if more.is_empty() { format!("{} left", count(files, "file", "files")) } else { format!("{}+ files left", grouped(files)) }
}

/// `limit 2.0 MB/s ↓500 kB/s`: what limits there are.
fn limits(limits: Limits) -> String {
    let parts: Vec<String> = [("", limits.total), ("↓", limits.down), ("↑", limits.up)]
        .into_iter()
        .filter_map(|(sign, limit)| Some(format!("{sign}{}", limit_words(limit?))))
        .collect();
    if parts.is_empty() { String::new() } else { format!("limit {}", parts.join(" ")) }
}

/// As it was typed where that is short: `500K/s`.
fn limit_words(bytes: u64) -> String {
    let text = limit_text(Some(bytes));
    if text.len() <= 5 { format!("{text}/s") } else { rate(bytes as f64) }
}

/// The rate of the last seconds as blocks, the newest at the right, the highest as high as a line.
pub fn sparkline(app: &App, columns: usize) -> String {
    const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let values = app.transfers.spark.values();
    let skipped = values.len().saturating_sub(columns);
    let shown: Vec<u64> = values.skip(skipped).collect();
    let highest = shown.iter().copied().max().unwrap_or(0).max(1);
    let block = |value: &u64| {
        let eighths = (u128::from(*value) * 8).div_ceil(u128::from(highest));
        BLOCKS.get(usize::try_from(eighths).unwrap_or(0)).copied().unwrap_or("█")
    };
    shown.iter().map(block).collect()
}
