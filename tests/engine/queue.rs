//! Long queues: what waits is held small, and what a person does to it counts at once.

use std::time::Duration;

use ftpane::bus::{Answer, BrowseOp, Command, Event, TransferEvent};
use ftpane::model::{
    BatchId, BatchSpec, During, Existing, Failure, FailureKind, Generation, Priority, Shift, TransferId, TransferState, Which,
};

use super::rig::*;

/// Puts so many small files into a directory of the server.
fn many(rig: &Rig, dir: &str, count: usize) {
    rig.host(HOST, |host| (0..count).for_each(|n| host.tree.file(&format!("{dir}/{n:05}"), b"x")));
}

fn told(rig: &Rig, pick: impl Fn(&TransferEvent) -> bool) -> usize {
    rig.seen.iter().filter(|event| matches!(event, Event::Transfer(event) if pick(event))).count()
}

/// What a server that is away says.
fn lost() -> Failure {
    Failure::new(FailureKind::Unreachable, During::Connect, "connection refused")
}

/// The number of the transfer of a source.
fn id_of(rig: &Rig, source: &str) -> TransferId {
    rig.queued().iter().find(|transfer| transfer.source.path == path(source)).unwrap().id
}

/// The sources in the order in which they began.
fn begun(rig: &Rig) -> Vec<String> {
    let queued = rig.queued();
    let name = |id: TransferId| queued.iter().find(|transfer| transfer.id == id).unwrap().source.path.clone();
    rig.seen
        .iter()
        .filter_map(|event| match event {
            Event::Transfer(TransferEvent::Changed { id, state: TransferState::Active }) => Some(name(*id)),
            _ => None,
        })
        .map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned())
        .collect()
}

async fn until_state(rig: &mut Rig, of: TransferId, good: impl Fn(&TransferState) -> bool) {
    rig.until(|event| match event {
        Event::Transfer(TransferEvent::Changed { id, state }) if *id == of && good(state) => Some(()),
        _ => None,
    })
    .await;
}

async fn until_held(rig: &mut Rig) -> Option<Failure> {
    rig.until(|event| match event {
        Event::Transfer(TransferEvent::Held { failure, .. }) => Some(failure.clone()),
        _ => None,
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn of_a_long_queue_only_what_comes_next_becomes_transfers_and_the_meters_count_all() {
    let mut rig = Rig::open().await;
    many(&rig, "/dir", 6000);
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(50));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.meters_where(|meters| meters.queued > 5900 && meters.bytes_left > 5900).await;
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    let queued = told(&rig, |event| matches!(event, TransferEvent::Queued(_)));
    assert!((1000..3000).contains(&queued), "{queued}");
    rig.host(HOST, |host| host.faults.block_delay = Duration::ZERO);
    assert_eq!(rig.summary(id).await.done, 6000);
    assert_eq!(told(&rig, |event| matches!(event, TransferEvent::Queued(_))), 6000);
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_long_batch_tells_counts_and_not_every_file() {
    let mut rig = Rig::open().await;
    many(&rig, "/dir", 20_000);
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_secs(1));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    rig.send(Command::CancelBatch(id));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.cancelled), (0, 20_000));
    let cancelled = told(&rig, |event| matches!(event, TransferEvent::Changed { state: TransferState::Cancelled, .. }));
    assert!(cancelled < 3000, "{cancelled}");
    rig.host(HOST, |host| host.faults.block_delay = Duration::ZERO);
    rig.send(Command::Retry(Which::Batch(id)));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.cancelled), (20_000, 0), "what was cancelled before it was a transfer is retried, too");
}

