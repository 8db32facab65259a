//! Existing targets: the rules, the question, its answers.

use ftpane::bus::{Answer, Command, Event, QuestionKind};
use ftpane::model::{BatchSpec, Existing, FailureKind, TransferState};

use super::rig::*;

fn rule(rule: Existing, all: bool) -> Answer {
    Answer::Existing { rule, all, name: None }
}

async fn conflicting() -> (Rig, BatchSpec) {
    let mut rig = Rig::open().await;
    for name in ["a", "b", "c"] {
        rig.file(HOST, &format!("/src/{name}"), &bytes(100));
        rig.file(LOCAL, &format!("/dst/{name}"), b"old");
    }
    rig.file(HOST, "/src/new", b"new");
    let batch = rig.down(&[("/src", "/dst")]);
    (rig, batch)
}

#[tokio::test(start_paused = true)]
async fn one_question_shows_both_sides_while_the_others_go_on() {
    let (mut rig, batch) = conflicting().await;
    let id = rig.enqueue(batch);
    let question = rig.question().await;
    let QuestionKind::Existing { source, target, can_resume, .. } = &question.kind else { panic!("{question:?}") };
    assert_eq!((source.size, target.size, can_resume), (Some(100), Some(3), &true));
    rig.until(|event| {
        matches!(event, Event::Transfer(ftpane::bus::TransferEvent::Changed { state: TransferState::Done(_), .. })).then_some(())
    })
    .await;
    assert_eq!(rig.content(LOCAL, "/dst/new"), Some(b"new".to_vec()));
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 1);
    rig.reply(&question, rule(Existing::Overwrite, false));
    let second = rig.question().await;
    assert_ne!(second.id, question.id);
    rig.reply(&second, rule(Existing::Skip, true));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.skipped), (2, 2));
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_for_all_replaces_every_waiting_target() {
    let (mut rig, batch) = conflicting().await;
    let id = rig.enqueue(batch);
    let question = rig.question().await;
    rig.reply(&question, rule(Existing::Overwrite, true));
    assert_eq!(rig.summary(id).await.done, 4);
    for name in ["a", "b", "c"] {
        assert_eq!(rig.content(LOCAL, &format!("/dst/{name}")), Some(bytes(100)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rename_keeps_both() {
    let (mut rig, mut batch) = conflicting().await;
    rig.file(LOCAL, "/dst/a (1)", b"taken");
    batch.existing = Existing::Rename;
    assert_eq!(rig.run(batch).await.done, 4);
    assert_eq!(rig.content(LOCAL, "/dst/a"), Some(b"old".to_vec()));
    assert_eq!(rig.content(LOCAL, "/dst/a (1)"), Some(b"taken".to_vec()));
    assert_eq!(rig.content(LOCAL, "/dst/a (2)"), Some(bytes(100)));
}

#[tokio::test(start_paused = true)]
async fn the_rules_that_compare_copy_only_what_they_should() {
    let (mut rig, mut batch) = conflicting().await;
    rig.file(LOCAL, "/dst/a", &bytes(100));
    batch.existing = Existing::Size;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.skipped), (3, 1));
    rig.host(HOST, |host| host.tree.node_mut("/src/b").unwrap().modified += 100);
    let mut batch = rig.down(&[("/src", "/dst")]);
    batch.existing = Existing::Newer;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.skipped), (1, 3));
    let mut batch = rig.down(&[("/src/a", "/dst/a")]);
    batch.existing = Existing::Fail;
    assert_eq!(rig.run(batch).await.first_failure.unwrap().kind, FailureKind::AlreadyExists);
}

#[tokio::test(start_paused = true)]
async fn a_resume_appends_to_a_true_beginning_and_starts_over_on_a_false_one() {
    let mut rig = Rig::open().await;
    let content = bytes(200_000);
    rig.file(HOST, "/true", &content);
    rig.file(HOST, "/false", &content);
    rig.file(LOCAL, "/true", &content[..150_000]);
    rig.file(LOCAL, "/false", &vec![b'?'; 150_000]);
    let mut batch = rig.down(&[("/true", "/true"), ("/false", "/false")]);
    batch.existing = Existing::Resume;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.bytes), (2, 250_000), "{summary:?}");
    assert!(rig.content(LOCAL, "/true").unwrap() == content);
    assert!(rig.content(LOCAL, "/false").unwrap() == content);
}

#[tokio::test(start_paused = true)]
async fn a_resume_goes_on_with_the_partial_of_an_earlier_run() {
    let mut rig = Rig::open().await;
    let content = bytes(200_000);
    rig.file(HOST, "/a", &content);
    rig.file(LOCAL, "/.a.ftpane-part", &content[..120_000]);
    let mut batch = rig.down(&[("/a", "/a")]);
    batch.existing = Existing::Resume;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.bytes), (1, 80_000));
    assert!(rig.content(LOCAL, "/a").unwrap() == content);
    assert_eq!(rig.paths(LOCAL), ["/a"]);
}

#[tokio::test(start_paused = true)]
async fn a_question_is_withdrawn_with_its_transfer_and_late_answers_are_ignored() {
    let (mut rig, batch) = conflicting().await;
    let id = rig.enqueue(batch);
    let question = rig.question().await;
    rig.send(Command::CancelBatch(id));
    rig.until(|event| matches!(event, Event::Withdrawn(of) if *of == question.id).then_some(())).await;
    rig.reply(&question, rule(Existing::Overwrite, true));
    rig.summary(id).await;
    assert_eq!(rig.content(LOCAL, "/dst/a"), Some(b"old".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn an_upload_over_a_file_keeps_its_mode_and_never_deletes_it_first() {
    let mut rig = Rig::open().await;
    rig.file(LOCAL, "/page", &bytes(5000));
    rig.file(HOST, "/page", b"old");
    rig.host(HOST, |host| host.tree.node_mut("/page").unwrap().mode = 0o640);
    let mut batch = rig.up(&[("/page", "/page")]);
    batch.existing = Existing::Overwrite;
    assert_eq!(rig.run(batch).await.done, 1);
    assert_eq!(rig.content(HOST, "/page"), Some(bytes(5000)));
    assert_eq!(rig.host(HOST, |host| host.tree.node("/page").unwrap().mode), 0o640);
    assert_eq!(rig.paths(HOST), ["/page"]);
}

#[tokio::test(start_paused = true)]
async fn where_a_server_does_not_rename_over_a_file_it_is_written_over() {
    let mut rig = Rig::open().await;
    rig.file(LOCAL, "/page", &bytes(5000));
    rig.file(HOST, "/page", b"old");
    rig.host(HOST, |host| host.faults.no_replace = true);
    let mut batch = rig.up(&[("/page", "/page")]);
    batch.existing = Existing::Overwrite;
    assert_eq!(rig.run(batch).await.done, 1);
    assert_eq!(rig.content(HOST, "/page"), Some(bytes(5000)));
    assert_eq!(rig.paths(HOST), ["/page"]);
}
