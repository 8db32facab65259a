//! Kept passwords: looked for before a person is asked, kept once a server has taken them, and never shown.

use ftpane::app::form::FieldKind;
use ftpane::app::msg::{Resolved, SitesLoaded};
use ftpane::app::secrets::{SecretNews, SecretOrder, VaultState};
use ftpane::app::{Dialog, Effect, Msg, Start};
use ftpane::bus::{Answer, Command, Event, Question, QuestionKind};
use ftpane::model::site::VolumeSpec;
use ftpane::model::{PasswordFrom, QuestionId, Reply, Secret, Site};

use super::rig::*;

const ID: QuestionId = QuestionId(3);
const PASSWORD: &str = "xyzzy-hunter2";

fn work() -> Site {
    Site { name: "work".into(), ..server() }
}

fn question(refused: Option<Reply>) -> Question {
    Question { id: ID, kind: QuestionKind::Password { site: "work".into(), user: "alice".into(), server: Box::new(work()), refused } }
}

/// A pane is being opened on a saved site, and the engine asks for its password.
fn asked(refused: Option<Reply>) -> Rig {
    let spec = VolumeSpec::Ftp(Box::new(work()), None);
    let mut rig = start(Start::Sites, Start::Volume(Resolved { spec, path: None }));
    rig.keeps = true;
    rig.send(Msg::Sites(SitesLoaded { saved: vec![work()], ..SitesLoaded::default() }));
    rig.event(Event::Asked(question(refused)));
    rig
}

fn found(secret: Option<&str>, note: Option<&str>) -> Msg {
    Msg::Secrets(SecretNews::Found { question: ID, secret: secret.map(Secret::new), note: note.map(Into::into) })
}

fn answered(rig: &Rig) -> Option<&Answer> {
    rig.effects.iter().rev().find_map(|effect| match effect {
        Effect::Engine(Command::Answer { question: ID, answer }) => Some(answer),
        _ => None,
    })
}

fn orders(rig: &Rig) -> Vec<&SecretOrder> {
    rig.effects.iter().filter_map(|effect| if let Effect::Secrets(order) = effect { Some(order) } else { None }).collect()
}

#[test]
fn a_kept_password_answers_without_a_dialog() {
    let mut rig = asked(None);
    assert!(matches!(orders(&rig)[..], [SecretOrder::Find { question: ID, .. }]));
    assert!(rig.app.dialogs.is_empty(), "it is looked for first");
    rig.send(found(Some(PASSWORD), None));
    assert_eq!(answered(&rig), Some(&Answer::Password(Secret::new(PASSWORD))));
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn a_site_without_a_user_is_opened_as_whom_netrc_names() {
    let mut rig = start(Start::Sites, Start::Sites);
    let saved = vec![Site { name: "open".into(), ..Site::of_host("example.org") }, work()];
    rig.send(Msg::Sites(SitesLoaded { saved, ..SitesLoaded::default() }));
    rig.keys("Down Enter");
    assert!(matches!(rig.effects.last(), Some(Effect::Resolve(_, name)) if name == "open"), "{:?}", rig.effects);
    let spec = VolumeSpec::Ftp(Box::new(server()), Some(Secret::new(PASSWORD)));
    rig.resolved(Left, Ok(Resolved { spec: spec.clone(), path: None }));
    assert!(matches!(rig.effects.last(), Some(Effect::Engine(Command::Open { spec: opened, .. })) if *opened == spec));
}

#[test]
fn where_nothing_is_kept_a_person_is_asked_and_told_what_stood_in_the_way() {
    let mut rig = asked(None);
    rig.send(found(None, Some("no keyring answers here")));
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert!(form.text.iter().any(|line| line.contains("no keyring answers here")), "{:?}", form.text);
}

#[test]
fn a_refused_password_is_asked_for_without_looking_again() {
    let rig = asked(Some(Reply { code: 530, text: b"no".to_vec().into() }));
    assert!(orders(&rig).is_empty());
    assert!(matches!(rig.dialog(), Dialog::Form(_)));
}

#[test]
fn a_password_is_kept_where_the_person_says_so_and_only_once_a_server_has_taken_it() {
    let mut rig = asked(None);
    rig.send(found(None, None));
    rig.type_text(PASSWORD);
    rig.keys("Tab Right Right Enter");
    assert_eq!(answered(&rig), Some(&Answer::Password(Secret::new(PASSWORD))));
    assert_eq!(orders(&rig).len(), 1, "nothing is kept yet");
    rig.event(Event::PasswordTaken(ID));
    let SecretOrder::Keep { site, store: PasswordFrom::Vault, secret } = orders(&rig)[1] else { panic!("{:?}", rig.effects) };
    assert_eq!((site.name.as_str(), secret.expose()), ("work", PASSWORD));
    rig.send(Msg::Secrets(SecretNews::Kept { account: site_account(), store: PasswordFrom::Vault }));
    assert!(rig.toast().contains("kept in the vault"));
}

fn site_account() -> String {
    work().account()
}

#[test]
fn a_password_that_the_server_refused_is_not_kept() {
    let mut rig = asked(None);
    rig.send(found(None, None));
    rig.type_text("wrong");
    rig.keys("Tab Right Enter");
    let again = QuestionId(4);
    let refused = Some(Reply { code: 530, text: b"no".to_vec().into() });
    rig.event(Event::Asked(Question { id: again, ..question(refused) }));
    rig.type_text(PASSWORD);
    rig.keys("Enter");
    rig.event(Event::PasswordTaken(ID));
    rig.event(Event::PasswordTaken(again));
    assert_eq!(orders(&rig).len(), 1, "the search alone: {:?}", rig.effects);
}

#[test]
fn keeping_is_not_offered_for_a_server_that_is_not_saved() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.event(Event::Asked(question(None)));
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert_eq!(form.fields.len(), 1);
}

