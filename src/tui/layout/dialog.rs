//! Where the parts of a dialog are: its text, fields, list and buttons.

use ratatui::layout::{Position, Rect};

use crate::app::charsets::Charsets;
use crate::app::dialog::{Confirm, Conflict, History, Palette};
use crate::app::hit::DialogHit;
use crate::app::sites::SiteList;
use crate::app::{App, Dialog};
use crate::model::charset::CHARSETS;
use crate::tui::text::{cut_end, width, wrap};
use crate::tui::view::{conflict, help};

use super::{form, visible_top};

/// The widest a dialog gets whose text decides.
const WIDEST: u16 = 76;
/// The least width of a text that follows something.
const LIVE_WIDTH: usize = 64;
/// Lines of an error in a form.
pub(super) const ERROR_LINES: usize = 3;

/// Where a dialog's parts are.
#[derive(Debug, Clone, Default)]
pub struct DialogPlan {
    /// With its border.
    pub frame: Rect,
    /// Inside of border and margin.
    pub inner: Rect,
    /// Fields, buttons and choices.
    pub parts: Vec<(Rect, DialogHit)>,
    /// The list, if it has one.
    pub list: Option<ListPlan>,
    /// The lines that stand on top, wrapped.
    pub text: Vec<String>,
    /// The error, wrapped, and where.
    pub error: (Rect, Vec<String>),
    /// What the field with the keys is for and what keys do, wrapped, and where.
    pub help: (Rect, Vec<String>),
    /// The arrows of choices: they lie on their fields.
    pub turns: Vec<(Rect, DialogHit)>,
    /// How far a text that is only read can be scrolled.
    pub most: usize,
}

/// Where a list is, and which of its rows show.
#[derive(Debug, Clone, Copy)]
pub struct ListPlan {
    /// Its lines.
    pub area: Rect,
    /// The row on the first line.
    pub top: usize,
    /// How many rows there are.
    pub len: usize,
}

impl ListPlan {
    /// The rows that show, each with its line.
    pub fn rows(self) -> impl Iterator<Item = (usize, Rect)> {
        (self.top..self.len).zip(self.area.rows())
    }
}

impl DialogPlan {
    /// The plan of a dialog on a screen of `area`.
    pub fn of(dialog: &Dialog, app: &App, area: Rect) -> Self {
        match dialog {
            Dialog::Form(form) => form::plan(form, area),
            Dialog::Confirm(confirm) => of_confirm(confirm, area),
            Dialog::Conflict(conflict) => of_conflict(conflict, area),
            Dialog::Viewer(_) => full_screen(area),
            Dialog::Help(scroll) => {
                let inner_width = 74.min(area.width.saturating_sub(8));
                of_lines(area, inner_width, help::lines(usize::from(inner_width)).len(), scroll.top)
            }
            Dialog::Palette(palette) => of_palette(palette, area),
            Dialog::Sites(list) => of_sites(list, app, area),
            Dialog::History(history) => of_history(history, area),
            Dialog::Charsets(list) => of_charsets(list, area),
            Dialog::Message { lines, scroll, about, .. } => {
                let widest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
                // What follows a transfer keeps its width while figures grow.
                let least = if about.is_some() { LIVE_WIDTH } else { 30 };
                let inner_width = inner_width(widest.max(least), area);
                let wrapped: Vec<String> = lines.iter().skip(scroll.top).flat_map(|line| wrap(line, usize::from(inner_width))).collect();
                let mut plan = of_lines(area, inner_width, wrapped.len().max(lines.len().min(3)), 0);
                plan.text = wrapped;
                plan.most = most_of_message(lines, usize::from(inner_width), usize::from(area.height.saturating_sub(4)));
                plan
            }
        }
    }

    /// What of the dialog is at a cell.
    pub fn hit(&self, at: Position) -> DialogHit {
        if let Some((_, hit)) = self.turns.iter().chain(&self.parts).find(|(rect, _)| rect.contains(at)) {
            return *hit;
        }
        if let Some(list) = self.list.filter(|list| list.area.contains(at)) {
            let row = list.top + usize::from(at.y - list.area.y);
            if row < list.len {
                return DialogHit::Row(row);
            }
        }
        if self.frame.contains(at) { DialogHit::Inside } else { DialogHit::Outside }
    }

    /// Where a part is.
    pub fn part(&self, part: DialogHit) -> Option<Rect> {
        self.parts.iter().find(|(_, hit)| *hit == part).map(|(rect, _)| *rect)
    }

    /// How many rows of its list or text show at once.
    pub fn page(&self) -> Option<usize> {
        self.list.map(|list| usize::from(list.area.height))
    }
}

