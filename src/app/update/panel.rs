//! The panels below the panes: log and transfers.

use crate::bus::Command;
use crate::model::TransferState;
use crate::model::text::printable;

use super::super::effect::Effect;
use super::super::key::{Key, KeyCode, Prefix};
use super::super::transfers::TransferRow;
use super::super::{App, Panel};
use super::{Effects, answer, log};

/// Opens a panel, gives it the keys where it is open, or closes it where it has them.
pub(super) fn toggle(app: &mut App, panel: Panel) {
    if app.panel == Some(panel) && app.panel_focus {
        app.panel = None;
        app.panel_focus = false;
    } else {
        app.panel = Some(panel);
        app.panel_focus = true;
        app.log.up = 0;
    }
}

/// A key for the open panel; tells whether it was one for it.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    let Some(panel) = app.panel else {
        app.panel_focus = false;
        return false;
    };
    match key.code {
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
            return known || !passes(app, key);
        }
    }
    true
}

/// Whether a key that the panel does not know goes on to the panes. A letter does not: whoever looks at the panel does not mean the
/// entry under a cursor elsewhere.
fn passes(app: &App, key: Key) -> bool {
    let second_half = matches!(app.pending, Some(Prefix::CtrlX));
    let by_code = match key.code {
        KeyCode::Char(c) => matches!(c, 'w' | 'L' | ':' | '?'),
        KeyCode::F(_) | KeyCode::BackTab => true,
        _ => false,
    };
    second_half || key.ctrl || key.alt || by_code
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
    let last = app.transfers.row_count().saturating_sub(1);
    let row = app.transfers.selected;
    match key.code {
        KeyCode::Char('c') if key.ctrl => return cancel_selected(app, fx),
        _ if key.ctrl || key.alt => return false,
        KeyCode::Up | KeyCode::Char('k') => select(app, row.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => select(app, row + 1),
        KeyCode::PageUp => select(app, row.saturating_sub(page)),
        KeyCode::PageDown => select(app, row + page),
        KeyCode::Home | KeyCode::Char('g') => select(app, 0),
        KeyCode::End | KeyCode::Char('G') => select(app, last),
        KeyCode::Delete | KeyCode::F(8) => drop(cancel_selected(app, fx)),
        KeyCode::Enter => details(app),
        _ => return false,
    }
    true
}

/// Puts the cursor on a row.
pub(super) fn select(app: &mut App, row: usize) {
    let page = app.screen.panel_page.max(1);
    let transfers = &mut app.transfers;
    transfers.selected = row.min(transfers.row_count().saturating_sub(1));
    transfers.top = transfers.top.min(transfers.selected).max((transfers.selected + 1).saturating_sub(page));
}

/// Stops the transfer under the cursor; tells whether there was one to stop.
pub(super) fn cancel_selected(app: &mut App, fx: &mut Effects) -> bool {
    let Some(TransferRow::Transfer(transfer)) = app.transfers.row(app.transfers.selected) else { return false };
    if !app.transfers.open.contains_key(&transfer.id) {
        return false;
    }
    fx.push(Effect::Engine(Command::CancelTransfer(transfer.id)));
    true
}

/// Enter: all that is known of a row.
pub(super) fn details(app: &mut App) {
    let lines = match app.transfers.row(app.transfers.selected) {
        None => return,
        Some(TransferRow::Note(path, failure)) => vec![printable(path.as_bytes()).into_owned(), failure.to_string()],
        Some(TransferRow::Transfer(transfer)) => {
            let place = |path: &crate::model::VPath| printable(path.as_bytes()).into_owned();
            let mut lines = vec![format!("from {}", place(&transfer.source.path)), format!("to   {}", place(&transfer.target.path))];
            match &transfer.state {
                TransferState::Failed(failure) => lines.push(failure.to_string()),
                TransferState::Skipped(why) => lines.push(format!("skipped: {}", printable(why.as_bytes()))),
                TransferState::Queued => lines.push("waits".to_owned()),
                TransferState::Asking => lines.push("asks".to_owned()),
                TransferState::Paused => lines.push("paused".to_owned()),
                TransferState::Retrying(retrying) => lines.push(retrying.failure.to_string()),
                TransferState::Active => lines.push("moves".to_owned()),
                TransferState::Done(_) => lines.push("done".to_owned()),
                TransferState::Cancelled => lines.push("cancelled".to_owned()),
            }
            lines
        }
    };
    answer::message(app, "Transfer", lines);
}
