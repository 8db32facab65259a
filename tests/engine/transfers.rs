//! Copies and moves that go well.

use std::time::Duration;

use ftpane::bus::{Command, Event, TransferEvent};
use ftpane::model::transfer::{Direction, Verb, Verified};
use ftpane::model::{FailureKind, Kind, TransferState};

use super::rig::*;

fn tree(rig: &Rig, host: &str, root: &str) {
    for (name, content) in
        [("a.txt", bytes(10)), ("sub/b.bin", bytes(5000)), ("sub/deep/c d", bytes(70_000)), ("sub/deep/leer", Vec::new())]
    {
        rig.file(host, &format!("{root}/{name}"), &content);
    }
    rig.host(host, |host| host.tree.dir(&format!("{root}/empty")));
}

fn same_tree(rig: &Rig, host: &str, root: &str) {
    assert_eq!(rig.content(host, &format!("{root}/a.txt")), Some(bytes(10)));
    assert_eq!(rig.content(host, &format!("{root}/sub/b.bin")), Some(bytes(5000)));
    assert_eq!(rig.content(host, &format!("{root}/sub/deep/c d")), Some(bytes(70_000)));
    assert_eq!(rig.content(host, &format!("{root}/sub/deep/leer")), Some(Vec::new()));
    assert!(rig.paths(host).contains(&format!("{root}/empty")), "{:?}", rig.paths(host));
    assert!(!rig.paths(host).iter().any(|path| path.contains("ftpane-part")), "{:?}", rig.paths(host));
}

#[tokio::test(start_paused = true)]
async fn a_tree_comes_down_whole_with_its_times() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    rig.host(HOST, |host| host.tree.node_mut("/tree/a.txt").unwrap().modified = 1_234_567);
    let batch = rig.down(&[("/tree", "/copy")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed, summary.bytes), (4, 0, 75_010));
    same_tree(&rig, LOCAL, "/copy");
    assert_eq!(rig.host(LOCAL, |host| host.tree.node("/copy/a.txt").unwrap().modified), 1_234_567);
    assert!(rig.states().values().all(|state| *state == TransferState::Done(Verified::Size)), "{:?}", rig.states());
    assert!(rig.queued().iter().all(|transfer| transfer.direction == Direction::Down));
}

#[tokio::test(start_paused = true)]
async fn a_tree_goes_up_and_across_and_stays_on_the_disk_by_the_same_code() {
    let mut rig = Rig::open().await;
    rig.connect(OTHER, spec("other")).await;
    tree(&rig, LOCAL, "/tree");
    let up = rig.up(&[("/tree", "/up")]);
    assert_eq!(rig.run(up).await.failed, 0);
    same_tree(&rig, HOST, "/up");
    let across = rig.batch((SERVER, HOST), OTHER, &[("/up", "/across")]);
    assert_eq!(rig.run(across).await.failed, 0);
    same_tree(&rig, "other", "/across");
    let local = rig.batch((DISK, LOCAL), DISK, &[("/tree", "/local")]);
    assert_eq!(rig.run(local).await.failed, 0);
    same_tree(&rig, LOCAL, "/local");
    let within = rig.batch((SERVER, HOST), SERVER, &[("/up", "/up2")]);
    assert_eq!(rig.run(within).await.failed, 0);
    same_tree(&rig, HOST, "/up2");
}

#[tokio::test(start_paused = true)]
async fn the_panes_are_told_what_landed_and_planning_ends_with_the_totals() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    let batch = rig.down(&[("/tree", "/copy")]);
    rig.run(batch).await;
    let landed: Vec<String> = rig
        .seen
        .iter()
        .filter_map(|event| match event {
            Event::Transfer(TransferEvent::Landed { directory, entry }) => {
                assert_eq!(directory.connection, DISK);
                Some(String::from_utf8_lossy(directory.path.join(&entry.name).as_bytes()).into_owned())
            }
            _ => None,
        })
        .collect();
    for path in ["/copy", "/copy/empty", "/copy/sub", "/copy/a.txt", "/copy/sub/deep/c d"] {
        assert!(landed.iter().any(|there| there == path), "{path}: {landed:?}");
    }
    let last = rig.seen.iter().rev().find_map(|event| match event {
        Event::Transfer(TransferEvent::Planned { found, complete, .. }) => Some((*found, *complete)),
        _ => None,
    });
    let (found, complete) = last.unwrap();
    assert_eq!((found.files, found.dirs, found.bytes, complete), (4, 4, 75_010, true));
}

