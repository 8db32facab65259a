//! The mouse over the panes: clicks, the wheel, and dragging from one pane to the other.

use crate::model::Entry;
use crate::model::transfer::Verb;

use super::super::action::{Action, Queue};
use super::super::hit::Hit;
use super::super::key::{Key, KeyCode};
use super::super::msg::{Mouse, MouseKind};
use super::super::pane::{Content, Pane, Row};
use super::super::pointer::{Click, Press};
use super::super::sites::SiteRow;
use super::super::{App, Drag, DropTarget, PaneSide, Panel};
use super::transfer::{Copy, Target};
use super::{Effects, action, key, log, marks, mouse_dialog, pane, panel, show, site, text, transfer, trouble, why};

/// Two clicks on a row within so many milliseconds are a double one.
const DOUBLE: u64 = 400;
/// Rows that a turn of the wheel scrolls.
const WHEEL: isize = 3;
/// Milliseconds between the steps of scrolling at an edge.
const STEP: u64 = 80;

/// Something was done with the mouse.
pub(super) fn event(app: &mut App, mouse: Mouse, fx: &mut Effects) {
    if !app.dialogs.is_empty() {
        app.press = None;
        app.drag = None;
        return mouse_dialog::event(app, mouse, fx);
    }
    match mouse.kind {
        MouseKind::Press if mouse.ctrl => mark(app, mouse.hit),
        MouseKind::Press => press(app, mouse, fx),
        MouseKind::RightPress => match mouse.hit {
            Hit::Panel(line) => panel_right_press(app, line, fx),
            hit => mark(app, hit),
        },
        MouseKind::Drag => drag(app, mouse),
        MouseKind::Release => release(app, fx),
        MouseKind::WheelUp => wheel(app, mouse.hit, -WHEEL),
        MouseKind::WheelDown => wheel(app, mouse.hit, WHEEL),
    }
}

fn focus(app: &mut App, side: PaneSide) {
    app.pane_mut(app.focus).search = None;
    app.focus = side;
    app.panel_focus = false;
}

fn press(app: &mut App, mouse: Mouse, fx: &mut Effects) {
    app.press = None;
    match mouse.hit {
        Hit::Row(side, row) => row_press(app, side, row, mouse.at, fx),
        Hit::SiteRow(side, row) => site_press(app, side, row, fx),
        Hit::SiteInput(side) => {
            focus(app, side);
            site::active(app).into_iter().for_each(|list| list.selected = None);
        }
        Hit::Header(side, key) => {
            focus(app, side);
            show::sort(app, side, key);
        }
        Hit::Frame(side) => focus(app, side),
        Hit::Foot(side) => {
            focus(app, side);
            if app.pane(side).trouble.is_some() {
                why::show(app);
            }
        }
        // A click on what went wrong asks why.
        Hit::Strip if app.toast.as_ref().is_some_and(|toast| toast.is_error) && why::is_any(app) => why::show(app),
        Hit::KeyBar(number) => key::pressed(app, Key::plain(KeyCode::F(number)), fx),
        Hit::Strip => panel::toggle(app, Panel::Transfers),
        Hit::Panel(line) => panel_press(app, line, fx),
        Hit::Do(action) => {
            app.panel_focus = true;
            action::run(app, action, fx);
        }
        Hit::PanelFrame => app.panel_focus = true,
        Hit::Dialog(_) | Hit::Nothing => {}
    }
}

/// Whether this click and the one before are a double one.
pub(super) fn is_double(app: &mut App, side: Option<PaneSide>, row: usize) -> bool {
    let click = Click { side, row, at: app.now };
    let double = app.last_click.is_some_and(|last| (last.side, last.row) == (side, row) && app.now <= last.at.saturating_add(DOUBLE));
    app.last_click = if double { None } else { Some(click) };
    double
}

fn row_press(app: &mut App, side: PaneSide, row: usize, at: (u16, u16), fx: &mut Effects) {
    focus(app, side);
    let pane = app.pane(side);
    if !pane.is_directory() || row >= pane.row_count() {
        app.last_click = None;
        return;
    }
    let page = app.screen.page;
    app.pane_mut(side).put_cursor(row, page);
    if is_double(app, Some(side), row) {
        return pane::open(app, fx);
    }
    app.press = Some(Press { side, row, at, edge: None, next_step: 0 });
}

