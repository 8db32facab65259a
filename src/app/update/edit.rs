//! Editing: a server's file is fetched, edited here, and goes back if it was changed; first it is asked whether the original is still
//! what was fetched.
//!
//! Guarantee: what a person wrote is never thrown away: whatever fails, the private copy stays and its place is said.

use std::path::{Path, PathBuf};

use crate::bus::{BrowseOp, Outcome};
use crate::model::text::{printable, printable_str};
use crate::model::{Entry, Failure, Place, RequestId, Side, VPath};

use super::super::dialog::{Button, Confirm, Then};
use super::super::edit::{Edit, Stage};
use super::super::effect::Effect;
use super::super::{App, Dialog, PaneSide, Purpose, Row};
use super::{Effects, answer, batch, browse, notice, pane, trouble};

/// F4.
pub(super) fn begin(app: &mut App, fx: &mut Effects) {
    let pane = app.pane(app.focus);
    let Some(entry) = pane.current().filter(|entry| !entry.is_dir_like()) else {
        let is_dir = matches!(pane.row(pane.cursor), Some(Row::Parent | Row::Entry(_)));
        let why =
            if is_dir { "a directory cannot be edited: F3 and F4 are for files" } else { "there is no file here that could be edited" };
        return trouble(app, why);
    };
    let Some(connection) = pane.connection.filter(|_| pane.is_directory()) else { return };
    let path = pane.path.join(&entry.name);
    let name = entry.name.clone();
    let is_local = pane.is_local();
    let number = app.ids.edit;
    app.ids.edit += 1;
    if is_local {
        let Some(file) = local_path(&path) else { return trouble(app, "this name cannot be given to an editor") };
        app.edits.push(Edit { number, connection, path, file: file.clone(), fetched: None, request: None, stage: Stage::Editing });
        return fx.push(Effect::Edit(file));
    }
    let Some(name) = local_name(name.as_bytes()) else { return trouble(app, "this name cannot be given to an editor") };
    let file = app.scratch.join(number.to_string()).join(name);
    let request = browse(app, connection, Purpose::Edit, BrowseOp::Fetch { path: path.clone(), to: file.clone() }, fx);
    app.edits.push(Edit { number, connection, path, file, fetched: None, request: Some(request), stage: Stage::Fetching });
    notice(app, "fetching the file to edit it");
}

/// A path of the local disk as the system writes it.
pub(super) fn local_path(path: &VPath) -> Option<PathBuf> {
    local_name(path.as_bytes())
}

#[cfg(unix)]
fn local_name(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn local_name(bytes: &[u8]) -> Option<PathBuf> {
    // What means something to a Windows path must not come in as a name.
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains(['\\', ':', '*', '?', '"', '<', '>', '|'])).then(|| PathBuf::from(text))
}

/// The engine answered about an edit.
pub(super) fn answered(app: &mut App, request: RequestId, outcome: Result<Outcome, Failure>, fx: &mut Effects) {
    let Some(edit) = app.edits.iter_mut().find(|edit| edit.request == Some(request)) else { return };
    edit.request = None;
    let (number, stage) = (edit.number, edit.stage);
    match (stage, outcome) {
        (Stage::Fetching, Ok(Outcome::Fetched(side))) => {
            edit.fetched = Some(side);
            edit.stage = Stage::Editing;
            app.toast = None;
            fx.push(Effect::Edit(edit.file.clone()));
        }
        (Stage::Checking, Ok(Outcome::Stat(now))) => checked(app, number, now.as_ref(), fx),
        (Stage::Storing, Ok(Outcome::Stored(side))) => stored(app, number, &side, fx),
        (Stage::Fetching, Err(failure)) => {
            app.edits.retain(|edit| edit.number != number);
            trouble(app, failure.to_string());
        }
        (Stage::Checking | Stage::Storing, Err(failure)) => not_stored(app, number, &failure),
        (Stage::Fetching | Stage::Checking | Stage::Storing | Stage::Editing | Stage::Conflict, _) => {}
    }
}

/// The editor came back.
pub(super) fn returned(app: &mut App, file: &Path, changed: Result<bool, String>, fx: &mut Effects) {
    let Some(edit) = app.edits.iter_mut().find(|edit| edit.stage == Stage::Editing && edit.file == file) else { return };
    let (number, is_local) = (edit.number, edit.fetched.is_none());
    match changed {
        Err(why) if is_local => {
            forget(app, number, fx);
            trouble(app, printable_str(&why).into_owned());
        }
        // An editor that crashed may have written before.
        Err(why) => kept(app, number, printable_str(&why).into_owned()),
        Ok(changed) if is_local => {
            forget(app, number, fx);
            if changed {
                refresh_local(app, fx);
            }
        }
        Ok(false) => {
            forget(app, number, fx);
            notice(app, "not changed, so nothing was sent");
        }
        Ok(true) => {
            edit.stage = Stage::Checking;
            let (connection, path) = (edit.connection, edit.path.clone());
            let request = browse(app, connection, Purpose::Edit, BrowseOp::Stat { path }, fx);
            set(app, number, |edit| edit.request = Some(request));
        }
    }
}

fn refresh_local(app: &mut App, fx: &mut Effects) {
    for side in [PaneSide::Left, PaneSide::Right] {
        if app.pane(side).is_local() {
            pane::refresh_shown(app, side, fx);
        }
    }
}

