//! What the engine tells of transfers and batches.

use crate::bus::{BatchSummary, TransferEvent};
use crate::model::figures::grouped;
use crate::model::transfer::Direction;
use crate::model::{BatchId, Entry, Failure, Name, Place, TransferId, TransferState};

use super::super::effect::Effect;
use super::super::listing::Patch;
use super::super::pane::Pane;
use super::super::transfers::{Batch, Note};
use super::super::{App, PaneSide};
use super::pane::refresh_shown;
use super::{Effects, notice, text, trouble};

/// A transfer or a batch went on.
pub(super) fn event(app: &mut App, event: TransferEvent, fx: &mut Effects) {
    let (now, page) = (app.now, app.screen.panel_page);
    app.transfers.chosen &= app.panel_focus;
    match event {
        TransferEvent::Planned { batch, found, complete } => {
            if let Some(batch) = app.transfers.batches.get_mut(&batch) {
                (batch.found, batch.planned) = (found, complete);
            }
        }
        TransferEvent::Queued(transfer) => app.transfers.queued(*transfer, now),
        TransferEvent::Changed { id, state } => changed(app, id, state),
        TransferEvent::Reached { id, done } => app.transfers.reached(id, done),
        TransferEvent::InParts { id, connections } => app.transfers.came_in_parts(id, connections),
        TransferEvent::Shifted { id, before } => app.transfers.shifted(id, before),
        TransferEvent::Prioritized { id, priority } => app.transfers.prioritized(id, priority),
        TransferEvent::Held { batch, failure } => held(app, batch, failure),
        TransferEvent::Released(batch) => drop(app.transfers.held.remove(&batch)),
        // The panes ask for no mirrors.
        TransferEvent::Mirrored { .. } => {}
        TransferEvent::Landed { directory, entry } => return landed(app, &directory, &entry),
        TransferEvent::Left { directory, name } => return left(app, &directory, &name),
        TransferEvent::Noted { batch, path, failure, failed, again } => noted(app, Note { batch, path, failure, failed, again }),
        TransferEvent::Forgotten(_) => return notice(app, "this is not known any more: copy it again from its pane"),
        TransferEvent::BatchEnded(summary) => ended(app, summary, fx),
    }
    app.transfers.follow(page);
}

fn noted(app: &mut App, note: Note) {
    if let Some(batch) = app.transfers.batches.get_mut(&note.batch) {
        batch.again |= note.again;
    }
    app.transfers.noted(note);
}

fn changed(app: &mut App, id: TransferId, state: TransferState) {
    if let TransferState::Failed(_) = &state
        && let Some(batch) = app.transfers.job(id).map(|job| job.transfer.batch)
        && let Some(batch) = app.transfers.batches.get_mut(&batch)
    {
        batch.again = true;
    }
    let is_broken_off = matches!(state, TransferState::Failed(_) | TransferState::Cancelled);
    let arrived = is_broken_off && app.transfers.job(id).is_some_and(|job| job.reached > 0);
    let transfers = &mut app.transfers;
    let of = transfers.job(id).filter(|job| job.transfer.direction == Direction::Down).map(|job| job.transfer.batch);
    if arrived && let Some(batch) = of.and_then(|batch| transfers.batches.get_mut(&batch)) {
        batch.kept += 1;
    }
    transfers.changed(id, state, app.now);
}

/// A batch is held. A full disk is said once, not once for each batch that meets it.
fn held(app: &mut App, batch: BatchId, failure: Option<Failure>) {
    let said = app.transfers.held_by().is_some();
    if let Some(failure) = failure.as_ref().filter(|_| !said) {
        trouble(app, format!("transfers are held (C goes on, w shows them): {}", failure.why()));
    }
    app.transfers.held.insert(batch, failure);
}

/// What is under way would be lost with the program.
pub(super) fn no_journal(app: &mut App, failure: Failure) {
    trouble(app, format!("transfers go on, but will not survive the end of ftpane: {failure}"));
    app.transfers.no_journal = Some(failure);
}

/// It is written again, with all that was under way.
pub(super) fn journal_kept(app: &mut App) {
    app.transfers.no_journal = None;
    notice(app, "the journal is written again: transfers survive the end of ftpane");
}

