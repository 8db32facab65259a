//! What an earlier run has not finished: offered once, in the strip and in the transfers panel, until it goes on or is forgotten.

use crate::bus::Command;
use crate::model::journal::Unfinished;
use crate::model::text::printable_str;
use crate::model::transfer::Verb;
use crate::model::{BatchId, Failure};

use super::super::dialog::{Button, Confirm, Then};
use super::super::effect::Effect;
use super::super::transfers::{Batch, RowId, Section, What};
use super::super::{App, Dialog};
use super::{Effects, notice, text, trouble};

/// Lines of a question that name what it is about.
const NAMED: usize = 6;

/// The journal tells what there is, or why it does not; that it cannot be kept at all has been said then.
pub(super) fn told(app: &mut App, batches: Result<Vec<Unfinished>, Failure>) {
    match batches {
        Ok(batches) => show(app, batches),
        Err(_) if app.transfers.no_journal.is_some() => {}
        Err(failure) => trouble(app, failure.to_string()),
    }
}

fn show(app: &mut App, batches: Vec<Unfinished>) {
    let had = app.transfers.len(Section::Unfinished) > 0;
    let has = !batches.is_empty();
    app.transfers.unfinished(batches);
    // What was set aside by Esc is not offered again because another one of it went.
    app.transfers.offered = has && (app.transfers.offered || !had);
    let page = app.screen.panel_page;
    app.transfers.follow(page);
}

fn all(app: &App) -> Vec<i64> {
    let number = |id| if let RowId::Unfinished(journal) = id { Some(journal) } else { None };
    app.transfers.ids(Section::Unfinished).filter_map(number).collect()
}

fn batch(app: &App, journal: i64) -> Option<&Unfinished> {
    match &app.transfers.find(RowId::Unfinished(journal))?.what {
        What::Unfinished(batch) => Some(batch),
        What::Transfer(_) | What::Note(_) => None,
    }
}

/// One goes on.
pub(super) fn restore(app: &mut App, journal: i64, fx: &mut Effects) {
    let Some(verb) = batch(app, journal).map(|batch| batch.verb) else { return };
    let id: BatchId = app.ids.batch.advance();
    app.transfers.batches.insert(id, Batch { is_move: verb == Verb::Move, restored: true, begun: app.now, ..Batch::default() });
    app.cancelled_at = None;
    if !app.sites.saved.is_empty() {
        fx.push(Effect::Engine(Command::Saved(app.sites.saved.clone())));
    }
    fx.push(Effect::Engine(Command::Restore { journal, batch: id }));
    take_away(app, &[journal]);
}

/// All go on; tells whether there were any.
pub(super) fn restore_all(app: &mut App, fx: &mut Effects) -> bool {
    let all = all(app);
    for journal in &all {
        restore(app, *journal, fx);
    }
    if !all.is_empty() {
        notice(app, "going on with what was not finished");
    }
    !all.is_empty()
}

fn take_away(app: &mut App, gone: &[i64]) {
    let left: Vec<Unfinished> =
        all(app).into_iter().filter(|journal| !gone.contains(journal)).filter_map(|journal| batch(app, journal).cloned()).collect();
    show(app, left);
}

/// Asks whether to forget what was not finished: the one under the cursor of the panel, else all.
pub(super) fn ask_to_forget(app: &mut App) {
    let of_row = match app.transfers.current().map(|row| row.id) {
        Some(RowId::Unfinished(journal)) if app.panel_focus => Some(journal),
        _ => None,
    };
    let journals = of_row.map_or_else(|| all(app), |journal| vec![journal]);
    if journals.is_empty() {
        return notice(app, "nothing of an earlier run is unfinished");
    }
    let mut lines: Vec<String> = journals.iter().filter_map(|journal| batch(app, *journal)).take(NAMED).map(sentence).collect();
    if journals.len() > NAMED {
        lines.push(format!("and {} more", journals.len() - NAMED));
    }
    lines.push("Files that are copied stay, and so does what has arrived of others (.*.ftpane-part).".to_owned());
    let buttons = vec![
        Button { label: "Forget".to_owned(), then: Then::ForgetUnfinished(journals) },
        Button { label: "Keep".to_owned(), then: Then::Nothing },
    ];
    app.dialogs.push(Dialog::Confirm(Confirm::new("Forget what is not finished", lines, buttons, 1)));
}

/// Says how far one is, and asks whether to go on with it.
pub(super) fn ask_to_go_on(app: &mut App, journal: i64) {
    let Some(batch) = batch(app, journal) else { return };
    let mut lines = vec![format!("The {} was not finished by an earlier run.", sentence(batch))];
    let counts = [(batch.begun.files, "there in part"), (batch.failed, "failed")];
    let more = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}"));
    lines.push(format!("{} done{}.", text::many(batch.done, "file is", "files are"), more.collect::<String>()));
    lines.push("Going on begins no file anew: each goes on where it is, and what failed is tried again.".to_owned());
    let buttons = vec![
        Button { label: "Go on".to_owned(), then: Then::GoOn(journal) },
        Button { label: "Forget …".to_owned(), then: Then::AskToForget },
        Button { label: "Close".to_owned(), then: Then::Nothing },
    ];
    app.dialogs.push(Dialog::Confirm(Confirm::new("Not finished", lines, buttons, 0)));
}

/// Forgets these.
pub(super) fn forget(app: &mut App, journals: &[i64], fx: &mut Effects) {
    fx.extend(journals.iter().map(|journal| Effect::Engine(Command::Discard(*journal))));
    take_away(app, journals);
    notice(app, "forgotten");
}

/// A batch of an earlier run in a sentence without a full stop.
pub(super) fn sentence(batch: &Unfinished) -> String {
    let verb = if batch.verb == Verb::Move { "move" } else { "copy" };
    let items = text::many(batch.items, "entry", "entries");
    format!("{verb} of {items} from {} to {}", printable_str(&batch.from), printable_str(&batch.to))
}
