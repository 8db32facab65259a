//! What can be done with transfers: each key of the panel, which the menu and the palette reach too.

use std::collections::BTreeSet;

use crate::bus::Command;
use crate::model::figures::grouped;
use crate::model::{BatchId, Priority, Shift, TransferState, Which};

use super::super::action::Queue;
use super::super::dialog::{Button, Confirm, Then};
use super::super::effect::Effect;
use super::super::form::FormPurpose;
use super::super::transfers::{HasEnded as _, Job, RowId, Section, Tab, What};
use super::super::{App, Dialog, Panel};
use super::{Effects, details, form, history, limits, notice, panel, text, unfinished};

/// Does what a key of the panel, the menu or the palette asks for.
pub(super) fn run(app: &mut App, action: Queue, fx: &mut Effects) {
    if is_about_a_row(action) && !panel::has_keys(app, Panel::Transfers) {
        panel::open(app, Panel::Transfers);
        return notice(app, "choose a transfer first");
    }
    match action {
        Queue::GoOn => go_on(app, fx),
        Queue::Forget => unfinished::ask_to_forget(app),
        Queue::Limits => limits::ask(app),
        Queue::History => history::open(app, fx),
        Queue::Pause => pause(app, fx),
        Queue::PauseAll => pause_all(app, fx),
        Queue::Retry => retry(app, fx),
        Queue::RetryAll => retry_all(app, fx),
        Queue::Cancel => cancel_this(app, fx),
        Queue::Enter => enter(app, fx),
        Queue::Details => details::show(app),
        Queue::Filter => ask_filter(app),
        Queue::Clear => clear(app, fx),
        Queue::Up => shift(app, Shift::Up, fx),
        Queue::Down => shift(app, Shift::Down, fx),
        Queue::Top => shift(app, Shift::Top, fx),
        Queue::Bottom => shift(app, Shift::Bottom, fx),
        Queue::Sooner => prioritize(app, true, fx),
        Queue::Later => prioritize(app, false, fx),
        Queue::All | Queue::Active | Queue::Queued | Queue::Failed | Queue::Done | Queue::NextTab | Queue::PrevTab => show_tab(app, action),
    }
}

fn is_about_a_row(action: Queue) -> bool {
    match action {
        Queue::Pause | Queue::Retry | Queue::Cancel | Queue::Enter | Queue::Details | Queue::Up | Queue::Down => true,
        Queue::Top | Queue::Bottom | Queue::Sooner | Queue::Later => true,
        Queue::GoOn | Queue::Forget | Queue::Limits | Queue::History | Queue::PauseAll | Queue::RetryAll | Queue::Filter => false,
        Queue::Clear | Queue::All | Queue::Active | Queue::Queued | Queue::Failed | Queue::Done | Queue::NextTab | Queue::PrevTab => false,
    }
}

fn send(command: Command, fx: &mut Effects) {
    fx.push(Effect::Engine(command));
}

/// The transfer under the cursor.
fn current(app: &App) -> Option<&Job> {
    match &app.transfers.current()?.what {
        What::Transfer(job) => Some(job),
        What::Note(_) | What::Unfinished(_) => None,
    }
}

/// The batch of an earlier run under the cursor.
fn current_unfinished(app: &App) -> Option<i64> {
    match app.transfers.current()?.id {
        RowId::Unfinished(journal) => Some(journal),
        RowId::Transfer(_) | RowId::Note(_) => None,
    }
}

/// What was held goes on; where nothing is, what an earlier run has not finished.
fn go_on(app: &mut App, fx: &mut Effects) {
    if !app.transfers.held.is_empty() || app.transfers.paused > 0 {
        send(Command::Resume(Which::All), fx);
        return notice(app, "transfers go on");
    }
    if !unfinished::restore_all(app, fx) {
        notice(app, "nothing is held, and nothing of an earlier run is unfinished");
    }
}

fn pause(app: &mut App, fx: &mut Effects) {
    if let Some(journal) = current_unfinished(app) {
        return unfinished::restore(app, journal, fx);
    }
    let Some(job) = current(app) else { return nothing_here(app) };
    let (id, batch) = (job.transfer.id, job.transfer.batch);
    let is_held = app.transfers.held.contains_key(&batch);
    match &job.transfer.state {
        TransferState::Done(_) | TransferState::Skipped(_) => notice(app, "this is done"),
        TransferState::Failed(_) | TransferState::Cancelled => notice(app, "this has ended; r tries it again"),
        _ if is_held => send(Command::Resume(Which::Batch(batch)), fx),
        TransferState::Paused => send(Command::Resume(Which::Transfer(id)), fx),
        TransferState::Queued | TransferState::Asking | TransferState::Active | TransferState::Retrying(_) => {
            send(Command::Pause(Which::Transfer(id)), fx);
        }
    }
}

