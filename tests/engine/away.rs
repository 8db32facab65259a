//! A server that goes away while files move, and comes back or does not.

use std::time::Duration;

use ftpane::bus::{Command, Event, TransferEvent};
use ftpane::engine::Options;
use ftpane::model::{BatchId, TransferState, Which};
use tokio::time::Instant;

use super::rig::*;

const FILES: usize = 30;

/// An engine as it comes, with a batch that moves on two lanes; the server goes away then.
async fn gone() -> (Rig, BatchId) {
    let mut rig = Rig::new(Options { lanes: 2, ..Options::default() });
    rig.open_both().await;
    for n in 0..FILES {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(2000));
    }
    rig.host(HOST, |host| host.faults.delay = Duration::from_millis(20));
    let batch = rig.down(&[("/dir", "/dir")]);
    let batch = rig.enqueue(batch);
    rig.active().await;
    rig.host(HOST, |host| {
        host.faults.refuse = Some(unreachable());
        host.faults.lose_every = Some(0);
    });
    (rig, batch)
}

fn back(rig: &Rig) {
    rig.host(HOST, |host| {
        host.faults.refuse = None;
        host.faults.lose_every = None;
    });
}

async fn retrying(rig: &mut Rig) {
    rig.until(|event| match event {
        Event::Transfer(TransferEvent::Changed { state: TransferState::Retrying(retrying), .. }) if retrying.of == 0 => Some(()),
        _ => None,
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_back_after_a_minute_and_a_half_costs_time_only() {
    let (mut rig, batch) = gone().await;
    retrying(&mut rig).await;
    tokio::time::sleep(Duration::from_secs(90)).await;
    back(&rig);
    let since = Instant::now();
    let summary = rig.summary(batch).await;
    assert_eq!((summary.done, summary.failed), (FILES as u64, 0), "{summary:?}");
    assert!(since.elapsed() < Duration::from_secs(20), "it is noticed soon: {:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_come_back_is_given_up_after_two_minutes() {
    let (mut rig, batch) = gone().await;
    let since = Instant::now();
    let summary = rig.summary(batch).await;
    assert!(summary.failed > 0, "{summary:?}");
    assert!((110..=150).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_person_who_knows_that_the_server_is_back_need_not_wait() {
    let (mut rig, batch) = gone().await;
    retrying(&mut rig).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    back(&rig);
    let since = Instant::now();
    rig.send(Command::Retry(Which::All));
    assert_eq!(rig.summary(batch).await.done, FILES as u64);
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_server_is_cancelled_at_once() {
    let (mut rig, batch) = gone().await;
    retrying(&mut rig).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    let since = Instant::now();
    rig.send(Command::CancelAll);
    let summary = rig.summary(batch).await;
    assert!(summary.cancelled > 0 && since.elapsed() < Duration::from_secs(1), "{summary:?} after {:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_was_never_let_in_gives_its_files_to_those_that_were() {
    let mut rig = Rig::new(Options { lanes: 4, at_once: true, ..Options::default() });
    rig.open_both().await;
    for n in 0..FILES {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(2000));
    }
    rig.host(HOST, |host| host.faults.delay = Duration::from_millis(20));
    // Not a word of there being too many.
    rig.host(HOST, |host| host.faults.shut_above = Some(2));
    let batch = rig.down(&[("/dir", "/dir")]);
    let batch = rig.enqueue(batch);
    let since = Instant::now();
    let summary = rig.summary(batch).await;
    assert_eq!((summary.done, summary.failed), (FILES as u64, 0), "{summary:?}");
    assert!(since.elapsed() < Duration::from_secs(60), "{:?}", since.elapsed());
}