#[test]
fn the_vault_asks_for_its_passphrase_and_the_login_goes_on() {
    let mut rig = asked(None);
    let find = orders(&rig)[0].clone();
    rig.send(Msg::Secrets(SecretNews::Locked { then: Box::new(find.clone()), vault: VaultState::Closed }));
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert_eq!((form.title.as_str(), form.fields[0].kind.clone()), ("Vault", FieldKind::Secret));
    rig.type_text("open sesame");
    rig.keys("Enter");
    let SecretOrder::Unlock { passphrase, then } = orders(&rig)[1] else { panic!("{:?}", rig.effects) };
    assert_eq!((passphrase.expose(), &**then), ("open sesame", &find));
    rig.send(found(Some(PASSWORD), None));
    assert_eq!(answered(&rig), Some(&Answer::Password(Secret::new(PASSWORD))));
}

#[test]
fn who_does_not_open_the_vault_is_asked_for_the_password() {
    let mut rig = asked(None);
    let find = orders(&rig)[0].clone();
    rig.send(Msg::Secrets(SecretNews::Locked { then: Box::new(find), vault: VaultState::Closed }));
    rig.keys("Esc");
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert_eq!(form.title, "Password");
}

#[test]
fn the_passphrase_of_a_new_vault_is_typed_twice() {
    let mut rig = asked(None);
    rig.send(found(None, None));
    rig.type_text(PASSWORD);
    rig.keys("Tab Right Right Enter");
    rig.event(Event::PasswordTaken(ID));
    let keep = orders(&rig)[1].clone();
    rig.send(Msg::Secrets(SecretNews::Locked { then: Box::new(keep), vault: VaultState::New }));
    rig.type_text("one");
    rig.keys("Tab");
    rig.type_text("two");
    rig.keys("Enter");
    let Dialog::Form(form) = rig.dialog() else { panic!("still there") };
    assert!(form.error.as_ref().unwrap().contains("not the same"));
    rig.keys("Ctrl-U");
    rig.type_text("one");
    rig.keys("Enter");
    assert!(matches!(orders(&rig)[2], SecretOrder::Unlock { passphrase, .. } if passphrase.expose() == "one"), "{:?}", rig.effects);
}

#[test]
fn a_withdrawn_question_is_answered_no_more() {
    let mut rig = asked(None);
    let find = orders(&rig)[0].clone();
    rig.send(Msg::Secrets(SecretNews::Locked { then: Box::new(find), vault: VaultState::Closed }));
    rig.event(Event::Withdrawn(ID));
    assert!(rig.app.dialogs.is_empty());
    rig.send(found(Some(PASSWORD), None));
    assert_eq!(answered(&rig), None);
}

/// Whoever writes the state or what goes in and out of it into a log or a message of a panic writes no password.
#[test]
fn nothing_that_carries_a_password_shows_it_in_debug_output() {
    let mut rig = asked(None);
    rig.send(found(None, None));
    rig.type_text(PASSWORD);
    let never = |rig: &Rig| {
        let all = format!("{:?}{:#?}{:?}", rig.app, rig.app, rig.effects);
        assert!(!all.contains(PASSWORD), "in {all}");
    };
    never(&rig);
    rig.keys("Tab Right Enter");
    never(&rig);
    rig.event(Event::PasswordTaken(ID));
    never(&rig);
    rig.keys("Tab");
    rig.open(rig.app.focus);
    for typed in [format!("ftp://bob:{PASSWORD}@h/x"), format!("bob:{PASSWORD}@h")] {
        rig.keys("o");
        rig.type_text(&typed);
        never(&rig);
        rig.keys("Enter");
        never(&rig);
        let spec = VolumeSpec::Ftp(Box::new(server()), Some(Secret::new(PASSWORD)));
        let resolved = Resolved { spec, path: None };
        assert!(!format!("{resolved:?}").contains(PASSWORD));
        rig.resolved(rig.app.focus, Ok(resolved));
        never(&rig);
        rig.open(rig.app.focus);
    }
    rig.keys(":");
    rig.type_text(&format!("open ftp://bob:{PASSWORD}@h"));
    never(&rig);
    rig.keys("Enter");
    never(&rig);
    let answer = Answer::Password(Secret::new(PASSWORD));
    let spec = VolumeSpec::Ftp(Box::new(server()), Some(Secret::new(PASSWORD)));
    let commands =
        [Command::Answer { question: ID, answer }, Command::Open { connection: ftpane::model::ConnectionId(1), spec: spec.clone() }];
    let order = SecretOrder::Unlock {
        passphrase: Secret::new(PASSWORD),
        then: Box::new(SecretOrder::Keep { site: Box::new(work()), store: PasswordFrom::Vault, secret: Secret::new(PASSWORD) }),
    };
    let events = [Event::Asked(question(None)), Event::PasswordTaken(ID)];
    let text = format!("{commands:?}{order:?}{events:?}{spec:?}{:?}{:?}", work(), found(Some(PASSWORD), None));
    assert!(!text.contains(PASSWORD), "{text}");
}