/// An edit is over: its private copy is not needed any more. A local file is no copy and stays.
fn forget(app: &mut App, number: u64, fx: &mut Effects) {
    let Some(place) = app.edits.iter().position(|edit| edit.number == number) else { return };
    let edit = app.edits.remove(place);
    if edit.fetched.is_some() {
        fx.push(Effect::Forget(edit.file));
    }
}

fn set(app: &mut App, number: u64, change: impl FnOnce(&mut Edit)) {
    if let Some(edit) = app.edits.iter_mut().find(|edit| edit.number == number) {
        change(edit);
    }
}

/// What the original is now: put the new one in its place, or ask where it is not what was fetched.
fn checked(app: &mut App, number: u64, now: Option<&Entry>, fx: &mut Effects) {
    let Some(edit) = app.edits.iter_mut().find(|edit| edit.number == number) else { return };
    if edit.fetched.as_ref().is_some_and(|fetched| is_same(fetched, now)) {
        return store(app, number, fx);
    }
    edit.stage = Stage::Conflict;
    let path = printable(edit.path.as_bytes()).into_owned();
    let file = shown(&edit.file);
    let what = if now.is_some() { "changed" } else { "deleted" };
    let lines = vec![format!("{path} was {what} on the server while you edited it."), format!("Your copy is {file}")];
    let buttons = vec![
        Button { label: "Overwrite".to_owned(), then: Then::StoreEdited(number) },
        Button { label: "Keep mine there".to_owned(), then: Then::KeepEdited(number) },
        Button { label: "Cancel".to_owned(), then: Then::Nothing },
    ];
    app.dialogs.push(Dialog::Confirm(Confirm::new("The file was changed", lines, buttons, 1)));
}

fn shown(file: &Path) -> String {
    printable(file.as_os_str().as_encoded_bytes()).into_owned()
}

/// Whether the original is what was fetched, as far as size and time are known.
fn is_same(fetched: &Side, now: Option<&Entry>) -> bool {
    let Some(now) = now else { return false };
    let size = fetched.size.is_none() || now.size.is_none() || fetched.size == now.size;
    let time = match (fetched.modified, now.modified) {
        (Some(before), Some(after)) => before.compare(after).is_eq(),
        (None, _) | (_, None) => true,
    };
    size && time
}

/// Sends the edited file back.
pub(super) fn store(app: &mut App, number: u64, fx: &mut Effects) {
    let Some(edit) = app.edits.iter_mut().find(|edit| edit.number == number) else { return };
    edit.stage = Stage::Storing;
    let (connection, op) = (edit.connection, BrowseOp::Store { from: edit.file.clone(), path: edit.path.clone() });
    let request = browse(app, connection, Purpose::Edit, op, fx);
    set(app, number, |edit| edit.request = Some(request));
    notice(app, "sending the edited file back");
}

fn stored(app: &mut App, number: u64, side: &Side, fx: &mut Effects) {
    let edit = app.edits.iter().find(|edit| edit.number == number).cloned();
    forget(app, number, fx);
    let Some(edit) = edit else { return };
    if let (Some(directory), Some(name)) = (edit.path.parent(), edit.path.name()) {
        let shown = [&app.left, &app.right].into_iter().filter(|pane| pane.connection == Some(edit.connection) && pane.path == directory);
        let old = shown.flat_map(|pane| &pane.entries).find(|entry| entry.name == name).cloned();
        let entry = old.unwrap_or_else(|| Entry::new(name, crate::model::Kind::File));
        let entry = Entry { size: side.size, modified: side.modified, ..entry };
        batch::landed(app, &Place { connection: edit.connection, path: directory }, &entry);
    }
    notice(app, format!("{} is saved on the server", printable(edit.path.as_bytes())));
}

/// It could not go back: the copy stays, and where it is must not be missed.
fn not_stored(app: &mut App, number: u64, failure: &Failure) {
    kept(app, number, failure.to_string());
}

fn kept(app: &mut App, number: u64, why: String) {
    let Some(place) = app.edits.iter().position(|edit| edit.number == number) else { return };
    let edit = app.edits.remove(place);
    let lines = vec![why, "Your edited copy is kept, while ftpane runs, as".to_owned(), shown(&edit.file)];
    answer::message(app, "The edited file is not on the server", lines);
}

/// The person keeps the copy where it is.
pub(super) fn keep(app: &mut App, number: u64) {
    let Some(place) = app.edits.iter().position(|edit| edit.number == number) else { return };
    let edit = app.edits.remove(place);
    let lines = vec!["The server's file stays as it is. Your copy is kept, while ftpane runs, as".to_owned(), shown(&edit.file)];
    answer::message(app, "Your copy is kept", lines);
}

/// A question was closed without an answer: an edit that asked it keeps its copy.
pub(super) fn left_open(app: &mut App) {
    let asked: Vec<u64> = app.dialogs.iter().flat_map(asked_about).collect();
    let left = app.edits.iter().find(|edit| edit.stage == Stage::Conflict && !asked.contains(&edit.number)).map(|edit| edit.number);
    if let Some(number) = left {
        keep(app, number);
    }
}

fn asked_about(dialog: &Dialog) -> Vec<u64> {
    let Dialog::Confirm(confirm) = dialog else { return Vec::new() };
    confirm.buttons.iter().filter_map(|button| if let Then::StoreEdited(number) = button.then { Some(number) } else { None }).collect()
}
