//! Transfers and listings on servers that cut, lie and stall.

use ftpane::model::{ClockOffset, FailureKind, ListingStyle, Site};
use ftpane::volume::{Sink as _, Source as _, Volume as _, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::client::{below, listing, names, open, read_from, site_at, write_to};
use crate::support::script::ScriptServer;

const RULES: &str = "include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n";

/// A server without MLSD that lists `rows` and answers every MDTM with `time`.
fn clock_script(rows: &str, time: &str) -> String {
    let feat = r"on FEAT -> 211-Features\r\n EPSV\r\n MDTM\r\n SIZE\r\n UTF8\r\n211 End";
    let list = format!("on LIST*:\n    S: 150 here\n    data send \"{rows}\\r\\n\"\n    data fin\n    S: 226 Done");
    format!("include rules-login.ftp\ninclude rules-epsv.ftp\n{feat}\n{list}\non MDTM * -> 213 {time}\nS: 220 Ready\nserve\n")
}

fn server_with(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{RULES}{rules}\nS: 220 Ready\nserve\n"))
}

#[tokio::test]
async fn a_refused_download_is_a_failure_in_the_servers_words() {
    let server = server_with("on RETR *a -> 451 Local error\non RETR *b:\n    S: 150 here\n    data fin\n    S: 550 No such file");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let (a, b) = (below(&volume, "a"), below(&volume, "b"));
    let failure = read_from(&mut volume, &a, 0).await.unwrap_err();
    assert_eq!((failure.kind, failure.reply.unwrap().code), (FailureKind::Transient, 451));
    let failure = read_from(&mut volume, &b, 0).await.unwrap_err();
    assert_eq!((failure.kind, failure.reply.unwrap().code), (FailureKind::NotFound, 550));
    assert!(!volume.is_lost());
}

#[tokio::test]
async fn a_reset_download_is_explained_by_the_servers_426() {
    let server = ScriptServer::play("data-reset");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a.txt");
    let failure = read_from(&mut volume, &file, 0).await.unwrap_err();
    assert_eq!(failure.reply.unwrap().code, 426, "{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
    assert_eq!(read_from(&mut volume, &file, 600).await.unwrap().len(), 400, "{}", log.text());
}

#[tokio::test]
async fn a_lost_completion_reply_is_a_lost_connection_and_no_success() {
    let server = ScriptServer::play("no-226");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a.txt");
    let failure = read_from(&mut volume, &file, 0).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Disconnected);
    assert!(volume.is_lost());
    assert_eq!(volume.keep_alive().await.unwrap_err().kind, FailureKind::Disconnected);
}

#[tokio::test]
async fn a_421_ends_the_session_and_says_so() {
    let server = ScriptServer::play("busy-first-list");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert!(failure.is_connection_lost(), "{failure:?}");
    assert!(volume.is_lost());
}

#[tokio::test]
async fn an_upload_that_finds_the_disk_full_says_so() {
    let server = server_with("on STOR *:\n    S: 150 go on\n    data recv 1000\n    data rst\n    S: 552 Quota exceeded");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "up");
    let failure = write_to(&mut volume, &file, WriteFrom::Start, &vec![7; 8 << 20]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Full, "{failure}\n{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn a_listing_cut_by_its_completion_reply_is_an_error() {
    let server = server_with("on MLSD*:\n    S: 150 here\n    data send \"type=file; a\\r\\n\"\n    data fin\n    S: 426 Cut");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Incomplete, "{}", log.text());
    assert_eq!(log.sent("LIST -a"), 0, "{}", log.text());
}

#[tokio::test]
async fn an_empty_directory_may_be_told_by_a_refusal() {
    for refusal in ["450 No files found", "550 No such file or directory", "450 Directory is empty"] {
        let server = server_with(&format!("on MLSD* -> {refusal}\non LIST* -> {refusal}"));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let home = below(&volume, "");
        assert!(names(&mut volume, &home).await.is_empty(), "{}", log.text());
    }
}

