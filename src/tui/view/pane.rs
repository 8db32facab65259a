//! A pane: its frame, the heads of its columns, and the rows of its directory; or the sites; or the word that it is being opened.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::pane::Row;
use crate::app::{Content, Pane};
use crate::model::SortKey;
use crate::model::text::{printable, printable_str};
use crate::model::{Entry, Kind};
use crate::tui::format::{date, mode, size};
use crate::tui::layout::PanePlan;
use crate::tui::text::{cut_end, cut_middle, width, wrap};

use super::{Scene, names, pen, sites, title};

/// Draws a pane; returns where the terminal's cursor belongs, if in here.
pub fn draw(scene: &Scene<'_>, plan: &PanePlan, buffer: &mut Buffer) -> Option<Position> {
    title::draw(scene, plan, buffer);
    match &scene.app.pane(plan.side).content {
        Content::Directory => {
            header(scene, plan, buffer);
            rows(scene, plan, buffer);
            None
        }
        Content::Opening(phrase) => {
            opening(scene, plan, phrase, buffer);
            None
        }
        Content::Sites(list) => sites::draw_in_pane(scene, list, plan, buffer),
    }
}

fn header(scene: &Scene<'_>, plan: &PanePlan, buffer: &mut Buffer) {
    let pane = scene.app.pane(plan.side);
    let y = plan.header.y;
    let style = scene.theme.header;
    let arrow = |key: SortKey| match (pane.sort.key == key, is_ascending(pane)) {
        (false, _) => "",
        (true, true) => "↑",
        (true, false) => "↓",
    };
    let columns = &plan.columns;
    let name = match pane.sort.key {
        SortKey::Extension => format!("Name by extension{}", arrow(SortKey::Extension)),
        _ => format!("Name{}", arrow(SortKey::Name)),
    };
    pen::fill(buffer, plan.header, style);
    pen::put(buffer, columns.name.after(1, y), &name, style);
    if let Some(column) = columns.size {
        // The arrow of the times takes the last blank before them.
        let blank = u16::from(pane.sort.key == SortKey::Time && columns.date.is_some());
        let area = column.area(y);
        let area = Rect { width: area.width.saturating_sub(blank), ..area };
        pen::put_right(buffer, area, &format!("Size{}", arrow(SortKey::Size)), style);
    }
    if let Some(column) = columns.date {
        pen::put_right(buffer, column.area(y), &format!("Modified{}", arrow(SortKey::Time)), style);
    }
    if let Some(column) = columns.mode {
        pen::put(buffer, column.after(2, y), "Mode", style);
    }
    if let Some(column) = columns.owner {
        pen::put(buffer, column.after(2, y), "Owner", style);
    }
}

/// Names and extensions begin at A; sizes and times begin with the largest and the newest.
fn is_ascending(pane: &Pane) -> bool {
    matches!(pane.sort.key, SortKey::Name | SortKey::Extension) != pane.sort.reverse
}

fn rows(scene: &Scene<'_>, plan: &PanePlan, buffer: &mut Buffer) {
    let pane = scene.app.pane(plan.side);
    for (index, line) in (pane.top..).zip(plan.rows.rows()) {
        let Some(row) = pane.row(index) else { break };
        draw_row(scene, plan, (index, &row), line, buffer);
    }
    if pane.order.is_empty() && pane.unparsed.is_empty() {
        empty(scene, plan, pane, buffer);
    }
}

/// What stands below `..` where nothing else is to be shown: why.
fn empty(scene: &Scene<'_>, plan: &PanePlan, pane: &Pane, buffer: &mut Buffer) {
    let (text, style) = match (&pane.trouble, pane.loading) {
        (Some(trouble), _) => (trouble.to_string(), scene.theme.error),
        (None, Some(_)) => ("reading …".to_owned(), scene.theme.dim),
        (None, None) if pane.filter.is_some() => ("nothing matches the filter; Esc shows all".to_owned(), scene.theme.dim),
        (None, None) if !pane.entries.is_empty() => ("only hidden entries; Alt-. shows them".to_owned(), scene.theme.dim),
        (None, None) => ("empty".to_owned(), scene.theme.dim),
    };
    let area = Rect { x: plan.rows.x + 1, width: plan.rows.width.saturating_sub(2), ..plan.rows };
    let lines = wrap(&text, usize::from(area.width));
    for (text, line) in lines.iter().zip(area.rows().skip(2)) {
        pen::put(buffer, line, text, style);
    }
}

/// How a row stands out.
struct RowLook {
    /// Over the whole row.
    bar: Option<Style>,
    /// Before the name.
    gutter: &'static str,
    /// Over the name, instead of the colour of its kind.
    name: Option<Style>,
}