fn site_press(app: &mut App, side: PaneSide, row: usize, fx: &mut Effects) {
    focus(app, side);
    let Some(list) = site::active(app) else { return };
    if !matches!(list.rows.get(row), Some(SiteRow::Saved(_) | SiteRow::Recent(_))) {
        // Below the sites stands why the last one could not be opened.
        if row >= list.rows.len() && list.message.is_some() && why::is_any(app) {
            why::show(app);
        }
        return;
    }
    list.selected = Some(row);
    if is_double(app, Some(side), row) {
        site::enter(app, fx);
    }
}

fn panel_press(app: &mut App, line: usize, fx: &mut Effects) {
    app.panel_focus = true;
    if app.panel == Some(Panel::Transfers) {
        let row = app.transfers.top + line;
        panel::select(app, row);
        if row < app.transfers.row_count() && is_double(app, None, row) {
            action::run(app, Action::Queue(Queue::Enter), fx);
        }
    }
}

/// The right button holds a transfer or lets it go on: there is nothing to mark in the panel.
fn panel_right_press(app: &mut App, line: usize, fx: &mut Effects) {
    app.panel_focus = true;
    let row = app.transfers.top + line;
    if app.panel == Some(Panel::Transfers) && row < app.transfers.row_count() {
        panel::select(app, row);
        action::run(app, Action::Queue(Queue::Pause), fx);
    }
}

/// The right button, or Ctrl with the left one, marks.
fn mark(app: &mut App, hit: Hit) {
    let Hit::Row(side, row) = hit else { return };
    focus(app, side);
    let page = app.screen.page;
    let pane = app.pane_mut(side);
    if pane.is_directory() && row < pane.row_count() {
        pane.put_cursor(row, page);
        marks::flip(pane);
    }
}

fn wheel(app: &mut App, hit: Hit, by: isize) {
    match hit {
        Hit::Row(side, _) | Hit::Header(side, _) | Hit::Frame(side) | Hit::Foot(side) => scroll(app, side, by),
        Hit::SiteRow(side, _) | Hit::SiteInput(side) => scroll_sites(app, side, by),
        Hit::Panel(_) | Hit::Do(_) | Hit::PanelFrame => match app.panel {
            Some(Panel::Log) => log::scroll(app, -by),
            Some(Panel::Transfers) => panel::select(app, app.transfers.cursor.saturating_add_signed(by)),
            None => {}
        },
        Hit::KeyBar(_) | Hit::Strip | Hit::Dialog(_) | Hit::Nothing => {}
    }
}

/// Scrolls a pane; the cursor stays on the screen.
fn scroll(app: &mut App, side: PaneSide, by: isize) {
    let page = app.screen.page.max(1);
    let pane = app.pane_mut(side);
    let last = pane.row_count().saturating_sub(page);
    pane.top = pane.top.saturating_add_signed(by).min(last);
    let row = pane.cursor.clamp(pane.top, pane.top + page - 1);
    pane.put_cursor(row, page);
}

fn scroll_sites(app: &mut App, side: PaneSide, by: isize) {
    if let Content::Sites(list) = &mut app.pane_mut(side).content {
        list.top = list.top.saturating_add_signed(by).min(list.rows.len().saturating_sub(1));
    }
}

/// Moved with the button down: once the pointer leaves the cell it was pressed on, what was pressed is carried.
fn drag(app: &mut App, mouse: Mouse) {
    let Some(press) = app.press else { return };
    if app.drag.is_none() {
        if mouse.at == press.at {
            return;
        }
        let entries = carried(app, press);
        let Some(label) = label(app.pane(press.side), &entries) else {
            app.press = None;
            return;
        };
        // What was carried was not clicked: the next press is a first one.
        app.last_click = None;
        let directory = app.pane(press.side).path.clone();
        app.drag = Some(Drag { from: press.side, directory, entries, label, at: mouse.at, over: None });
    }
    let over = target(app, press.side, mouse.hit);
    if let Some(drag) = &mut app.drag {
        (drag.at, drag.over) = (mouse.at, over);
    }
    let edge = edge(app, mouse.hit);
    let next_step = app.now.saturating_add(STEP);
    if let Some(press) = &mut app.press {
        if edge.is_none() || press.edge.is_none() {
            press.next_step = next_step;
        }
        press.edge = edge;
    }
}

/// What a drag carries, in words.
fn label(pane: &Pane, entries: &[Entry]) -> Option<String> {
    match entries {
        [] => None,
        [one] => Some(text::name(one)),
        all => {
            let bytes = all.iter().filter_map(|entry| pane.known_size(entry)).fold(0, u64::saturating_add);
            Some(format!("{} entries, {}", all.len(), text::size(bytes)))
        }
    }
}

