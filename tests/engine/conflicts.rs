//! Existing targets: the rules, the question, its answers.

use std::time::Duration;

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
    let told = rig.queued().into_iter().rev().find(|transfer| transfer.source.path == path("/src/a")).unwrap();
    assert_eq!(told.target.path, path("/dst/a (2)"), "where it went is told");
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
async fn a_resume_of_something_else_leaves_it_whole_until_the_new_file_is() {
    for up in [false, true] {
        let mut rig = Rig::open().await;
        let (from, to) = if up { (LOCAL, HOST) } else { (HOST, LOCAL) };
        let foreign = vec![b'?'; 150_000];
        rig.file(from, "/f", &bytes(400_000));
        rig.file(to, "/f", &foreign);
        rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
        let mut batch = if up { rig.up(&[("/f", "/f")]) } else { rig.down(&[("/f", "/f")]) };
        batch.existing = Existing::Resume;
        let id = rig.enqueue(batch);
        rig.until_moved(200_000).await;
        assert!(rig.content(to, "/f").unwrap() == foreign, "{up}");
        assert_eq!(rig.summary(id).await.done, 1, "{:#?}", rig.seen);
        assert!(rig.content(to, "/f").unwrap() == bytes(400_000), "{up}");
        assert_eq!(rig.paths(to), ["/f"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_comes_to_the_target_meanwhile_is_asked_about_and_not_written_over() {
    for answer in [Existing::Overwrite, Existing::Skip, Existing::Rename] {
        let mut rig = Rig::open().await;
        rig.file(HOST, "/src/f", &bytes(400_000));
        rig.file(LOCAL, "/dst/f (1)", b"taken");
        rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
        let batch = rig.down(&[("/src", "/dst")]);
        let id = rig.enqueue(batch);
        rig.until_moved(100_000).await;
        rig.file(LOCAL, "/dst/f", b"mine");
        let question = rig.question().await;
        let QuestionKind::Existing { target, .. } = &question.kind else { panic!("{question:?}") };
        assert_eq!(target.size, Some(4));
        assert_eq!(rig.content(LOCAL, "/dst/f"), Some(b"mine".to_vec()));
        rig.reply(&question, rule(answer, false));
        let summary = rig.summary(id).await;
        assert_eq!(summary.failed, 0, "{:#?}", rig.seen);
        assert!(summary.bytes < 600_000 || answer == Existing::Rename, "what was moved is not moved again: {summary:?}");
        let content = |at| rig.content(LOCAL, at).unwrap();
        let kept = if answer == Existing::Overwrite { bytes(400_000) } else { b"mine".to_vec() };
        assert!(content("/dst/f") == kept, "{answer:?}");
        assert_eq!(content("/dst/f (1)"), b"taken");
        assert_eq!(rig.content(LOCAL, "/dst/f (2)").is_some_and(|bytes| bytes.len() == 400_000), answer == Existing::Rename);
    }
}

#[tokio::test(start_paused = true)]
async fn by_a_rule_that_leaves_what_exists_so_is_what_came_meanwhile() {
    for existing in [Existing::Skip, Existing::Fail] {
        let mut rig = Rig::open().await;
        rig.file(HOST, "/f", &bytes(400_000));
        rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
        let mut batch = rig.down(&[("/f", "/f")]);
        batch.existing = existing;
        let id = rig.enqueue(batch);
        rig.until_moved(100_000).await;
        rig.file(LOCAL, "/f", b"mine");
        let summary = rig.summary(id).await;
        assert_eq!(summary.skipped, u64::from(existing == Existing::Skip), "{summary:?}");
        assert_eq!(rig.content(LOCAL, "/f"), Some(b"mine".to_vec()));
        rig.send(Command::Retry(ftpane::model::Which::All));
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(rig.content(LOCAL, "/f"), Some(b"mine".to_vec()), "nor when it is tried again");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_directory_cannot_be_listed_no_name_counts_as_free() {
    let mut rig = Rig::open().await;
    for name in ["a", "b", "c"] {
        rig.file(LOCAL, &format!("/src/{name}"), &bytes(100));
        rig.file(HOST, &format!("/box/{name}"), b"old");
        rig.file(HOST, &format!("/box/{name} (1)"), b"old too");
    }
    rig.host(HOST, |host| host.faults.no_list = Some("/box".to_owned()));
    let mut batch = rig.up(&[("/src/a", "/box/a"), ("/src/b", "/box/b"), ("/src/c", "/box/c")]);
    batch.existing = Existing::Rename;
    assert_eq!(rig.run(batch).await.failed, 3, "{:#?}", rig.seen);
    assert_eq!(rig.content(HOST, "/box/a (1)"), Some(b"old too".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn what_was_put_in_the_place_of_an_unfinished_upload_is_somebody_elses() {
    for (existing, length) in
        [(Existing::Skip, 300_000), (Existing::Fail, 300_000), (Existing::Skip, 400_000), (Existing::Overwrite, 300_000)]
    {
        let mut rig = Rig::new(ftpane::engine::Options { retries: 0, ..options() });
        rig.open_both().await;
        rig.file(LOCAL, "/f", &bytes(400_000));
        rig.host(HOST, |host| host.faults.lose_after = Some(150_000));
        let batch = rig.up(&[("/f", "/f")]);
        assert_eq!(rig.run(batch).await.failed, 1);
        let theirs = vec![b'?'; length];
        rig.file(HOST, "/f", &theirs);
        let mut batch = rig.up(&[("/f", "/f")]);
        batch.existing = existing;
        let summary = rig.run(batch).await;
        let of = (summary.done, summary.skipped, summary.failed);
        let expected = match existing {
            Existing::Skip => (0, 1, 0),
            Existing::Fail => (0, 0, 1),
            _ => (1, 0, 0),
        };
        assert_eq!(of, expected, "{existing:?} {:#?}", rig.seen);
        let kept = if existing == Existing::Overwrite { bytes(400_000) } else { theirs };
        assert!(rig.content(HOST, "/f").unwrap() == kept, "{existing:?}");
    }
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
