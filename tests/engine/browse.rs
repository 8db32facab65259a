//! What panes ask of their volumes.

use std::time::Duration;

use ftpane::bus::{BrowseOp, Command, ConnectionEvent, Event, Guard, Outcome, RemoveHow};
use ftpane::model::listing::Count;
use ftpane::model::{FailureKind, Generation, Kind, Name};

use super::rig::*;

fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

fn remove(guard: Guard, names: &[(&str, Kind)]) -> BrowseOp {
    BrowseOp::Remove { guard, entries: names.iter().map(|(text, kind)| (name(text), *kind)).collect(), how: RemoveHow::ForGood }
}

#[tokio::test(start_paused = true)]
async fn a_listing_streams_rows_and_is_answered_after_the_last() {
    let mut rig = Rig::open().await;
    for n in 0..5 {
        rig.file(HOST, &format!("/{n}"), b"x");
    }
    rig.list(SERVER, "/").await;
    let parts = rig.seen.iter().filter(|event| matches!(event, Event::Listed { .. })).count();
    assert_eq!(parts, 3);
    assert!(matches!(rig.seen.last(), Some(Event::Answered { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_tree_is_deleted_with_its_links_and_never_what_they_lead_to() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/tree/sub/x", b"x");
    rig.file(HOST, "/keep/y", b"y");
    rig.host(HOST, |host| host.tree.link("/tree/sub/link", "/keep"));
    let guard = rig.list(SERVER, "/").await;
    rig.ask(SERVER, remove(guard, &[("tree", Kind::Dir)])).await.unwrap();
    assert_eq!(rig.paths(HOST), ["/keep", "/keep/y"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_only_guessed_to_be_a_link_is_deleted_as_what_it_is() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/tree/sub/x", b"x");
    rig.file(HOST, "/keep/y", b"y");
    rig.file(HOST, "/file", b"z");
    rig.host(HOST, |host| {
        host.faults.names_alone = true;
        host.tree.link("/link", "/keep");
    });
    let guard = rig.list(SERVER, "/").await;
    rig.ask(SERVER, remove(guard, &[("tree", Kind::Link), ("link", Kind::Link), ("file", Kind::Link)])).await.unwrap();
    assert_eq!(rig.paths(HOST), ["/keep", "/keep/y"]);
    let guard = rig.list(SERVER, "/").await;
    let failure = rig.ask(SERVER, remove(guard, &[("gone", Kind::Link)])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn deleting_goes_on_past_a_failure_and_tells_it() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    rig.file(HOST, "/b", b"x");
    let guard = rig.list(SERVER, "/").await;
    let failure = rig.ask(SERVER, remove(guard, &[("gone", Kind::File), ("a", Kind::File), ("b", Kind::File)])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.to_string().contains("2 deleted, 1 not"), "{failure}");
    assert_eq!(rig.paths(HOST), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_destructive_command_with_a_stale_guard_is_refused() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    let old = rig.list(SERVER, "/").await;
    rig.list(SERVER, "/").await;
    let failure = rig.ask(SERVER, remove(old.clone(), &[("a", Kind::File)])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    let rename = BrowseOp::Rename { guard: Guard { generation: Generation(99), ..old }, from: path("/a"), to: path("/b") };
    assert_eq!(rig.ask(SERVER, rename).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(rig.paths(HOST), ["/a"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_opened_anew_for_a_listing_and_says_so() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    rig.host(HOST, |host| host.faults.drop_next = true);
    rig.list(SERVER, "/").await;
    let told: Vec<&Event> = rig
        .seen
        .iter()
        .filter(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Lost(_) | ConnectionEvent::Reopened)))
        .collect();
    assert!(
        matches!(told[..], [Event::Connection(_, ConnectionEvent::Lost(_)), Event::Connection(_, ConnectionEvent::Reopened)]),
        "{told:?}"
    );
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Listed { .. })).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_never_repeated_after_a_loss_but_may_be_given_again() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    let guard = rig.list(SERVER, "/").await;
    rig.host(HOST, |host| host.faults.drop_next = true);
    let failure = rig.ask(SERVER, remove(guard.clone(), &[("a", Kind::File)])).await.unwrap_err();
    assert!(failure.is_connection_lost());
    assert_eq!(rig.paths(HOST), ["/a"]);
    let stale = Guard { generation: Generation(77), ..guard.clone() };
    assert_eq!(rig.ask(SERVER, remove(stale, &[("a", Kind::File)])).await.unwrap_err().kind, FailureKind::Invalid);
    rig.ask(SERVER, remove(guard, &[("a", Kind::File)])).await.unwrap();
    assert_eq!(rig.paths(HOST), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn directories_are_made_with_those_above_them() {
    let mut rig = Rig::open().await;
    rig.ask(SERVER, BrowseOp::MakeDir { path: path("/a/b/c") }).await.unwrap();
    assert_eq!(rig.paths(HOST), ["/a", "/a/b", "/a/b/c"]);
    let failure = rig.ask(SERVER, BrowseOp::MakeDir { path: path("/a/b") }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AlreadyExists);
}

#[tokio::test(start_paused = true)]
async fn a_count_covers_files_and_trees() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/d/x/1", &bytes(10));
    rig.file(HOST, "/d/2", &bytes(20));
    rig.file(HOST, "/3", &bytes(5));
    let op = BrowseOp::Count { directory: path("/"), entries: vec![(name("d"), Kind::Dir), (name("3"), Kind::File)] };
    let outcome = rig.ask(SERVER, op).await.unwrap();
    assert_eq!(outcome, Outcome::Counted(Count { files: 3, dirs: 2, bytes: 35 }));
}

#[tokio::test(start_paused = true)]
async fn a_window_of_a_file_is_read_from_its_middle_and_its_end() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(10_000));
    for (offset, length, expected) in [(0, 100, 0..100), (5000, 4096, 5000..9096), (9_990, 100, 9_990..10_000), (0, 20_000, 0..10_000)] {
        let outcome = rig.ask(SERVER, BrowseOp::Read { path: path("/a"), offset, length }).await.unwrap();
        let Outcome::Window { bytes: window, size, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((window, size), (bytes(10_000)[expected].to_vec(), Some(10_000)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetched_file_is_private_and_comes_back_in_place_with_its_mode() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/page", b"text");
    rig.host(HOST, |host| host.tree.node_mut("/page").unwrap().mode = 0o604);
    rig.host(LOCAL, |host| host.tree.dir("/tmp"));
    let local = std::path::PathBuf::from("/tmp/page");
    let outcome = rig.ask(SERVER, BrowseOp::Fetch { path: path("/page"), to: local.clone() }).await.unwrap();
    assert!(matches!(outcome, Outcome::Fetched(side) if side.size == Some(4)));
    assert_eq!(rig.host(LOCAL, |host| host.tree.node("/tmp/page").unwrap().mode), 0o600);
    rig.file(LOCAL, "/tmp/page", b"edited");
    let outcome = rig.ask(SERVER, BrowseOp::Store { from: local, path: path("/page") }).await.unwrap();
    assert!(matches!(outcome, Outcome::Stored(side) if side.size == Some(6)));
    assert_eq!(rig.content(HOST, "/page"), Some(b"edited".to_vec()));
    assert_eq!(rig.host(HOST, |host| host.tree.node("/page").unwrap().mode), 0o604);
    assert_eq!(rig.paths(HOST), ["/page"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_request_is_answered_as_cancelled_and_the_next_one_works() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", b"x");
    rig.host(HOST, |host| host.faults.delay = Duration::from_secs(5));
    let request = rig.begin(SERVER, BrowseOp::List { path: path("/"), generation: Generation(1) });
    rig.send(Command::CancelRequest { connection: SERVER, request });
    assert_eq!(rig.answer_to(request).await.unwrap_err().kind, FailureKind::Cancelled);
    rig.list(SERVER, "/").await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_alive_and_a_dead_one_noticed_on_the_next_use() {
    let mut rig = Rig::open().await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(rig.host(HOST, |host| host.counters.commands), 3);
    rig.host(HOST, |host| host.faults.drop_next = true);
    tokio::time::sleep(Duration::from_secs(100)).await;
    rig.list(SERVER, "/").await;
    assert!(rig.seen.iter().any(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Reopened))));
}

#[tokio::test(start_paused = true)]
async fn requests_to_a_closed_volume_are_answered_and_its_transfers_go_on() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    rig.file(HOST, "/a", &bytes(100_000));
    let batch = rig.down(&[("/a", "/a")]);
    let id = rig.enqueue(batch);
    rig.send(Command::Close { connection: SERVER });
    rig.until(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Closed)).then_some(())).await;
    assert!(rig.ask(SERVER, BrowseOp::Stat { path: path("/a") }).await.is_err());
    let done = rig.seen.iter().find_map(|event| match event {
        Event::Transfer(ftpane::bus::TransferEvent::BatchEnded(summary)) if summary.batch == id => Some(summary.clone()),
        _ => None,
    });
    let summary = match done {
        Some(summary) => summary,
        None => rig.summary(id).await,
    };
    assert_eq!(summary.done, 1);
}
