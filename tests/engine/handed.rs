//! Connections that were opened for a look and work for the batch afterwards.

use std::time::Duration;

use ftpane::bus::{BrowseOp, Outcome};
use ftpane::engine::Options;
use ftpane::model::Manner;

use super::rig::*;

async fn open(options: Options) -> Rig {
    let mut rig = Rig::new(Options { hand_over: true, ..options });
    rig.open_both().await;
    rig
}

fn tree(rig: &Rig, files: usize) {
    for n in 0..files {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(2000));
    }
    rig.host(HOST, |host| host.faults.delay = Duration::from_millis(20));
}

async fn copies_all(rig: &mut Rig, files: u64) {
    let batch = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (files, 0), "{summary:?}");
}

#[tokio::test(start_paused = true)]
async fn one_file_needs_no_second_connection_either_way() {
    let mut rig = open(options()).await;
    rig.file(HOST, "/a", &bytes(70_000));
    rig.file(LOCAL, "/b", &bytes(70_000));
    let batch = rig.down(&[("/a", "/a")]);
    assert_eq!(rig.run(batch).await.done, 1);
    let batch = rig.up(&[("/b", "/b")]);
    assert_eq!(rig.run(batch).await.done, 1);
    assert!(rig.content(LOCAL, "/a").unwrap() == bytes(70_000) && rig.content(HOST, "/b").unwrap() == bytes(70_000));
    let counters = rig.host(HOST, |host| host.counters);
    assert!(counters.most_connected <= 2, "the way up is another lane's: {counters:?}");

    let mut rig = open(options()).await;
    rig.file(LOCAL, "/b", &bytes(70_000));
    let batch = rig.up(&[("/b", "/b")]);
    assert_eq!(rig.run(batch).await.done, 1);
    assert_eq!(rig.host(HOST, |host| host.counters.connections), 1);
}

#[tokio::test(start_paused = true)]
async fn as_many_connections_are_open_as_were_asked_for() {
    for lanes in [1, 4] {
        let mut rig = open(Options { lanes, at_once: true, ..options() }).await;
        tree(&rig, 60);
        copies_all(&mut rig, 60).await;
        let counters = rig.host(HOST, |host| host.counters);
        assert_eq!((counters.most_connected, counters.connections), (lanes, lanes), "{counters:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_one_connection_is_tried_for_more_and_serves_all_over_the_one() {
    for at_once in [false, true] {
        let mut rig = open(Options { lanes: 8, at_once, ..options() }).await;
        rig.host(HOST, |host| host.faults.max_connections = Some(1));
        tree(&rig, 40);
        copies_all(&mut rig, 40).await;
        let counters = rig.host(HOST, |host| host.counters);
        assert!(counters.most_connected == 1 && counters.connections == 1 && counters.refused <= 8, "{counters:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_lost_is_opened_anew_by_its_lane() {
    let mut rig = open(Options { lanes: 1, ..options() }).await;
    tree(&rig, 30);
    rig.host(HOST, |host| host.faults.lose_after = Some(1_000));
    copies_all(&mut rig, 30).await;
    let counters = rig.host(HOST, |host| host.counters);
    assert_eq!((counters.most_connected, counters.connections), (1, 2), "{counters:?}");
}

#[tokio::test(start_paused = true)]
async fn it_has_the_parts_of_a_big_file_with_one_helper_less() {
    let mut rig = open(options()).await;
    let content = bytes(9 << 20);
    rig.file(HOST, "/a", &content);
    rig.host(HOST, |host| (host.faults.delay, host.faults.block_delay) = (Duration::from_millis(20), Duration::from_millis(1)));
    let mut batch = rig.down(&[("/a", "/a")]);
    batch.manner = Manner { segments: Some(4), ..Manner::default() };
    assert_eq!(rig.run(batch).await.done, 1);
    assert!(rig.content(LOCAL, "/a").unwrap() == content);
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_of_it_all_the_same_is_answered_once_there_is_no_more_work() {
    let mut rig = open(options()).await;
    tree(&rig, 10);
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.active().await;
    let asked = rig.begin(SERVER, BrowseOp::Stat { path: path("/dir/3") });
    assert_eq!(rig.summary(id).await.done, 10);
    let outcome = rig.answer_to(asked).await;
    assert!(matches!(&outcome, Ok(Outcome::Stat(Some(entry))) if entry.size == Some(2000)), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn an_end_in_the_middle_of_it_is_an_orderly_one() {
    let mut rig = open(Options { lanes: 1, ..options() }).await;
    tree(&rig, 400);
    let batch = rig.down(&[("/dir", "/dir")]);
    rig.enqueue(batch);
    rig.active().await;
    rig.send(ftpane::bus::Command::Shutdown);
    while let Some(event) = rig.handle.events.recv().await {
        rig.seen.push(event);
    }
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 0, "nobody is left");
}