/// The panes that show a directory of a volume, whatever connection they see it by.
fn panes_showing<'a>(app: &'a mut App, place: &Place) -> impl Iterator<Item = &'a mut Pane> {
    let site = app.volumes.get(&place.connection).cloned();
    let (connection, path) = (place.connection, place.path.clone());
    [&mut app.left, &mut app.right].into_iter().filter(move |pane| {
        let same = match (&site, &pane.opened.site) {
            _ if pane.connection == Some(connection) => true,
            (Some(None), None) => true,
            (Some(Some(a)), Some(b)) => a.is_same_tree(b),
            (Some(None), Some(_)) | (Some(Some(_)), None) | (None, _) => false,
        };
        same && pane.is_directory() && (pane.path == path || pane.awaited_path().as_ref() == Some(&path))
    })
}

/// An entry came to be: it shows without listing the directory again.
pub(super) fn landed(app: &mut App, directory: &Place, entry: &Entry) {
    let page = app.screen.page;
    for pane in panes_showing(app, directory) {
        pane.patch(&directory.path, Patch::Upsert(entry.clone()), page);
    }
}

fn left(app: &mut App, directory: &Place, name: &Name) {
    let page = app.screen.page;
    for pane in panes_showing(app, directory) {
        pane.patch(&directory.path, Patch::Remove(name.clone()), page);
    }
}

/// What was done, as a person counts it: directories by themselves, and only where nothing went wrong with what is in them.
fn done(batch: &Batch, summary: &BatchSummary) -> Option<String> {
    let flawless = (summary.skipped, summary.failed, summary.cancelled) == (0, 0, 0);
    if summary.done == 0 && !flawless {
        return None;
    }
    let goes_on = summary.before > 0;
    if summary.done == 0 && (batch.found.dirs == 0 || goes_on) {
        return Some("nothing was left to be copied".to_owned());
    }
    let verb = if batch.is_move { "moved" } else { "copied" };
    let files = |count| text::many(count, "file", "files");
    let dirs = || text::many(batch.found.dirs, "directory", "directories");
    let size = text::size(summary.bytes);
    // A directory that was moved as a whole counts among what is done, not among the files that were found.
    let moved = summary.done.min(batch.found.files);
    Some(match (flawless && batch.found.dirs > 0 && !goes_on, moved) {
        (true, 0) => format!("{} {verb}", dirs()),
        (true, _) => format!("{} and {} {verb}, {size}", files(moved), dirs()),
        (false, _) => format!("{} {verb}, {size}", files(summary.done)),
    })
}

/// A batch ended: counts, or the first failure with the keys that lead on.
fn ended(app: &mut App, summary: BatchSummary, fx: &mut Effects) {
    app.transfers.close(summary.batch);
    let batch = app.transfers.batches.remove(&summary.batch).unwrap_or_default();
    if summary.joined {
        return notice(app, "already in the queue, here or in another ftpane: nothing was added (w shows)");
    }
    let mut parts: Vec<String> = done(&batch, &summary).into_iter().collect();
    for (count, word) in [(summary.skipped, "skipped"), (summary.cancelled, "cancelled"), (summary.failed, "failed")] {
        if count > 0 {
            parts.push(format!("{} {word}", grouped(count)));
        }
    }
    if summary.before > 0 {
        parts.push(format!("{} before", summary.before));
    }
    if batch.restored && summary.done > 0 {
        for side in [PaneSide::Left, PaneSide::Right] {
            refresh_shown(app, side, fx);
        }
    }
    let kept = if batch.kept > 0 { ", what has arrived is kept (.*.ftpane-part)" } else { "" };
    let text = parts.join(", ");
    let is_long = app.preferences.notify_after.is_some_and(|after| app.now >= batch.begun.saturating_add(after));
    if is_long && app.focused != Some(true) {
        fx.push(Effect::Notify(format!("{text}{kept}")));
    }
    let keys = if batch.again { "w shows, there r tries again" } else { "w shows" };
    match &summary.first_failure {
        Some(failure) => trouble(app, format!("{text} ({keys}): {failure}{kept}")),
        None if summary.failed > 0 => trouble(app, format!("{text} ({keys}){kept}")),
        None if summary.cancelled > 0 => notice(app, format!("{text} (w shows, R goes on){kept}")),
        None => notice(app, format!("{text}{kept}")),
    }
    if summary.failed + summary.cancelled > 0 {
        // A retry opens it again.
        app.transfers.batches.insert(summary.batch, Batch { summary: Some(summary), ..batch });
    }
}