#[tokio::test]
async fn a_listing_that_failed_is_not_taken_for_an_empty_directory() {
    let empty = "on LIST*:\n    S: 150 here\n    data fin\n    S: 226 done";
    for rules in [
        // Something else is missing: the program that lists, in a server's cage.
        "on MLSD* -> 502 no\non LIST* -> 550 /bin/ls: No such file or directory".to_owned(),
        "on MLSD* -> 502 no\non LIST* -> 502 no\non NLST* -> 550 ls: not found\non STAT* -> 502 no".to_owned(),
        // It was not entered: it need not exist.
        "on CWD* -> 502 no\non MLSD* -> 502 no\non LIST* -> 550 No such file or directory\non NLST* -> 502 no\non STAT* -> 502 no"
            .to_owned(),
        // A refusal of MLSD that is none of the command, and then nothing.
        format!("on MLSD* -> 550 .: Input/output error\n{empty}"),
        format!("on MLSD* -> 451 Local error\n{empty}"),
        // It tells of itself.
        "on MLSD* -> 502 no\non LIST* -> 502 no\non NLST* -> 502 no\non STAT* -> 211 printer is idle".to_owned(),
        "on MLSD* -> 502 no\non LIST* -> 502 no\non NLST* -> 502 no\non STAT* -> 211-Status\\r\\n211 End".to_owned(),
    ] {
        let server = server_with(&rules);
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let home = below(&volume, "");
        let outcome = listing(&mut volume, &home).await;
        assert!(outcome.is_err(), "{rules}\n{outcome:?}\n{}", log.text());
        assert!(!volume.is_lost(), "{rules}\n{}", log.text());
    }
}

