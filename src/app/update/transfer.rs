//! Copy and move: from what is chosen in a pane to a batch for the engine.

use crate::bus::Command;
use crate::model::transfer::{Item, Verb};
use crate::model::words::Word as _;
use crate::model::{BatchSpec, ConnectionId, During, Entry, Existing, Failure, FailureKind, Kind, Name, VPath};

use super::super::effect::Effect;
use super::super::form::{Field, FieldKind, Form, FormPurpose, Subject};
use super::super::pane::Pane;
use super::super::transfers::{Batch, Note};
use super::super::{App, Dialog, PaneSide};
use super::{Effects, check, form, pane, target, text, trouble};

/// What is copied where.
pub(super) struct Copy {
    pub verb: Verb,
    pub from: PaneSide,
    pub to: PaneSide,
    pub entries: Vec<Entry>,
    pub target: Target,
    /// What is done about existing targets; `None` is what the person prefers.
    pub existing: Option<Existing>,
}

/// Where it goes.
pub(super) enum Target {
    /// Into this directory, under the old names.
    Into(VPath),
    /// To be this, for a single entry.
    As(VPath),
}

/// F5: to the other pane's directory, at once.
pub(super) fn copy(app: &mut App, fx: &mut Effects) {
    let from = app.focus;
    let entries = chosen(app.pane(from));
    let directory = app.pane(from.other()).path.clone();
    let copy = Copy { verb: Verb::Copy, from, to: from.other(), entries, target: Target::Into(directory), existing: None };
    if let Err(why) = enqueue(app, copy, fx) {
        trouble(app, why);
    }
}

/// The marked entries, or the one under the cursor.
pub(super) fn chosen(pane: &Pane) -> Vec<Entry> {
    pane.chosen().into_iter().cloned().collect()
}

/// Sends a batch off, or says why not. What was marked is unmarked: it was taken.
pub(super) fn enqueue(app: &mut App, copy: Copy, fx: &mut Effects) -> Result<(), String> {
    let (from, to) = endpoints(app, copy.from, copy.to)?;
    if copy.entries.is_empty() {
        return Err("nothing is marked or under the cursor that could be copied".to_owned());
    }
    let same = pane::is_same_volume(app.pane(copy.from), app.pane(copy.to));
    let directory = app.pane(copy.from).path.clone();
    let (odd, entries): (Vec<Entry>, Vec<Entry>) = copy.entries.into_iter().partition(|entry| entry.kind == Kind::Other);
    if entries.is_empty() {
        return Err("a pipe, a socket or a device is no file that could be copied".to_owned());
    }
    let mut items = Vec::with_capacity(entries.len());
    for entry in &entries {
        let source = directory.join(&entry.name);
        let target = match &copy.target {
            Target::Into(directory) => directory.join(&entry.name),
            Target::As(path) => path.clone(),
        };
        check::not_into_itself(same, &source, &target)?;
        items.push(Item { source, target, kind: entry.kind, size: entry.file_size(), modified: entry.modified, mode: entry.mode });
    }
    let preferred = match (app.pane(copy.from).is_local(), app.pane(copy.to).is_local()) {
        (false, true) => app.preferences.download,
        (true, false) => app.preferences.upload,
        (true, true) | (false, false) => Existing::Ask,
    };
    let existing = copy.existing.unwrap_or(preferred);
    let id = app.ids.batch.advance();
    for entry in odd {
        // A pipe would wait for a writer, and everything behind it too.
        let failure = Failure::new(FailureKind::Unsupported, During::Plan, "it is no regular file");
        app.transfers.noted(Note { batch: id, path: directory.join(&entry.name), failure, failed: false, again: false });
    }
    app.toast = None;
    app.transfers.batches.insert(id, Batch { is_move: copy.verb == Verb::Move, begun: app.now, ..Batch::default() });
    app.pane_mut(copy.from).marks.clear();
    app.cancelled_at = None;
    fx.push(Effect::Engine(Command::Enqueue(BatchSpec {
        id,
        verb: copy.verb,
        from,
        to,
        items,
        existing,
        follow: false,
        manner: app.preferences.manner,
    })));
    Ok(())
}

