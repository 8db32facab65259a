//! Against the embedded server of `ftpane demo` (libunftp 0.24), which has no EPRT, no MFMT and no SITE CHMOD.

use ftpane::demo;
use ftpane::model::{FailureKind, Kind as EntryKind, Site, Timestamp};
use ftpane::volume::{Source as _, Volume as _, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::client::{WireLog, below, listing, names, read_from, site_at, try_open, write_to};
use crate::support::tree::pattern;
use ftpane::volume::ftp::FtpVolume;

async fn open(demo: &demo::Demo) -> (FtpVolume, WireLog) {
    let addr = ([127, 0, 0, 1], demo.port()).into();
    let site = Site { user: Some("demo".into()), timeout: Some(20), ..site_at(addr) };
    let (outcome, log) = try_open(&site, Some("demo")).await;
    (outcome.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())), log)
}

#[tokio::test]
async fn the_sample_tree_is_listed_read_and_written() {
    let demo = demo::start().unwrap();
    let (mut volume, log) = open(&demo).await;
    let home = below(&volume, "");
    let (entries, unparsed) = listing(&mut volume, &home).await.unwrap();
    assert!(entries.iter().any(|entry| entry.kind == EntryKind::Dir), "{}", log.text());
    assert!(unparsed.is_empty(), "{unparsed:?}");

    let dir = below(&volume, "new dir");
    volume.make_dir(&dir).await.unwrap();
    let (old, new) = (dir.resolve(b"old").unwrap(), dir.resolve("n\u{e4}u".as_bytes()).unwrap());
    let bytes = pattern(500_000, 5);
    write_to(&mut volume, &old, WriteFrom::Start, &bytes[..200_000]).await.unwrap();
    write_to(&mut volume, &old, WriteFrom::Offset(200_000), &bytes[200_000..])
        .await
        .unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    volume.rename(&old, &new, false).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    assert_eq!(names(&mut volume, &dir).await, ["n\u{e4}u".as_bytes()], "{}", log.text());
    assert_eq!(read_from(&mut volume, &new, 0).await.unwrap(), bytes, "{}", log.text());
    assert_eq!(read_from(&mut volume, &new, 499_990).await.unwrap(), bytes[499_990..], "{}", log.text());
    assert_eq!(volume.stat(&new).await.unwrap().unwrap().size, Some(500_000), "{}", log.text());
    assert_eq!(volume.stat(&old).await.unwrap(), None, "{}", log.text());
    assert_eq!(volume.set_time(&new, Timestamp::exact(1_500_000_000)).await.unwrap_err().kind, FailureKind::Unsupported);
    volume.remove_file(&new).await.unwrap();
    volume.remove_dir(&dir).await.unwrap();
    assert!(!volume.is_lost(), "{}", log.text());
    volume.close().await;
}

#[tokio::test]
async fn a_stopped_download_leaves_the_session_in_step_or_lost_and_never_between() {
    let demo = demo::start().unwrap();
    let (mut volume, log) = open(&demo).await;
    let home = below(&volume, "");
    let (entries, _) = listing(&mut volume, &home).await.unwrap();
    let big = entries.iter().filter(|entry| entry.kind == EntryKind::File).max_by_key(|entry| entry.size).unwrap();
    let big = home.join(&big.name);
    let mut source = volume.read(&big, 0, &CancellationToken::new()).await.unwrap();
    let mut block = vec![0; 64 * 1024];
    source.read(&mut block).await.unwrap();
    source.abandon().await;
    if !volume.is_lost() {
        assert_eq!(names(&mut volume, &home).await.len(), entries.len(), "{}", log.text());
    }
}
