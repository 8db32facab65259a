//! Against vsftpd, ProFTPD, pure-ftpd and pyftpdlib.

use std::time::Duration;

use ftpane::model::site::Learnt;
use ftpane::model::{DataMode, FailureKind, Kind as EntryKind, Site, StartDir, Timestamp, VPath};
use ftpane::volume::ftp::FtpVolume;
use ftpane::volume::{Source as _, Volume as _, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::client::{below, listing, names, open, open_on, read_from, site_of, write_to};
use crate::support::servers::{self, Kind, Server, Setup};
use crate::support::tree::{Tree, pattern};

/// Runs `test` on each server that is here.
pub async fn on_each<T: AsyncFn(Server)>(prepare: impl Fn(Setup) -> Setup, test: T) {
    for kind in Kind::ALL {
        if let Some(setup) = servers::require(kind) {
            test(prepare(setup).start()).await;
        }
    }
}

#[tokio::test]
async fn a_tree_is_listed_read_and_looked_at() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file_at("a.txt", "hello", 1_600_000_000).dir("sub").file("sub/b.bin", pattern(300_000, 1)).dir("empty"));
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [&b"a.txt"[..], b"empty", b"sub"], "{name}\n{}", log.text());
        let empty = below(&volume, "empty");
        assert!(names(&mut volume, &empty).await.is_empty(), "{name}");
        let file = below(&volume, "sub/b.bin");
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), pattern(300_000, 1), "{name}");
        assert_eq!(read_from(&mut volume, &file, 299_990).await.unwrap(), pattern(300_000, 1)[299_990..], "{name}");

        let entry = volume.stat(&below(&volume, "a.txt")).await.unwrap().unwrap();
        assert_eq!((entry.kind, entry.size), (EntryKind::File, Some(5)), "{name}");
        assert_eq!(entry.modified, Some(Timestamp::exact(1_600_000_000)), "{name}");
        let entry = volume.stat(&below(&volume, "sub")).await.unwrap().unwrap();
        assert_eq!(entry.kind, EntryKind::Dir, "{name}");
        for absent in ["nothing", "sub/nothing", "nowhere/nothing"] {
            assert_eq!(volume.stat(&below(&volume, absent)).await.unwrap(), None, "{name} {absent}\n{}", log.text());
        }
        let nothing = below(&volume, "nothing");
        let missing = read_from(&mut volume, &nothing, 0).await.unwrap_err();
        assert!(matches!(missing.kind, FailureKind::NotFound | FailureKind::Refused), "{name}: {missing:?}");
        assert!(!volume.is_lost(), "{name}");
        volume.close().await;
        assert_eq!(log.sent("QUIT"), 1, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_directory_that_may_not_be_read_is_never_an_empty_one() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("shut/a.txt", "hello"));
        let shut = server.root().join("shut");
        std::fs::set_permissions(&shut, std::os::unix::fs::PermissionsExt::from_mode(0o311)).unwrap();
        let (mut volume, log) = open_on(&server).await;
        let shut = below(&volume, "shut");
        match listing(&mut volume, &shut).await {
            // One that runs with all rights reads it.
            Ok((rows, _)) => assert_eq!(rows.len(), 1, "{name}: it passes for empty\n{}", log.text()),
            Err(failure) => {
                assert!(matches!(failure.kind, FailureKind::Denied | FailureKind::Refused), "{name}: {failure:?}\n{}", log.text());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_is_written_gone_on_with_renamed_dated_and_deleted() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let (mut volume, log) = open_on(&server).await;
        let bytes = pattern(700_000, 2);
        let (dir, old, new) = (below(&volume, "d"), below(&volume, "d/old"), below(&volume, "d/new"));
        volume.make_dir(&dir).await.unwrap();
        let again = volume.make_dir(&dir).await.unwrap_err();
        assert!(matches!(again.kind, FailureKind::AlreadyExists | FailureKind::Refused), "{name}: {again:?}");
        write_to(&mut volume, &old, WriteFrom::Start, &bytes[..400_000]).await.unwrap();
        write_to(&mut volume, &old, WriteFrom::Offset(400_000), &bytes[400_000..]).await.unwrap();
        assert_eq!(server.files().bytes("d/old"), bytes, "{name}\n{}", log.text());

        write_to(&mut volume, &new, WriteFrom::Start, b"kept").await.unwrap();
        let refused = volume.rename(&old, &new, false).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::AlreadyExists, "{name}");
        assert_eq!(server.files().bytes("d/new"), b"kept", "{name}");
        volume.remove_file(&new).await.unwrap();
        volume.rename(&old, &new, false).await.unwrap();

        assert!(volume.abilities().set_time, "{name}");
        volume.set_time(&new, Timestamp::exact(1_500_000_000)).await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
        assert_eq!(crate::support::tree::mtime(&server.root().join("d/new")), 1_500_000_000, "{name}");
        volume.set_mode(&new, 0o640).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(mode(&server, "d/new"), 0o640, "{name}");

        let full = volume.remove_dir(&dir).await.unwrap_err();
        assert!(full.reply.is_some(), "{name}: {full:?}");
        volume.remove_file(&new).await.unwrap();
        volume.remove_dir(&dir).await.unwrap();
        assert!(server.files().paths().is_empty(), "{name}");
    })
    .await;
}

