//! Dialogs with fields: how each is opened, what keys do in it, and what its confirmation does.

use zeroize::Zeroizing;

use crate::bus::{Answer, BrowseOp, Command, Guard};
use crate::model::text::printable;
use crate::model::{Existing, Name, RequestId, Secret, VPath};

use super::super::effect::Effect;
use super::super::form::{Draft, Field, FieldKind, Form, FormPurpose, Subject};
use super::super::input;
use super::super::key::{Key, KeyCode};
use super::super::{App, Dialog, Purpose};
use super::{
    Effects, browse, commands, complete, connection, limits, marks, mode, question, queue, secrets, site_form, target, transfer, trouble,
    view_find,
};

/// A form with one line of text.
pub(super) fn one_field(purpose: FormPurpose, title: &str, label: &str, value: String, verb: &str) -> Form {
    Form {
        purpose,
        title: title.to_owned(),
        text: Vec::new(),
        fields: vec![Field::text(label, value)],
        pages: Vec::new(),
        page: 0,
        focus: 0,
        buttons: vec![verb.to_owned(), "Cancel".to_owned()],
        error: None,
        completions: Vec::new(),
    }
}

/// A form with one line that shows as dots.
pub(super) fn secret_field(purpose: FormPurpose, title: &str, label: &str, verb: &str) -> Form {
    let mut form = one_field(purpose, title, label, String::new(), verb);
    form.fields.iter_mut().for_each(|field| field.kind = FieldKind::Secret);
    form
}

fn push(app: &mut App, form: Form) {
    app.dialogs.push(Dialog::Form(form));
}

/// Whether the focused pane shows a directory, which most prompts are about.
fn in_directory(app: &mut App) -> bool {
    let is = app.pane(app.focus).is_directory();
    if !is {
        trouble(app, "this pane shows no directory");
    }
    is
}

/// Alt-c.
pub(super) fn ask_path(app: &mut App) {
    if in_directory(app) {
        let path = target::typed(&app.pane(app.focus).path, true);
        push(app, one_field(FormPurpose::GoTo, "Go to path", "Path", path, "Go"));
    }
}

/// `+` and `-`.
pub(super) fn ask_mask(app: &mut App, mark: bool) {
    if in_directory(app) {
        let (title, verb) = if mark { ("Mark by mask", "Mark") } else { ("Unmark by mask", "Unmark") };
        let text = vec!["Such as *.txt; nothing is all.".to_owned()];
        push(app, Form { text, ..one_field(FormPurpose::Mask(mark), title, "Mask", String::new(), verb) });
    }
}

/// `f`.
pub(super) fn ask_filter(app: &mut App) {
    if in_directory(app) {
        let old = app.pane(app.focus).filter.clone().unwrap_or_default();
        push(app, one_field(FormPurpose::Filter, "Filter", "Show only", old, "Filter"));
    }
}

/// Shift-F6.
pub(super) fn ask_rename(app: &mut App) {
    if !in_directory(app) {
        return;
    }
    let Some(entry) = app.pane(app.focus).current().cloned() else { return trouble(app, "nothing to rename is under the cursor") };
    let name = target::text_of(entry.name.as_bytes());
    app.subject = Subject::of(app, vec![entry]);
    push(app, one_field(FormPurpose::Rename, "Rename", "Name", name, "Rename"));
}

/// F7.
pub(super) fn ask_directory(app: &mut App) {
    if in_directory(app) {
        app.subject = Subject::of(app, Vec::new());
        push(app, one_field(FormPurpose::MakeDir, "Make a directory", "Name", String::new(), "Make"));
    }
}

/// `o`.
pub(super) fn ask_connect(app: &mut App) {
    let text = vec!["A URL, a host, a saved site's name, or a local directory:".to_owned()];
    push(app, Form { text, ..one_field(FormPurpose::Connect, "Connect", "Open", String::new(), "Open") });
}

/// `:`
pub(super) fn ask_command(app: &mut App) {
    push(app, one_field(FormPurpose::Command, "Command", ":", String::new(), "Run"));
}

