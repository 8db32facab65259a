//! The question about an existing target: each choice is one key.

use crate::bus::Answer;
use crate::model::{Direction, Existing};

use super::super::dialog::{Choice, Conflict, Scope};
use super::super::form::{Form, FormPurpose};
use super::super::key::{Key, KeyCode};
use super::super::{App, Dialog};
use super::{Effects, form, notice, question, target, text};

/// A key in the dialog.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let quiet = app.now < app.quiet_until;
    let Some(Dialog::Conflict(conflict)) = app.dialogs.last_mut() else { return };
    // The last stop is the switch between this one and all.
    let count = conflict.choices().len() + 1;
    match key.code {
        KeyCode::Esc => give_up(app, fx),
        KeyCode::Char('c') if key.ctrl => give_up(app, fx),
        KeyCode::Char(_) if key.ctrl || key.alt || quiet => {}
        KeyCode::Char('a' | 'A' | ' ') => conflict.scope = conflict.scope.next(conflict.has_always()),
        KeyCode::Char(c) => {
            let choice = conflict.choices().into_iter().find(|choice| choice.key() == c.to_ascii_lowercase());
            if let Some(choice) = choice {
                take(app, choice, fx);
            }
        }
        KeyCode::Left | KeyCode::Up | KeyCode::BackTab => conflict.focus = (conflict.focus + count - 1) % count.max(1),
        KeyCode::Right | KeyCode::Down | KeyCode::Tab => conflict.focus = (conflict.focus + 1) % count.max(1),
        KeyCode::Enter if !quiet => take_focused(app, fx),
        _ => {}
    }
}

/// Takes the choice that has the keys.
fn take_focused(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Conflict(conflict)) = app.dialogs.last_mut() else { return };
    let choice = conflict.choices().get(conflict.focus).copied();
    match choice {
        Some(choice) => take(app, choice, fx),
        None => conflict.scope = conflict.scope.next(conflict.has_always()),
    }
}

/// Takes a choice by its place, as a click does.
pub(super) fn take_at(app: &mut App, place: usize, fx: &mut Effects) {
    let Some(Dialog::Conflict(conflict)) = app.dialogs.last_mut() else { return };
    conflict.focus = place.min(conflict.choices().len());
    take_focused(app, fx);
}

fn take(app: &mut App, choice: Choice, fx: &mut Effects) {
    let Some(Dialog::Conflict(Conflict { question, scope, direction, target, free, .. })) = app.dialogs.last() else { return };
    let (question, scope, direction) = (*question, *scope, *direction);
    let all = scope != Scope::One;
    let rule = match choice {
        Choice::Overwrite => Existing::Overwrite,
        Choice::Newer => Existing::Newer,
        Choice::Size => Existing::Size,
        Choice::Differs => Existing::Differs,
        Choice::Resume => Existing::Resume,
        Choice::Rename => Existing::Rename,
        Choice::Skip => Existing::Skip,
    };
    if choice == Choice::Rename && !all {
        let name = free.clone().or_else(|| target.path.name()).map(|name| target::text_of(name.as_bytes())).unwrap_or_default();
        let text = vec![format!("{} exists; the copy is to be called:", text::path(&target.path))];
        let form = form::one_field(FormPurpose::ConflictName(question), "Copy under another name", "Name", name, "Copy");
        let form = Form { text, ..form };
        return app.dialogs.push(Dialog::Form(form));
    }
    match (scope, direction) {
        (Scope::Always, Some(Direction::Down)) => {
            app.preferences.download = rule;
            notice(app, "so it is with every download until ftpane ends; Ctrl-X a asks again");
        }
        (Scope::Always, Some(Direction::Up)) => {
            app.preferences.upload = rule;
            notice(app, "so it is with every upload until ftpane ends; Ctrl-X a asks again");
        }
        _ => {}
    }
    question::answer(app, question, Answer::Existing { rule, all, name: None }, fx);
}

/// Ctrl-X a: copies from now on ask, whatever was answered for all of them or is set.
pub(super) fn ask_again(app: &mut App) {
    (app.preferences.download, app.preferences.upload) = (Existing::Ask, Existing::Ask);
    notice(app, "copies from now on ask where a target exists");
}

/// Esc: this transfer is given up, or with "all" the whole batch.
pub(super) fn give_up(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Conflict(conflict)) = app.dialogs.last() else { return };
    let (question, all) = (conflict.question, conflict.scope != Scope::One);
    question::answer(app, question, Answer::Cancel { all }, fx);
}