fn mode(server: &Server, path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    server.root().join(path).metadata().unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_download_is_stopped_in_the_middle_and_the_session_goes_on_in_step() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("big", pattern(50 << 20, 3)).file("small", "ok"));
        let (mut volume, log) = open_on(&server).await;
        let (big, small, home) = (below(&volume, "big"), below(&volume, "small"), below(&volume, ""));
        for round in 0..3 {
            let stop = CancellationToken::new();
            let mut source = volume.read(&big, 0, &stop).await.unwrap();
            let mut block = vec![0; 64 * 1024];
            for _ in 0..10 {
                source.read(&mut block).await.unwrap();
            }
            stop.cancel();
            source.abandon().await;
            assert!(!volume.is_lost(), "{name}, round {round}\n{}", log.text());
            assert_eq!(names(&mut volume, &home).await, [&b"big"[..], b"small"], "{name}\n{}", log.text());
            assert_eq!(read_from(&mut volume, &small, 0).await.unwrap(), b"ok", "{name}\n{}", log.text());
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_stopped_in_the_middle_and_the_session_goes_on_in_step() {
    on_each(std::convert::identity, async |server| {
        use ftpane::volume::Sink as _;
        let name = server.kind.name();
        let (mut volume, log) = open_on(&server).await;
        let (file, home) = (below(&volume, "up"), below(&volume, ""));
        let stop = CancellationToken::new();
        let mut sink = volume.write(&file, WriteFrom::Start, None, &stop).await.unwrap();
        sink.write(&pattern(1 << 20, 4)).await.unwrap();
        sink.abandon().await;
        assert!(!volume.is_lost(), "{name}\n{}", log.text());
        let listed = listing(&mut volume, &home).await;
        let (entries, _) = listed.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
        assert_eq!(entries.len(), 1, "{name}\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn names_of_any_bytes_are_listed_read_and_written_as_they_are() {
    let odd: [&[u8]; 10] = [
        b" lead",
        b"trail ",
        b"two  blanks",
        b"-rf",
        b"a\"quote\"b",
        b"?[x]{y}",
        "Gr\u{fc}\u{df}e".as_bytes(),
        b"a -> b",
        b"~root",
        b"$(x)\\z",
    ];
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        // pure-ftpd 1.0.50 cuts blanks off the end of a command, so that no client can name such a file, and prohibits backslashes.
        let can = |name: &&&[u8]| server.kind != Kind::PureFtpd || !(name.ends_with(b" ") || name.contains(&b'\\'));
        let mut expected: Vec<Vec<u8>> = odd.iter().filter(can).map(|name| name.to_vec()).collect();
        for odd in odd.iter().filter(can) {
            let dir = below(&volume, odd);
            volume.make_dir(&dir).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
            let file = dir.resolve(odd).unwrap();
            write_to(&mut volume, &file, WriteFrom::Start, odd).await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
            let inside = names(&mut volume, &dir).await;
            assert_eq!(inside, [odd.to_vec()], "{name}: {}\n{}", String::from_utf8_lossy(odd), log.text());
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), *odd, "{name}");
        }
        expected.sort();
        assert_eq!(names(&mut volume, &home).await, expected, "{name}");
    })
    .await;
}

