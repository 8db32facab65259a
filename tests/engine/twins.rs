//! The same copy asked for twice is one, as long as the first has not ended.

use std::time::Duration;

use ftpane::bus::{Event, TransferEvent};
use ftpane::model::{Existing, TransferState};

use super::rig::*;

/// Blocks of the server take their time.
fn slow(rig: &Rig) {
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(50));
}

/// What was said of what was passed over.
fn passed_over(rig: &Rig) -> Vec<String> {
    rig.seen
        .iter()
        .filter_map(|event| match event {
            Event::Transfer(TransferEvent::Noted { failure, failed: false, .. }) => Some(failure.detail.clone()),
            _ => None,
        })
        .collect()
}

fn ended(rig: &Rig, pick: impl Fn(&TransferState) -> bool) -> usize {
    let is_end = |event: &&Event| matches!(event, Event::Transfer(TransferEvent::Changed { state, .. }) if pick(state));
    rig.seen.iter().filter(is_end).count()
}

#[tokio::test(start_paused = true)]
async fn files_that_are_asked_for_again_while_they_move_are_copied_once_whatever_the_order() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(4 << 20));
    rig.file(HOST, "/b", &bytes(4 << 20));
    slow(&rig);
    let spec = rig.down(&[("/a", "/a"), ("/b", "/b")]);
    let first = rig.enqueue(spec);
    rig.active().await;
    let again = rig.down(&[("/b", "/b"), ("/a", "/a")]);
    let summary = rig.run(again).await;
    assert!(summary.joined && (summary.done, summary.skipped, summary.failed) == (0, 2, 0), "{summary:?}");
    assert_eq!(passed_over(&rig)[0], "already in the queue, and so are 1 more");
    assert_eq!(rig.summary(first).await.done, 2);
    assert_eq!(rig.queued().len(), 2, "nothing joined the queue twice");
    // Once it has ended it is another copy.
    let spec = rig.down(&[("/a", "/a"), ("/b", "/b")]);
    let summary = rig.run(ftpane::model::BatchSpec { existing: Existing::Overwrite, ..spec }).await;
    assert_eq!((summary.done, summary.joined), (2, false));
}

#[tokio::test(start_paused = true)]
async fn a_file_of_another_batch_that_is_under_way_is_not_copied_beside_it() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/dir/a", &bytes(4 << 20));
    slow(&rig);
    let spec = rig.down(&[("/dir", "/dir")]);
    let first = rig.enqueue(spec);
    rig.active().await;
    let again = rig.down(&[("/dir/a", "/dir/a")]);
    let summary = rig.run(again).await;
    assert_eq!((summary.done, summary.skipped, summary.failed), (0, 1, 0), "{summary:?}");
    assert_eq!(ended(&rig, |state| *state == TransferState::Skipped("already in the queue".into())), 1);
    assert_eq!(rig.summary(first).await.done, 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_file_that_has_changed_since_is_copied_as_it_is_now_and_once() {
    let mut rig = Rig::new(ftpane::engine::Options { lanes: 1, ..options() });
    rig.open_both().await;
    rig.file(HOST, "/big", &bytes(4 << 20));
    rig.file(HOST, "/small", b"old");
    slow(&rig);
    let spec = rig.down(&[("/big", "/big"), ("/small", "/small")]);
    let first = rig.enqueue(spec);
    rig.active().await;
    rig.file(HOST, "/small", b"newer");
    let again = rig.down(&[("/small", "/small")]);
    let summary = rig.run(again).await;
    assert_eq!((summary.done, summary.skipped, summary.failed), (0, 1, 0), "{summary:?}");
    let summary = rig.summary(first).await;
    assert_eq!((summary.done, summary.failed), (2, 0), "{summary:?}");
    assert_eq!(rig.content(LOCAL, "/small").unwrap(), b"newer");
}

#[tokio::test(start_paused = true)]
async fn what_goes_under_another_name_each_time_is_meant_each_time() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(1 << 20));
    rig.file(LOCAL, "/a", b"mine");
    slow(&rig);
    let (one, two) = (rig.down(&[("/a", "/a")]), rig.down(&[("/a", "/a")]));
    let rename = |spec| ftpane::model::BatchSpec { existing: Existing::Rename, ..spec };
    let first = rig.enqueue(rename(one));
    let second = rig.enqueue(rename(two));
    let mut done = 0;
    for _ in 0..2 {
        done += rig
            .until(|event| match event {
                Event::Transfer(TransferEvent::BatchEnded(summary)) if [first, second].contains(&summary.batch) => Some(summary.done),
                _ => None,
            })
            .await;
    }
    assert_eq!(done, 2, "{:#?}", rig.states());
    assert_eq!(rig.paths(LOCAL).len(), 3 + rig.paths(LOCAL).iter().filter(|path| *path == "/").count(), "{:?}", rig.paths(LOCAL));
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_has_changed_behind_a_walk_is_walked_again() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/dir/a", b"old");
    rig.file(HOST, "/dir/z", &bytes(4 << 20));
    slow(&rig);
    let spec = rig.down(&[("/dir", "/dir")]);
    let first = rig.enqueue(spec);
    let is_done = |event: &Event| {
        let done = matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Done(_), .. }));
        done.then_some(())
    };
    rig.until(is_done).await;
    rig.file(HOST, "/dir/a", b"newer");
    let again = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(ftpane::model::BatchSpec { existing: Existing::Overwrite, ..again }).await;
    assert!(!summary.joined && summary.done >= 1, "{summary:?}");
    assert_eq!(rig.content(LOCAL, "/dir/a").unwrap(), b"newer");
    assert_eq!(rig.summary(first).await.failed, 0);
}

#[tokio::test(start_paused = true)]
async fn files_that_are_to_go_by_another_rule_are_asked_about_by_that_rule() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(4 << 20));
    rig.file(HOST, "/b", b"theirs");
    rig.file(LOCAL, "/b", b"mine");
    slow(&rig);
    let spec = rig.down(&[("/b", "/b"), ("/a", "/a")]);
    let first = rig.enqueue(ftpane::model::BatchSpec { existing: Existing::Skip, ..spec });
    rig.active().await;
    let again = rig.down(&[("/b", "/b"), ("/a", "/a")]);
    let summary = rig.run(ftpane::model::BatchSpec { existing: Existing::Overwrite, ..again }).await;
    assert_eq!((summary.joined, summary.done), (false, 1), "{summary:?}");
    assert_eq!(rig.content(LOCAL, "/b").unwrap(), b"theirs");
    assert_eq!(rig.summary(first).await.skipped, 1);
}
