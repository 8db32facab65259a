//! What the engine tells of transfers and batches.

use std::collections::VecDeque;

use crate::bus::{BatchSummary, TransferEvent};
use crate::model::transfer::Direction;
use crate::model::{BatchId, Entry, Failure, Name, Place, Transfer, TransferId, TransferState, VPath};

use super::super::App;
use super::super::listing::Patch;
use super::super::pane::Pane;
use super::super::transfers::{Batch, KEPT};
use super::{notice, text, trouble};

/// A transfer or a batch went on.
pub(super) fn event(app: &mut App, event: TransferEvent) {
    match event {
        TransferEvent::Planned { batch, found, complete } => {
            if let Some(batch) = app.transfers.batches.get_mut(&batch) {
                (batch.found, batch.planned) = (found, complete);
            }
        }
        TransferEvent::Queued(transfer) => queued(app, *transfer),
        TransferEvent::Changed { id, state } => changed(app, id, state),
        TransferEvent::Landed { directory, entry } => landed(app, &directory, &entry),
        TransferEvent::Left { directory, name } => left(app, &directory, &name),
        TransferEvent::Noted { path, failure, .. } => noted(app, path, failure),
        TransferEvent::BatchEnded(summary) => ended(app, summary),
        TransferEvent::Shifted { .. } | TransferEvent::Prioritized { .. } => {}
        TransferEvent::Held { .. } | TransferEvent::Released(_) | TransferEvent::Mirrored { .. } => {}
    }
}

fn queued(app: &mut App, transfer: Transfer) {
    let transfers = &mut app.transfers;
    if !transfers.open.contains_key(&transfer.id) {
        transfers.order.push_back(transfer.id);
    }
    transfers.open.insert(transfer.id, transfer);
}

fn changed(app: &mut App, id: TransferId, state: TransferState) {
    let transfers = &mut app.transfers;
    let Some(transfer) = transfers.open.get_mut(&id) else { return };
    let is_broken_off = matches!(state, TransferState::Failed(_) | TransferState::Cancelled);
    let arrived = app.meters.active.iter().any(|meter| meter.id == id && meter.done > 0);
    if is_broken_off
        && arrived
        && transfer.direction == Direction::Down
        && let Some(batch) = transfers.batches.get_mut(&transfer.batch)
    {
        batch.kept += 1;
    }
    transfer.state = state;
    match &transfer.state {
        TransferState::Queued | TransferState::Asking | TransferState::Paused | TransferState::Active | TransferState::Retrying(_) => {}
        TransferState::Done(_) | TransferState::Skipped(_) | TransferState::Failed(_) | TransferState::Cancelled => {
            if let Some(transfer) = transfers.open.remove(&id) {
                keep(&mut transfers.ended, transfer);
            }
            if let Some(place) = transfers.order.iter().position(|other| *other == id) {
                transfers.order.remove(place);
            }
        }
    }
    transfers.selected = transfers.selected.min(transfers.row_count().saturating_sub(1));
}

/// Keeps a bounded number of ended things.
fn keep<T>(list: &mut VecDeque<T>, item: T) {
    list.push_back(item);
    if list.len() > KEPT {
        list.pop_front();
    }
}

/// The panes that show a directory of a volume, whatever connection they see it by.
fn panes_showing<'a>(app: &'a mut App, place: &Place) -> impl Iterator<Item = &'a mut Pane> {
    let site = app.volumes.get(&place.connection).cloned();
    let (connection, path) = (place.connection, place.path.clone());
    [&mut app.left, &mut app.right].into_iter().filter(move |pane| {
        let same = match (&site, &pane.opened.site) {
            _ if pane.connection == Some(connection) => true,
            (Some(None), None) => true,
            (Some(Some(a)), Some(b)) => a.is_same_account(b),
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

fn noted(app: &mut App, path: VPath, failure: Failure) {
    keep(&mut app.transfers.noted, (path, failure));
}

/// What was done, as a person counts it: directories by themselves, and only where nothing went wrong with what is in them.
fn done(batch: &Batch, summary: &BatchSummary) -> Option<String> {
    let flawless = (summary.skipped, summary.failed, summary.cancelled) == (0, 0, 0);
    if summary.done == 0 && !flawless {
        return None;
    }
    let verb = if batch.is_move { "moved" } else { "copied" };
    let files = |count| text::many(count, "file", "files");
    let dirs = || text::many(batch.found.dirs, "directory", "directories");
    let size = text::size(summary.bytes);
    // A directory that was moved as a whole counts among what is done, not among the files that were found.
    let moved = summary.done.min(batch.found.files);
    Some(match (flawless && batch.found.dirs > 0, moved) {
        (true, 0) => format!("{} {verb}", dirs()),
        (true, _) => format!("{} and {} {verb}, {size}", files(moved), dirs()),
        (false, _) => format!("{} {verb}, {size}", files(summary.done)),
    })
}

/// A batch ended: counts, or the first failure.
fn ended(app: &mut App, summary: BatchSummary) {
    let batch = app.transfers.batches.remove(&summary.batch).unwrap_or_default();
    let mut parts: Vec<String> = done(&batch, &summary).into_iter().collect();
    for (count, word) in [(summary.skipped, "skipped"), (summary.cancelled, "cancelled"), (summary.failed, "failed")] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if batch.kept > 0 {
        parts.push("what has arrived is kept (.*.ftpane-part)".to_owned());
    }
    let text = parts.join(", ");
    match summary.first_failure {
        Some(failure) => trouble(app, format!("{text} (w tells more): {failure}")),
        None if summary.failed > 0 => trouble(app, format!("{text} (w tells more)")),
        None => notice(app, text),
    }
    forget(app, summary.batch);
}

/// A batch that ended has no transfers under way: an end that was not told is an end all the same.
fn forget(app: &mut App, batch: BatchId) {
    let transfers = &mut app.transfers;
    transfers.open.retain(|_, transfer| transfer.batch != batch);
    let open = &transfers.open;
    transfers.order.retain(|id| open.contains_key(id));
    transfers.selected = transfers.selected.min(transfers.row_count().saturating_sub(1));
}