/// A key in the form on top.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let Some(Dialog::Form(form)) = app.dialogs.last_mut() else { return };
    form.error = None;
    let stops = form.fields.len() + form.buttons.len();
    let on_field = form.focus < form.fields.len();
    match key.code {
        KeyCode::Esc => cancel(app, fx),
        KeyCode::Char('c') if key.ctrl => cancel(app, fx),
        KeyCode::Enter => enter(app, fx),
        KeyCode::Tab if on_field && completes(form) => complete::tab(app, fx),
        KeyCode::Up if form.purpose == FormPurpose::Command => recall(app, true),
        KeyCode::Down if form.purpose == FormPurpose::Command => recall(app, false),
        KeyCode::Tab | KeyCode::Down => form.focus_on((form.focus + 1) % stops.max(1)),
        KeyCode::BackTab | KeyCode::Up => form.focus_on((form.focus + stops - 1) % stops.max(1)),
        KeyCode::PageDown => form.turn(true),
        KeyCode::PageUp => form.turn(false),
        KeyCode::Left if !on_field => form.focus = form.focus.saturating_sub(1),
        KeyCode::Right if !on_field => form.focus = (form.focus + 1).min(stops.saturating_sub(1)),
        _ => in_field(form, key),
    }
}

/// Whether Tab completes in this form rather than going on.
fn completes(form: &Form) -> bool {
    form.focus == 0 && matches!(form.purpose, FormPurpose::GoTo | FormPurpose::Command | FormPurpose::CopyTo | FormPurpose::MoveTo)
}

fn in_field(form: &mut Form, key: Key) {
    let focus = form.focus;
    let Some(field) = form.fields.get_mut(focus) else { return };
    match &mut field.kind {
        FieldKind::Text | FieldKind::Secret => {
            if input::type_key(&mut field.input, key) {
                form.completions.clear();
            }
        }
        FieldKind::Choice { .. } => match key.code {
            KeyCode::Left => field.turn(false),
            KeyCode::Right | KeyCode::Char(' ') => field.turn(true),
            _ => {}
        },
    }
}

/// Up and Down in the command line go through what was typed before.
fn recall(app: &mut App, back: bool) {
    let history = app.history.clone();
    let Some(field) = top_field(app) else { return };
    let place = history.iter().rposition(|line| line == field.input.value());
    let line = match (back, place) {
        (true, None) => history.last(),
        (true, Some(i)) => i.checked_sub(1).and_then(|i| history.get(i)),
        (false, Some(i)) => history.get(i + 1),
        (false, None) => None,
    };
    match line {
        Some(line) => input::replace(&mut field.input, line.clone()),
        None if !back => input::replace(&mut field.input, String::new()),
        None => {}
    }
}

/// The focused field of the form on top.
pub(super) fn top_field(app: &mut App) -> Option<&mut Field> {
    match app.dialogs.last_mut() {
        Some(Dialog::Form(form)) => form.fields.get_mut(form.focus),
        _ => None,
    }
}

/// Enter: the last button cancels, everything else confirms.
fn enter(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Form(form)) = app.dialogs.last() else { return };
    let is_cancel = form.focus + 1 == form.fields.len() + form.buttons.len() && form.buttons.len() > 1;
    if is_cancel { cancel(app, fx) } else { confirm(app, fx) }
}

/// A button was clicked.
pub(super) fn button(app: &mut App, index: usize, fx: &mut Effects) {
    let Some(Dialog::Form(form)) = app.dialogs.last_mut() else { return };
    form.focus = form.fields.len() + index.min(form.buttons.len().saturating_sub(1));
    enter(app, fx);
}

/// Closes without doing anything; a question of the engine is answered with no.
pub(super) fn cancel(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Form(form)) = app.dialogs.pop() else { return };
    complete::stop(app, fx);
    app.subject = None;
    match &form.purpose {
        FormPurpose::Password(id) => question::answer(app, *id, Answer::Cancel { all: false }, fx),
        FormPurpose::Passphrase(order, _) => secrets::stay_locked(app, (**order).clone(), fx),
        _ => {}
    }
}