fn draw_row(scene: &Scene<'_>, plan: &PanePlan, (index, row): (usize, &Row<'_>), line: Rect, buffer: &mut Buffer) {
    let look = look_of(scene, plan, row, index);
    let base = look.bar.unwrap_or(scene.theme.text);
    if look.bar.is_some() {
        pen::fill(buffer, line, base);
    }
    pen::put(buffer, Rect { width: 1, ..line }, look.gutter, base);
    let name = plan.columns.name.after(1, line.y);
    match row {
        Row::Parent => {
            pen::put(buffer, name, "..", look.name.unwrap_or(scene.theme.dir).patch(bar_only(look.bar)));
        }
        Row::Unparsed(raw) => {
            let whole = Rect { x: name.x, width: line.right() - name.x, ..line };
            pen::put(buffer, whole, &printable(raw), scene.theme.unparsed.patch(bar_only(look.bar)));
        }
        Row::Entry(entry) => {
            let style = look.name.unwrap_or_else(|| scene.theme.entry(entry)).patch(bar_only(look.bar));
            draw_name(entry, name, style, scene, buffer);
            draw_columns(scene, plan, entry, (line.y, look.bar.unwrap_or(scene.theme.dim)), buffer);
        }
    }
}

/// Under a bar the bar decides, except for the colour of a mark, which has a style of its own.
fn bar_only(bar: Option<Style>) -> Style {
    bar.unwrap_or_default()
}

fn look_of(scene: &Scene<'_>, plan: &PanePlan, row: &Row<'_>, index: usize) -> RowLook {
    let (app, theme) = (scene.app, scene.theme);
    let pane = app.pane(plan.side);
    let marked = matches!(row, Row::Entry(entry) if pane.marks.contains(&entry.name));
    let lit = app.drag.as_ref().and_then(|drag| drag.over.as_ref()).is_some_and(|over| over.side == plan.side && over.row == Some(index));
    let under_cursor = pane.cursor == index;
    let bar = match (lit, under_cursor, app.focus == plan.side, marked) {
        (true, ..) => Some(theme.drop),
        (_, true, true, true) => Some(theme.mark_cursor),
        (_, true, true, false) => Some(theme.cursor),
        (_, true, false, _) => Some(theme.cursor_other),
        _ => None,
    };
    let gutter = match (marked, under_cursor && app.focus == plan.side) {
        (true, _) => "*",
        (false, true) => "▌",
        (false, false) => " ",
    };
    RowLook { bar, gutter, name: marked.then_some(theme.mark) }
}

/// The name, cut in its middle; behind a link's name, where there is room, what it points to.
fn draw_name(entry: &Entry, area: Rect, style: Style, scene: &Scene<'_>, buffer: &mut Buffer) {
    let sign = names::sign(entry);
    let name = printable(entry.name.as_bytes());
    let room = usize::from(area.width).saturating_sub(sign.len());
    let shown = format!("{}{sign}", cut_middle(&name, room));
    let used = pen::put(buffer, area, &shown, style);
    if let Some(target) = &entry.target
        && area.width > used + 8
    {
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        let style = scene.theme.dim.patch(Style { fg: None, ..style });
        pen::put(buffer, rest, &format!(" → {}", cut_end(&printable(target), usize::from(rest.width) - 3)), style);
    }
}

fn draw_columns(scene: &Scene<'_>, plan: &PanePlan, entry: &Entry, (y, style): (u16, Style), buffer: &mut Buffer) {
    let columns = &plan.columns;
    let pane = scene.app.pane(plan.side);
    if let Some(column) = columns.size {
        let bytes = match entry.kind {
            Kind::Dir => pane.dir_sizes.get(&entry.name).copied(),
            _ => entry.shown_size(),
        };
        if let Some(bytes) = bytes {
            let about = if entry.rounded && entry.kind == Kind::File { "~" } else { "" };
            pen::put_right(buffer, column.after(1, y), &format!("{about}{}", size(bytes)), style);
        }
    }
    if let (Some(column), Some(time)) = (columns.date, entry.modified) {
        let area = column.area(y);
        pen::put_right(buffer, Rect { width: area.width - 1, ..area }, &date(time, scene.clock), style);
    }
    if let (Some(column), Some(bits)) = (columns.mode, entry.mode) {
        pen::put(buffer, column.after(2, y), &mode(bits), style);
    }
    if let (Some(column), Some(owner)) = (columns.owner, entry.owner.as_deref()) {
        pen::put(buffer, column.after(2, y), &printable_str(owner), style);
    }
}

fn opening(scene: &Scene<'_>, plan: &PanePlan, phrase: &str, buffer: &mut Buffer) {
    let phrase = printable_str(phrase);
    let lines = wrap(&phrase, usize::from(plan.rows.width.saturating_sub(4)));
    let start = usize::from(plan.rows.height / 3);
    for (text, line) in lines.iter().zip(plan.rows.rows().skip(start)) {
        centred(buffer, line, text, scene.theme.text);
    }
    if let Some(line) = plan.rows.rows().nth(start + lines.len() + 1) {
        centred(buffer, line, "Esc or Ctrl-C gives up", scene.theme.dim);
    }
}

fn centred(buffer: &mut Buffer, line: Rect, text: &str, style: Style) {
    let before = line.width.saturating_sub(width(text) as u16) / 2;
    pen::put(buffer, Rect { x: line.x + before, width: line.width - before, ..line }, text, style);
}