#[tokio::test(start_paused = true)]
async fn files_that_must_be_asked_about_hold_up_nothing_and_few_of_them_are_transfers() {
    let mut rig = Rig::open().await;
    many(&rig, "/dir", 2000);
    rig.host(LOCAL, |host| (0..1000).for_each(|n| host.tree.file(&format!("/dir/{n:05}"), b"old")));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    let question = rig.question().await;
    for _ in 0..1000 {
        rig.until(|event| matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Done(_), .. })).then_some(()))
            .await;
    }
    assert_eq!(rig.content(LOCAL, "/dir/01999"), Some(b"x".to_vec()));
    let asking = told(&rig, |event| matches!(event, TransferEvent::Changed { state: TransferState::Asking, .. }));
    assert!(asking <= 300, "{asking}");
    rig.reply(&question, Answer::Existing { rule: Existing::Overwrite, all: true, name: None });
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (2000, 0));
    assert_eq!(rig.content(LOCAL, "/dir/00500"), Some(b"x".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn every_single_answer_brings_the_next_question() {
    let mut rig = Rig::open().await;
    many(&rig, "/dir", 600);
    rig.host(LOCAL, |host| (0..600).for_each(|n| host.tree.file(&format!("/dir/{n:05}"), b"old")));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    for _ in 0..600 {
        let question = rig.question().await;
        rig.reply(&question, Answer::Existing { rule: Existing::Skip, all: false, name: None });
    }
    assert_eq!(rig.summary(id).await.skipped, 600);
}

#[tokio::test(start_paused = true)]
async fn a_paused_batch_stops_where_it_is_and_goes_on_at_the_byte() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/big", &bytes(500_000));
    rig.file(HOST, "/other", &bytes(500_000));
    let batch = rig.down(&[("/big", "/big"), ("/other", "/other")]);
    let id = rig.enqueue(batch);
    rig.meters_where(|meters| meters.active.len() == 2 && meters.active.iter().all(|meter| meter.done > 200_000)).await;
    rig.send(Command::Pause(Which::Batch(id)));
    assert_eq!(until_held(&mut rig).await, None);
    let rest = rig.meters_where(|meters| meters.active.is_empty()).await;
    assert_eq!(rest.queued, 2);
    let there = rig.content(LOCAL, "/.big.ftpane-part").unwrap().len();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rig.content(LOCAL, "/.big.ftpane-part").unwrap().len(), there, "nothing moves");
    rig.send(Command::Resume(Which::All));
    let summary = rig.summary(id).await;
    let paused = told(&rig, |event| matches!(event, TransferEvent::Changed { state: TransferState::Paused, .. }));
    assert_eq!((summary.done, paused), (2, 2));
    assert!(summary.bytes < 1_200_000, "{summary:?}");
    assert!(rig.content(LOCAL, "/big").unwrap() == bytes(500_000));
}

#[tokio::test(start_paused = true)]
async fn going_on_after_a_pause_is_no_burst_of_all_that_went_through_before() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/big", &bytes(2_000_000));
    let batch = rig.down(&[("/big", "/big")]);
    let id = rig.enqueue(batch);
    let before = rig.until_moved(1_000_000).await;
    rig.send(Command::Pause(Which::Batch(id)));
    until_held(&mut rig).await;
    let rest = rig.meters_where(|meters| meters.active.is_empty()).await;
    assert!(rest.moved >= before.moved, "what went through stays so: {} {}", rest.moved, before.moved);
    rig.send(Command::Resume(Which::All));
    let after = rig.meters_where(|meters| meters.active.iter().any(|meter| meter.rate > 0.0)).await;
    assert!(after.moved >= rest.moved, "{after:?}");
    let fastest = before.rate * 1.5;
    assert!(after.rate < fastest && after.active[0].rate < fastest, "{before:?} {after:?}");
    assert_eq!(rig.summary(id).await.done, 1);
}

