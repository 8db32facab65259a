//! A change to how a server is met: what it reaches, and what it leaves alone.

use std::time::Duration;

use ftpane::bus::{Amendment, Command};
use ftpane::engine::Options;
use ftpane::model::explain::Fix;
use ftpane::model::site::{Learnt, VolumeSpec};
use ftpane::model::transfer::Verified;
use ftpane::model::{Ascii, BatchId, DataMode, Failure, Fingerprint, Site, TlsPolicy, TransferState};

use super::rig::*;

fn site() -> Site {
    Site { user: Some("alice".into()), ..Site::of_host(HOST) }
}

/// A saved site of the same account that asks for TLS.
fn strict() -> Site {
    let mut site = Site { name: "strict".into(), tls: TlsPolicy::Required, ..site() };
    site.secured.pins = vec![Fingerprint([7; 32])];
    site
}

fn ftp(site: Site) -> VolumeSpec {
    VolumeSpec::Ftp(Box::new(site), None)
}

fn amend(rig: &Rig, site: Site, amendment: Amendment) {
    rig.send(Command::Amend(Box::new(site), amendment));
}

fn tree(rig: &Rig, files: usize) {
    for n in 0..files {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(2000));
    }
    rig.host(HOST, |host| host.faults.delay = Duration::from_millis(20));
}

/// By what the newest connection was dialled.
fn dialled(rig: &Rig) -> Site {
    rig.host(HOST, |host| host.site.clone()).unwrap()
}

/// By what each file of a batch was found to be whole.
fn proofs(rig: &Rig, batch: BatchId) -> Vec<Verified> {
    let states = rig.queued().into_iter().filter(|transfer| transfer.batch == batch).map(|transfer| {
        let name = String::from_utf8(transfer.source.path.as_bytes().to_vec()).unwrap();
        (name, transfer.id)
    });
    states.map(|(name, id)| proof(rig, &name, id)).collect()
}

fn proof(rig: &Rig, name: &str, id: ftpane::model::TransferId) -> Verified {
    let done = rig.seen.iter().rev().find_map(|event| match event {
        ftpane::bus::Event::Transfer(ftpane::bus::TransferEvent::Changed { id: of, state: TransferState::Done(verified) }) if *of == id => {
            Some(*verified)
        }
        _ => None,
    });
    done.unwrap_or_else(|| panic!("{name} is not done"))
}

#[tokio::test(start_paused = true)]
async fn a_site_that_requires_tls_is_never_dialled_by_a_change_that_was_made_to_one_that_does_not() {
    let plain = Site { tls: TlsPolicy::Off, ..site() };
    for (amended, amendment) in [
        (Site { mode: DataMode::Active, ..plain.clone() }, Amendment::Fix(Fix::Active)),
        (Site { ascii: Ascii::Always, ..plain.clone() }, Amendment::Ascii(Ascii::Always)),
    ] {
        let mut rig = Rig::new(options());
        rig.connect(DISK, VolumeSpec::Local).await;
        rig.connect(OTHER, ftp(plain.clone())).await;
        tree(&rig, 10);
        amend(&rig, amended, amendment);
        rig.connect(SERVER, ftp(strict())).await;
        rig.host(HOST, |host| host.site = None);
        let batch = rig.down(&[("/dir", "/dir")]);
        assert_eq!(rig.run(batch).await.done, 10);
        assert_eq!(dialled(&rig), strict(), "its own settings, all of them");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_opened_without_tls_lends_no_idle_connection_to_what_requires_it() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(OTHER, ftp(Site { tls: TlsPolicy::Off, ..site() })).await;
    tree(&rig, 4);
    rig.file(HOST, "/a", &bytes(2000));
    let first = rig.batch((OTHER, HOST), DISK, &[("/dir", "/dir")]);
    assert_eq!(rig.run(first).await.done, 4);
    rig.connect(SERVER, ftp(strict())).await;
    rig.host(HOST, |host| host.site = None);
    let second = rig.down(&[("/a", "/a")]);
    assert_eq!(rig.run(second).await.done, 1);
    assert_eq!(dialled(&rig).tls, TlsPolicy::Required, "the lane that was idle is not used again");
}

#[tokio::test(start_paused = true)]
async fn a_fix_reaches_the_lanes_of_what_is_queued_and_leaves_all_else_as_it_was_opened() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(SERVER, ftp(strict())).await;
    tree(&rig, 10);
    rig.host(HOST, |host| host.faults.refuse = Some(unreachable()));
    let batch = rig.down(&[("/dir", "/dir")]);
    let batch = rig.enqueue(batch);
    assert_eq!(rig.summary(batch).await.failed, 1);
    rig.host(HOST, |host| host.faults.refuse = None);
    amend(&rig, Site { tls: TlsPolicy::Off, mode: DataMode::Passive, ..site() }, Amendment::Fix(Fix::Passive));
    rig.send(Command::Retry(ftpane::model::Which::Batch(batch)));
    assert_eq!(rig.summary(batch).await.done, 10);
    assert_eq!(dialled(&rig), Site { mode: DataMode::Passive, ..strict() });
}