/// What a drag from there carries: a marked row all marks, another one itself; `..` and unreadable rows nothing.
fn carried(app: &App, press: Press) -> Vec<Entry> {
    let pane = app.pane(press.side);
    let Some(Row::Entry(entry)) = pane.row(press.row) else { return Vec::new() };
    if pane.marks.contains(&entry.name) { transfer::chosen(pane) } else { vec![entry.clone()] }
}

/// What a drag would be dropped on: a directory's row or `..`, else the pane; on the pane it came from nothing.
fn target(app: &App, from: PaneSide, hit: Hit) -> Option<DropTarget> {
    let (side, row) = match hit {
        Hit::Row(side, row) => (side, Some(row)),
        Hit::Frame(side) | Hit::Foot(side) | Hit::Header(side, _) => (side, None),
        Hit::SiteRow(..) | Hit::SiteInput(_) | Hit::KeyBar(_) | Hit::Strip | Hit::Panel(_) => return None,
        Hit::Do(_) | Hit::PanelFrame | Hit::Dialog(_) | Hit::Nothing => return None,
    };
    let pane = app.pane(side);
    if side == from || !pane.is_directory() {
        return None;
    }
    let into = row.and_then(|row| match pane.row(row) {
        Some(Row::Parent) => pane.path.parent(),
        Some(Row::Entry(entry)) if entry.is_dir_like() => Some(pane.path.join(&entry.name)),
        Some(Row::Entry(_) | Row::Unparsed(_)) | None => None,
    });
    let row = row.filter(|_| into.is_some());
    Some(DropTarget { side, row, into: into.unwrap_or_else(|| pane.path.clone()) })
}

/// The pointer is at the top or bottom of a pane that has more to show there.
fn edge(app: &App, hit: Hit) -> Option<(PaneSide, bool)> {
    let page = app.screen.page.max(1);
    match hit {
        Hit::Row(side, row) if row <= app.pane(side).top => Some((side, true)),
        Hit::Row(side, row) if row + 1 >= app.pane(side).top + page => Some((side, false)),
        Hit::Header(side, _) => Some((side, true)),
        _ => None,
    }
    .filter(|&(side, up)| if up { app.pane(side).top > 0 } else { app.pane(side).top + page < app.pane(side).row_count() })
}

/// While a drag rests at an edge, the pane scrolls.
pub(super) fn scroll_at_edge(app: &mut App) {
    let Some(press) = app.press.filter(|_| app.drag.is_some()) else { return };
    let Some((side, up)) = press.edge.filter(|_| press.next_step <= app.now) else { return };
    let page = app.screen.page.max(1);
    let pane = app.pane_mut(side);
    let last = pane.row_count().saturating_sub(page);
    let top = pane.top.saturating_add_signed(if up { -1 } else { 1 }).min(last);
    let moved = top != pane.top;
    pane.top = top;
    pane.cursor = pane.cursor.clamp(top, top + page - 1).min(pane.row_count().saturating_sub(1));
    let next_step = app.now.saturating_add(STEP);
    if let Some(press) = &mut app.press {
        press.next_step = next_step;
        press.edge = press.edge.filter(|_| moved);
    }
    let own = app.pane(side).path.clone();
    if let Some(over) = app.drag.as_mut().and_then(|drag| drag.over.as_mut()).filter(|over| over.side == side) {
        // The row under the pointer is another one by now; the next movement says which.
        (over.row, over.into) = (None, own);
    }
}

/// Esc during a drag: nothing is dropped.
pub(super) fn drop_nothing(app: &mut App) {
    app.drag = None;
    app.press = None;
}

fn release(app: &mut App, fx: &mut Effects) {
    let press = app.press.take();
    let (Some(_), Some(drag)) = (press, app.drag.take()) else { return };
    app.last_click = None;
    let Some(over) = drag.over else { return };
    if app.pane(drag.from).path != drag.directory {
        return trouble(app, "the pane shows another directory by now, so nothing was copied");
    }
    let target = Target::Into(over.into);
    let copy = Copy { verb: Verb::Copy, from: drag.from, to: over.side, entries: drag.entries, target, existing: None };
    if let Err(why) = transfer::enqueue(app, copy, fx) {
        trouble(app, why);
    }
}