#[tokio::test(start_paused = true)]
async fn a_paused_transfer_lets_the_others_by_and_keeps_the_batch_open() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(LOCAL, "/up", &bytes(400_000));
    rig.file(LOCAL, "/next", &bytes(1000));
    let batch = rig.up(&[("/up", "/up"), ("/next", "/next")]);
    let id = rig.enqueue(batch);
    rig.until_moved(200_000).await;
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    let up = id_of(&rig, "/up");
    rig.send(Command::Pause(Which::Transfer(up)));
    until_state(&mut rig, up, |state| *state == TransferState::Paused).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rig.content(HOST, "/next"), Some(bytes(1000)));
    rig.send(Command::Resume(Which::Transfer(up)));
    let summary = rig.summary(id).await;
    assert_eq!(summary.done, 2);
    assert!(summary.bytes < 402_000, "{summary:?}");
    assert!(rig.content(HOST, "/up").unwrap() == bytes(400_000));
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_retried_and_its_batch_ends_once_more() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(50_000));
    rig.file(HOST, "/b", &bytes(50_000));
    rig.host(HOST, |host| host.faults.truncate = Some(30_000));
    let batch = rig.down(&[("/a", "/a"), ("/b", "/b")]);
    let id = rig.enqueue(batch);
    assert_eq!(rig.summary(id).await.failed, 2);
    rig.host(HOST, |host| host.faults.truncate = None);
    rig.send(Command::Retry(Which::Transfer(id_of(&rig, "/a"))));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed, &summary.first_failure), (1, 0, &None));
    assert!(rig.content(LOCAL, "/a").unwrap() == bytes(50_000));
    let b = id_of(&rig, "/b");
    rig.send(Command::Forget(Which::Transfer(b)));
    rig.send(Command::Retry(Which::All));
    rig.list(SERVER, "/").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(rig.content(LOCAL, "/b"), None, "what was forgotten is passed over");
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_was_cancelled_goes_on_at_the_byte_when_it_is_asked_for_again() {
    for down in [true, false] {
        let mut rig = Rig::open().await;
        rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
        let (source, target) = if down { (HOST, LOCAL) } else { (LOCAL, HOST) };
        rig.file(source, "/big", &bytes(600_000));
        let batch = if down { rig.down(&[("/big", "/copy")]) } else { rig.up(&[("/big", "/copy")]) };
        let id = rig.enqueue(batch);
        rig.until_moved(400_000).await;
        rig.send(Command::CancelBatch(id));
        assert_eq!(rig.summary(id).await.cancelled, 1);
        let batch = if down { rig.down(&[("/big", "/copy")]) } else { rig.up(&[("/big", "/copy")]) };
        let summary = rig.run(batch).await;
        assert_eq!(summary.done, 1, "{down} {summary:?}");
        assert!(summary.bytes < 300_000, "{down} {summary:?}");
        assert!(rig.content(target, "/copy").unwrap() == bytes(600_000));
        assert!(!rig.seen.iter().any(|event| matches!(event, Event::Asked(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_holds_the_batch_with_one_notice_until_it_is_resumed() {
    let mut rig = Rig::open().await;
    for n in 0..10 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(100_000));
    }
    rig.host(LOCAL, |host| host.faults.room = Some(250_000));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    assert_eq!(until_held(&mut rig).await.unwrap().kind, FailureKind::Full);
    tokio::time::sleep(Duration::from_secs(60)).await;
    rig.send(Command::Resume(Which::Batch(id)));
    assert_eq!(until_held(&mut rig).await.unwrap().kind, FailureKind::Full, "it was tried again");
    rig.host(LOCAL, |host| host.faults.room = None);
    rig.send(Command::Resume(Which::Batch(id)));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (10, 0), "{summary:?}");
    assert_eq!(told(&rig, |event| matches!(event, TransferEvent::Held { .. })), 2);
    assert_eq!(told(&rig, |event| matches!(event, TransferEvent::Released(_))), 2);
    for n in 0..10 {
        assert!(rig.content(LOCAL, &format!("/dir/{n}")).unwrap() == bytes(100_000));
    }
}

#[tokio::test(start_paused = true)]
async fn another_batch_goes_on_while_one_is_held() {
    let mut rig = Rig::open().await;
    many(&rig, "/one", 100);
    many(&rig, "/two", 100);
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(100));
    let one = rig.down(&[("/one", "/one")]);
    let one = rig.enqueue(one);
    rig.active().await;
    rig.send(Command::Pause(Which::Batch(one)));
    let two = rig.down(&[("/two", "/two")]);
    assert_eq!(rig.run(two).await.done, 100);
    rig.send(Command::CancelBatch(one));
    let summary = rig.summary(one).await;
    assert_eq!(summary.done + summary.cancelled, 100, "a held batch can be cancelled");
}

#[tokio::test(start_paused = true)]
async fn priorities_go_across_batches_and_a_moved_transfer_goes_where_it_was_moved() {
    let mut rig = Rig::new(ftpane::engine::Options { lanes: 1, ..options() });
    rig.open_both().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(100));
    for name in ["a", "b", "c", "d", "e"] {
        rig.file(HOST, &format!("/{name}"), &bytes(300_000));
    }
    let first = rig.down(&[("/a", "/a"), ("/b", "/b"), ("/c", "/c"), ("/d", "/d")]);
    let first = rig.enqueue(first);
    rig.active().await;
    rig.meters_where(|meters| meters.queued == 3).await;
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    rig.send(Command::Shift { transfer: id_of(&rig, "/d"), to: Shift::Top });
    let shifted = rig
        .until(|event| match event {
            Event::Transfer(TransferEvent::Shifted { before, .. }) => Some(*before),
            _ => None,
        })
        .await;
    assert_eq!(shifted, Some(id_of(&rig, "/b")));
    let mut second = rig.down(&[("/e", "/e")]);
    second.manner.priority = Priority::High;
    rig.enqueue(second);
    rig.send(Command::Prioritize(Which::Transfer(id_of(&rig, "/b")), Priority::Low));
    rig.summary(first).await;
    assert_eq!(begun(&rig), ["/a", "/e", "/d", "/c", "/b"]);
}

#[tokio::test(start_paused = true)]
async fn on_a_server_of_one_connection_a_pane_is_answered_in_the_middle_of_a_large_file() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| {
        host.faults.max_connections = Some(1);
        host.faults.block_delay = Duration::from_millis(100);
    });
    rig.file(HOST, "/big", &bytes(400_000));
    let batch = rig.down(&[("/big", "/big")]);
    let id = rig.enqueue(batch);
    rig.until_moved(150_000).await;
    let asked = tokio::time::Instant::now();
    let request = rig.begin(SERVER, BrowseOp::List { path: path("/"), generation: Generation(90) });
    rig.answer_to(request).await.unwrap();
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    let summary = rig.summary(id).await;
    assert_eq!(summary.done, 1);
    assert!(summary.bytes < 500_000, "{summary:?}");
    assert!(rig.content(LOCAL, "/big").unwrap() == bytes(400_000));
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 1);
}