fn pause_all(app: &mut App, fx: &mut Effects) {
    if app.transfers.is_paused() || app.transfers.held_by().is_some() {
        send(Command::Resume(Which::All), fx);
        notice(app, "transfers go on");
    } else if app.transfers.is_busy() {
        send(Command::Pause(Which::All), fx);
        notice(app, "transfers are held; P or C lets them go on");
    } else {
        notice(app, "nothing moves or waits");
    }
}

fn retry(app: &mut App, fx: &mut Effects) {
    if let Some(journal) = current_unfinished(app) {
        return unfinished::restore(app, journal, fx);
    }
    if let Some(What::Note(note)) = app.transfers.current().map(|row| &row.what) {
        let (batch, again) = (note.batch, note.again);
        return retry_note(app, batch, again, fx);
    }
    let Some(job) = current(app) else { return nothing_here(app) };
    match &job.transfer.state {
        TransferState::Failed(_) | TransferState::Cancelled => send(Command::Retry(Which::Transfer(job.transfer.id)), fx),
        TransferState::Done(_) | TransferState::Skipped(_) => notice(app, "this is done: there is nothing to try again"),
        TransferState::Retrying(_) => {
            send(Command::Retry(Which::Transfer(job.transfer.id)), fx);
            notice(app, "trying again now");
        }
        TransferState::Queued | TransferState::Asking | TransferState::Paused | TransferState::Active => {
            notice(app, "this is still under way");
        }
    }
}

/// What was to be walked was no transfer yet: all that failed of its batch is tried again.
fn retry_note(app: &mut App, batch: BatchId, again: bool, fx: &mut Effects) {
    if !again {
        return nothing_here(app);
    }
    let page = app.screen.panel_page;
    app.transfers.notes_again(Some(batch));
    app.transfers.follow(page);
    send(Command::Retry(Which::Batch(batch)), fx);
    notice(app, "trying all of this copy again");
}