fn endpoints(app: &App, from: PaneSide, to: PaneSide) -> Result<(ConnectionId, ConnectionId), String> {
    let of = |side: PaneSide| app.pane(side).connection.filter(|_| app.pane(side).is_directory());
    let from = of(from).ok_or("this pane shows no directory")?;
    let to = of(to).ok_or("the other pane shows no directory: press Tab and open one there first")?;
    Ok((from, to))
}

/// F6 and Shift-F5: with a target that can be edited first.
pub(super) fn ask_target(app: &mut App, is_move: bool) {
    let from = app.focus;
    let entries = chosen(app.pane(from));
    if let Err(why) = endpoints(app, from, from.other()) {
        return trouble(app, why);
    }
    let verb = if is_move { "Move" } else { "Copy" };
    let Some(first) = entries.first() else { return trouble(app, "nothing is marked or under the cursor") };
    let there = app.pane(from.other());
    let proposal = if entries.len() == 1 { there.path.join(&first.name) } else { there.path.clone() };
    let proposal = target::typed(&proposal, entries.len() > 1);
    let lines = vec![
        format!("{verb} {} to, on {}:", text::entries(&entries), text::volume(there)),
        "A name without / stays in this directory.".to_owned(),
    ];
    let purpose = if is_move { FormPurpose::MoveTo } else { FormPurpose::CopyTo };
    let mut form = Form { text: lines, ..form::one_field(purpose, verb, "To", proposal, verb) };
    form.fields.push(if_it_exists());
    app.subject = Subject::of(app, entries);
    app.dialogs.push(Dialog::Form(form));
}

/// What is done about existing targets of this copy alone; the first is what is preferred for its direction.
fn if_it_exists() -> Field {
    let words = std::iter::once("as set").chain(Existing::ALL.iter().map(|(word, _)| *word)).map(str::to_owned).collect();
    Field::choice("If it exists", words, 0)
}

/// What was chosen there.
fn chosen_rule(form: &Form) -> Option<Existing> {
    let FieldKind::Choice { chosen, .. } = form.fields.get(1)?.kind else { return None };
    Existing::ALL.get(chosen.checked_sub(1)?).map(|(_, rule)| *rule)
}

/// The target that was typed: a name stays in this directory on this volume, a path is on the other pane's.
pub(super) fn to_typed(app: &mut App, form: &Form, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let subject = app.subject.clone().ok_or("nothing was chosen")?;
    let (from, entries) = (subject.side, subject.entries);
    if app.pane(from).connection != Some(subject.connection) || app.pane(from).path != subject.directory {
        return Err("the pane shows another directory by now".to_owned());
    }
    let has_slash = typed.contains('/');
    let to = if has_slash { from.other() } else { from };
    let base = if typed.starts_with('/') { VPath::root() } else { app.pane(to).path.clone() };
    let path = base.resolve(&target::bytes(typed)).map_err(|why| why.to_string())?;
    let into = entries.len() > 1 || typed.ends_with('/') || is_known_directory(app.pane(to), &path);
    let target = if into { Target::Into(path) } else { Target::As(path) };
    let verb = if form.purpose == FormPurpose::MoveTo { Verb::Move } else { Verb::Copy };
    enqueue(app, Copy { verb, from, to, entries, target, existing: chosen_rule(form) }, fx)
}

/// Whether a pane's listing says that a path is a directory.
pub(super) fn is_known_directory(pane: &Pane, path: &VPath) -> bool {
    if *path == pane.path || pane.path.is_within(path) {
        return true;
    }
    let name: Option<Name> = path.name();
    path.parent().as_ref() == Some(&pane.path) && pane.entries.iter().any(|entry| Some(&entry.name) == name.as_ref() && entry.is_dir_like())
}
