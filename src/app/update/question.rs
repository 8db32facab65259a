//! Questions of the engine: one at a time, and never on top of what a person is doing.

use crate::bus::{Answer, Command, Question, QuestionKind};
use crate::model::text::printable_str;
use crate::model::{Fingerprint, QuestionId, Site};

use super::super::dialog::{Conflict, Scope};
use super::super::effect::Effect;
use super::super::form::{Form, FormPurpose, Login};
use super::super::{App, Dialog};
use super::{Effects, certificate, form, secrets};

/// So long after a character a question that comes up by itself takes none: it was meant for what was there before.
const QUIET: u64 = 500;

/// The engine asks.
pub(super) fn asked(app: &mut App, question: Question, fx: &mut Effects) {
    match &question.kind {
        QuestionKind::Password { server, refused: None, .. } => {
            let server = server.clone();
            secrets::find(app, question, server, fx);
        }
        QuestionKind::Password { .. } | QuestionKind::Account { .. } | QuestionKind::Certificate { .. } | QuestionKind::Existing { .. } => {
            app.waiting.push_back(question)
        }
    }
}

/// Shows the next question once nothing is in its way.
pub(super) fn show_next(app: &mut App) {
    if !app.dialogs.is_empty() || app.drag.is_some() {
        return;
    }
    if let Some((order, vault)) = app.secrets.locked.pop_front() {
        app.quiet_until = if is_typing(app) { app.now.saturating_add(QUIET) } else { 0 };
        app.dialogs.push(secrets::ask_passphrase(order, vault));
        return;
    }
    let Some(question) = app.waiting.pop_front() else { return };
    app.quiet_until = if is_typing(app) { app.now.saturating_add(QUIET) } else { 0 };
    let dialog = match question.kind {
        QuestionKind::Password { site, user, server, refused } => {
            let mut text = vec![format!("{} asks for the password of {}.", printable_str(&site), printable_str(&user))];
            if let Some(reply) = refused {
                text.insert(0, format!("The login was refused: {}", reply.said()));
            }
            text.extend(secrets::note(app, question.id));
            let mut form = form::secret_field(FormPurpose::Password(question.id), "Password", "Password", "Log in");
            form.fields.extend(secrets::offer(app, &server));
            app.logging_in = None;
            app.login = Some(Login { question: question.id, site: server });
            Dialog::Form(Form { text, ..form })
        }
        QuestionKind::Account { site, user, refused } => {
            let mut text = vec![format!("{} asks for an account besides the password of {}.", printable_str(&site), printable_str(&user))];
            if let Some(reply) = refused {
                text.insert(0, format!("The account was refused: {}", reply.said()));
            }
            let form = form::secret_field(FormPurpose::Password(question.id), "Account", "Account", "Log in");
            Dialog::Form(Form { text, ..form })
        }
        QuestionKind::Certificate { site, certificate } => certificate::ask(question.id, site, &certificate),
        QuestionKind::Existing { transfer, source, target, can_resume, free, .. } => {
            let direction = app.transfers.job(transfer).map(|job| job.transfer.direction);
            let mut conflict = Conflict { question: question.id, source, target, can_resume, free, focus: 0, scope: Scope::One, direction };
            // Who types ahead, or too fast, loses nothing.
            conflict.focus = conflict.choices().len() - 1;
            Dialog::Conflict(conflict)
        }
    };
    app.dialogs.push(dialog);
}

/// Whether a person is typing into the panes.
pub(super) fn is_typing(app: &App) -> bool {
    app.typed_at.is_some_and(|at| app.now < at.saturating_add(QUIET))
}

/// A question needs no answer any more: what asks it goes.
pub(super) fn withdrawn(app: &mut App, id: QuestionId) {
    app.waiting.retain(|question| question.id != id);
    secrets::withdrawn(app, id);
    app.dialogs.retain(|dialog| dialog.question() != Some(id));
}

/// Trusts the certificate that is asked about, and keeps that where it is to be kept.
pub(super) fn trust(app: &mut App, question: QuestionId, kept: Option<(Box<Site>, Fingerprint)>, fx: &mut Effects) {
    if let Some((site, fingerprint)) = kept {
        fx.push(Effect::Trust(site, fingerprint));
    }
    answer(app, question, Answer::Trust, fx);
}

/// Trusts the certificate that is asked about from now on, and no longer those that were trusted for the server before.
pub(super) fn replace(app: &mut App, question: QuestionId, site: Box<Site>, fingerprint: Fingerprint, fx: &mut Effects) {
    let pins = vec![fingerprint];
    fx.push(Effect::Pin(site.clone(), pins.clone()));
    fx.push(Effect::Engine(Command::Pin { site, pins }));
    answer(app, question, Answer::Trust, fx);
}

/// Answers a question and closes what asked it.
pub(super) fn answer(app: &mut App, question: QuestionId, answer: Answer, fx: &mut Effects) {
    app.dialogs.retain(|dialog| dialog.question() != Some(question));
    fx.push(Effect::Engine(Command::Answer { question, answer }));
}
