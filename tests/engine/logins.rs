//! Passwords that are kept somewhere: asked for before anything is sent, and told of once a server has taken them.

use ftpane::bus::{Answer, Command, ConnectionEvent, Event, Question, QuestionKind};
use ftpane::model::site::VolumeSpec;
use ftpane::model::{FailureKind, PasswordFrom, Secret};

use super::rig::*;

/// The usual server, whose password is in a keyring.
fn kept() -> VolumeSpec {
    let VolumeSpec::Ftp(mut site, secret) = spec(HOST) else { panic!("no server") };
    site.name = "work".into();
    site.password = PasswordFrom::Keyring;
    VolumeSpec::Ftp(site, secret)
}

async fn asked(given: VolumeSpec) -> (Rig, Question) {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.password = Some("hunter2".into()));
    rig.send(Command::Open { connection: SERVER, spec: given });
    let question = rig.question().await;
    (rig, question)
}

async fn opened(rig: &mut Rig) {
    rig.until(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Opened(_))).then_some(())).await;
}

fn taken(rig: &Rig) -> Vec<&Event> {
    rig.seen.iter().filter(|event| matches!(event, Event::PasswordTaken(_))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_kept_is_asked_for_first_and_the_server_is_dialled_once() {
    let (mut rig, question) = asked(kept()).await;
    let QuestionKind::Password { server, refused: None, .. } = &question.kind else { panic!("{question:?}") };
    assert_eq!((server.name.as_str(), server.password), ("work", PasswordFrom::Keyring));
    assert_eq!(rig.host(HOST, |host| host.counters.dialled), 0, "nothing was sent yet");
    rig.reply(&question, Answer::Password(Secret::new("hunter2")));
    opened(&mut rig).await;
    assert_eq!(rig.host(HOST, |host| host.counters.dialled), 1);
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_not_kept_is_asked_for_where_the_server_wants_one() {
    let (rig, question) = asked(spec(HOST)).await;
    assert!(matches!(question.kind, QuestionKind::Password { refused: None, .. }));
    assert_eq!(rig.host(HOST, |host| host.counters.dialled), 1);
}

#[tokio::test(start_paused = true)]
async fn that_a_server_took_a_password_is_told_once_and_not_of_one_that_it_refused() {
    let (mut rig, first) = asked(kept()).await;
    rig.reply(&first, Answer::Password(Secret::new("wrong")));
    let second = rig.question().await;
    assert_ne!(second.id, first.id);
    assert!(taken(&rig).is_empty());
    rig.reply(&second, Answer::Password(Secret::new("hunter2")));
    opened(&mut rig).await;
    rig.send(Command::Open { connection: OTHER, spec: kept() });
    rig.until(|event| matches!(event, Event::Connection(OTHER, ConnectionEvent::Opened(_))).then_some(())).await;
    assert_eq!(taken(&rig), [&Event::PasswordTaken(second.id)]);
    let debug = format!("{:?}", rig.seen);
    assert!(!debug.contains("hunter2") && !debug.contains("wrong\""), "{debug}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_say_the_password_opens_nothing() {
    let (mut rig, question) = asked(kept()).await;
    rig.reply(&question, Answer::Cancel { all: false });
    assert_eq!(rig.refusal(SERVER).await.kind, FailureKind::Cancelled);
    assert_eq!(rig.host(HOST, |host| host.counters.dialled), 0);
}
