//! How panes are shown: order, hidden names, sizes of directories, the screen's size.

use crate::bus::BrowseOp;
use crate::model::{Kind, Name};

use super::super::effect::Effect;
use super::super::pane::Sort;
use super::super::{App, Dialog, PaneSide, Purpose, Screen};
use super::{Effects, browse, notice, viewer};
use crate::model::SortKey;

/// Sorts by a key; by the same again reverses.
pub(super) fn sort(app: &mut App, side: PaneSide, key: SortKey) {
    let page = app.screen.page;
    let pane = app.pane_mut(side);
    pane.sort = Sort { key, reverse: pane.sort.key == key && !pane.sort.reverse };
    pane.rebuild(page);
}

/// Shows or hides names that begin with a dot.
pub(super) fn hidden(app: &mut App) {
    let page = app.screen.page;
    let pane = app.pane_mut(app.focus);
    pane.show_hidden = !pane.show_hidden;
    pane.rebuild(page);
    let text = if app.pane(app.focus).show_hidden { "hidden files are shown" } else { "hidden files are not shown" };
    notice(app, text);
}

/// Takes the mouse, or gives it to the terminal.
pub(super) fn mouse(app: &mut App, fx: &mut Effects) {
    app.mouse = !app.mouse;
    fx.push(Effect::Mouse(app.mouse));
    notice(app, if app.mouse { "the mouse works in the panes" } else { "the mouse is the terminal's: select text, Alt-m takes it back" });
}

/// Adds up the directory under the cursor, or the marked ones.
pub(super) fn directory_size(app: &mut App, fx: &mut Effects) {
    let side = app.focus;
    let pane = app.pane(side);
    let Some(connection) = pane.connection.filter(|_| pane.is_directory()) else { return };
    let directory = pane.path.clone();
    let names: Vec<Name> = pane.chosen().into_iter().filter(|entry| entry.kind == Kind::Dir).map(|entry| entry.name.clone()).collect();
    if names.is_empty() {
        return notice(app, "this is no directory");
    }
    for name in names {
        let op = BrowseOp::Count { directory: directory.clone(), entries: vec![(name.clone(), Kind::Dir)] };
        browse(app, connection, Purpose::Size(side, directory.join(&name)), op, fx);
    }
}

/// The screen has another size: what the cursor is on stays visible.
pub(super) fn resized(app: &mut App, screen: Screen, fx: &mut Effects) {
    app.screen = screen;
    app.left.scroll_to_cursor(screen.page);
    app.right.scroll_to_cursor(screen.page);
    if matches!(app.dialogs.last(), Some(Dialog::Viewer(_))) {
        viewer::settle(app, fx);
    }
}