#[tokio::test(start_paused = true)]
async fn on_a_server_of_one_connection_a_copy_that_is_cancelled_stops_and_is_counted_once() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| {
        host.faults.max_connections = Some(1);
        host.faults.block_delay = Duration::from_millis(100);
    });
    rig.file(HOST, "/big", &bytes(2_000_000));
    let batch = rig.down(&[("/big", "/big")]);
    let id = rig.enqueue(batch);
    let meters = rig.until_moved(500_000).await;
    assert!(meters.bytes_left < 1_500_000 && meters.queued == 0, "{meters:?}");
    let big = rig.active().await;
    rig.send(Command::CancelTransfer(big));
    assert_eq!(rig.summary(id).await.cancelled, 1);
    let there = rig.content(LOCAL, "/.big.ftpane-part").unwrap().len();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rig.content(LOCAL, "/.big.ftpane-part").map(|bytes| bytes.len()), Some(there), "nothing moves any more");
    assert_eq!(rig.content(LOCAL, "/big"), None);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stays_one_whatever_comes_before_the_lane_has_answered() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(200));
    rig.file(HOST, "/big", &bytes(4_000_000));
    let batch = rig.down(&[("/big", "/big")]);
    let id = rig.enqueue(batch);
    rig.until_moved(150_000).await;
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    let big = id_of(&rig, "/big");
    rig.send(Command::CancelTransfer(big));
    rig.send(Command::Pause(Which::Transfer(big)));
    rig.send(Command::Resume(Which::All));
    let summary = rig.summary(id).await;
    assert_eq!((summary.cancelled, summary.done), (1, 0), "{:#?}", rig.seen);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_is_tried_again_keeps_the_priority_that_it_was_given() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/a", &bytes(400_000));
    let batch = rig.down(&[("/a", "/a")]);
    let id = rig.enqueue(batch);
    rig.until_moved(100_000).await;
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    let a = id_of(&rig, "/a");
    rig.send(Command::Prioritize(Which::Transfer(a), Priority::High));
    rig.send(Command::CancelTransfer(a));
    assert_eq!(rig.summary(id).await.cancelled, 1);
    rig.seen.clear();
    rig.send(Command::Retry(Which::Transfer(a)));
    assert_eq!(rig.summary(id).await.done, 1);
    assert_eq!(told(&rig, |event| matches!(event, TransferEvent::Prioritized { priority: Priority::High, .. })), 1);
}

