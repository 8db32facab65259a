//! Passwords that are kept: looked for before a person is asked, and kept once a server has taken what was typed.

use crate::bus::{Answer, Question, QuestionKind};
use crate::model::text::printable_str;
use crate::model::{PasswordFrom, QuestionId, Secret, Site};

use super::super::effect::Effect;
use super::super::form::{Field, FieldKind, Form, FormPurpose};
use super::super::secrets::{PLACES, SecretNews, SecretOrder, VaultState};
use super::super::{App, Dialog};
use super::{Effects, connection, form, notice, question};

/// The engine asks for a password that was not refused yet: perhaps it is kept.
pub(super) fn find(app: &mut App, asked: Question, site: Box<Site>, fx: &mut Effects) {
    fx.push(Effect::Secrets(SecretOrder::Find { question: asked.id, site }));
    app.secrets.finding.push(asked);
}

/// The places say something.
pub(super) fn news(app: &mut App, news: SecretNews, fx: &mut Effects) {
    match news {
        SecretNews::Found { question, secret, note } => found(app, question, secret, note, fx),
        SecretNews::Locked { then, vault } => app.secrets.locked.push_back((*then, vault)),
        SecretNews::Kept { account, store } => notice(app, format!("the password of {account} is kept in {}", place(store))),
    }
}

fn found(app: &mut App, id: QuestionId, secret: Option<Secret>, note: Option<String>, fx: &mut Effects) {
    // Withdrawn meanwhile: nobody waits for it.
    let Some(at) = app.secrets.finding.iter().position(|question| question.id == id) else { return };
    let asked = app.secrets.finding.remove(at);
    let Some(secret) = secret else {
        app.secrets.notes.extend(note.map(|note| (id, note)));
        app.waiting.push_back(asked);
        return;
    };
    if let QuestionKind::Password { server, .. } = &asked.kind {
        connection::keep_secret(app, &server.clone(), &secret);
    }
    question::answer(app, id, Answer::Password(secret), fx);
}

/// A server has taken what a question was answered with.
pub(super) fn taken(app: &mut App, id: QuestionId, fx: &mut Effects) {
    if let Some(at) = app.secrets.keeping.iter().position(|(question, _)| *question == id) {
        let (_, order) = app.secrets.keeping.remove(at);
        fx.push(Effect::Secrets(order));
    }
}

/// A question is withdrawn: nothing of it goes on.
pub(super) fn withdrawn(app: &mut App, id: QuestionId) {
    let secrets = &mut app.secrets;
    secrets.finding.retain(|question| question.id != id);
    secrets.notes.retain(|(question, _)| *question != id);
    secrets.locked.retain(|(order, _)| !matches!(order, SecretOrder::Find { question, .. } if *question == id));
    app.dialogs.retain(|dialog| {
        !matches!(dialog, Dialog::Form(Form { purpose: FormPurpose::Passphrase(order, _), .. })
            if matches!(&**order, SecretOrder::Find { question, .. } if *question == id))
    });
}

/// What stood in the way of the password that is asked for.
pub(super) fn note(app: &mut App, id: QuestionId) -> Option<String> {
    let at = app.secrets.notes.iter().position(|(question, _)| *question == id)?;
    Some(app.secrets.notes.remove(at).1)
}

/// Offers to keep the password of a saved site, where it is kept already first.
pub(super) fn offer(app: &App, site: &Site) -> Option<Field> {
    let saved = app.sites.saved.iter().find(|saved| !site.name.is_empty() && saved.name == site.name && saved.is_same_account(site))?;
    let chosen = PLACES.iter().position(|(_, store)| *store == saved.password).unwrap_or(0);
    let words = PLACES.iter().map(|(word, _)| (*word).to_owned()).collect();
    Some(Field::choice("Keep it", words, chosen))
}

/// The password was typed: it is kept, where the form says so, once the server has taken it.
pub(super) fn keep(app: &mut App, id: QuestionId, site: &Site, secret: &Secret, form: &Form) {
    // Another password for the same account comes in place of the one before.
    app.secrets.keeping.retain(|(_, order)| !matches!(order, SecretOrder::Keep { site: other, .. } if other.is_same_account(site)));
    let chosen = match form.fields.get(1).map(|field| &field.kind) {
        Some(FieldKind::Choice { chosen, .. }) => *chosen,
        _ => 0,
    };
    if let Some((_, store @ (PasswordFrom::Keyring | PasswordFrom::Vault))) = PLACES.get(chosen) {
        app.secrets.keeping.push((id, SecretOrder::Keep { site: Box::new(site.clone()), store: *store, secret: secret.clone() }));
    }
}

/// The question for the vault's passphrase.
pub(super) fn ask_passphrase(order: SecretOrder, vault: VaultState) -> Dialog {
    let what = match vault {
        VaultState::New => "There is no vault yet. It is made with this passphrase, which is kept nowhere: remember it.",
        VaultState::Closed => "The vault opens with its passphrase.",
        VaultState::Wrong => "That is not the vault's passphrase.",
    };
    let purpose = FormPurpose::Passphrase(Box::new(order), vault);
    let mut form = form::secret_field(purpose, "Vault", "Passphrase", if vault == VaultState::New { "Make" } else { "Open" });
    form.text = vec![what.to_owned()];
    if vault == VaultState::New {
        form.fields.push(Field::secret("Again"));
    }
    Dialog::Form(form)
}

/// The passphrase was typed.
pub(super) fn unlock(form: &Form, order: &SecretOrder, vault: VaultState, fx: &mut Effects) -> Result<(), String> {
    let typed = |at: usize| form.fields.get(at).map(|field| Secret::new(field.input.value())).unwrap_or_else(|| Secret::new(""));
    let passphrase = typed(0);
    if passphrase.is_empty() {
        return Err("type a passphrase".to_owned());
    }
    if vault == VaultState::New && typed(1) != passphrase {
        return Err("the two are not the same".to_owned());
    }
    fx.push(Effect::Secrets(SecretOrder::Unlock { passphrase, then: Box::new(order.clone()) }));
    Ok(())
}

/// The vault stays closed: the password is asked for, or not kept.
pub(super) fn stay_locked(app: &mut App, order: SecretOrder, fx: &mut Effects) {
    match order {
        SecretOrder::Find { question, .. } => found(app, question, None, None, fx),
        SecretOrder::Keep { site, .. } => notice(app, format!("the password of {} is not kept", printable_str(&site.account()))),
        SecretOrder::Unlock { then, .. } => stay_locked(app, *then, fx),
    }
}

fn place(store: PasswordFrom) -> &'static str {
    match store {
        PasswordFrom::Keyring => "the keyring",
        PasswordFrom::Vault => "the vault",
        PasswordFrom::Ask | PasswordFrom::Netrc | PasswordFrom::Command => "its place",
    }
}