/// Does what the form is for; what was wrong stays in it, with what was typed.
fn confirm(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Form(form)) = app.dialogs.pop() else { return };
    complete::stop(app, fx);
    let subject = app.subject.clone();
    let typed = Zeroizing::new(form.fields.first().map(|field| field.input.value().to_owned()).unwrap_or_default());
    let (depth, before) = (app.dialogs.len(), fx.len());
    let outcome = apply(app, &form, &typed, fx);
    if outcome.is_ok() && matches!(form.purpose, FormPurpose::MakeDir | FormPurpose::Rename) {
        app.draft = requested(fx.get(before..)).map(|request| Draft { request, form, subject });
        return;
    }
    if let Err(Wrong { field, why }) = outcome {
        app.subject = subject;
        let mut form = Form { error: Some(why), ..form };
        form.focus_on(field.unwrap_or(form.focus));
        app.dialogs.insert(depth.min(app.dialogs.len()), Dialog::Form(form));
    }
}

/// What was asked of a volume.
fn requested(fx: Option<&[Effect]>) -> Option<RequestId> {
    fx.into_iter().flatten().find_map(|effect| match effect {
        Effect::Engine(Command::Browse { request, .. }) => Some(*request),
        _ => None,
    })
}

/// What could not be done is typed anew: the form comes back, with what is wrong with it. Tells whether there was one and room for it.
pub(super) fn come_back(app: &mut App, request: RequestId, why: String) -> bool {
    let Some(draft) = app.draft.take_if(|draft| draft.request == request).filter(|_| app.dialogs.is_empty()) else { return false };
    app.subject = draft.subject;
    push(app, Form { error: Some(why), focus: 0, ..draft.form });
    true
}

/// What is wrong with what was typed, and in which field.
pub(super) struct Wrong {
    /// The field, where it is one's fault: it gets the keys.
    pub(super) field: Option<usize>,
    /// A sentence for a person.
    pub(super) why: String,
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Self { field: None, why }
    }
}

fn apply(app: &mut App, form: &Form, typed: &str, fx: &mut Effects) -> Result<(), Wrong> {
    let done = match form.purpose {
        FormPurpose::MakeDir => make_directory(app, typed, fx),
        FormPurpose::Rename => rename(app, typed, fx),
        FormPurpose::MoveTo | FormPurpose::CopyTo => transfer::to_typed(app, form, typed, fx),
        FormPurpose::GoTo => go_to(app, typed, fx),
        FormPurpose::Connect => connect(app, typed, fx),
        FormPurpose::Mask(mark) => marks::by_mask(app, typed, mark),
        FormPurpose::Filter => filter(app, typed),
        FormPurpose::Mode => mode::set(app, typed, fx),
        FormPurpose::Site(ref draft) => return site_form::save(app, form, draft, fx),
        FormPurpose::RenameSite(place) => site_form::rename(app, typed, place, fx),
        FormPurpose::Password(id) => password(app, id, typed, form, fx),
        FormPurpose::Passphrase(ref order, vault) => secrets::unlock(form, order, vault, fx),
        FormPurpose::ConflictName(id) => conflict_name(app, id, typed, fx),
        FormPurpose::Command => commands::run(app, typed, fx),
        FormPurpose::Limits => limits::set(app, form, fx),
        FormPurpose::TransferFilter => {
            queue::filter(app, typed);
            Ok(())
        }
        FormPurpose::ViewerFind => view_find::begin(app, typed, fx),
        FormPurpose::ViewerGoTo => view_find::go_to(app, typed, fx),
    };
    done.map_err(Wrong::from)
}

/// A name of one entry, as typed.
pub(super) fn name_of(typed: &str) -> Result<Name, String> {
    Name::new(target::bytes(typed)).map_err(|why| why.to_string())
}