#[tokio::test(start_paused = true)]
async fn a_directory_costs_one_listing_and_its_existing_files_no_command_each() {
    let mut rig = Rig::open().await;
    for n in 0..50 {
        rig.file(HOST, &format!("/many/{n}"), b"x");
        rig.file(LOCAL, &format!("/copy/{n}"), b"x");
    }
    let before = rig.host(LOCAL, |host| host.counters);
    let mut batch = rig.down(&[("/many", "/copy")]);
    batch.existing = ftpane::model::Existing::Skip;
    let summary = rig.run(batch).await;
    assert_eq!(summary.skipped, 50);
    let after = rig.host(LOCAL, |host| host.counters);
    assert!(after.commands - before.commands <= 3, "{before:?} {after:?}");
}

#[tokio::test(start_paused = true)]
async fn two_transfers_run_at_the_same_time_and_the_meters_show_them() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    for name in ["/a", "/b", "/c"] {
        rig.file(HOST, name, &bytes(200_000));
    }
    let batch = rig.down(&[("/a", "/a"), ("/b", "/b"), ("/c", "/c")]);
    let id = rig.enqueue(batch);
    let meters = rig.meters_where(|meters| meters.active.len() == 2 && meters.rate > 1000.0 && meters.queued == 1).await;
    assert!(meters.bytes_left > 200_000 && meters.bytes_left <= 600_000, "{meters:?}");
    assert!(meters.seconds_left().is_some());
    assert_eq!(rig.summary(id).await.done, 3);
    let rest = rig.meters_where(|meters| meters.active.is_empty()).await;
    assert_eq!((rest.queued, rest.bytes_left), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn lanes_say_goodbye_after_a_while_without_work() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    let batch = rig.down(&[("/a", "/a")]);
    rig.run(batch).await;
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 2);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 1);
}

#[tokio::test(start_paused = true)]
async fn file_links_are_copied_by_content_and_directory_links_are_skipped_and_told() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    rig.host(HOST, |host| {
        host.tree.link("/tree/to-file", "/tree/a.txt");
        host.tree.link("/tree/to-dir", "/tree/sub");
        host.tree.link("/tree/broken", "/nowhere");
    });
    let batch = rig.down(&[("/tree", "/copy")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.skipped, summary.failed), (5, 1, 1));
    assert_eq!(rig.content(LOCAL, "/copy/to-file"), Some(bytes(10)));
    assert!(!rig.paths(LOCAL).iter().any(|path| path.starts_with("/copy/to-dir")));
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_only_guessed_to_be_a_link_is_copied_and_moved_as_what_it_is() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    rig.host(HOST, |host| host.faults.names_alone = true);
    let mut copy = rig.down(&[("/tree", "/copy"), ("/tree/a.txt", "/a.txt")]);
    copy.items.iter_mut().for_each(|item| (item.kind, item.size) = (Kind::Link, None));
    let summary = rig.run(copy).await;
    assert_eq!((summary.done, summary.skipped, summary.failed), (5, 0, 0), "{summary:?}");
    same_tree(&rig, LOCAL, "/copy");
    assert_eq!(rig.content(LOCAL, "/a.txt"), Some(bytes(10)));
    let mut gone = rig.down(&[("/tree", "/moved")]);
    gone.verb = Verb::Move;
    gone.items.iter_mut().for_each(|item| item.kind = Kind::Link);
    assert_eq!(rig.run(gone).await.failed, 0);
    same_tree(&rig, LOCAL, "/moved");
    assert!(rig.paths(HOST).is_empty(), "{:?}", rig.paths(HOST));
}