#[tokio::test]
async fn names_alone_may_be_refused_where_there_are_none() {
    let server = server_with("on MLSD* -> 502 no\non LIST* -> 502 no\non NLST* -> 450 No files found");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert!(names(&mut volume, &home).await.is_empty(), "{}", log.text());
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_not_begun_in_another_form() {
    let server = server_with(
        "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=1; x\\r\\n\"\n    data fin\n    S: 551 disk trouble\n\
         on LIST*:\n    S: 150 here\n    data fin\n    S: 226 done",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert_eq!((failure.kind, log.sent("LIST")), (FailureKind::Incomplete, 0), "{failure}\n{}", log.text());
    assert!(!volume.learnt().unwrap().no_mlsd);
}

#[tokio::test]
async fn what_ls_says_of_a_flag_that_it_takes_for_a_name_is_no_listing() {
    let server = server_with(
        "on MLSD* -> 502 no\non LIST -a:\n    S: 150 here\n    data send \"-a: No such file or directory\\r\\n\"\n    data fin\n    S: 226 done\n\
         on LIST:\n    S: 150 here\n    data send \"-rw-r--r-- 1 a b 5 Jan 02 03:04 x\\r\\n\"\n    data fin\n    S: 226 done",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"x"], "{}", log.text());
}

#[tokio::test]
async fn a_directory_that_the_server_could_not_open_is_not_empty_whatever_its_reply_says() {
    let server = server_with(
        "on MLSD* -> 502 no\n\
         on LIST*:\n    S: 150 here\n    data fin\n    S: 226 Transfer done (but failed to open directory).",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied, "{failure}\n{}", log.text());
    assert!(failure.to_string().contains("failed to open directory"), "{failure}");
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn a_broken_mlsd_gives_way_to_list_and_is_not_asked_again() {
    for mlsd in [
        "on MLSD* -> 500 Unknown",
        "on MLSD*:\n    S: 150 here\n    data send \"total 5\\r\\nnot mlsd at all\\r\\n\"\n    data fin\n    S: 226 done",
    ] {
        let server = server_with(mlsd);
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        assert_eq!(log.sent("MLSD"), 1, "{}", log.text());
        assert!(volume.learnt().unwrap().no_mlsd);
    }
}

#[tokio::test]
async fn a_server_that_takes_the_dash_a_for_a_name_is_asked_without() {
    let server = server_with(
        "on MLSD* -> 502 no\non LIST -a:\n    S: 150 here\n    data fin\n    S: 226 done\n\
         on LIST:\n    S: 150 here\n    data send \"-rw-r--r-- 1 u g 5 Jan 02 03:04 b\\r\\n\"\n    data fin\n    S: 226 done\n\
         on MDTM * -> 550 no",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"b"], "{}", log.text());
    assert_eq!(names(&mut volume, &home).await, [b"b"]);
    assert_eq!(log.sent("LIST -a"), 1, "{}", log.text());
}

#[tokio::test]
async fn an_endless_listing_can_be_stopped() {
    let server = server_with("on MLSD*:\n    S: 150 here\n    data send forever \"type=file;size=1; name\\r\\n\"\n    S: 426 stopped");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let stop = CancellationToken::new();
    let mut rows = 0;
    let outcome = volume
        .list(&home, &stop, &mut |_| {
            rows += 1;
            if rows == 20 {
                stop.cancel();
            }
        })
        .await;
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
    assert!(!volume.is_lost(), "{}", log.text());
    volume.keep_alive().await.unwrap();
}

#[tokio::test]
async fn a_transfer_that_is_stopped_before_its_first_byte_ends_by_its_data_connection() {
    let server = server_with("on RETR *:\n    S: 150 here\n    data stall\n    S: 426 nobody listens\non ABOR -> 225 nothing to stop");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a.txt");
    let stop = CancellationToken::new();
    let source = volume.read(&file, 0, &stop).await.unwrap();
    stop.cancel();
    source.abandon().await;
    assert!(!volume.is_lost(), "{}", log.text());
    // An ABOR could come before the server has taken the data connection, and some keep what they were about to send for the next one.
    assert_eq!(log.sent("ABOR"), 0, "{}", log.text());
    volume.keep_alive().await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_a_transfer_that_stands_still() {
    let server = ScriptServer::play("data-stalls");
    let (mut volume, log) = open(&Site { timeout: None, ..site_at(server.addr()) }).await;
    let file = below(&volume, "a.txt");
    let stop = CancellationToken::new();
    let mut source = volume.read(&file, 0, &stop).await.unwrap();
    let mut block = vec![0; 4096];
    let ended = loop {
        match source.read(&mut block).await {
            Ok(_) => stop.cancel(),
            Err(error) => break error,
        }
    };
    assert_eq!(ended.downcast::<ftpane::model::Failure>().unwrap().kind, FailureKind::Cancelled, "{}", log.text());
    source.abandon().await;
}

#[tokio::test]
async fn a_dropped_transfer_loses_the_session() {
    let server = server_with("on RETR *:\n    S: 150 here\n    data stall\non STOR *:\n    S: 150 go on\n    data stall");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a");
    drop(volume.read(&file, 0, &CancellationToken::new()).await.unwrap());
    assert!(volume.is_lost());
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let mut sink = volume.write(&file, WriteFrom::Start, None, &CancellationToken::new()).await.unwrap();
    sink.write(b"x").await.unwrap();
    drop(sink);
    assert!(volume.is_lost());
}

#[tokio::test]
async fn a_reply_that_never_comes_loses_the_session_at_the_limit() {
    let server = ScriptServer::play_text("include rules-login.ftp\non NOOP:\n    stall\nS: 220 Ready\nserve\n");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    assert_eq!(volume.keep_alive().await.unwrap_err().kind, FailureKind::TimedOut);
    assert!(volume.is_lost());
}

#[tokio::test]
async fn a_reply_that_nobody_asked_for_does_not_answer_the_next_command() {
    let server = ScriptServer::play_text(
        "include rules-login.ftp\non MKD * -> 257 made\\r\\n226 a stray one\non RMD * -> 250 gone\nS: 220 Ready\nserve\n",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let dir = below(&volume, "d");
    volume.make_dir(&dir).await.unwrap();
    let gone = volume.raw(b"RMD /d").await.unwrap();
    assert_eq!(gone.code, 250, "{}", log.text());
}

#[tokio::test]
async fn a_size_of_23_digits_is_no_size() {
    let server =
        server_with("on RETR *:\n    S: 150 here (99999999999999999999999 bytes)\n    data send \"abc\"\n    data fin\n    S: 226 done");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a");
    let source = volume.read(&file, 0, &CancellationToken::new()).await.unwrap();
    assert_eq!(source.size(), None);
    source.abandon().await;
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"abc");
}

#[tokio::test]
async fn a_server_that_skips_the_preliminary_reply_is_understood() {
    let server = server_with("on RETR *:\n    data send \"abc\"\n    data fin\n    S: 226 done");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a");
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"abc", "{}", log.text());
    volume.keep_alive().await.unwrap();
}

#[tokio::test]
async fn a_completion_by_another_code_than_226_or_250_is_one_only_where_the_size_says_so_too() {
    let server = server_with(
        "on RETR *:\n    S: 150 here\n    data send \"abc\"\n    data fin\n    S: 200 fine\n\
         on STOR *:\n    S: 150 go on\n    data recv\n    S: 200 fine\n\
         on SIZE *a -> 213 3\non SIZE *b -> 213 4\non SIZE *c -> 550 I do not say\n\
         on MLSD*:\n    S: 150 here\n    data send \"type=file;size=3; a\\r\\n\"\n    data fin\n    S: 200 fine",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a"], "{}", log.text());
    for (name, is_whole) in [("a", true), ("b", false), ("c", false)] {
        let file = below(&volume, name);
        let read = read_from(&mut volume, &file, 0).await;
        let written = write_to(&mut volume, &file, WriteFrom::Start, b"abc").await;
        if is_whole {
            assert_eq!(read.unwrap(), b"abc", "{}", log.text());
            written.unwrap();
        } else {
            assert_eq!(read.unwrap_err().kind, FailureKind::Incomplete, "{name}: {}", log.text());
            assert_eq!(written.unwrap_err().kind, FailureKind::Incomplete, "{name}: {}", log.text());
        }
    }
}

#[tokio::test]
async fn a_listing_shows_its_first_rows_before_the_last_arrive() {
    let rows = |count| format!("data send repeat {count} \"type=file;size=1; name\\r\\n\"");
    let server = server_with(&format!(
        "on MLSD*:\n    S: 150 here\n    {}\n    delay 500ms\n    {}\n    data fin\n    S: 226 done",
        rows(100),
        rows(100)
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    let (began, mut arrivals) = (std::time::Instant::now(), Vec::new());
    volume.list(&home, &CancellationToken::new(), &mut |_| arrivals.push(began.elapsed())).await.unwrap();
    let (first, last) = (arrivals.first().unwrap(), arrivals.last().unwrap());
    assert!(*last - *first >= std::time::Duration::from_millis(300), "{arrivals:?}\n{}", log.text());
}

#[tokio::test]
async fn the_first_listing_already_tells_times_by_utc_where_the_servers_clock_is_elsewhere() {
    let rows =
        r"-rw-r--r-- 1 a b 3 Jan 29  2020 c\r\n-rw-r--r-- 1 a b 3 Mar  2 15:13:22 2021 b\r\n-rw-r--r-- 1 a b 3 Mar  2 15:13:20 2021 a";
    let server = ScriptServer::play_text(&clock_script(rows, "20210302131322"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    for _ in 0..2 {
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        let times: Vec<_> = entries.iter().map(|entry| entry.modified.unwrap().seconds).collect();
        // 2021-03-02T13:13:22Z; the day stays as it was written.
        assert_eq!(times, [1_614_690_800, 1_614_690_802, 1_580_256_000], "{}", log.text());
    }
    assert_eq!(log.begun("MDTM "), 1, "{}", log.text());
    assert_eq!(volume.learnt().unwrap().clock.unwrap().to_string(), "+02:00");
}

/// Seconds since 1970.
fn now() -> i64 {
    i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

#[tokio::test]
async fn a_clock_that_was_learnt_a_day_ago_is_learnt_anew_and_a_fresh_one_costs_no_question() {
    const HOUR: i64 = 3600;
    let rows = "-rw-r--r-- 1 a b 3 Mar  2 15:13:22 2021 b";
    let winter = ClockOffset::of_seconds(3600);
    // Meanwhile its clock was put forward to +02:00.
    for (at, asked, seconds) in [
        (Some(now() - 25 * HOUR), 1, 1_614_690_802),
        (None, 1, 1_614_690_802),
        (Some(now() + 25 * HOUR), 1, 1_614_690_802),
        (Some(now() - 23 * HOUR), 0, 1_614_694_402),
    ] {
        let server = ScriptServer::play_text(&clock_script(rows, "20210302131322"));
        let learnt = ftpane::model::site::Learnt { clock: winter, clock_at: at, no_mlsd: true, ..Default::default() };
        let (mut volume, log) = open(&Site { learnt, ..site_at(server.addr()) }).await;
        let home = below(&volume, "");
        for _ in 0..2 {
            let (entries, _) = listing(&mut volume, &home).await.unwrap();
            assert_eq!(entries[0].modified.unwrap().seconds, seconds, "{at:?}\n{}", log.text());
        }
        assert_eq!(log.begun("MDTM "), asked, "{at:?}\n{}", log.text());
        let known = volume.learnt().unwrap();
        if asked == 1 {
            assert_eq!(known.clock, ClockOffset::of_seconds(7200));
            assert!((now() - known.clock_at.unwrap()).abs() < 60);
        } else {
            assert_eq!((known.clock, known.clock_at), (winter, at));
        }
    }
}

#[tokio::test]
async fn what_was_known_of_a_clock_holds_where_a_new_question_tells_nothing() {
    let rows = "-rw-r--r-- 1 a b 3 Mar  2 15:13:22 2021 b";
    let server = ScriptServer::play_text(&clock_script(rows, "20210302131022"));
    let clock = ClockOffset::of_seconds(7200);
    let learnt = ftpane::model::site::Learnt { clock, clock_at: None, no_mlsd: true, ..Default::default() };
    let (mut volume, log) = open(&Site { learnt, ..site_at(server.addr()) }).await;
    let home = below(&volume, "");
    for _ in 0..2 {
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        assert_eq!(entries[0].modified.unwrap().seconds, 1_614_690_802, "{}", log.text());
    }
    assert_eq!((log.begun("MDTM "), volume.learnt().unwrap().clock), (1, clock), "{}", log.text());
}

#[tokio::test]
async fn a_time_that_no_zone_explains_teaches_nothing_and_is_asked_for_once() {
    let rows = "-rw-r--r-- 1 a b 3 Mar  2 15:13:22 2021 x";
    let server = ScriptServer::play_text(&clock_script(rows, "20210302131022"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    for _ in 0..2 {
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        assert_eq!(entries[0].modified.unwrap().seconds, 1_614_698_002, "{}", log.text());
    }
    assert_eq!((log.begun("MDTM "), volume.learnt().unwrap().clock), (1, None), "{}", log.text());
}

#[tokio::test]
async fn what_a_person_says_of_the_clock_and_of_the_listing_is_not_asked() {
    let rows = "01-02-20  10:00AM  3 x";
    let server = ScriptServer::play_text(&clock_script(rows, "20210302131022"));
    let site = Site { clock: ClockOffset::parse("-05:00"), listing: ListingStyle::Dos, ..site_at(server.addr()) };
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    let (entries, _) = listing(&mut volume, &home).await.unwrap();
    // 2020-01-02T15:00:00Z
    assert_eq!(entries[0].modified.unwrap().seconds, 1_577_977_200, "{}", log.text());
    assert_eq!((log.begun("MDTM "), log.sent("MLSD")), (0, 0), "{}", log.text());
    let unix = Site { listing: ListingStyle::Unix, ..site };
    let (mut volume, _) = open(&unix).await;
    let (entries, unparsed) = listing(&mut volume, &home).await.unwrap();
    assert_eq!((entries.len(), unparsed.len()), (0, 1));
}

/// A listing by `command` with these rows.
fn listed(command: &str, rows: &str) -> String {
    format!("on {command}:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done\n")
}

/// What makes a server known as one whose MLSD hides links.
const HIDES_LINKS: &str = "on FEAT -> 211-Features\\r\\n EPSV\\r\\n MLST type*;size*;modify*;unix.mode;unix.uid;unix.gid;\\r\\n211 End\n";
const LS_ROWS: &str = r"-rw-r--r-- 1 u g 5 Jan 02 03:04 a\r\nlrwxrwxrwx 1 u g 1 Jan 02 03:04 dead -> x\r\n";

#[tokio::test]
async fn what_is_no_mlsd_is_an_error_and_no_empty_directory_where_a_person_wants_mlsd() {
    for feat in ["", HIDES_LINKS] {
        let server = server_with(&format!("{feat}{}{}", listed("MLSD*", LS_ROWS), listed("LIST*", LS_ROWS)));
        let (mut volume, log) = open(&Site { listing: ListingStyle::Mlsd, ..site_at(server.addr()) }).await;
        let home = below(&volume, "");
        let failure = listing(&mut volume, &home).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol, "{failure}\n{}", log.text());
        assert!(!volume.is_lost(), "{}", log.text());
    }
    // An empty directory is one.
    let server = server_with(&listed("MLSD*", r"type=cdir;modify=20260102030405; .\r\n"));
    let (mut volume, _) = open(&Site { listing: ListingStyle::Mlsd, ..site_at(server.addr()) }).await;
    let home = below(&volume, "");
    assert_eq!(listing(&mut volume, &home).await.unwrap().0, []);
}

#[tokio::test]
async fn broken_links_make_no_mlsd_of_what_is_none() {
    let server = server_with(&format!("{HIDES_LINKS}{}{}", listed("MLSD*", LS_ROWS), listed("LIST*", LS_ROWS)));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [&b"a"[..], b"dead"], "{}", log.text());
    assert!(volume.learnt().unwrap().no_mlsd);
}

#[tokio::test]
async fn a_server_that_refuses_to_tell_of_links_is_not_asked_in_each_directory() {
    let mlsd = listed("MLSD*", r"type=file;size=5; a\r\n");
    let refusals = [("502 no LIST", 1), ("501 not so", 1), ("550 Permission denied", 3), ("450 No files found", 3)];
    for (refusal, asked) in refusals {
        let server = server_with(&format!("{HIDES_LINKS}{mlsd}on LIST* -> {refusal}\n"));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        for dir in ["", "b", "c"] {
            let dir = below(&volume, dir);
            assert_eq!(names(&mut volume, &dir).await, [b"a"], "{}", log.text());
        }
        assert_eq!((log.sent("LIST"), log.sent("MLSD")), (asked, 3), "{refusal}\n{}", log.text());
    }
}

#[tokio::test]
async fn a_list_of_links_that_breaks_off_fails_rather_than_to_pass_links_for_what_they_lead_to() {
    let cut = format!("on LIST*:\n    S: 150 here\n    data send \"{LS_ROWS}\"\n    data fin\n    S: 451 disk trouble\n");
    for (list, kind) in [(cut.as_str(), FailureKind::Incomplete), ("on LIST* -> 425 no data connection\n", FailureKind::Transient)] {
        let server = server_with(&format!("{HIDES_LINKS}{}{list}", listed("MLSD*", r"type=file;size=5; a\r\ntype=dir; dead\r\n")));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let home = below(&volume, "");
        let failure = listing(&mut volume, &home).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}\n{}", log.text());
    }
}
