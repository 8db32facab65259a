//! Viewing a file by windows: the first screen at once, further windows around what is shown.

use crate::bus::{BrowseOp, Command, Outcome};
use crate::model::{ConnectionId, Entry, Failure, RequestId};

use super::super::effect::Effect;
use super::super::form::FormPurpose;
use super::super::key::{Key, KeyCode};
use super::super::viewer::{HEX_ROW, ViewMode, Viewer};
use super::super::{App, Dialog, PaneSide, Purpose};
use super::{Effects, browse, form, trouble, view_find};

/// Bytes of the first window: enough for any screen, and there at once.
const FIRST: usize = 64 * 1024;
/// Bytes of the windows after it.
pub(super) const WINDOW: usize = 256 * 1024;

/// F3, and Enter on a file.
pub(super) fn open(app: &mut App, fx: &mut Effects) {
    let side = app.focus;
    let Some(entry) = app.pane(side).current().cloned() else { return };
    if entry.is_dir_like() {
        return super::pane::enter(app, fx);
    }
    open_entry(app, side, &entry, fx);
}

/// Views an entry of a pane's directory.
pub(super) fn open_entry(app: &mut App, side: PaneSide, entry: &Entry, fx: &mut Effects) {
    let pane = app.pane(side);
    let Some(connection) = pane.connection else { return };
    let path = pane.path.join(&entry.name);
    if let Some(Dialog::Viewer(_)) = app.dialogs.last() {
        return;
    }
    if !app.dialogs.is_empty() {
        return trouble(app, "the file can be viewed once the open question is closed");
    }
    app.dialogs.push(Dialog::Viewer(Viewer::new(connection, path, entry.file_size())));
    load(app, 0, FIRST, fx);
}

/// The viewer, where one is on top or under its prompt.
pub(super) fn of(app: &mut App) -> Option<&mut Viewer> {
    app.dialogs.iter_mut().rev().find_map(|dialog| if let Dialog::Viewer(viewer) = dialog { Some(viewer) } else { None })
}

/// Asks for a window; one that is on its way is not needed any more.
pub(super) fn load(app: &mut App, offset: u64, length: usize, fx: &mut Effects) {
    stop(app, fx);
    let Some(viewer) = of(app) else { return };
    let (connection, path): (ConnectionId, _) = (viewer.connection, viewer.path.clone());
    let request = browse(app, connection, Purpose::View, BrowseOp::Read { path, offset, length }, fx);
    if let Some(viewer) = of(app) {
        viewer.loading = Some(request);
    }
}

fn stop(app: &mut App, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    let connection = viewer.connection;
    let Some(request) = viewer.loading.take() else { return };
    if app.requests.remove(&request).is_some() {
        fx.push(Effect::Engine(Command::CancelRequest { connection, request }));
    }
}

/// A window arrived, or not.
pub(super) fn window(app: &mut App, request: RequestId, outcome: Result<Outcome, Failure>, fx: &mut Effects) {
    let Some(viewer) = of(app).filter(|viewer| viewer.loading == Some(request)) else { return };
    viewer.loading = None;
    match outcome {
        Ok(Outcome::Window { offset, bytes, size }) => {
            let read = bytes.len();
            let end = offset + read as u64;
            viewer.size = size.or(viewer.size).or((read < FIRST).then_some(end));
            if read == 0 && offset > 0 {
                // Behind the end: what is loaded stays, and the end is known now.
                viewer.size = Some(viewer.size.map_or(offset, |size| size.min(offset)));
                viewer.searching = None;
                viewer.top = viewer.top.min(viewer.end());
            } else {
                (viewer.offset, viewer.bytes) = (offset, bytes);
            }
            viewer.trouble = None;
        }
        Ok(_) => {}
        Err(failure) => {
            viewer.searching = None;
            viewer.to_end = false;
            viewer.trouble = Some(failure.to_string());
            return;
        }
    }
    let searching = viewer.searching.is_some();
    if searching { view_find::go_on(app, fx) } else { settle(app, fx) }
}

/// Rows and columns of the viewer: the whole screen but its head and foot.
fn room(app: &App) -> (usize, usize) {
    (usize::from(app.screen.rows).saturating_sub(2).max(1), usize::from(app.screen.cols).max(1))
}

/// Puts right what a jump left open, and asks for the window that is needed for what is shown.
pub(super) fn settle(app: &mut App, fx: &mut Effects) {
    let (rows, columns) = room(app);
    let Some(viewer) = of(app) else { return };
    if viewer.to_end && viewer.size.is_none_or(|size| viewer.end() >= size) {
        viewer.to_end = false;
        viewer.top = viewer.end();
        for _ in 0..rows {
            let Some(row) = viewer.previous_row(viewer.top, columns) else { break };
            viewer.top = row;
        }
    }
    let Some(wanted) = wanted(viewer, rows, columns) else { return };
    if viewer.loading.is_none() {
        load(app, wanted, WINDOW, fx);
    }
}

/// The window that is needed around the top of the screen, where the loaded one does not do.
fn wanted(viewer: &Viewer, rows: usize, columns: usize) -> Option<u64> {
    let size = viewer.size.unwrap_or(u64::MAX);
    let need = (rows * columns.max(64) * 4).min(WINDOW / 4) as u64;
    let before = viewer.offset > 0 && viewer.top < viewer.offset.saturating_add(need);
    let behind = viewer.end() < size && viewer.top.saturating_add(need) > viewer.end();
    if !(before || behind) {
        return None;
    }
    // A third before the top, the rest behind it; aligned, so that rows of sixteen stay rows of sixteen.
    let offset = viewer.top.saturating_sub(WINDOW as u64 / 3) / HEX_ROW * HEX_ROW;
    (offset != viewer.offset || viewer.bytes.len() < WINDOW).then_some(offset)
}

