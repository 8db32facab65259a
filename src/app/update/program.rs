//! The program itself: help, cancelling, shell, the end.

use crate::bus::Command;
use crate::model::RequestId;

use super::super::dialog::{Button, Confirm, Scroll, Then};
use super::super::edit::Stage;
use super::super::effect::Effect;
use super::super::transfers::Section;
use super::super::{App, Dialog, PaneSide, Panel, Purpose};
use super::{Effects, connection, notice, pane, queue, text};

/// A second Ctrl-C within so many milliseconds asks to quit.
const TWICE: u64 = 3_000;

/// F1.
pub(super) fn help(app: &mut App) {
    app.dialogs.push(Dialog::Help(Scroll::default()));
}

/// Ctrl-C with no dialog open: what loads or opens, then the transfers, then the program.
pub(super) fn cancel(app: &mut App, fx: &mut Effects) {
    let side = app.focus;
    if app.panel_focus && app.panel == Some(Panel::Transfers) && queue::cancel(app, fx) {
        return;
    }
    for side in [side, side.other()] {
        if connection::stop_opening(app, side, fx) || pane::stop_loading(app, side, fx) {
            return notice(app, "cancelled");
        }
    }
    for side in [side, side.other()] {
        if cancel_work(app, side, fx) {
            return notice(app, "cancelling");
        }
    }
    let again = app.cancelled_at.is_some_and(|at| app.now < at.saturating_add(TWICE));
    if app.transfers.is_busy() && !again {
        app.cancelled_at = Some(app.now);
        fx.push(Effect::Engine(Command::CancelAll));
        return notice(app, "transfers cancelled; Ctrl-C again to quit");
    }
    ask_to_quit(app);
}

/// Stops what a pane's volume is asked to do: deleting, adding up, fetching a file to edit it or sending it back. Its answer says how far it
/// came. Tells whether there was anything.
fn cancel_work(app: &mut App, side: PaneSide, fx: &mut Effects) -> bool {
    let Some(connection) = app.pane(side).connection else { return false };
    let is_edit = |request| app.edits.iter().any(|edit| edit.request == Some(request) && edit.connection == connection);
    let of_pane = |(request, purpose): (&RequestId, &Purpose)| {
        let is = match purpose {
            Purpose::Change(of, _, _) | Purpose::Count(of) | Purpose::Size(of, _) => *of == side,
            Purpose::Edit => is_edit(*request),
            Purpose::List(_) | Purpose::View | Purpose::Complete | Purpose::Raw | Purpose::Quiet => false,
        };
        is.then_some(*request)
    };
    let mut requests: Vec<RequestId> = app.requests.iter().filter_map(of_pane).collect();
    requests.sort_unstable();
    fx.extend(requests.iter().map(|&request| Effect::Engine(Command::CancelRequest { connection, request })));
    !requests.is_empty()
}

/// F10: asks only while transfers run or an edited file is not back on its server.
pub(super) fn quit(app: &mut App, fx: &mut Effects) {
    if app.transfers.is_busy() || has_unsent(app) { ask_to_quit(app) } else { leave(app, false, fx) }
}

/// Whether an edited file is still on its way back: its private copy goes with the program.
fn has_unsent(app: &App) -> bool {
    app.edits.iter().any(|edit| matches!(edit.stage, Stage::Checking | Stage::Conflict | Stage::Storing))
}

fn ask_to_quit(app: &mut App) {
    let busy = app.transfers.is_busy();
    let journalled = app.transfers.no_journal.is_none() && !app.preferences.passing;
    let unsent = has_unsent(app);
    let mut lines = Vec::new();
    let button = |label: &str, then: Then| Button { label: label.to_owned(), then };
    let mut buttons = Vec::new();
    if busy {
        let count = app.waiting() + app.transfers.len(Section::Active) as u64;
        lines.push(format!("{} still under way.", text::many(count.max(1), "transfer is", "transfers are")));
        if journalled {
            lines.push("They can go on at the next start, each file where it is.".to_owned());
            buttons.push(button("Go on next time", Then::Quit { cancel: false }));
        } else if app.preferences.passing {
            lines.push("The demo keeps nothing: they end with it, and so do its files.".to_owned());
        } else {
            lines.push("The journal cannot be written: they end with ftpane.".to_owned());
        }
        buttons.push(button("Cancel them and quit", Then::Quit { cancel: true }));
    } else {
        buttons.push(button("Quit", Then::Quit { cancel: false }));
    }
    if unsent {
        lines.push("An edited file is not back on its server; its copy here goes with ftpane.".to_owned());
    }
    if lines.is_empty() {
        lines.push("Leave ftpane? Enter or Ctrl-C again quits, Esc stays.".to_owned());
    }
    buttons.push(button("Stay", Then::Nothing));
    let focus = if unsent || (busy && !journalled) { buttons.len() - 1 } else { 0 };
    app.dialogs.push(Dialog::Confirm(Confirm::new("Quit", lines, buttons, focus)));
}

/// Ends the program.
pub(super) fn leave(app: &mut App, cancel: bool, fx: &mut Effects) {
    if cancel {
        fx.push(Effect::Engine(Command::CancelAll));
    }
    app.quitting = true;
    fx.push(Effect::Quit);
}

/// Ctrl-O: in the local directory of the focused pane, else of the other one.
pub(super) fn shell(app: &mut App, fx: &mut Effects) {
    let pane = [app.pane(app.focus), app.pane(app.focus.other())].into_iter().find(|pane| pane.is_local() && pane.is_directory());
    fx.push(Effect::Shell(pane.and_then(|pane| super::edit::local_path(&pane.path))));
}