/// All but the line of the key bar; the first line is the title.
fn full_screen(area: Rect) -> DialogPlan {
    let frame = Rect { height: area.height.saturating_sub(1), ..area };
    let body = Rect { y: area.y + 1, height: frame.height.saturating_sub(1), ..area };
    DialogPlan { frame, inner: body, list: Some(ListPlan { area: body, top: 0, len: 0 }), ..DialogPlan::default() }
}

/// A dialog around a text of `lines` lines.
fn of_lines(area: Rect, inner_width: u16, lines: usize, top: usize) -> DialogPlan {
    let mut plan = framed(area, inner_width, clamp_u16(lines));
    plan.most = lines.saturating_sub(usize::from(plan.inner.height));
    plan.list = Some(ListPlan { area: plan.inner, top: top.min(plan.most), len: lines });
    plan
}

/// The first of the lines of a message from which on all of them fit into so many rows: the last one at least.
fn most_of_message(lines: &[String], width: usize, height: usize) -> usize {
    let mut left = height;
    let fits = |line: &&String| {
        let rows = wrap(line, width).len();
        let fits = rows <= left;
        left = left.saturating_sub(rows);
        fits
    };
    let fitting = lines.iter().rev().take_while(fits).count();
    lines.len().saturating_sub(fitting.max(1))
}

fn of_confirm(confirm: &Confirm, area: Rect) -> DialogPlan {
    let longest = confirm.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let labels: usize = confirm.buttons.iter().map(|button| width(&button.label) + 6).sum();
    let inner_width = inner_width(longest.max(labels).max(40), area);
    let columns = usize::from(inner_width);
    let mut text: Vec<String> = confirm.lines.iter().flat_map(|line| wrap(line, columns)).collect();
    let buttons = button_rows(confirm.buttons.iter().map(|button| button.label.as_str()), columns);
    let around = usize::from(confirm.count.is_some()) + 1 + buttons.len();
    let len = text.len();
    let room = usize::from(area.height).saturating_sub(4 + around).max(1);
    let most = len.saturating_sub(room);
    let top = confirm.scroll.top.min(most);
    text.drain(..top);
    text.truncate(room);
    let mut plan = framed(area, inner_width, clamp_u16(text.len() + around));
    place_buttons(&mut plan, &buttons);
    if most > 0 {
        plan.list = Some(ListPlan { area: below(plan.inner, plan.inner.y, clamp_u16(text.len())), top, len });
    }
    (plan.text, plan.most) = (text, most);
    plan
}

fn of_conflict(conflict: &Conflict, area: Rect) -> DialogPlan {
    let inner_width = 66.min(area.width.saturating_sub(8));
    let labels = conflict::labels(conflict);
    let buttons = button_rows(labels.iter().map(String::as_str), usize::from(inner_width));
    let height = conflict::HEAD_LINES + 1 + clamp_u16(buttons.len());
    let mut plan = framed(area, inner_width, height);
    place_buttons(&mut plan, &buttons);
    plan
}

fn of_palette(palette: &Palette, area: Rect) -> DialogPlan {
    let inner_width = 66.min(area.width.saturating_sub(8));
    let mut plan = framed(area, inner_width, area.height.saturating_sub(6).min(clamp_u16(palette.matches.len().max(8) + 1)));
    let input = Rect { height: plan.inner.height.min(1), ..plan.inner };
    plan.parts.push((input, DialogHit::Field(0)));
    let list = below(plan.inner, input.bottom(), plan.inner.height.saturating_sub(1));
    let top = visible_top(palette.top, Some(palette.selected), palette.matches.len(), usize::from(list.height));
    plan.list = Some(ListPlan { area: list, top, len: palette.matches.len() });
    plan
}

/// As wide as the screen allows: both ends of a transfer are long.
fn of_history(history: &History, area: Rect) -> DialogPlan {
    let mut plan = framed(area, area.width.saturating_sub(8), area.height.saturating_sub(6));
    let input = Rect { height: plan.inner.height.min(1), ..plan.inner };
    plan.parts.push((input, DialogHit::Field(0)));
    let list = below(plan.inner, input.bottom(), plan.inner.height.saturating_sub(1));
    let top = visible_top(history.top, Some(history.selected), history.rows.len(), usize::from(list.height));
    plan.list = Some(ListPlan { area: list, top, len: history.rows.len() });
    plan
}

/// The list, the names as they would read, the buttons.
fn of_charsets(charsets: &Charsets, area: Rect) -> DialogPlan {
    let inner_width = 66.min(area.width.saturating_sub(8));
    let labels = charsets.buttons();
    let buttons = button_rows(labels.iter().map(|(_, label)| label.as_str()), usize::from(inner_width));
    let preview = clamp_u16(charsets.samples.len() + 1);
    let around = preview + clamp_u16(buttons.len()) + 2;
    let mut plan = framed(area, inner_width, area.height.saturating_sub(4).min(clamp_u16(CHARSETS.len()) + around));
    let rows = below(plan.inner, plan.inner.y, plan.inner.height.saturating_sub(around).max(3));
    let top = visible_top(charsets.top, Some(charsets.selected), CHARSETS.len(), usize::from(rows.height));
    plan.list = Some(ListPlan { area: rows, top, len: CHARSETS.len() });
    let left = plan.inner.bottom().saturating_sub(rows.bottom() + 1 + clamp_u16(buttons.len()));
    plan.error = (below(plan.inner, rows.bottom() + 1, preview.min(left)), Vec::new());
    place_buttons(&mut plan, &buttons);
    plan
}