/// All that failed or was cancelled; with a filter only what it leaves.
fn retry_all(app: &mut App, fx: &mut Effects) {
    let transfers = &app.transfers;
    let (mut ids, mut batches, mut cancelled) = (Vec::new(), BTreeSet::new(), 0u64);
    for row in transfers.shown(Section::Failed) {
        match &row.what {
            What::Transfer(job) => {
                ids.push(job.transfer.id);
                cancelled += u64::from(job.transfer.state == TransferState::Cancelled);
            }
            What::Note(note) if note.again => drop(batches.insert(note.batch)),
            What::Note(_) | What::Unfinished(_) => {}
        }
    }
    let failed = (ids.len() + batches.len()) as u64 - cancelled;
    let is_all = transfers.filter.is_none();
    cancelled += if is_all { transfers.cancelled_untold() } else { 0 };
    if failed + cancelled == 0 {
        let among = if transfers.filter.is_some() { " of what the filter leaves" } else { "" };
        return notice(app, format!("nothing{among} failed or was cancelled that can be tried again"));
    }
    let page = app.screen.panel_page;
    for batch in &batches {
        app.transfers.notes_again(Some(*batch));
    }
    app.transfers.follow(page);
    if is_all {
        // Those, too, that are not listed any more.
        send(Command::Retry(Which::All), fx);
    } else {
        batches.into_iter().for_each(|batch| send(Command::Retry(Which::Batch(batch)), fx));
        ids.into_iter().for_each(|id| send(Command::Retry(Which::Transfer(id)), fx));
    }
    let parts = [(failed, "failed"), (cancelled, "cancelled")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{} {word}", grouped(*count))).collect();
    notice(app, format!("trying again: {}", parts.join(", ")));
}

/// Stops the transfer under the cursor; tells whether there was one to stop.
pub(super) fn cancel(app: &mut App, fx: &mut Effects) -> bool {
    if current_unfinished(app).is_some() {
        unfinished::ask_to_forget(app);
        return true;
    }
    let open = current(app).filter(|job| !job.transfer.state.has_ended()).map(|job| job.transfer.id);
    fx.extend(open.map(|id| Effect::Engine(Command::CancelTransfer(id))));
    open.is_some()
}

/// The same, told where there is none.
fn cancel_this(app: &mut App, fx: &mut Effects) {
    if !cancel(app, fx) {
        let is_any = app.transfers.current().is_some();
        notice(app, if is_any { "this has ended; c clears the list" } else { "there is no transfer here" });
    }
}

/// All that is known; an unfinished copy goes on, since that is what it is there for.
fn enter(app: &mut App, fx: &mut Effects) {
    match current_unfinished(app) {
        Some(journal) => unfinished::restore(app, journal, fx),
        None => details::show(app),
    }
}

fn ask_filter(app: &mut App) {
    show_panel(app);
    let old = app.transfers.filter.clone().unwrap_or_default();
    let form = form::one_field(FormPurpose::TransferFilter, "Filter transfers", "Show only", old, "Filter");
    app.dialogs.push(Dialog::Form(form));
}

/// What was typed into the filter.
pub(super) fn filter(app: &mut App, typed: &str) {
    let page = app.screen.panel_page;
    app.transfers.set_filter(typed, page);
}

/// Takes ended rows from the list. Failed ones could be retried: among all they go only where nothing else is left, and nowhere without
/// a question.
fn clear(app: &mut App, fx: &mut Effects) {
    let page = app.screen.panel_page;
    let transfers = &mut app.transfers;
    let (done, failed) = (transfers.count(Section::Done), transfers.count(Section::Failed));
    match transfers.tab {
        Tab::All | Tab::Active | Tab::Queued | Tab::Done if done > 0 => {
            transfers.clear(Section::Done, page);
            if failed > 0 {
                return notice(app, format!("{failed} failed or cancelled stay: 4, then c clears them, R tries them again"));
            }
            transfers.forget_ended();
            send(Command::Forget(Which::All), fx);
        }
        Tab::All | Tab::Failed if failed > 0 => ask_to_forget_failed(app, failed),
        Tab::All | Tab::Active | Tab::Queued | Tab::Failed | Tab::Done => notice(app, "there is nothing to clear"),
    }
}

fn ask_to_forget_failed(app: &mut App, failed: u64) {
    let lines = vec![
        format!("{} failed or cancelled, and can then be tried again no more.", text::many(failed, "row is", "rows are")),
        "What has arrived of them stays (.*.ftpane-part).".to_owned(),
    ];
    let buttons =
        vec![Button { label: "Clear".to_owned(), then: Then::ForgetFailed }, Button { label: "Keep".to_owned(), then: Then::Nothing }];
    app.dialogs.push(Dialog::Confirm(Confirm::new("Clear what failed", lines, buttons, 1)));
}

/// Forgets what failed or was cancelled.
pub(super) fn forget_failed(app: &mut App, fx: &mut Effects) {
    let (page, failed) = (app.screen.panel_page, app.transfers.count(Section::Failed));
    send(Command::Forget(Which::All), fx);
    app.transfers.clear(Section::Failed, page);
    app.transfers.forget_ended();
    notice(app, format!("{failed} failed cleared"));
}

fn shift(app: &mut App, to: Shift, fx: &mut Effects) {
    let Some(job) = current(app) else { return nothing_here(app) };
    match job.transfer.state {
        TransferState::Queued | TransferState::Paused => send(Command::Shift { transfer: job.transfer.id, to }, fx),
        TransferState::Retrying(_) => notice(app, "this keeps its connection and is tried again soon: only what waits can be moved"),
        TransferState::Active | TransferState::Asking => notice(app, "this is under way already: only what waits can be moved"),
        TransferState::Done(_) | TransferState::Skipped(_) | TransferState::Failed(_) | TransferState::Cancelled => {
            notice(app, "this has ended: only what waits can be moved");
        }
    }
}

fn prioritize(app: &mut App, sooner: bool, fx: &mut Effects) {
    let Some(job) = current(app) else { return nothing_here(app) };
    if job.transfer.state.has_ended() {
        return notice(app, "this has ended");
    }
    let id = job.transfer.id;
    let priority = match (job.transfer.priority, sooner) {
        (Priority::Low, true) | (Priority::High, false) => Priority::Normal,
        (Priority::Normal | Priority::High, true) => Priority::High,
        (Priority::Normal | Priority::Low, false) => Priority::Low,
    };
    if priority == job.transfer.priority {
        return notice(app, if sooner { "this goes before everything else already" } else { "this goes after everything else already" });
    }
    send(Command::Prioritize(Which::Transfer(id), priority), fx);
}

fn nothing_here(app: &mut App) {
    let why = match app.transfers.current().map(|row| row.id) {
        None => "there is no transfer here",
        Some(_) => "this was no transfer of its own: copy it again from its pane",
    };
    notice(app, why);
}

fn show_panel(app: &mut App) {
    if !panel::has_keys(app, Panel::Transfers) {
        panel::open(app, Panel::Transfers);
    }
}

fn show_tab(app: &mut App, action: Queue) {
    show_panel(app);
    let tab = match action {
        Queue::Active => Tab::Active,
        Queue::Queued => Tab::Queued,
        Queue::Failed => Tab::Failed,
        Queue::Done => Tab::Done,
        Queue::NextTab => app.transfers.tab.beside(true),
        Queue::PrevTab => app.transfers.tab.beside(false),
        _ => Tab::All,
    };
    app.transfers.show(tab);
}