#[tokio::test]
async fn names_that_are_not_utf8_are_reachable() {
    on_each(std::convert::identity, async |server| {
        if server.kind == Kind::Pyftpdlib {
            return;
        }
        let name = server.kind.name();
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        for odd in [&b"caf\xe9"[..], b"\xffy\xff"] {
            let file = below(&volume, odd);
            write_to(&mut volume, &file, WriteFrom::Start, odd).await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), odd, "{name}");
        }
        assert_eq!(names(&mut volume, &home).await, [&b"caf\xe9"[..], b"\xffy\xff"], "{name}\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn names_that_the_server_would_change_are_refused_before_two_become_one() {
    let Some(setup) = servers::require(Kind::Pyftpdlib) else { return };
    let server = setup.start();
    server.fill(&Tree::new().file("there", "kept"));
    for _ in 0..2 {
        let (mut volume, log) = open_on(&server).await;
        for odd in [&b"caf\xe9"[..], b"caf\xe8"] {
            let (odd, there) = (below(&volume, odd), below(&volume, "there"));
            let refusals = [
                write_to(&mut volume, &odd, WriteFrom::Start, b"bytes").await,
                volume.make_dir(&odd).await,
                volume.rename(&there, &odd, true).await,
            ];
            for refused in refusals {
                let refused = refused.unwrap_err();
                assert_eq!(refused.kind, FailureKind::Invalid, "{refused}\n{}", log.text());
            }
        }
        assert_eq!(log.begun("MKD"), 1, "it is asked once a session\n{}", log.text());
        assert_eq!(log.begun("STOR"), 0, "{}", log.text());
        let fine = below(&volume, "caf\u{e9}");
        write_to(&mut volume, &fine, WriteFrom::Start, b"bytes").await.unwrap();
    }
    Tree::new().file("there", "kept").file("caf\u{e9}", "bytes").assert_same(&server.files());
}

#[tokio::test]
async fn active_mode_works_over_both_families() {
    for is_v6 in [false, true] {
        let prepare = |setup: Setup| if is_v6 { setup.ipv6() } else { setup };
        on_each(prepare, async |server| {
            let name = server.kind.name();
            server.fill(&Tree::new().file("a", "over there"));
            let (mut volume, log) = open(&Site { mode: DataMode::Active, ..site_of(&server) }).await;
            let (home, file) = (below(&volume, ""), below(&volume, "a"));
            assert_eq!(names(&mut volume, &home).await, [b"a"], "{name}\n{}", log.text());
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"over there", "{name}");
            let verb = if is_v6 { "EPRT |2|::1|" } else { "PORT 127,0,0,1," };
            assert!(log.text().contains(verb), "{name}\n{}", log.text());
        })
        .await;
    }
}

#[tokio::test]
async fn passive_mode_works_over_ipv6() {
    on_each(Setup::ipv6, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("a", "over there"));
        let (mut volume, log) = open_on(&server).await;
        let file = below(&volume, "a");
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"over there", "{name}");
        assert!(log.text().contains("we dialled [::1]:"), "{name}\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn a_server_without_epsv_is_asked_by_pasv_once_and_remembered() {
    for kind in [Kind::Vsftpd, Kind::Proftpd, Kind::Pyftpdlib] {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.deny(&["EPSV"]).start();
        server.fill(&Tree::new().file("a", "x"));
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a"], "{}", log.text());
        assert_eq!(names(&mut volume, &home).await, [b"a"]);
        assert_eq!(log.sent("EPSV"), 1, "{}", log.text());
        assert!(volume.learnt().unwrap().no_epsv);
    }
}

#[tokio::test]
async fn what_was_learnt_of_epsv_over_ipv4_stands_in_no_way_over_ipv6() {
    on_each(Setup::ipv6, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("a", "over there"));
        let learnt = Learnt { no_epsv: true, ..Learnt::default() };
        let (mut volume, log) = open(&Site { learnt, mode: DataMode::Passive, ..site_of(&server) }).await;
        let (home, file) = (below(&volume, ""), below(&volume, "a"));
        assert_eq!(names(&mut volume, &home).await, [b"a"], "{name}\n{}", log.text());
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"over there", "{name}\n{}", log.text());
        // vsftpd 3.0.3 answers PASV with a port, and the address in a 227 is not read.
        assert_eq!(volume.learnt().unwrap().no_epsv, server.kind == Kind::Vsftpd, "{name}");
        assert_eq!(log.sent("PASV"), if server.kind == Kind::Vsftpd { 2 } else { 1 }, "{name}\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn a_relative_and_an_absolute_start_directory_are_where_the_session_begins() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("one/two words/c", ""));
        let relative = StartDir::Relative(b"one/two words".to_vec());
        let (mut volume, log) = open(&Site { start: relative, ..site_of(&server) }).await;
        let start = volume.opened().start.clone().unwrap();
        assert_eq!(start, below(&volume, "one/two words"), "{name}");
        assert_eq!(names(&mut volume, &start).await, [b"c"], "{name}\n{}", log.text());
        let (volume, _) = open(&Site { start: StartDir::Absolute(start.clone()), ..site_of(&server) }).await;
        assert_eq!(volume.opened().start, Some(start), "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_link_to_a_directory_is_entered_and_named_as_the_server_names_it() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("real/inside", "").link("link", "real").link("dead", "nowhere"));
        let (mut volume, log) = open_on(&server).await;
        let link = below(&volume, "link");
        let (entries, _) = listing(&mut volume, &link).await.unwrap();
        assert_eq!(entries.len(), 1, "{name}\n{}", log.text());
        let entry = volume.stat(&link).await.unwrap().unwrap();
        assert!(entry.is_enterable(), "{name}: {entry:?}");
    })
    .await;
}