fn of_sites(list: &SiteList, app: &App, area: Rect) -> DialogPlan {
    let inner_width = 66.min(area.width.saturating_sub(8));
    let error: Vec<String> = app.sites.broken.iter().flat_map(|line| wrap(line, usize::from(inner_width))).take(ERROR_LINES).collect();
    let wanted = clamp_u16(list.rows.len().clamp(8, 30) + 3 + error.len());
    let mut plan = framed(area, inner_width, wanted);
    let input = Rect { height: plan.inner.height.min(1), ..plan.inner };
    plan.parts.push((input, DialogHit::Field(0)));
    let around = 3 + clamp_u16(error.len());
    let rows = below(plan.inner, input.bottom() + 1, plan.inner.height.saturating_sub(around));
    let top = visible_top(list.top, list.selected, list.rows.len(), usize::from(rows.height));
    plan.list = Some(ListPlan { area: rows, top, len: list.rows.len() });
    plan.error = (below(plan.inner, rows.bottom(), clamp_u16(error.len())), error);
    plan
}

/// As wide as `wanted`, as far as the screen and taste allow.
pub(super) fn inner_width(wanted: usize, area: Rect) -> u16 {
    clamp_u16(wanted).min(WIDEST).min(area.width.saturating_sub(8))
}

/// A frame for `width` by `height` inside, in the middle of the screen, a little above the centre.
pub(super) fn framed(area: Rect, width: u16, height: u16) -> DialogPlan {
    let frame_width = (width + 4).min(area.width);
    let frame_height = (height + 2).min(area.height.saturating_sub(2));
    let frame = Rect {
        x: area.x + (area.width - frame_width) / 2,
        y: area.y + (area.height - frame_height) * 2 / 5,
        width: frame_width,
        height: frame_height,
    };
    let inner = Rect { x: frame.x + 2, y: frame.y + 1, width: frame_width.saturating_sub(4), height: frame_height.saturating_sub(2) };
    DialogPlan { frame, inner, ..DialogPlan::default() }
}

/// `height` lines of `inner` from line `y` on, as far as there are any.
pub(super) fn below(inner: Rect, y: u16, height: u16) -> Rect {
    let y = y.min(inner.bottom());
    Rect { y, height: height.min(inner.bottom() - y), ..inner }
}

/// Buttons by rows, each with its width, in as few rows as they fit into.
pub(super) fn button_rows<'a>(labels: impl Iterator<Item = &'a str>, columns: usize) -> Vec<Vec<u16>> {
    let mut rows: Vec<Vec<u16>> = vec![Vec::new()];
    let mut used = 0;
    for label in labels {
        let button = width(&cut_end(label, columns.saturating_sub(4))) + 4;
        if used > 0 && used + 1 + button > columns {
            rows.push(Vec::new());
            used = 0;
        }
        used += button + usize::from(used > 0);
        if let Some(row) = rows.last_mut() {
            row.push(clamp_u16(button));
        }
    }
    rows
}

/// Puts the buttons on the last lines, each row in the middle.
pub(super) fn place_buttons(plan: &mut DialogPlan, rows: &[Vec<u16>]) {
    let mut index = 0;
    let first = plan.inner.bottom().saturating_sub(clamp_u16(rows.len()));
    for (y, row) in (first..).zip(rows) {
        let total: u16 = row.iter().sum::<u16>() + clamp_u16(row.len().saturating_sub(1));
        let mut x = plan.inner.x + plan.inner.width.saturating_sub(total) / 2;
        for &button in row {
            plan.parts.push((Rect { x, y, width: button, height: 1 }.intersection(plan.inner), DialogHit::Button(index)));
            x += button + 1;
            index += 1;
        }
    }
}

pub(super) fn clamp_u16(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_wrap_into_rows_that_fit() {
        let rows = button_rows(["Overwrite", "Newer", "Size", "Resume"].into_iter(), 30);
        assert_eq!(rows, [vec![13, 9], vec![8, 10]]);
        let mut plan = framed(Rect::new(0, 0, 60, 16), 30, 8);
        place_buttons(&mut plan, &rows);
        assert_eq!(plan.parts.len(), 4);
        assert!(plan.parts.iter().all(|(rect, _)| plan.inner.intersection(*rect) == *rect && rect.width > 0));
    }
}
