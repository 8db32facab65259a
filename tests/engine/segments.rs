//! One big download over several connections.

use std::sync::LazyLock;
use std::time::Duration;

use ftpane::bus::{BatchSummary, Command, Event, TransferEvent};
use ftpane::engine::Options;
use ftpane::model::{BatchId, BatchSpec, Existing, Manner, TransferState, Which};
use ftpane::volume::memory::Faults;
use tokio::time::Instant;

use super::rig::*;

const MIB: usize = 1024 * 1024;
const SIZE: usize = 12 * MIB + 777;
/// Enough for a few parts.
const SMALL: usize = 7 * MIB + 77;
const PART: &str = "/.a.ftpane-part";

fn content() -> Vec<u8> {
    static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(made_up);
    CONTENT.clone()
}

/// Bytes of which no stretch is like another.
fn made_up() -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    (0..SIZE.div_ceil(4)).flat_map(|_| next().to_le_bytes()).take(SIZE).collect()
}

fn spread(mut batch: BatchSpec, segments: u16) -> BatchSpec {
    batch.manner = Manner { segments: Some(segments), ..Manner::default() };
    batch
}

async fn open(options: Options) -> Rig {
    let mut rig = Rig::new(options);
    rig.open_both().await;
    rig.file(HOST, "/a", &content());
    rig
}

/// With a server that takes a while for each block, so that something can happen meanwhile.
async fn open_slow(options: Options, faults: impl FnOnce(&mut Faults)) -> Rig {
    let rig = open(options).await;
    rig.host(HOST, |host| {
        host.faults.block_delay = Duration::from_millis(1);
        faults(&mut host.faults);
    });
    rig
}

async fn fetch(rig: &mut Rig, segments: u16) -> BatchSummary {
    let batch = spread(rig.down(&[("/a", "/a")]), segments);
    rig.run(batch).await
}

/// A run of which half of the file has come over four connections.
async fn halfway() -> (Rig, BatchId) {
    let mut rig = open_slow(options(), |_| {}).await;
    let batch = spread(rig.down(&[("/a", "/a")]), 4);
    let id = rig.enqueue(batch);
    rig.until_moved(6 * MIB as u64).await;
    (rig, id)
}

/// What it leaves when it ends in good order.
async fn left() -> Vec<u8> {
    let (mut rig, _) = halfway().await;
    rig.end().await;
    rig.content(LOCAL, PART).unwrap()
}

/// Goes on with what is left.
async fn go_on(rig: &mut Rig, segments: u16) -> BatchSummary {
    let mut batch = spread(rig.down(&[("/a", "/a")]), segments);
    batch.existing = Existing::Resume;
    rig.run(batch).await
}

fn assert_same(rig: &Rig) {
    assert!(rig.content(LOCAL, "/a").unwrap() == content(), "the file is not the source");
    assert_eq!(rig.content(LOCAL, PART), None);
}

