//! A key finds what it is for: the drag, the top dialog, the panel, what the pane shows, and at last the action table.

use super::super::action::{Action, Program};
use super::super::allowed::{self, Ahead};
use super::super::key::{Key, KeyCode, Prefix};
use super::super::keymap::{self, Keymap};
use super::super::pane::Content;
use super::super::{App, Dialog};
use super::time::ESC_WAIT;
use super::{Effects, action, connection, dialog, mouse, notice, panel, program, search, site_keys};

/// A key was pressed.
pub(super) fn pressed(app: &mut App, key: Key, fx: &mut Effects) {
    let key = keymap::normal(key);
    let is_text = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter) && !key.ctrl && !key.alt;
    app.typed_at = (is_text && app.dialogs.is_empty()).then_some(app.now);
    if app.drag.is_some() && key == Key::plain(KeyCode::Esc) {
        return mouse::drop_nothing(app);
    }
    if key == Key::ctrl('z') {
        // A question or an input must not keep the shell from its user.
        return action::run(app, Action::Program(Program::Suspend), fx);
    }
    if let Some(dialog) = app.dialogs.last() {
        let key = if has_input(dialog) { key } else { as_f_key(app, key) };
        app.pending = None;
        return dialog::key(app, key, fx);
    }
    if app.panel_focus && panel::key(app, key, fx) {
        return;
    }
    if allowed::is_connecting(app, app.focus) && !connects(app, key, fx) {
        return;
    }
    if app.pane(app.focus).search.is_some() && search::key(app, key) {
        return;
    }
    let half = matches!(app.pending, Some(Prefix::CtrlX));
    if !half && matches!(app.pane(app.focus).content, Content::Sites(_)) && site_keys::key(app, key, fx) {
        return;
    }
    in_pane(app, key, fx);
}

/// A key while the focused pane connects; tells whether it acts all the same.
fn connects(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    app.pending = app.pending.filter(|pending| matches!(pending, Prefix::Esc(_)));
    match allowed::ahead(key) {
        Ahead::Acts => return true,
        Ahead::Cancels => program::cancel(app, fx),
        Ahead::Ignored => notice(app, "connecting: keys act again once that is done; Esc cancels it, Tab goes to the other pane"),
    }
    false
}

/// A key for the panes: what the action table says.
fn in_pane(app: &mut App, key: Key, fx: &mut Effects) {
    let key = as_f_key(app, key);
    let pending = app.pending.take();
    if key == Key::plain(KeyCode::Esc) {
        return escape(app, pending);
    }
    connection::wake(app, app.focus, fx);
    let half = matches!(pending, Some(Prefix::Sort | Prefix::CtrlX));
    if !half && let Some(prefix) = Keymap::prefix(key) {
        app.pending = Some(prefix);
        return;
    }
    if let Some(action) = app.keymap.action(pending, key) {
        action::run(app, action, fx);
    }
}

/// Esc closes or clears one thing; when there was nothing but a notice, a digit after it is an F-key.
fn escape(app: &mut App, pending: Option<Prefix>) {
    app.toast = None;
    if matches!(pending, Some(Prefix::Sort | Prefix::CtrlX)) {
        return;
    }
    app.pending = Some(Prefix::Esc(app.now));
    let page = app.screen.page;
    let pane = app.pane_mut(app.focus);
    if pane.filter.take().is_some() {
        pane.rebuild(page);
    } else if app.panel.is_some() {
        app.panel = None;
        app.panel_focus = false;
    } else {
        app.transfers.offered = false;
    }
}

/// A digit with Alt, or soon after an idle Esc, is an F-key.
fn as_f_key(app: &App, key: Key) -> Key {
    let KeyCode::Char(c) = key.code else { return key };
    let after_esc = matches!(app.pending, Some(Prefix::Esc(at)) if app.now < at.saturating_add(ESC_WAIT));
    let meant = !key.ctrl && (key.alt || after_esc);
    if meant { keymap::f_key(c).unwrap_or(key) } else { key }
}

fn has_input(dialog: &Dialog) -> bool {
    match dialog {
        Dialog::Form(_) | Dialog::Palette(_) | Dialog::Sites(_) | Dialog::History(_) => true,
        Dialog::Confirm(_) | Dialog::Conflict(_) | Dialog::Viewer(_) | Dialog::Help(_) | Dialog::Message { .. } | Dialog::Charsets(_) => {
            false
        }
    }
}
