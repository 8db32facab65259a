//! Checksums of both sides, and permission bits, where they are asked for.

use ftpane::bus::{Event, TransferEvent};
use ftpane::model::digest::Algorithm;
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::Verified;
use ftpane::model::{BatchSpec, Existing, FailureKind, Site, TransferState};

use super::rig::*;

fn verified(mut spec: BatchSpec) -> BatchSpec {
    spec.manner.verify = true;
    spec.existing = Existing::Overwrite;
    spec
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_compared_by_checksum_where_the_server_offers_one() {
    for no_digest in [false, true] {
        let mut rig = Rig::open().await;
        rig.host(HOST, |host| host.faults.no_digest = no_digest);
        rig.file(HOST, "/down", &bytes(5000));
        rig.file(LOCAL, "/up", &bytes(6000));
        let down = verified(rig.down(&[("/down", "/down")]));
        rig.run(down).await;
        let up = verified(rig.up(&[("/up", "/up")]));
        rig.run(up).await;
        let by = if no_digest { Verified::Size } else { Verified::Checksum(Algorithm::Crc32) };
        assert!(rig.states().values().all(|state| *state == TransferState::Done(by)), "{:?}", rig.states());
        assert_eq!(rig.states().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn every_copy_of_a_site_that_wants_it_is_compared_by_checksum() {
    let mut rig = Rig::new(options());
    rig.connect(DISK, VolumeSpec::Local).await;
    let VolumeSpec::Ftp(site, _) = spec(HOST) else { panic!("a server") };
    rig.connect(SERVER, VolumeSpec::Ftp(Box::new(Site { verify: true, ..*site }), None)).await;
    rig.file(HOST, "/down", &bytes(5000));
    rig.file(LOCAL, "/up", &bytes(6000));
    for batch in [rig.down(&[("/down", "/down")]), rig.up(&[("/up", "/up")])] {
        rig.run(batch).await;
    }
    let by = TransferState::Done(Verified::Checksum(Algorithm::Crc32));
    assert!(rig.states().values().all(|state| *state == by), "{:?}", rig.states());
    assert_eq!(rig.states().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_differs_never_takes_the_place_of_the_old_file() {
    let mut rig = Rig::open().await;
    for (host, name) in [(HOST, "/a"), (LOCAL, "/a")] {
        rig.file(host, name, if host == HOST { b"theirs".as_slice() } else { b"ours!!" });
    }
    rig.host(LOCAL, |host| host.faults.corrupt = true);
    let down = verified(rig.down(&[("/a", "/a")]));
    let summary = rig.run(down).await;
    let failure = summary.first_failure.unwrap();
    assert_eq!((summary.done, summary.failed, failure.kind), (0, 1, FailureKind::Protocol));
    // Both values are told.
    assert!(failure.detail.matches(|c: char| c.is_ascii_hexdigit()).count() >= 16, "{failure}");
    assert_eq!(rig.content(LOCAL, "/a"), Some(b"ours!!".to_vec()));
    rig.host(HOST, |host| host.faults.corrupt = true);
    let up = verified(rig.up(&[("/a", "/a")]));
    assert_eq!(rig.run(up).await.failed, 1);
    assert_eq!(rig.content(HOST, "/a"), Some(b"theirs".to_vec()));
    // Nor does a new name keep what is known to be wrong.
    rig.host(HOST, |host| host.faults.corrupt = true);
    let up = verified(rig.up(&[("/a", "/new")]));
    assert_eq!(rig.run(up).await.failed, 1);
    for host in [HOST, LOCAL] {
        assert_eq!(rig.paths(host), ["/a"], "{host}");
    }
    let up = verified(rig.up(&[("/a", "/a")]));
    assert_eq!(rig.run(up).await.done, 1);
    assert_eq!(rig.content(HOST, "/a"), Some(b"ours!!".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn permissions_are_kept_both_ways_where_asked_for() {
    for modes in [true, false] {
        let mut rig = Rig::open().await;
        rig.file(HOST, "/down", b"x");
        rig.file(LOCAL, "/up", b"x");
        rig.host(HOST, |host| host.tree.node_mut("/down").unwrap().mode = 0o4750);
        rig.host(LOCAL, |host| host.tree.node_mut("/up").unwrap().mode = 0o600);
        let mut down = rig.down(&[("/down", "/copy")]);
        down.manner.modes = modes;
        rig.run(down).await;
        let mut up = rig.up(&[("/up", "/copy")]);
        up.manner.modes = modes;
        rig.run(up).await;
        let mode = |host| rig.host(host, |host| host.tree.node("/copy").unwrap().mode);
        // A server's file becomes no program that runs as somebody else.
        assert_eq!((mode(LOCAL), mode(HOST)), if modes { (0o750, 0o600) } else { (0o644, 0o644) });
    }
}

#[tokio::test(start_paused = true)]
async fn permissions_that_cannot_be_set_are_a_note_said_once() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.no_set_mode = true);
    rig.file(LOCAL, "/a", b"a");
    rig.file(LOCAL, "/b", b"b");
    let mut up = rig.up(&[("/a", "/a"), ("/b", "/b")]);
    up.manner.modes = true;
    let summary = rig.run(up).await;
    assert_eq!((summary.done, summary.failed, summary.skipped), (2, 0, 0));
    let notes = rig.seen.iter().filter(|event| matches!(event, Event::Transfer(TransferEvent::Noted { failed: false, .. }))).count();
    assert_eq!(notes, 1);
}