#[tokio::test(start_paused = true)]
async fn a_big_file_comes_over_as_many_connections_as_were_asked_for_and_is_the_same() {
    let mut took = Vec::new();
    for segments in [1, 4] {
        let mut rig = open_slow(options(), |faults| faults.delay = Duration::from_millis(20)).await;
        let began = Instant::now();
        let summary = fetch(&mut rig, segments).await;
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
        assert!(summary.bytes < SIZE as u64 + 4096, "{summary:?}");
        assert_eq!(rig.host(HOST, |host| host.counters.most_connected), usize::from(segments) + 1);
        assert_same(&rig);
        took.push(began.elapsed());
    }
    assert!(took[1] * 3 < took[0], "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn it_is_told_over_how_many_connections_a_file_comes_and_came() {
    for segments in [4, 1] {
        let mut rig = open_slow(options(), |_| {}).await;
        let batch = spread(rig.down(&[("/a", "/a")]), segments);
        let id = rig.enqueue(batch);
        let meters = rig.until_moved(6 * MIB as u64).await;
        assert_eq!(meters.active[0].connections, segments);
        rig.summary(id).await;
        let told = rig.seen.iter().find_map(|event| match event {
            Event::Transfer(TransferEvent::InParts { connections, .. }) => Some(*connections),
            _ => None,
        });
        assert_eq!(told, (segments > 1).then_some(segments));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_few_connections_gets_as_many_as_it_allows_and_the_file_comes() {
    for most in [1, 2, 3] {
        let mut rig = open_slow(options(), |faults| faults.max_connections = Some(most)).await;
        let summary = fetch(&mut rig, 6).await;
        assert_eq!((summary.done, summary.failed), (1, 0), "{most}: {summary:?}");
        assert_same(&rig);
    }
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_all_the_time_are_made_again_and_the_file_is_the_same() {
    let mut rig = open_slow(Options { retries: 2, ..options() }, |faults| faults.lose_every = Some(MIB as u64)).await;
    let summary = fetch(&mut rig, 4).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_same(&rig);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_rest_and_sends_from_the_first_byte_never_makes_a_wrong_file() {
    let mut rig = open_slow(options(), |faults| faults.ignores_offset = true).await;
    let summary = fetch(&mut rig, 4).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "it comes in one: {summary:?}");
    assert_same(&rig);
}

#[tokio::test(start_paused = true)]
async fn zeros_do_not_hide_that_a_server_sends_from_the_first_byte() {
    // The first half is all the same, so that what is compared agrees wherever it is from.
    let mut rig = open_slow(options(), |faults| faults.ignores_offset = true).await;
    let mut tricky = vec![0; SIZE];
    tricky[SIZE - 100_000..].copy_from_slice(&content()[..100_000]);
    rig.file(HOST, "/a", &tricky);
    let summary = fetch(&mut rig, 4).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(rig.content(LOCAL, "/a").unwrap() == tricky);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_changes_meanwhile_is_begun_anew() {
    let mut rig = open_slow(options(), |faults| faults.delay = Duration::from_millis(20)).await;
    let batch = spread(rig.down(&[("/a", "/a")]), 4);
    let id = rig.enqueue(batch);
    rig.until_moved(2 * MIB as u64).await;
    let mut newer = content();
    newer.reverse();
    rig.host(HOST, |host| {
        let node = host.tree.node_mut("/a").unwrap();
        node.bytes.clone_from(&newer);
        node.modified += 60;
    });
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(rig.content(LOCAL, "/a").unwrap() == newer);
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_in_parts_before_an_end_is_gone_on_with() {
    for again in [4, 1] {
        let partial = left().await;
        assert!(partial.len() > SIZE, "nobody who goes by lengths takes it for a beginning");
        let mut next = open(options()).await;
        next.file(LOCAL, PART, &partial);
        let summary = go_on(&mut next, again).await;
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
        assert!(summary.bytes < 7 * MIB as u64, "{summary:?}");
        assert_same(&next);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_of_a_file_that_has_changed_since_are_not_gone_on_with() {
    let partial = left().await;
    let mut next = open(options()).await;
    next.file(LOCAL, PART, &partial);
    let mut newer = content();
    newer[5] ^= 1;
    next.file(HOST, "/a", &newer);
    next.host(HOST, |host| host.tree.node_mut("/a").unwrap().modified += 1);
    assert_eq!(go_on(&mut next, 4).await.done, 1);
    assert!(next.content(LOCAL, "/a").unwrap() == newer);
}

/// A source that was changed so that neither size nor time tell, in a byte that came before the end and in one before a part that came after:
/// the second is found by what the part's connection had given of it.
fn changed_before_a_part() -> Vec<u8> {
    let mut newer = content();
    newer[5] ^= 1;
    newer[2 * SIZE.div_ceil(4) - 100] ^= 1;
    newer
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_compared_before_a_kill_is_compared_by_whoever_goes_on() {
    let (rig, _) = halfway().await;
    let partial = rig.content(LOCAL, PART).unwrap();
    let mut next = open(options()).await;
    next.file(LOCAL, PART, &partial);
    next.file(HOST, "/a", &changed_before_a_part());
    assert_eq!(go_on(&mut next, 4).await.done, 1);
    assert!(next.content(LOCAL, "/a").unwrap() == changed_before_a_part(), "a mixture");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_compared_before_a_pause_is_compared_behind_it() {
    let (mut rig, id) = halfway().await;
    rig.send(Command::Pause(Which::All));
    rig.until(|event| matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Paused, .. })).then_some(())).await;
    rig.host(HOST, |host| host.tree.node_mut("/a").unwrap().bytes = changed_before_a_part());
    rig.send(Command::Resume(Which::All));
    assert_eq!(rig.summary(id).await.done, 1);
    assert!(rig.content(LOCAL, "/a").unwrap() == changed_before_a_part(), "a mixture");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_download_in_parts_lets_its_helpers_go() {
    let (mut rig, id) = halfway().await;
    rig.send(Command::CancelBatch(id));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.cancelled), (0, 1), "{summary:?}");
    rig.file(HOST, "/b", &bytes(1000));
    let batch = rig.down(&[("/b", "/b")]);
    assert_eq!(rig.run(batch).await.done, 1);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 1, "the pane's");
}

/// A file that is big enough to be spread unasked.
const BIG: usize = 20 * MIB;

/// A server that brings about 1 MiB a second over each connection, with a big file, and so far away; options of so many lanes.
async fn slow(lanes: usize, delay: Duration) -> Rig {
    let mut rig = Rig::new(Options { lanes, ..options() });
    rig.host(HOST, |host| host.faults.delay = delay);
    rig.open_both().await;
    rig.file(HOST, "/a", &content().repeat(2)[..BIG]);
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(1));
    rig
}

#[tokio::test(start_paused = true)]
async fn a_big_file_gets_more_connections_unasked_while_those_make_it_faster() {
    let mut took = Vec::new();
    for segments in [Some(1), None] {
        let mut rig = slow(6, Duration::ZERO).await;
        let began = Instant::now();
        let mut batch = rig.down(&[("/a", "/a")]);
        batch.manner.segments = segments;
        let summary = rig.run(batch).await;
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
        let most = rig.host(HOST, |host| host.counters.most_connected) - 1;
        assert!(if segments.is_some() { most == 1 } else { (4..=6).contains(&most) }, "{segments:?}: {most}");
        assert!(rig.content(LOCAL, "/a").unwrap() == content().repeat(2)[..BIG]);
        took.push(began.elapsed());
    }
    assert!(took[1] * 2 < took[0], "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn those_asked_for_join_a_near_server_once_it_shows_that_one_is_not_enough() {
    let mut rig = slow(10, Duration::ZERO).await;
    rig.file(HOST, "/a", &content().repeat(6)[..64 * MIB]);
    let batch = spread(rig.down(&[("/a", "/a")]), 4);
    rig.enqueue(batch);
    rig.until_moved(0).await;
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 2, "the pane's and the owner's");
    rig.until_moved(4 * MIB as u64).await;
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 5);
}

#[tokio::test(start_paused = true)]
async fn a_far_server_is_begun_with_over_several_connections() {
    let mut rig = slow(10, Duration::from_millis(40)).await;
    let batch = rig.down(&[("/a", "/a")]);
    rig.enqueue(batch);
    rig.until_moved(0).await;
    // The pane's, the owner's, and one more: a file of 20 MiB is worth two.
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 3);
}

#[tokio::test(start_paused = true)]
async fn helpers_make_way_for_files_that_wait() {
    let mut rig = slow(4, Duration::ZERO).await;
    for n in 0..4 {
        rig.file(HOST, &format!("/small{n}"), &bytes(1000));
    }
    let big = rig.down(&[("/a", "/a")]);
    let big = rig.enqueue(big);
    let busy = |rig: &Rig| rig.host(HOST, |host| host.counters.connected) >= 5;
    while !busy(&rig) {
        rig.meters_where(|meters| !meters.active.is_empty()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let small = rig.down(&[("/small0", "/s0"), ("/small1", "/s1"), ("/small2", "/s2"), ("/small3", "/s3")]);
    let summary = rig.run(small).await;
    assert_eq!(summary.done, 4);
    assert!(rig.content(LOCAL, "/a").is_none(), "they did not wait for the big one");
    assert_eq!(rig.summary(big).await.done, 1);
    assert!(rig.content(LOCAL, "/a").unwrap() == content().repeat(2)[..BIG]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_begins_at_the_first_byte_costs_an_unasked_helper_and_nothing_else() {
    let mut rig = slow(6, Duration::ZERO).await;
    rig.host(HOST, |host| host.faults.ignores_offset = true);
    let batch = rig.down(&[("/a", "/a")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(summary.bytes < BIG as u64 + 4096, "it was not begun anew: {summary:?}");
    assert!(rig.content(LOCAL, "/a").unwrap() == content().repeat(2)[..BIG]);
}

#[test]
fn a_fault_at_any_byte_never_makes_a_wrong_file() {
    let config = proptest::test_runner::Config { cases: 8, ..proptest::test_runner::Config::default() };
    let faults = (0..SMALL as u64, proptest::option::of(300_000..2_000_000u64), 2u16..4, 0u8..5, proptest::bool::ANY);
    proptest::test_runner::TestRunner::new(config)
        .run(&faults, |(at, every, segments, fault, again)| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let mut rig = open(Options { retries: 1, ..options() }).await;
                let content = &content()[..SMALL];
                rig.file(HOST, "/a", content);
                rig.host(HOST, |host| {
                    host.faults.lose_every = every;
                    match fault {
                        0 => host.faults.lose_after = Some(at),
                        1 => host.faults.truncate = Some(at),
                        2 => host.faults.lose_reply = true,
                        3 => host.faults.drop_next = true,
                        _ => host.faults.ignores_offset = true,
                    }
                });
                let summary = fetch(&mut rig, segments).await;
                let got = rig.content(LOCAL, "/a");
                assert_eq!(got.is_some(), summary.done == 1, "{summary:?}");
                assert!(got.is_none_or(|got| got == content), "a wrong file");
                if again && summary.done == 0 {
                    rig.host(HOST, |host| host.faults = Faults::default());
                    assert_eq!(go_on(&mut rig, segments).await.done, 1);
                    assert!(rig.content(LOCAL, "/a").unwrap() == content, "a wrong file after a resume");
                }
            });
            Ok(())
        })
        .unwrap();
}
