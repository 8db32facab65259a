//! Servers of Windows that cannot be installed here, by scripts that answer as they do: IIS 10, FileZilla Server 1.8.

use ftpane::model::{FailureKind, Kind, Precision, Timestamp};
use ftpane::volume::ftp::FtpVolume;
use ftpane::volume::{Volume as _, WriteFrom};

use crate::client::{WireLog, below, listing, open, read_from, site_at, write_to};
use crate::support::script::ScriptServer;

/// All that a person does with a server.
async fn used(server: &ScriptServer, volume: &mut FtpVolume, log: &WireLog) {
    let home = below(volume, "");
    let (rows, unread) = listing(volume, &home).await.unwrap();
    let told: Vec<(&[u8], Kind, Option<u64>)> = rows.iter().map(|row| (row.name.as_bytes(), row.kind, row.size)).collect();
    assert_eq!(told, [(&b"My Site"[..], Kind::Dir, None), (b"index.htm", Kind::File, Some(10))], "{}", log.text());
    assert!(unread.is_empty());
    // 2026-11-20, 08:05 UTC.
    let dated = rows.iter().find(|row| row.kind == Kind::File).and_then(|row| row.modified);
    assert_eq!(dated.map(|time| time.seconds), Some(1_795_161_900), "{}", log.text());
    let (there, new, dir) = (below(volume, "index.htm"), below(volume, "new.htm"), below(volume, "d"));
    assert_eq!(read_from(volume, &there, 0).await.unwrap(), b"0123456789", "{}", log.text());
    write_to(volume, &new, WriteFrom::Start, b"abc").await.unwrap();
    assert_eq!(server.record().uploads(), [b"abc"]);
    volume.make_dir(&dir).await.unwrap();
    volume.remove_dir(&dir).await.unwrap();
    volume.rename(&there, &below(volume, "old.htm"), true).await.unwrap();
    volume.remove_file(&there).await.unwrap();
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn iis_is_listed_read_and_written_and_its_refusals_are_told_in_its_words() {
    let server = ScriptServer::play("windows-iis");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&server, &mut volume, &log).await;
    let gone = below(&volume, "wwwroot/gone");
    let failure = listing(&mut volume, &gone).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound, "{failure}");
    assert!(failure.to_string().contains("cannot find the file"), "{failure}");
    assert_eq!(volume.set_mode(&below(&volume, "index.htm"), 0o644).await.unwrap_err().kind, FailureKind::Refused);
}

#[tokio::test]
async fn filezilla_server_is_listed_read_and_written_with_times() {
    let server = ScriptServer::play("windows-filezilla");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&server, &mut volume, &log).await;
    let new = below(&volume, "new.htm");
    volume.set_time(&new, Timestamp { seconds: 1_577_836_800, precision: Precision::Second }).await.unwrap();
    assert_eq!(log.sent("MFMT 20200101000000 /new.htm"), 1, "{}", log.text());
    let gone = below(&volume, "gone");
    // It does not tell what is missing from what may not be read.
    assert_eq!(listing(&mut volume, &gone).await.unwrap_err().kind, FailureKind::Refused);
}
