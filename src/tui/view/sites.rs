//! The list of sites with a line to type in: as the content of a pane and as a dialog.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::App;
use crate::app::hit::DialogHit;
use crate::app::sites::{SiteList, SiteRow};
use crate::model::text::{printable, printable_str};
use crate::model::{Site, StartDir};
use crate::tui::layout::{DialogPlan, ListPlan, PanePlan, visible_top};
use crate::tui::text::{cut_middle, wrap};

use super::{Scene, dialog_frame, pen};

/// What the empty line says.
const HINT: &str = "type a URL, a host or a name";

/// The list in a pane.
pub fn draw_in_pane(scene: &Scene<'_>, list: &SiteList, plan: &PanePlan, buffer: &mut Buffer) -> Option<Position> {
    let focused = scene.app.focus == plan.side;
    let cursor = draw_input(scene, list, plan.header, focused, buffer);
    let height = usize::from(plan.rows.height);
    let rows = ListPlan { area: plan.rows, top: visible_top(list.top, list.selected, list.rows.len(), height), len: list.rows.len() };
    draw_rows(scene, list, rows, focused, buffer);
    if list.rows.is_empty() {
        let mut lines = vec![
            "No sites yet.".to_owned(),
            String::new(),
            "Type a server above and press Enter:".to_owned(),
            "ftp://user@host/dir, or just host".to_owned(),
            String::new(),
            "B saves a server you are on.".to_owned(),
        ];
        if !list.input.value().is_empty() {
            lines = vec!["Enter opens what is typed.".to_owned()];
        }
        for (text, line) in lines.iter().zip(plan.rows.rows().skip(1)) {
            pen::put(buffer, Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line }, text, scene.theme.dim);
        }
    }
    trouble(scene, list, plan.rows, buffer);
    cursor.filter(|_| focused)
}

/// At the foot of a pane: why what was typed could not be opened, and what is wrong with the file of sites.
fn trouble(scene: &Scene<'_>, list: &SiteList, area: Rect, buffer: &mut Buffer) {
    let texts = list.message.iter().chain(&scene.app.sites.broken);
    let lines: Vec<String> = texts.flat_map(|text| wrap(&printable_str(text), usize::from(area.width.saturating_sub(2)))).collect();
    let first = usize::from(area.height).saturating_sub(lines.len());
    for (text, line) in lines.iter().zip(area.rows().skip(first)) {
        pen::fill(buffer, line, scene.theme.text);
        pen::put(buffer, Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line }, text, scene.theme.error);
    }
}

/// The list as a dialog.
pub fn draw_dialog(scene: &Scene<'_>, list: &SiteList, plan: &DialogPlan, buffer: &mut Buffer) -> Option<Position> {
    dialog_frame(scene, "Sites", plan, buffer);
    let cursor = plan.part(DialogHit::Field(0)).and_then(|line| draw_input(scene, list, line, true, buffer));
    if let Some(rows) = plan.list {
        draw_rows(scene, list, rows, true, buffer);
        if list.rows.is_empty() {
            pen::put(buffer, rows.area, "Enter opens what is typed.", scene.theme.dialog.patch(scene.theme.dim));
        }
    }
    for (text, line) in plan.error.1.iter().zip(plan.error.0.rows()) {
        pen::put(buffer, line, &printable_str(text), scene.theme.dialog.patch(scene.theme.error));
    }
    let hints = "Enter open  F4 edit  F6 rename  F7 new  F8 delete";
    let last = Rect { y: plan.inner.bottom().saturating_sub(1), height: 1, ..plan.inner };
    pen::put(buffer, last, hints, scene.theme.dialog.patch(scene.theme.dim));
    cursor
}

fn draw_input(scene: &Scene<'_>, list: &SiteList, line: Rect, focused: bool, buffer: &mut Buffer) -> Option<Position> {
    let active = focused && list.selected.is_none();
    let style = if active { scene.theme.input_focus } else { scene.theme.input };
    let shown = printable_str(list.input.value()).into_owned();
    let at = pen::input(buffer, Rect { x: line.x + 1, width: line.width.saturating_sub(2), ..line }, &list.input, &shown, style);
    if shown.is_empty() {
        let hint = Rect { x: line.x + 2, width: line.width.saturating_sub(3), ..line };
        pen::put(buffer, hint, HINT, style.patch(scene.theme.dim));
    }
    at.filter(|_| active)
}

fn draw_rows(scene: &Scene<'_>, list: &SiteList, plan: ListPlan, focused: bool, buffer: &mut Buffer) {
    for (index, line) in plan.rows() {
        let Some(row) = list.rows.get(index) else { break };
        let bar = match (list.selected == Some(index), focused) {
            (true, true) => Some(scene.theme.cursor),
            (true, false) => Some(scene.theme.cursor_other),
            (false, _) => None,
        };
        if let Some(bar) = bar {
            pen::fill(buffer, line, bar);
            pen::put(buffer, Rect { width: 1, ..line }, "▌", bar);
        }
        draw_row(scene, row, line, bar, buffer);
    }
}

fn draw_row(scene: &Scene<'_>, row: &SiteRow, line: Rect, bar: Option<Style>, buffer: &mut Buffer) {
    if let SiteRow::Heading(text) = row {
        let area = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
        pen::put(buffer, area, &printable_str(text), scene.theme.heading);
        return;
    }
    let Some(site) = site_of(scene.app, row) else { return };
    let area = Rect { x: line.x + 3, width: line.width.saturating_sub(3), ..line };
    // Under no bar the background beneath stays: the pane's or the dialog's.
    let title = printable_str(&site.title()).into_owned();
    let used = pen::put(buffer, area, &cut_middle(&title, usize::from(area.width)), bar.unwrap_or_default());
    let detail = match row {
        SiteRow::Saved(_) => address(site),
        _ => start_of(site),
    };
    let rest = Rect { x: area.x + used, width: area.width - used, ..area };
    if rest.width > 4 && !detail.is_empty() {
        pen::put(buffer, rest, &format!("  {detail}"), bar.unwrap_or(scene.theme.dim));
    }
}

/// The site that a row stands for.
pub fn site_of<'a>(app: &'a App, row: &SiteRow) -> Option<&'a Site> {
    match row {
        SiteRow::Heading(_) => None,
        SiteRow::Saved(index) => app.sites.saved.get(*index),
        SiteRow::Recent(index) => app.sites.recent.get(*index),
    }
}

fn address(site: &Site) -> String {
    let bare = Site { name: String::new(), ..site.clone() };
    format!("{}{}", printable_str(&bare.title()), start_of(site))
}

fn start_of(site: &Site) -> String {
    match &site.start {
        StartDir::Login => String::new(),
        StartDir::Relative(path) if path.is_empty() => String::new(),
        StartDir::Relative(path) => format!(" ~/{}", printable(path)),
        StartDir::Absolute(path) => format!(" {}", printable(path.as_bytes())),
    }
}
