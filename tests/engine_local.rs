//! The engine as it is shipped, on threads of its own: between real directories, and with a real server.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use ftpane::bus::{BatchSummary, BrowseOp, Command, Event, Guard, Outcome, RemoveHow, TransferEvent};
use ftpane::demo;
use ftpane::engine::{Handle, Options, Spawner, start};
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::{Item, Verb};
use ftpane::model::{BatchId, BatchSpec, ConnectionId, Existing, Generation, Kind, Name, RequestId, Secret, Site, VPath};
use ftpane::volume::any::StandardConnector;
use support::engine::{DISK, SERVER, end, open, until};

fn path(path: &Path) -> VPath {
    VPath::parse(path.as_os_str().as_bytes()).unwrap()
}

async fn copy(handle: &mut Handle, (from, to): (ConnectionId, ConnectionId), source: VPath, target: VPath) -> BatchSummary {
    run(handle, Verb::Copy, (from, to), source, target).await
}

async fn run(handle: &mut Handle, verb: Verb, (from, to): (ConnectionId, ConnectionId), source: VPath, target: VPath) -> BatchSummary {
    let item = Item { source, target, kind: Kind::Dir, size: None, modified: None, mode: None };
    let id = BatchId(7);
    let spec = BatchSpec {
        id,
        verb,
        from,
        to,
        items: vec![item],
        existing: Existing::Overwrite,
        follow: false,
        manner: ftpane::model::Manner::default(),
    };
    handle.commands.send(Command::Enqueue(spec)).unwrap();
    until(handle, |event| match event {
        Event::Transfer(TransferEvent::BatchEnded(summary)) if summary.batch == id => Some(summary.clone()),
        _ => None,
    })
    .await
}

fn plant(root: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let big: Vec<u8> = (0..3_000_000u32).map(|n| (n ^ (n >> 9)) as u8).collect();
    let files =
        vec![("a.txt", b"hello".to_vec()), ("sub/Grüße aus Köln.txt", b"x".to_vec()), ("sub/deep/big", big), ("empty file", Vec::new())];
    fs::create_dir_all(root.join("sub/deep")).unwrap();
    fs::create_dir_all(root.join("nothing in it")).unwrap();
    for (name, bytes) in &files {
        fs::write(root.join(name), bytes).unwrap();
    }
    let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(root.join("a.txt")).unwrap().set_modified(old).unwrap();
    files
}

fn check(root: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, bytes) in files {
        assert!(fs::read(root.join(name)).unwrap() == *bytes, "{name} differs");
    }
    assert!(root.join("nothing in it").is_dir());
}

#[tokio::test]
async fn a_tree_is_copied_between_real_directories_with_times_and_modes() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let files = plant(&from);
    fs::set_permissions(from.join("a.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    let mut handle = start(StandardConnector::default(), Options::default(), Spawner::Threads);
    open(&mut handle, DISK, VolumeSpec::Local).await;
    for _ in 0..2 {
        let summary = copy(&mut handle, (DISK, DISK), path(&from), path(&to)).await;
        assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    }
    check(&to, &files);
    let copied = fs::metadata(to.join("a.txt")).unwrap();
    assert_eq!(copied.permissions().mode() & 0o7777, 0o640);
    assert_eq!(copied.modified().unwrap(), fs::metadata(from.join("a.txt")).unwrap().modified().unwrap());
    let names: Vec<_> = fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("ftpane-part")), "{names:?}");
    end(handle).await;
}

