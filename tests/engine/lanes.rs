//! How many lanes run: growth, servers that allow few connections, storms of refusals.

use std::time::Duration;

use ftpane::bus::Command;
use ftpane::engine::Options;
use ftpane::model::{During, Failure, FailureKind, Limits, TransferState};
use tokio::time::Instant;

use super::rig::*;

/// A tree of small files on the server, which takes as long for each command as `delay` says.
fn tree(rig: &Rig, files: usize, delay: u64) {
    for n in 0..files {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(2000));
    }
    rig.host(HOST, |host| host.faults.delay = Duration::from_millis(delay));
}

async fn open(options: Options) -> Rig {
    let mut rig = Rig::new(options);
    rig.open_both().await;
    rig
}

async fn copies_all(rig: &mut Rig, files: u64) -> Duration {
    let began = Instant::now();
    let batch = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (files, 0), "{summary:?}");
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn small_files_behind_a_long_way_get_more_lanes_until_the_limit() {
    let mut rig = open(Options { lanes: 6, ..options() }).await;
    tree(&rig, 600, 20);
    let grown = copies_all(&mut rig, 600).await;
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 7, "six lanes and the pane's");

    let mut rig = open(Options { lanes: 2, ..options() }).await;
    tree(&rig, 600, 20);
    let two = copies_all(&mut rig, 600).await;
    assert!(grown * 2 < two, "{grown:?} with up to six, {two:?} with two");
}

#[tokio::test(start_paused = true)]
async fn two_lanes_are_the_beginning_and_a_few_files_open_no_more() {
    let mut rig = open(Options { lanes: 10, ..options() }).await;
    tree(&rig, 2, 20);
    copies_all(&mut rig, 2).await;
    assert!(rig.host(HOST, |host| host.counters.most_connected) <= 3);
}

#[tokio::test(start_paused = true)]
async fn all_lanes_are_opened_at_once_where_that_was_asked() {
    let mut rig = open(Options { lanes: 8, at_once: true, ..options() }).await;
    for n in 0..8 {
        rig.file(HOST, &format!("/{n}"), &bytes(500_000));
    }
    rig.host(HOST, |host| (host.faults.delay, host.faults.block_delay) = (Duration::from_millis(10), Duration::from_millis(1)));
    let names: Vec<String> = (0..8).map(|n| format!("/{n}")).collect();
    let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let batch = rig.down(&items);
    let id = rig.enqueue(batch);
    rig.meters_where(|meters| meters.lanes == 8).await;
    assert_eq!(rig.summary(id).await.done, 8);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_refusals_settles_at_what_the_server_allows() {
    for at_once in [true, false] {
        let mut rig = open(Options { lanes: 16, at_once, ..options() }).await;
        rig.host(HOST, |host| host.faults.max_connections = Some(4));
        tree(&rig, 500, 20);
        copies_all(&mut rig, 500).await;
        let counters = rig.host(HOST, |host| host.counters);
        assert_eq!(counters.most_connected, 4, "{counters:?}");
        assert!(counters.refused <= 16, "{counters:?}");
        assert!(counters.connections <= 5, "connections are kept, not made again and again: {counters:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_one_connection_gets_no_storm_and_loses_no_file() {
    let mut rig = open(Options { lanes: 8, at_once: true, ..options() }).await;
    rig.host(HOST, |host| host.faults.max_connections = Some(1));
    tree(&rig, 40, 20);
    copies_all(&mut rig, 40).await;
    let counters = rig.host(HOST, |host| host.counters);
    assert!(counters.most_connected == 1 && counters.refused <= 8, "{counters:?}");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_as_one_too_many_fails_no_file() {
    let mut rig = open(Options { lanes: 8, ..options() }).await;
    tree(&rig, 300, 20);
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    // The same login lives on other connections: this says "too many", however it is worded.
    rig.host(HOST, |host| host.faults.refuse = Some(Failure::new(FailureKind::LoginRefused, During::Login, "no")));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (300, 0), "{summary:?}");
}

#[tokio::test(start_paused = true)]
async fn lanes_that_are_busy_leave_the_pane_its_own_connection() {
    let mut rig = open(Options { lanes: 8, at_once: true, ..options() }).await;
    tree(&rig, 400, 20);
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    let began = Instant::now();
    rig.list(SERVER, "/dir").await;
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    rig.summary(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_waits_for_its_next_try_says_so_and_goes_on() {
    let mut rig = open(Options { pause: Duration::from_secs(1), ..options() }).await;
    rig.file(HOST, "/a", &bytes(300_000));
    rig.host(HOST, |host| host.faults.lose_after = Some(100_000));
    let batch = rig.down(&[("/a", "/a")]);
    let began = Instant::now();
    assert_eq!(rig.run(batch).await.done, 1);
    let states = rig.history("/a");
    let retrying = states.iter().find_map(|state| if let TransferState::Retrying(retrying) = state { Some(retrying) } else { None });
    let retrying = retrying.unwrap_or_else(|| panic!("{states:?}"));
    assert_eq!((retrying.tried, retrying.of), (1, 3));
    assert!((1..=2).contains(&retrying.seconds), "{retrying:?}");
    assert!(matches!(states[..], [.., TransferState::Retrying(_), TransferState::Active, TransferState::Done(_)]), "{states:?}");
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&began.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn as_long_as_bytes_arrive_a_transfer_is_not_given_up() {
    let mut rig = open(Options { retries: 1, ..options() }).await;
    rig.file(HOST, "/a", &bytes(1_000_000));
    rig.host(HOST, |host| host.faults.lose_every = Some(150_000));
    let batch = rig.down(&[("/a", "/a")]);
    assert_eq!(rig.run(batch).await.done, 1);
    assert!(rig.content(LOCAL, "/a").unwrap() == bytes(1_000_000));
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_always_breaks_at_the_same_byte_is_given_up() {
    let mut rig = open(Options { retries: 2, ..options() }).await;
    rig.file(HOST, "/a", &bytes(300_000));
    rig.host(HOST, |host| host.faults.lose_every = Some(0));
    let batch = rig.down(&[("/a", "/a")]);
    assert_eq!(rig.run(batch).await.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_limit_holds_for_all_lanes_together_and_can_be_changed_while_they_run() {
    let limits = Limits { down: Some(100_000), ..Limits::default() };
    let mut rig = open(Options { lanes: 4, at_once: true, limits, ..options() }).await;
    for n in 0..4 {
        rig.file(HOST, &format!("/{n}"), &bytes(500_000));
    }
    let batch = rig.down(&[("/0", "/0"), ("/1", "/1"), ("/2", "/2"), ("/3", "/3")]);
    let began = Instant::now();
    let id = rig.enqueue(batch);
    rig.active().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    rig.send(Command::Limit(Limits { total: Some(500_000), ..Limits::default() }));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.bytes), (4, 2_000_000));
    // A million bytes in ten seconds, the other in two.
    let took = began.elapsed().as_secs_f64();
    assert!((11.0..13.5).contains(&took), "{took}");
}
