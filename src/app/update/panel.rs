//! The panels below the panes: log and transfers.

use super::super::action::Action;
use super::super::key::{Key, KeyCode, Prefix};
use super::super::{App, Panel};
use super::{Effects, action, log, notice, queue};

/// Opens a panel and gives it the keys, or closes it, whoever has them.
pub(super) fn toggle(app: &mut App, panel: Panel) {
    if app.panel == Some(panel) {
        app.panel = None;
        app.panel_focus = false;
    } else {
        open(app, panel);
    }
}

/// Gives the keys to the panel, or back to the pane. Where none is open that of the transfers is: a list of sites takes letters for text.
pub(super) fn change_over(app: &mut App) {
    if app.panel_focus {
        app.panel_focus = false;
    } else {
        open(app, app.panel.unwrap_or(Panel::Transfers));
    }
}

/// Opens a panel and gives it the keys.
pub(super) fn open(app: &mut App, panel: Panel) {
    app.panel = Some(panel);
    app.panel_focus = true;
    app.log.up = 0;
    app.transfers.chosen = false;
    app.transfers.follow(app.screen.panel_page);
}

/// Whether a panel is open and has the keys.
pub(super) fn has_keys(app: &App, panel: Panel) -> bool {
    app.panel == Some(panel) && app.panel_focus
}

/// A key for the open panel; tells whether it was one for it.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    let Some(panel) = app.panel else {
        app.panel_focus = false;
        return false;
    };
    if matches!(app.pending, Some(Prefix::CtrlX)) {
        return false;
    }
    match key.code {
        KeyCode::Esc if panel == Panel::Transfers && app.transfers.filter.is_some() => queue::filter(app, ""),
        KeyCode::Esc => {
            app.panel = None;
            app.panel_focus = false;
        }
        KeyCode::Tab => app.panel_focus = false,
        _ => {
            let known = match panel {
                Panel::Log => log_key(app, key),
                Panel::Transfers => transfers_key(app, key, fx),
            };
            if !known && !passes(key) {
                not_here(app, key);
                return true;
            }
            return known;
        }
    }
    true
}

/// Whether a key that the panel does not know goes on to the panes. A letter does not: whoever looks at the panel does not mean the
/// entry under a cursor elsewhere.
fn passes(key: Key) -> bool {
    let by_code = match key.code {
        KeyCode::Char(c) => matches!(c, 'w' | 'L' | 'C' | 'D' | ':' | '?'),
        KeyCode::F(_) | KeyCode::BackTab => true,
        _ => false,
    };
    key.ctrl || key.alt || by_code
}

fn log_key(app: &mut App, key: Key) -> bool {
    let page = isize::try_from(app.screen.panel_page.max(1)).unwrap_or(isize::MAX);
    match key.code {
        _ if key.ctrl || key.alt => return false,
        KeyCode::Up | KeyCode::Char('k') => log::scroll(app, 1),
        KeyCode::Down | KeyCode::Char('j') => log::scroll(app, -1),
        KeyCode::PageUp => log::scroll(app, page),
        KeyCode::PageDown => log::scroll(app, -page),
        KeyCode::Home | KeyCode::Char('g') => log::scroll(app, isize::MAX),
        KeyCode::End | KeyCode::Char('G') => log::scroll(app, isize::MIN),
        _ => return false,
    }
    true
}

fn transfers_key(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    let page = app.screen.panel_page.max(1);
    let row = app.transfers.cursor;
    if let Some(action) = app.keymap.in_transfers(key) {
        action::run(app, action, fx);
        return true;
    }
    match key.code {
        KeyCode::Char('c') if key.ctrl => return queue::cancel(app, fx),
        _ if key.ctrl || key.alt => return false,
        KeyCode::Up | KeyCode::Char('k') => select(app, row.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => select(app, row + 1),
        KeyCode::PageUp => select(app, row.saturating_sub(page)),
        KeyCode::PageDown => select(app, row + page),
        KeyCode::Home | KeyCode::Char('g') => select(app, 0),
        KeyCode::End | KeyCode::Char('G') => select(app, usize::MAX),
        // What these do to a pane's entry is not meant by somebody who looks at the panel.
        KeyCode::F(3..=8) => not_here(app, key),
        _ => return false,
    }
    true
}

/// Says why a key of the panes does nothing.
fn not_here(app: &mut App, key: Key) {
    let Some(action) = app.keymap.action(None, key).and_then(Action::info) else { return };
    let title = action.title.trim_end_matches([' ', '…']);
    let name = action.keys.first().copied().unwrap_or_default();
    notice(app, format!("{name} ({title}) is for the panes: Tab leads back to them"));
}

/// Puts the cursor on a row.
pub(super) fn select(app: &mut App, row: usize) {
    let page = app.screen.panel_page;
    app.transfers.select(row, page);
    app.transfers.chosen = true;
}