#[tokio::test]
async fn a_raw_line_gets_its_whole_answer_and_cannot_upset_the_session() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("lines", "a\nb\r\nc\n"));
        let (mut volume, _) = open_on(&server).await;
        assert_eq!(volume.raw(b"FEAT").await.unwrap().code, 211, "{name}");
        volume.raw(b"TYPE A").await.unwrap();
        let file = below(&volume, "lines");
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"a\nb\r\nc\n", "{name}");
        for bad in [&b"RETR x"[..], b"NOOP\r\nDELE lines", b""] {
            assert_eq!(volume.raw(bad).await.unwrap_err().kind, FailureKind::Invalid, "{name}");
        }
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"a\nb\r\nc\n", "{name}");
    })
    .await;
}

/// A token that another thread cancels.
fn cancelled_after(pause: Duration) -> (CancellationToken, std::thread::JoinHandle<()>) {
    let stop = CancellationToken::new();
    let soon = stop.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(pause);
        soon.cancel();
    });
    (stop, stopper)
}

/// Lists a directory; an error where that was stopped.
async fn list_until(volume: &mut FtpVolume, dir: &VPath, stop: &CancellationToken) -> Result<(), ()> {
    volume.list(dir, stop, &mut |_| {}).await.map(drop).map_err(drop)
}

/// Opens a file, and gives it up at the stop without having read any of it.
async fn read_until(volume: &mut FtpVolume, file: &VPath, stop: &CancellationToken) -> Result<(), ()> {
    if let Ok(source) = volume.read(file, 0, stop).await {
        stop.cancelled().await;
        source.abandon().await;
    }
    Err(())
}

#[tokio::test]
async fn whatever_is_stopped_before_its_first_byte_the_next_transfer_gets_its_own_bytes() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("wrong", "wrong").file("dir/one", "").file("dir/two", "").file("right", "right"));
        let (mut volume, log) = open_on(&server).await;
        let [wrong, dir, right] = ["wrong", "dir", "right"].map(|path| below(&volume, path));
        let mut stopped = 0;
        for round in 0..60 {
            // From before the command to after the data, by steps that are finer than a round trip and than a timer of tokio.
            let (stop, stopper) = cancelled_after(Duration::from_micros(round * 40));
            let began =
                if round % 2 == 0 { list_until(&mut volume, &dir, &stop).await } else { read_until(&mut volume, &wrong, &stop).await };
            stopper.join().unwrap();
            stopped += u32::from(began.is_err());
            if volume.is_lost() {
                (volume, _) = open_on(&server).await;
            }
            let came = read_from(&mut volume, &right, 0).await;
            assert_eq!(came.as_deref(), Ok(&b"right"[..]), "{name}, round {round}\n{}", log.text());
            assert_eq!(names(&mut volume, &dir).await, [&b"one"[..], b"two"], "{name}, round {round}\n{}", log.text());
        }
        assert!(stopped >= 30, "{name}: {stopped}");
    })
    .await;
}

#[tokio::test]
async fn a_link_to_a_directory_is_a_link_in_a_listing_and_a_broken_one_is_shown() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(
            &Tree::new().file("real/inside", "").file("file", "abc").link("to-dir", "real").link("to-file", "file").link("dead", "nowhere"),
        );
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        let expected = if name == "proftpd" {
            // ProFTPD 1.3.8 says nothing of a link that leads nowhere.
            vec!["file", "real", "to-dir", "to-file"]
        } else {
            vec!["dead", "file", "real", "to-dir", "to-file"]
        };
        assert_eq!(
            entries.iter().map(|entry| entry.name.as_bytes()).collect::<Vec<_>>(),
            expected.iter().map(|name| name.as_bytes()).collect::<Vec<_>>(),
            "{name}\n{}",
            log.text()
        );
        for entry in &entries {
            let kind = match entry.name.as_bytes() {
                b"file" => EntryKind::File,
                b"real" => EntryKind::Dir,
                _ => EntryKind::Link,
            };
            assert_eq!(entry.kind, kind, "{name} {:?}\n{}", entry.name, log.text());
        }
    })
    .await;
}

#[tokio::test]
async fn the_clock_of_a_server_is_learnt_once_and_its_times_are_told_in_utc() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("new", "abc").file_at("old", "abc", 1_000_000_000));
        let (mut volume, log) = open_on(&server).await;
        let home = below(&volume, "");
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        for _ in 0..2 {
            let (entries, _) = listing(&mut volume, &home).await.unwrap();
            let time = entries[0].modified.unwrap();
            assert!((time.seconds - now).abs() <= 120, "{name}: {time:?}, now it is {now}\n{}", log.text());
        }
        let asked = log.begun("MDTM ");
        let learns = volume.learnt().unwrap().clock.is_some();
        assert_eq!((asked, learns), (usize::from(learns), learns), "{name}\n{}", log.text());
        assert_eq!(learns, name == "vsftpd", "{name}: the others tell UTC by MLSD\n{}", log.text());
    })
    .await;
}
