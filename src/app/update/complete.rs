//! Completion of paths in a prompt: the directories of the directory that is typed so far, asked of the volume once.

use crate::bus::{BrowseOp, Command, ListingPart, Outcome};
use crate::model::text::printable;
use crate::model::{Failure, Generation, Name, RequestId, VPath};

use super::super::effect::Effect;
use super::super::form::FormPurpose;
use super::super::input::{self, Completion};
use super::super::{App, Dialog, Purpose};
use super::{Effects, browse, commands, form, target};

/// How many completions are shown.
const SHOWN: usize = 12;

/// Tab in a line that holds a path or a command.
pub(super) fn tab(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Form(top)) = app.dialogs.last() else { return };
    let purpose = top.purpose.clone();
    let Some(value) = form::top_field(app).map(|field| field.input.value().to_owned()) else { return };
    if purpose == FormPurpose::Command && !value.contains(' ') {
        let found = commands::names().filter(|name| name.starts_with(value.trim_start())).map(str::to_owned).collect();
        return fill(app, "", value.trim_start(), found, " ");
    }
    let side = if matches!(purpose, FormPurpose::CopyTo | FormPurpose::MoveTo) { app.focus.other() } else { app.focus };
    let pane = app.pane(side);
    let Some(connection) = pane.connection else { return };
    let word = last_word(&purpose, &value);
    let Ok(directory) = directory_of(&pane.path, word) else { return };
    let known = app.completion.as_ref().is_some_and(|known| known.connection == connection && known.directory == directory);
    if known {
        return from_names(app);
    }
    stop(app, fx);
    let op = BrowseOp::List { path: directory.clone(), generation: Generation(0) };
    let request = browse(app, connection, Purpose::Complete, op, fx);
    app.completion = Some(Completion { connection, directory, request: Some(request), names: Vec::new() });
}

/// The part of the line that is completed: in a command its last word.
fn last_word<'a>(purpose: &FormPurpose, value: &'a str) -> &'a str {
    if *purpose == FormPurpose::Command { value.rsplit(' ').next().unwrap_or_default() } else { value }
}

fn directory_of(base: &VPath, word: &str) -> Result<VPath, crate::model::BadName> {
    let directory = word.rfind('/').and_then(|slash| word.get(..=slash)).unwrap_or_default();
    base.resolve(&target::bytes(directory))
}

/// Rows of the directory.
pub(super) fn rows(app: &mut App, request: RequestId, part: ListingPart) {
    let Some(known) = app.completion.as_mut().filter(|known| known.request == Some(request)) else { return };
    if let ListingPart::Rows(rows) = part {
        known.names.extend(rows.into_iter().filter(|entry| entry.is_enterable()).map(|entry| entry.name));
    }
}

/// All names are there: what Tab asked for is done now.
pub(super) fn ended(app: &mut App, request: RequestId, outcome: Result<Outcome, Failure>) {
    let Some(known) = app.completion.as_mut().filter(|known| known.request == Some(request)) else { return };
    known.request = None;
    known.names.sort();
    match outcome {
        Ok(_) => from_names(app),
        Err(failure) => {
            app.completion = None;
            if let Some(Dialog::Form(form)) = app.dialogs.last_mut() {
                form.error = Some(failure.to_string());
            }
        }
    }
}

/// The prompt was closed: nobody waits for names any more.
pub(super) fn stop(app: &mut App, fx: &mut Effects) {
    let Some(known) = app.completion.take() else { return };
    if let Some(request) = known.request
        && app.requests.remove(&request).is_some()
    {
        fx.push(Effect::Engine(Command::CancelRequest { connection: known.connection, request }));
    }
}

fn from_names(app: &mut App) {
    let Some(names) = app.completion.as_ref().map(|known| known.names.clone()) else { return };
    let Some(Dialog::Form(top)) = app.dialogs.last() else { return };
    let purpose = top.purpose.clone();
    let Some(value) = form::top_field(app).map(|field| field.input.value().to_owned()) else { return };
    let word = last_word(&purpose, &value);
    let begun = word.rfind('/').and_then(|slash| word.get(slash + 1..)).unwrap_or(word);
    let wanted = target::bytes(begun).to_ascii_lowercase();
    let begins = |name: &&Name| name.as_bytes().to_ascii_lowercase().starts_with(&wanted) && (!name.is_hidden() || !wanted.is_empty());
    let found = names.iter().filter(begins).map(|name| target::text_of(name.as_bytes())).collect();
    let before = value.get(..value.len() - begun.len()).unwrap_or_default().to_owned();
    fill(app, &before, begun, found, "/");
}

/// One completion is filled in whole, several as far as they agree, and shown.
fn fill(app: &mut App, before: &str, begun: &str, found: Vec<String>, end: &str) {
    let common = match found.as_slice() {
        [] => None,
        [one] => Some(format!("{one}{end}")),
        [first, rest @ ..] => Some(rest.iter().fold(first.as_str(), |common, name| agree(common, name)).to_owned()),
    };
    if let (Some(common), Some(field)) = (common, form::top_field(app))
        && common.len() >= begun.len()
    {
        input::replace(&mut field.input, format!("{before}{common}"));
    }
    if let Some(Dialog::Form(form)) = app.dialogs.last_mut() {
        form.error = found.is_empty().then(|| "nothing here begins so".to_owned());
        form.completions = if found.len() > 1 {
            found.iter().take(SHOWN).map(|name| printable(name.as_bytes()).into_owned()).collect()
        } else {
            Vec::new()
        };
    }
}

/// As far as two names begin alike.
fn agree<'a>(a: &'a str, b: &str) -> &'a str {
    let end = a.char_indices().zip(b.chars()).find(|((_, x), y)| x != y).map_or(a.len().min(b.len()), |((at, _), _)| at);
    a.get(..end).unwrap_or_default()
}

/// A completion was clicked.
pub(super) fn choose(app: &mut App, index: usize) {
    let Some(Dialog::Form(top)) = app.dialogs.last() else { return };
    let Some(chosen) = top.completions.get(index).cloned() else { return };
    let purpose = top.purpose.clone();
    let Some(field) = form::top_field(app) else { return };
    let value = field.input.value().to_owned();
    let word = last_word(&purpose, &value);
    let begun = word.rfind('/').and_then(|slash| word.get(slash + 1..)).unwrap_or(word);
    let before = value.get(..value.len() - begun.len()).unwrap_or_default();
    input::replace(&mut field.input, format!("{before}{chosen}/"));
    if let Some(Dialog::Form(form)) = app.dialogs.last_mut() {
        form.completions.clear();
    }
}