#[tokio::test]
async fn a_directory_that_was_made_here_is_told_with_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    plant(&from);
    let mut handle = start(StandardConnector::default(), Options::default(), Spawner::Threads);
    open(&mut handle, DISK, VolumeSpec::Local).await;
    let item = Item { source: path(&from), target: path(&to), kind: Kind::Dir, size: None, modified: None, mode: None };
    let (id, items) = (BatchId(7), vec![item]);
    let spec = BatchSpec {
        id,
        verb: Verb::Copy,
        from: DISK,
        to: DISK,
        items,
        existing: Existing::Overwrite,
        follow: false,
        manner: ftpane::model::Manner::default(),
    };
    handle.commands.send(Command::Enqueue(spec)).unwrap();
    let landed = until(&mut handle, |event| match event {
        Event::Transfer(TransferEvent::Landed { entry, .. }) if entry.name.as_bytes() == b"nothing in it" => Some(entry.clone()),
        _ => None,
    })
    .await;
    let there = fs::metadata(to.join("nothing in it")).unwrap().modified().unwrap();
    let seconds = there.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!((landed.kind, landed.modified.map(|time| time.seconds)), (Kind::Dir, i64::try_from(seconds).ok()));
    end(handle).await;
}

#[tokio::test]
async fn a_tree_goes_to_a_real_server_and_comes_back_and_is_deleted_there() {
    let (served, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = demo::serve(served.path()).unwrap();
    let files = plant(&dir.path().join("from"));
    let site =
        Site { port: Some(server.port()), user: Some("demo".into()), tls: ftpane::model::TlsPolicy::Off, ..Site::of_host("127.0.0.1") };
    let mut handle = start(StandardConnector::default(), Options::default(), Spawner::Threads);
    open(&mut handle, DISK, VolumeSpec::Local).await;
    open(&mut handle, SERVER, VolumeSpec::Ftp(Box::new(site), Some(Secret::new("demo")))).await;
    let there = VPath::parse(b"/there").unwrap();
    for _ in 0..2 {
        let summary = copy(&mut handle, (DISK, SERVER), path(&dir.path().join("from")), there.clone()).await;
        assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    }
    check(&served.path().join("there"), &files);
    let back = dir.path().join("back");
    let summary = copy(&mut handle, (SERVER, DISK), there.clone(), path(&back)).await;
    assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    check(&back, &files);
    let moved = VPath::parse(b"/moved").unwrap();
    let summary = run(&mut handle, Verb::Move, (SERVER, SERVER), there, moved).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    check(&served.path().join("moved"), &files);
    let guard = Guard { directory: VPath::root(), generation: Generation(1) };
    let entries = vec![(Name::new(&b"moved"[..]).unwrap(), Kind::Dir)];
    for op in
        [BrowseOp::List { path: VPath::root(), generation: Generation(1) }, BrowseOp::Remove { guard, entries, how: RemoveHow::ForGood }]
    {
        handle.commands.send(Command::Browse { connection: SERVER, request: RequestId(1), op }).unwrap();
        let outcome: Outcome = until(&mut handle, |event| match event {
            Event::Answered { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
        .await
        .unwrap();
        assert!(matches!(outcome, Outcome::Listed { .. } | Outcome::Done));
    }
    assert_eq!(fs::read_dir(served.path()).unwrap().count(), 0);
    end(handle).await;
}

#[tokio::test]
async fn a_partial_that_another_program_writes_is_left_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    fs::create_dir_all(&from).unwrap();
    fs::create_dir_all(&to).unwrap();
    fs::write(from.join("f"), b"the whole file").unwrap();
    let partial = to.join(".f.ftpane-part");
    fs::write(&partial, b"theirs").unwrap();
    let theirs = fs::File::open(&partial).unwrap();
    theirs.try_lock().unwrap();
    let mut handle = start(StandardConnector::default(), Options::default(), Spawner::Threads);
    open(&mut handle, DISK, VolumeSpec::Local).await;
    let summary = copy(&mut handle, (DISK, DISK), path(&from), path(&to)).await;
    assert_eq!((summary.done, summary.failed), (0, 1), "{summary:?}");
    assert!(summary.first_failure.unwrap().to_string().contains("another program is writing it"));
    assert_eq!(fs::read(&partial).unwrap(), b"theirs");
    drop(theirs);
    let summary = copy(&mut handle, (DISK, DISK), path(&from), path(&to)).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!(fs::read(to.join("f")).unwrap(), b"the whole file");
}