#[tokio::test(start_paused = true)]
async fn files_that_a_lane_was_given_ahead_move_over_to_one_that_has_nothing_to_do() {
    let mut rig = Rig::new(ftpane::engine::Options { lanes: 2, at_once: true, ..options() });
    rig.open_both().await;
    many(&rig, "/dir", 40);
    rig.file(HOST, "/dir/00000", &bytes(200_000));
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(100));
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    let big = rig
        .until(|event| match event {
            Event::Transfer(TransferEvent::Queued(transfer)) if transfer.source.path == path("/dir/00000") => Some(transfer.id),
            _ => None,
        })
        .await;
    until_state(&mut rig, big, |state| matches!(state, TransferState::Done(_))).await;
    let done = told(&rig, |event| matches!(event, TransferEvent::Changed { state: TransferState::Done(_), .. }));
    assert_eq!(done, 40, "none waited behind the large one");
    assert_eq!(rig.summary(id).await.done, 40);
}

#[tokio::test(start_paused = true)]
async fn trying_all_again_brings_back_what_was_cancelled_too() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(50_000));
    rig.file(HOST, "/b", &bytes(50_000));
    rig.host(HOST, |host| (host.faults.truncate, host.faults.block_delay) = (Some(30_000), Duration::from_millis(10)));
    let batch = rig.down(&[("/a", "/a"), ("/b", "/b")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    rig.send(Command::CancelTransfer(id_of(&rig, "/b")));
    let summary = rig.summary(id).await;
    assert_eq!((summary.failed, summary.cancelled), (1, 1));
    rig.host(HOST, |host| host.faults.truncate = None);
    rig.send(Command::Retry(Which::All));
    assert_eq!(rig.summary(id).await.done, 2);
    assert_eq!((rig.content(LOCAL, "/a"), rig.content(LOCAL, "/b")), (Some(bytes(50_000)), Some(bytes(50_000))));
    rig.send(Command::Retry(Which::All));
    let forgotten = |event: &Event| matches!(event, Event::Transfer(TransferEvent::Forgotten(Which::All))).then_some(());
    rig.until(forgotten).await;
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_could_not_be_walked_for_want_of_a_server_is_walked_when_it_is_tried_again() {
    for (down, which) in [(true, Which::All), (false, Which::All), (true, Which::Batch(BatchId(1)))] {
        let mut rig = Rig::open().await;
        let (source, target) = if down { (HOST, LOCAL) } else { (LOCAL, HOST) };
        (0..3).for_each(|n| rig.file(source, &format!("/dir/{n}"), &bytes(n * 100)));
        rig.host(HOST, |host| host.faults.refuse = Some(lost()));
        let mut batch = if down { rig.down(&[("/dir", "/dir")]) } else { rig.up(&[("/dir", "/dir")]) };
        batch.id = BatchId(1);
        let id = rig.enqueue(batch);
        let summary = rig.summary(id).await;
        assert_eq!((summary.done, summary.failed), (0, 1), "{down} {summary:?}");
        let noted = rig.seen.iter().filter(|event| matches!(event, Event::Transfer(TransferEvent::Noted { again: true, .. }))).count();
        assert_eq!(noted, 1);
        rig.host(HOST, |host| host.faults.refuse = None);
        rig.send(Command::Retry(which));
        let summary = rig.summary(id).await;
        assert_eq!((summary.done, summary.failed, &summary.first_failure), (3, 0, &None), "{down}");
        assert_eq!(rig.content(target, "/dir/2"), Some(bytes(200)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_tried_again_counts_what_was_done_and_found_of_it_before() {
    let mut rig = Rig::open().await;
    many(&rig, "/dir", 3000);
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.until(|event| matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Done(_), .. })).then_some(())).await;
    rig.send(Command::CancelAll);
    let first = rig.summary(id).await;
    assert!(first.cancelled > 0 && first.done + first.cancelled == 3000, "{first:?}");
    rig.seen.clear();
    rig.send(Command::Retry(Which::All));
    let second = rig.summary(id).await;
    assert_eq!((second.before, second.done), (first.done, first.cancelled), "{second:?}");
    let planned = rig.seen.iter().rev().find_map(|event| match event {
        Event::Transfer(TransferEvent::Planned { found, .. }) => Some(found.files),
        _ => None,
    });
    assert_eq!(planned, Some(3000));
}

#[tokio::test(start_paused = true)]
async fn what_stops_on_its_way_says_how_far_it_is() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/big", &bytes(500_000));
    let batch = rig.down(&[("/big", "/big")]);
    let id = rig.enqueue(batch);
    let reached = |event: &Event| match event {
        Event::Transfer(TransferEvent::Reached { done, .. }) => Some(*done),
        _ => None,
    };
    rig.meters_where(|meters| meters.active.iter().any(|meter| meter.done > 200_000)).await;
    rig.send(Command::Pause(Which::Batch(id)));
    let paused = rig.until(reached).await;
    assert_eq!(rig.content(LOCAL, "/.big.ftpane-part").unwrap().len() as u64, paused);
    rig.send(Command::Resume(Which::All));
    rig.meters_where(|meters| meters.active.iter().any(|meter| meter.done > paused)).await;
    rig.send(Command::CancelAll);
    assert!(rig.until(reached).await >= paused);
    rig.summary(id).await;
}

#[tokio::test(start_paused = true)]
async fn that_times_cannot_be_kept_is_said_once_for_a_copy() {
    let mut rig = Rig::open().await;
    (0..3).for_each(|n| rig.file(LOCAL, &format!("/{n}"), &bytes(10)));
    let notes = |rig: &Rig| told(rig, |event| matches!(event, TransferEvent::Noted { failure, .. } if failure.during == During::SetTime));
    let items = [("/0", "/0"), ("/1", "/1"), ("/2", "/2")];
    let kept = rig.up(&items);
    assert_eq!((rig.run(kept).await.done, notes(&rig)), (3, 0));
    rig.host(HOST, |host| host.faults.no_set_time = true);
    let lost = BatchSpec { existing: Existing::Overwrite, ..rig.up(&items) };
    let summary = rig.run(lost).await;
    assert_eq!((summary.done, summary.skipped, notes(&rig)), (3, 0, 1), "it is no file that was passed over");
}