#[tokio::test(start_paused = true)]
async fn a_fix_does_not_undo_what_this_run_has_learnt_of_the_server() {
    let mut rig = Rig::new(options());
    rig.connect(DISK, VolumeSpec::Local).await;
    let learnt = Learnt { tls: true, ..Learnt::default() };
    rig.connect(SERVER, ftp(Site { learnt, ..site() })).await;
    tree(&rig, 10);
    amend(&rig, Site { mode: DataMode::Active, ..site() }, Amendment::Fix(Fix::Active));
    rig.host(HOST, |host| host.site = None);
    let batch = rig.down(&[("/dir", "/dir")]);
    assert_eq!(rig.run(batch).await.done, 10);
    assert!(dialled(&rig).learnt.tls && dialled(&rig).mode == DataMode::Active, "{:?}", dialled(&rig));
}

#[tokio::test(start_paused = true)]
async fn a_batch_moves_by_the_type_it_was_asked_for_with_whatever_is_set_afterwards() {
    for hand_over in [false, true] {
        let mut rig = Rig::new(Options { lanes: 6, hand_over, ..options() });
        rig.open_both().await;
        tree(&rig, 300);
        let first = rig.down(&[("/dir", "/dir")]);
        let first = rig.enqueue(first);
        rig.active().await;
        let before = rig.host(HOST, |host| host.counters.connections);
        amend(&rig, Site { ascii: Ascii::Always, ..site() }, Amendment::Ascii(Ascii::Always));
        let second = rig.down(&[("/dir", "/text")]);
        let second = rig.enqueue(second);
        assert_eq!(rig.summary(first).await.done, 300);
        assert!(rig.host(HOST, |host| host.counters.connections) > before, "lanes were opened afterwards");
        assert!(proofs(&rig, first).iter().all(|proof| *proof == Verified::Size), "every byte as it is");
        assert_eq!(rig.summary(second).await.done, 300);
        assert!(proofs(&rig, second).iter().all(|proof| *proof == Verified::Reply), "as text, on lanes that had moved bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_moves_by_the_type_of_its_batch() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(2000));
    let refused = Failure::new(ftpane::model::FailureKind::Unreachable, ftpane::model::During::Connect, "no");
    rig.host(HOST, |host| host.faults.refuse = Some(refused));
    let batch = rig.down(&[("/a", "/a")]);
    let batch = rig.enqueue(batch);
    assert_eq!(rig.summary(batch).await.failed, 1);
    rig.host(HOST, |host| host.faults.refuse = None);
    amend(&rig, Site { ascii: Ascii::Always, ..site() }, Amendment::Ascii(Ascii::Always));
    rig.send(Command::Retry(ftpane::model::Which::Batch(batch)));
    assert_eq!(rig.summary(batch).await.done, 1);
    assert_eq!(proofs(&rig, batch), [Verified::Size]);
}

/// What its connection asked of TLS, of each file in a directory of the server's.
fn moved(rig: &Rig, within: &str) -> Vec<TlsPolicy> {
    rig.host(HOST, |host| host.moved.iter().filter(|(file, _)| file.is_within(&path(within))).map(|(_, tls)| *tls).collect())
}

/// A saved site that asks for no TLS.
fn open_to_all() -> Site {
    Site { name: "work".into(), tls: TlsPolicy::Off, ..site() }
}

fn edited(rig: &Rig, to: impl FnOnce(&mut Site)) {
    let mut now = open_to_all();
    to(&mut now);
    amend(rig, open_to_all(), Amendment::Edited(Box::new(now)));
}

#[tokio::test(start_paused = true)]
async fn what_waits_follows_the_edit_of_its_site_that_requires_tls_and_nothing_more_begins_in_the_clear() {
    for (lanes, hand_over) in [(1, false), (3, false), (3, true)] {
        let mut rig = Rig::new(Options { lanes, hand_over, ..options() });
        rig.connect(DISK, VolumeSpec::Local).await;
        rig.connect(SERVER, ftp(open_to_all())).await;
        tree(&rig, 60);
        let batch = rig.down(&[("/dir", "/dir")]);
        let batch = rig.enqueue(batch);
        rig.active().await;
        rig.active().await;
        let before = moved(&rig, "/dir").len();
        edited(&rig, |site| site.tls = TlsPolicy::Required);
        let summary = rig.summary(batch).await;
        assert_eq!((summary.done, summary.failed), (60, 0));
        let moved = moved(&rig, "/dir");
        assert_eq!(moved.len(), 60, "no file moves twice");
        let clear = moved.iter().filter(|tls| **tls == TlsPolicy::Off).count();
        assert!(clear > 0 && clear <= before + lanes, "{clear} in the clear, {before} of them before the edit: {moved:?}");
        assert!(moved.iter().skip(clear).all(|tls| *tls == TlsPolicy::Required), "{moved:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_connection_drops_after_the_edit_goes_on_over_tls() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(SERVER, ftp(open_to_all())).await;
    rig.file(HOST, "/big/a", &bytes(8 << 20));
    rig.host(HOST, |host| {
        host.faults.block_delay = Duration::from_millis(10);
        host.faults.lose_after = Some(4 << 20);
    });
    let batch = rig.down(&[("/big/a", "/a")]);
    let batch = rig.enqueue(batch);
    rig.until_moved(1 << 20).await;
    edited(&rig, |site| site.tls = TlsPolicy::Required);
    assert_eq!(rig.summary(batch).await.done, 1);
    assert_eq!(rig.content(LOCAL, "/a"), Some(bytes(8 << 20)));
    assert_eq!(moved(&rig, "/big"), [TlsPolicy::Off, TlsPolicy::Required]);
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_is_busy_in_the_clear_takes_nothing_of_another_site_of_its_account_that_requires_tls() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(OTHER, ftp(open_to_all())).await;
    rig.connect(SERVER, ftp(strict())).await;
    tree(&rig, 40);
    for n in 0..10 {
        rig.file(HOST, &format!("/secret/{n}"), &bytes(2000));
    }
    let first = rig.batch((OTHER, HOST), DISK, &[("/dir", "/dir")]);
    let first = rig.enqueue(first);
    rig.active().await;
    let second = rig.down(&[("/secret", "/secret")]);
    assert_eq!(rig.run(second).await.done, 10);
    assert!(moved(&rig, "/secret").iter().all(|tls| *tls == TlsPolicy::Required), "{:?}", moved(&rig, "/secret"));
    rig.summary(first).await;
    assert!(moved(&rig, "/dir").iter().all(|tls| *tls == TlsPolicy::Off), "each by its own site");
}

#[tokio::test(start_paused = true)]
async fn a_pane_lends_no_connection_in_the_clear_where_it_is_the_only_one_and_tls_is_required() {
    let mut rig = Rig::new(options());
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(SERVER, ftp(strict())).await;
    rig.send(Command::Close { connection: SERVER });
    rig.until(|event| matches!(event, ftpane::bus::Event::Connection(SERVER, ftpane::bus::ConnectionEvent::Closed)).then_some(())).await;
    rig.host(HOST, |host| host.faults.max_connections = Some(1));
    rig.connect(OTHER, ftp(open_to_all())).await;
    tree(&rig, 5);
    let batch = rig.down(&[("/dir", "/dir")]);
    assert_eq!(rig.run(batch).await.done, 5);
    assert_eq!(moved(&rig, "/dir"), [TlsPolicy::Required; 5]);
    rig.list(OTHER, "/dir").await;
    assert_eq!(dialled(&rig).tls, TlsPolicy::Off, "the pane has a connection of its own again");
}

#[tokio::test(start_paused = true)]
async fn a_pane_of_the_edited_site_reads_nothing_more_in_the_clear() {
    let mut rig = Rig::new(options());
    rig.connect(SERVER, ftp(open_to_all())).await;
    rig.connect(OTHER, ftp(Site { name: "other".into(), ..open_to_all() })).await;
    rig.file(HOST, "/dir/a", &bytes(10));
    edited(&rig, |site| site.tls = TlsPolicy::Required);
    for connection in [SERVER, OTHER] {
        let read = ftpane::bus::BrowseOp::Read { path: path("/dir/a"), offset: 0, length: 10 };
        rig.ask(connection, read).await.unwrap();
    }
    assert_eq!(moved(&rig, "/dir"), [TlsPolicy::Required, TlsPolicy::Off], "what is saved under another name goes by its own");
}

#[tokio::test(start_paused = true)]
async fn a_renamed_site_is_followed_by_its_new_name() {
    let mut rig = Rig::new(options());
    rig.connect(SERVER, ftp(open_to_all())).await;
    rig.file(HOST, "/dir/a", &bytes(10));
    edited(&rig, |site| site.name = "job".into());
    let job = Site { name: "job".into(), ..open_to_all() };
    amend(&rig, job.clone(), Amendment::Edited(Box::new(Site { tls: TlsPolicy::Required, ..job })));
    let read = ftpane::bus::BrowseOp::Read { path: path("/dir/a"), offset: 0, length: 10 };
    rig.ask(SERVER, read).await.unwrap();
    assert_eq!(moved(&rig, "/dir"), [TlsPolicy::Required]);
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_asks_for_less_reaches_nothing_that_waits() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    let before = Site { name: "strict".into(), ..strict() };
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(SERVER, ftp(before.clone())).await;
    tree(&rig, 20);
    let batch = rig.down(&[("/dir", "/dir")]);
    let batch = rig.enqueue(batch);
    rig.active().await;
    let now = Site { tls: TlsPolicy::Off, ..before.clone() };
    amend(&rig, before, Amendment::Edited(Box::new(now)));
    assert_eq!(rig.summary(batch).await.done, 20);
    assert!(moved(&rig, "/dir").iter().all(|tls| *tls == TlsPolicy::Required));
}

#[tokio::test(start_paused = true)]
async fn what_failed_before_the_edit_is_tried_again_by_what_the_site_asks_for_now() {
    let mut rig = Rig::new(Options { lanes: 1, ..options() });
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.connect(SERVER, ftp(open_to_all())).await;
    tree(&rig, 3);
    rig.host(HOST, |host| host.faults.refuse = Some(unreachable()));
    let batch = rig.down(&[("/dir", "/dir")]);
    let batch = rig.enqueue(batch);
    assert_eq!(rig.summary(batch).await.failed, 1);
    rig.host(HOST, |host| host.faults.refuse = None);
    edited(&rig, |site| site.tls = TlsPolicy::Required);
    rig.send(Command::Retry(ftpane::model::Which::All));
    assert_eq!(rig.summary(batch).await.done, 3);
    assert_eq!(moved(&rig, "/dir"), [TlsPolicy::Required; 3]);
}