fn make_directory(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    if typed.is_empty() {
        return Err("type a name".to_owned());
    }
    let subject = Subject::take(app)?;
    let path = subject.directory.resolve(&target::bytes(typed)).map_err(|why| why.to_string())?;
    if path.parent().as_ref() == Some(&subject.directory)
        && let Some(name) = path.name()
    {
        is_free(app, &subject, &name)?;
    }
    // The cursor goes onto the directory, or onto the topmost of those that had to be made.
    let aim = path
        .parts()
        .nth(subject.directory.parts().count())
        .filter(|_| path.is_within(&subject.directory))
        .and_then(|part| Name::new(part).ok());
    browse(app, subject.connection, Purpose::Change(subject.side, "directory made", aim), BrowseOp::MakeDir { path }, fx);
    Ok(())
}

pub(super) fn rename(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let name = name_of(typed)?;
    let subject = Subject::take(app)?;
    let Some(entry) = subject.entries.first() else { return Ok(()) };
    if entry.name == name {
        return Ok(());
    }
    is_free(app, &subject, &name)?;
    let guard = Guard { directory: subject.directory.clone(), generation: subject.generation };
    let op = BrowseOp::Rename { guard, from: subject.directory.join(&entry.name), to: subject.directory.join(&name) };
    browse(app, subject.connection, Purpose::Change(subject.side, "renamed", Some(name)), op, fx);
    Ok(())
}

/// A name that the listing shows is taken, whatever words the server would have for that.
fn is_free(app: &App, subject: &Subject, name: &Name) -> Result<(), String> {
    let taken = app.pane(subject.side).entries.iter().any(|entry| entry.name == *name);
    if taken { Err(format!("{} exists here already: type another name", printable(name.as_bytes()))) } else { Ok(()) }
}

/// To a path: relative to the directory shown, `~` to the home.
pub(super) fn go_to(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let side = app.focus;
    let path = resolve(app, typed)?;
    super::pane::list(app, side, path, super::super::listing::Trail::New, fx);
    Ok(())
}

/// What a path typed in the focused pane means.
pub(super) fn resolve(app: &App, typed: &str) -> Result<VPath, String> {
    let pane = app.pane(app.focus);
    let home = || pane.opened.home.clone().unwrap_or_else(VPath::root);
    let resolved = match typed.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => home().resolve(&target::bytes(rest.trim_start_matches('/'))),
        _ => pane.opened.paths.typed(&pane.path, &target::bytes(typed)),
    };
    resolved.map_err(|why| why.to_string())
}

fn connect(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("type a URL, a host, a site's name or a directory".to_owned());
    }
    super::site::resolve_typed(app, app.focus, typed.to_owned(), fx);
    Ok(())
}

pub(super) fn filter(app: &mut App, typed: &str) -> Result<(), String> {
    let page = app.screen.page;
    if super::mask::is_mask(typed) {
        super::mask::Mask::new(typed)?;
    }
    let pane = app.pane_mut(app.focus);
    pane.filter = Some(typed.to_owned()).filter(|text| !text.is_empty());
    pane.rebuild(page);
    Ok(())
}

fn password(app: &mut App, id: crate::model::QuestionId, typed: &str, form: &Form, fx: &mut Effects) -> Result<(), String> {
    let secret = Secret::new(typed);
    if let Some(login) = app.login.take().filter(|login| login.question == id) {
        connection::keep_secret(app, &login.site, &secret);
        app.logging_in = Some(login.site.clone());
        secrets::keep(app, id, &login.site, &secret, form);
    }
    question::answer(app, id, Answer::Password(secret), fx);
    Ok(())
}

fn conflict_name(app: &mut App, id: crate::model::QuestionId, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let name = name_of(typed)?;
    if let Some(Dialog::Conflict(conflict)) = app.dialogs.last()
        && conflict.target.path.name().as_ref() == Some(&name)
    {
        return Err("this name is taken: type another".to_owned());
    }
    question::answer(app, id, Answer::Existing { rule: Existing::Rename, all: false, name: Some(name) }, fx);
    Ok(())
}