#[tokio::test(start_paused = true)]
async fn followed_links_are_entered_but_not_in_a_circle() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/tree/sub/x", b"x");
    rig.host(HOST, |host| {
        host.tree.link("/tree/to-dir", "/tree/sub");
        host.tree.link("/tree/sub/up", "/tree");
    });
    let mut batch = rig.down(&[("/tree", "/copy")]);
    batch.follow = true;
    let summary = rig.run(batch).await;
    assert_eq!(rig.content(LOCAL, "/copy/to-dir/x"), Some(b"x".to_vec()));
    assert_eq!((summary.done, summary.failed), (2, 2));
    assert!(!rig.paths(LOCAL).iter().any(|path| path.contains("/up/")), "{:?}", rig.paths(LOCAL));
}

#[tokio::test(start_paused = true)]
async fn a_copy_onto_or_into_itself_is_refused() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    let before = rig.paths(HOST);
    let batch = rig.batch((SERVER, HOST), SERVER, &[("/tree", "/tree/sub/tree"), ("/tree/a.txt", "/tree/a.txt")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (0, 2));
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::Invalid);
    assert_eq!(rig.paths(HOST), before);
}

#[tokio::test(start_paused = true)]
async fn a_move_on_one_server_is_a_rename_and_tells_both_directories() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    rig.file(HOST, "/one", b"1");
    rig.host(HOST, |host| host.tree.dir("/into"));
    let mut batch = rig.batch((SERVER, HOST), SERVER, &[("/tree", "/into/tree"), ("/one", "/into/one")]);
    batch.verb = Verb::Move;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed, summary.bytes), (2, 0, 0));
    same_tree(&rig, HOST, "/into/tree");
    assert!(!rig.paths(HOST).iter().any(|path| path.starts_with("/tree") || path == "/one"));
    let left = rig.seen.iter().filter(|event| matches!(event, Event::Transfer(TransferEvent::Left { .. }))).count();
    assert_eq!(left, 2);
}

#[tokio::test(start_paused = true)]
async fn a_move_across_deletes_the_source_after_the_copy_with_its_empty_directories() {
    let mut rig = Rig::open().await;
    tree(&rig, HOST, "/tree");
    let mut batch = rig.down(&[("/tree", "/copy")]);
    batch.verb = Verb::Move;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    same_tree(&rig, LOCAL, "/copy");
    assert_eq!(rig.paths(HOST), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_move_that_cannot_rename_copies_and_deletes() {
    let mut rig = Rig::open().await;
    tree(&rig, LOCAL, "/tree");
    rig.host(LOCAL, |host| host.faults.no_rename = true);
    rig.host(HOST, |host| host.faults.no_rename = true);
    let mut batch = rig.batch((SERVER, HOST), SERVER, &[("/tree", "/moved")]);
    tree(&rig, HOST, "/tree");
    batch.verb = Verb::Move;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    same_tree(&rig, HOST, "/moved");
    assert!(!rig.paths(HOST).iter().any(|path| path.starts_with("/tree")), "{:?}", rig.paths(HOST));
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_transfer_keeps_its_partial_and_the_rest_go_on() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/big", &bytes(500_000));
    rig.file(HOST, "/small", &bytes(5_000));
    let batch = rig.down(&[("/big", "/big"), ("/small", "/small")]);
    let id = rig.enqueue(batch);
    rig.until_moved(100_000).await;
    let big = rig.active().await;
    rig.send(Command::CancelTransfer(big));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.cancelled), (1, 1));
    assert_eq!(rig.content(LOCAL, "/big"), None);
    assert!(rig.content(LOCAL, "/.big.ftpane-part").unwrap().len() > 100_000);
    assert_eq!(rig.states()["/big"], TransferState::Cancelled);
    rig.file(HOST, "/next", b"n");
    let batch = rig.down(&[("/next", "/next")]);
    assert_eq!(rig.run(batch).await.done, 1);
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_batch_ends_what_moves_and_what_waits() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    for n in 0..10 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(100_000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    rig.send(Command::CancelBatch(id));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.cancelled), (0, 10));
}

#[tokio::test(start_paused = true)]
async fn a_device_is_written_straight() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(3000));
    rig.host(LOCAL, |host| host.tree.device("/dev/null"));
    let batch = rig.down(&[("/a", "/dev/null")]);
    assert_eq!(rig.run(batch).await.done, 1);
    assert_eq!(rig.content(LOCAL, "/dev/null"), Some(bytes(3000)));
    assert_eq!(rig.paths(LOCAL), ["/dev", "/dev/null"]);
}