/// A key in the viewer.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let (rows, _) = room(app);
    let page = isize::try_from(rows.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
    match key.code {
        KeyCode::Char('c') if key.ctrl => close(app, fx),
        _ if key.ctrl || key.alt => {}
        KeyCode::Esc => escape(app, fx),
        KeyCode::F(3 | 10) | KeyCode::Char('q') => close(app, fx),
        KeyCode::Up | KeyCode::Char('k') => scroll(app, -1, fx),
        KeyCode::Down | KeyCode::Char('j') | KeyCode::Enter => scroll(app, 1, fx),
        KeyCode::PageUp | KeyCode::Char('b') => scroll(app, -page, fx),
        KeyCode::PageDown | KeyCode::Char(' ') => scroll(app, page, fx),
        KeyCode::Left => sideways(app, false),
        KeyCode::Right => sideways(app, true),
        KeyCode::Home | KeyCode::Char('g') => jump(app, 0, fx),
        KeyCode::End | KeyCode::Char('G') => to_end(app, fx),
        KeyCode::F(4) | KeyCode::Char('h') => toggle_mode(app, fx),
        KeyCode::F(2) | KeyCode::Char('w') => toggle_wrap(app, fx),
        KeyCode::F(7) | KeyCode::Char('/') => ask(app, FormPurpose::ViewerFind),
        KeyCode::F(5) | KeyCode::Char(':') => ask(app, FormPurpose::ViewerGoTo),
        KeyCode::Char('n') => view_find::next(app, fx),
        _ => {}
    }
}

/// Esc stops a search, else closes.
fn escape(app: &mut App, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    if viewer.searching.take().is_none() {
        close(app, fx);
    }
}

/// Closes the viewer; a window that is on its way is stopped.
pub(super) fn close(app: &mut App, fx: &mut Effects) {
    stop(app, fx);
    if let Some(Dialog::Viewer(_)) = app.dialogs.last() {
        app.dialogs.pop();
    }
}

fn ask(app: &mut App, purpose: FormPurpose) {
    let find = purpose == FormPurpose::ViewerFind;
    let hex = of(app).is_some_and(|viewer| viewer.mode == ViewMode::Hex);
    let (title, label, verb) =
        if find { ("Find", if hex { "Text or hex bytes" } else { "Text" }, "Find") } else { ("Go to offset", "Byte, 0x… or %", "Go") };
    app.dialogs.push(Dialog::Form(form::one_field(purpose, title, label, String::new(), verb)));
}

/// Scrolls by rows.
pub(super) fn scroll(app: &mut App, by: isize, fx: &mut Effects) {
    let (rows, columns) = room(app);
    let Some(viewer) = of(app) else { return };
    for _ in 0..by.unsigned_abs() {
        let next = if by > 0 { viewer.next_row(viewer.top, columns) } else { viewer.previous_row(viewer.top, columns) };
        let Some(next) = next.filter(|_| by < 0 || !shows_end(viewer, rows, columns)) else { break };
        viewer.top = next;
    }
    settle(app, fx);
}

/// Whether the end of the file is on the screen already.
fn shows_end(viewer: &Viewer, rows: usize, columns: usize) -> bool {
    if viewer.size.is_none_or(|size| viewer.end() < size) {
        return false;
    }
    let mut at = viewer.top;
    for _ in 0..rows {
        match viewer.next_row(at, columns) {
            Some(next) => at = next,
            None => return true,
        }
    }
    false
}

fn sideways(app: &mut App, right: bool) {
    if let Some(viewer) = of(app) {
        viewer.left = if right { viewer.left.saturating_add(8).min(16 * 1024) } else { viewer.left.saturating_sub(8) };
    }
}

/// Shows the row that holds a byte at the top.
pub(super) fn jump(app: &mut App, at: u64, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    let at = viewer.size.map_or(at, |size| at.min(size.saturating_sub(1)));
    viewer.to_end = false;
    viewer.top = match viewer.mode {
        ViewMode::Hex => at / HEX_ROW * HEX_ROW,
        ViewMode::Text if (viewer.offset..=viewer.end()).contains(&at) => viewer.line_start(at),
        ViewMode::Text => at,
    };
    settle(app, fx);
}

fn to_end(app: &mut App, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    viewer.to_end = true;
    let offset = viewer.size.unwrap_or_else(|| viewer.end()).saturating_sub(WINDOW as u64 / 2) / HEX_ROW * HEX_ROW;
    if viewer.size.is_some_and(|size| viewer.end() < size) {
        load(app, offset, WINDOW, fx);
    } else {
        settle(app, fx);
    }
}

fn toggle_mode(app: &mut App, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    viewer.mode = match viewer.mode {
        ViewMode::Text => ViewMode::Hex,
        ViewMode::Hex => ViewMode::Text,
    };
    let top = viewer.top;
    jump(app, top, fx);
}

fn toggle_wrap(app: &mut App, fx: &mut Effects) {
    let Some(viewer) = of(app) else { return };
    viewer.wrap = !viewer.wrap;
    viewer.left = 0;
    let top = viewer.top;
    jump(app, top, fx);
}
