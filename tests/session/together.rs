//! Commands that go out together: that they save round trips where a server copes, and cost nothing but that where it does not.

use ftpane::model::{FailureKind, Kind, Timestamp};
use ftpane::volume::ftp::{Acquaintances, FtpVolume, connect};
use ftpane::volume::{Ahead, Finish, Volume as _, WriteFrom};

use crate::client::{WireLog, below, call_for, names, open, open_on, read_from, site_at, write_to};
use crate::real::on_each;
use crate::support::script::ScriptServer;
use crate::support::tree::{Tree, mtime, pattern};

const MORE: Ahead = Ahead { size: Some(5), more: true, bold: false };
const FILES: usize = 12;

/// A server with the usual answers behind what a test says.
fn server_with(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "{rules}\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\nS: 220 Ready\nserve\n"
    ))
}

/// A file of five bytes for each RETR.
const FIVE: &str = "on RETR *:\n    S: 150 here\n    data send \"12345\"\n    data fin\n    S: 226 done\n";

async fn five(volume: &mut FtpVolume, name: &str, log: &WireLog) {
    let path = below(volume, name);
    volume.expect(MORE);
    let bytes = read_from(volume, &path, 0).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    assert_eq!(bytes, b"12345", "{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
}

/// The commands and codes of the log from the last RETR on, as one line.
fn last_exchange(log: &WireLog) -> String {
    let text = log.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(['<', '>'])).collect();
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join("");
    let start = lines.iter().rposition(|line| line.starts_with("> RETR")).unwrap_or(0).saturating_sub(1);
    lines.iter().skip(start).map(|line| words(line)).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_first_transfer_goes_step_by_step_and_the_second_in_pairs() {
    let server = server_with(FIVE);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a");
    read_from(&mut volume, &path, 0).await.unwrap();
    assert!(last_exchange(&log).starts_with("<229 >RETR <150 <226"), "{}", log.text());
    read_from(&mut volume, &path, 0).await.unwrap();
    assert_eq!(last_exchange(&log), ">EPSV >RETR <229 <150 <226", "{}", log.text());
}

#[tokio::test]
async fn the_next_port_is_asked_for_ahead_once_a_noop_was_answered_in_order() {
    let server = server_with(FIVE);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b"] {
        five(&mut volume, name, &log).await;
    }
    assert!(last_exchange(&log).starts_with(">EPSV >RETR >NOOP <229 <150 <226"), "{}", log.text());
    for name in ["c", "d"] {
        five(&mut volume, name, &log).await;
    }
    assert_eq!(log.sent("NOOP"), 1, "{}", log.text());
    assert!(last_exchange(&log).starts_with("<229 >RETR >EPSV <150 <226"), "{}", log.text());
    volume.keep_alive().await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await.len(), 1, "the port that was asked for serves a listing, too\n{}", log.text());
    assert_eq!(log.sent("EPSV"), 5, "{}", log.text());
}

#[tokio::test]
async fn a_server_without_feat_is_served_step_by_step() {
    let server = ScriptServer::play_text(&format!(
        "on FEAT -> 500 What\n{FIVE}include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\nS: 220 Ready\nserve\n"
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b", "c"] {
        five(&mut volume, name, &log).await;
        assert!(last_exchange(&log).starts_with("<229 >RETR <150 <226"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_port_refused_in_the_middle_is_asked_for_again_step_by_step() {
    for (refusal, behind) in [("425 No port", "425 Use PORT or PASV first"), ("500 Unknown", "503 Bad sequence")] {
        let server = server_with(&format!(
            "on EPSV (1 times):\n    data listen\n    S: 229 Entering (|||{{port}}|)\non EPSV (1 times) -> {refusal}\non RETR *b (1 times) -> {behind}\n{FIVE}"
        ));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        for name in ["a", "b", "c"] {
            five(&mut volume, name, &log).await;
        }
        assert!(last_exchange(&log).starts_with("<229 >RETR <150 <226"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_refused_file_in_a_pair_is_that_files_failure_and_the_next_comes() {
    let server = server_with(&format!("on RETR *gone -> 550 No such file\n{FIVE}"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b", "c"] {
        five(&mut volume, name, &log).await;
    }
    let path = below(&volume, "gone");
    volume.expect(MORE);
    let failure = read_from(&mut volume, &path, 0).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound, "{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
    five(&mut volume, "d", &log).await;
}

#[tokio::test]
async fn a_server_that_answers_the_question_first_is_not_asked_ahead() {
    let server = server_with(&format!(
        "on RETR *b:\n    S: 150 here\n    S: 200 the NOOP first\n    data send \"12345\"\n    data fin\n    S: 226 done\non NOOP (1 times):\n    delay 1ms\n{FIVE}"
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b", "c", "d"] {
        five(&mut volume, name, &log).await;
    }
    assert_eq!(last_exchange(&log), ">EPSV >RETR <229 <150 <226", "{}", log.text());
    assert_eq!(log.sent("NOOP"), 1, "{}", log.text());
}

#[tokio::test]
async fn a_421_between_two_answers_ends_the_session_and_says_so() {
    let server =
        server_with("on RETR *b -> 421 Timeout\non RETR *:\n    S: 150 here\n    data send \"12345\"\n    data fin\n    S: 226 done");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    five(&mut volume, "a", &log).await;
    let path = below(&volume, "b");
    volume.expect(MORE);
    let failure = read_from(&mut volume, &path, 0).await.unwrap_err();
    assert!(failure.is_connection_lost(), "{failure:?}");
    assert!(volume.is_lost());
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_leads_back_to_one_step_after_the_other() {
    let server = server_with(&format!(
        "on EPSV (1 times):\n    data listen\n    S: 229 Entering (|||{{port}}|)\non EPSV (1 times):\n    data refuse\n    S: 229 Entering \
         (|||{{port}}|)\non RETR *b (1 times) -> 425 Cannot open\non ABOR (1 times) -> 226 Nothing to stop\n{FIVE}"
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b", "c"] {
        let path = below(&volume, name);
        let bytes = read_from(&mut volume, &path, 0).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
        assert_eq!(bytes, b"12345", "{}", log.text());
    }
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn an_upload_is_settled_by_one_exchange_and_each_answer_is_judged() {
    let server = server_with(
        "on STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\non MFMT * -> 213 Modify=20200102030405; it\non SITE CHMOD * -> 200 done\n\
         on MLST *:\n    S: 250-Listing\n    S:  type=file;size=5;modify=20200102030405; /up\n    S: 250 End",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "up");
    write_to(&mut volume, &path, WriteFrom::Start, b"12345").await.unwrap();
    let finish = Finish { time: Some(Timestamp::exact(1_577_934_245)), mode: Some(0o640) };
    let settled = volume.settle(&path, finish).await.unwrap();
    assert!(settled.timed && settled.moded, "{}", log.text());
    let entry = settled.entry.unwrap();
    assert_eq!((entry.size, entry.modified), (Some(5), finish.time));
    assert_eq!(entry.name.as_bytes(), b"up");
    let text = log.text();
    let sent: Vec<&str> = text.lines().filter(|line| line.starts_with(['<', '>'])).skip_while(|line| !line.starts_with("> MFMT")).collect();
    assert!(sent.iter().take(3).all(|line| line.starts_with('>')), "{text}");
}

#[tokio::test]
async fn answers_in_another_order_are_not_believed() {
    // The look's answer comes first, the time's last.
    let server = server_with(
        "on MFMT * (1 times):\n    S: 250-Listing\n    S:  type=file;size=7;modify=19990102030405; /up\n    S: 250 End\n\
         on MLST * (1 times) -> 213 Modify=20200102030405; it\non MFMT * -> 213 Modify=20200102030405; it\n\
         on MLST *:\n    S: 250-Listing\n    S:  type=file;size=5;modify=20200102030405; /up\n    S: 250 End",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "up");
    let finish = Finish { time: Some(Timestamp::exact(1_577_934_245)), mode: None };
    let settled = volume.settle(&path, finish).await.unwrap();
    assert!(settled.timed, "{}", log.text());
    assert_eq!(settled.entry.unwrap().size, Some(5), "{}", log.text());
    assert_eq!(log.sent("MFMT 20200102030405 /up"), 2, "asked again, one by one\n{}", log.text());
}

#[tokio::test]
async fn many_small_files_come_whole_from_every_server_with_the_next_asked_ahead() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let bytes = |n: usize| pattern(1_000 + n * 700, u32::try_from(n).unwrap());
        let tree = (0..FILES).fold(Tree::new(), |tree, n| tree.file(format!("f{n}"), bytes(n)));
        server.fill(&tree);
        let (mut volume, log) = open_on(&server).await;
        for round in 0..3 {
            for n in 0..FILES {
                let path = below(&volume, format!("f{n}"));
                volume.expect(Ahead { size: Some(bytes(n).len() as u64), more: n + 1 < FILES, bold: false });
                let got = read_from(&mut volume, &path, 0).await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
                assert!(got == bytes(n), "{name}: file {n} of round {round} came as {} bytes\n{}", got.len(), log.text());
            }
            // Something else in between finds the session in step.
            let home = below(&volume, "");
            assert_eq!(names(&mut volume, &home).await.len(), FILES, "{name}\n{}", log.text());
            assert_eq!(volume.stat(&below(&volume, "f0")).await.unwrap().unwrap().size, Some(1_000), "{name}\n{}", log.text());
        }
        assert!(!volume.is_lost(), "{name}");
        let asks = log.sent("EPSV");
        // Beside MLSD, pyftpdlib is asked for a LIST.
        assert!(asks <= 3 * (FILES + 2), "{name}: {asks} ports for {} files\n{}", 3 * FILES, log.text());
    })
    .await;
}

#[tokio::test]
async fn large_and_small_files_in_turn_come_whole_from_every_server() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let bytes = |n: usize| pattern(if n.is_multiple_of(3) { 3_000_000 } else { 900 }, u32::try_from(n).unwrap());
        let tree = (0..9).fold(Tree::new(), |tree, n| tree.file(format!("f{n}"), bytes(n)));
        server.fill(&tree);
        let (mut volume, log) = open_on(&server).await;
        for n in [1, 2, 3, 4, 5, 6, 7, 8, 0] {
            let path = below(&volume, format!("f{n}"));
            volume.expect(Ahead { size: Some(bytes(n).len() as u64), more: true, bold: false });
            let got = read_from(&mut volume, &path, 0).await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
            assert!(got == bytes(n), "{name}: file {n} came as {} bytes\n{}", got.len(), log.text());
        }
        volume.keep_alive().await.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
    })
    .await;
}

#[tokio::test]
async fn many_small_uploads_are_settled_on_every_server() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let (mut volume, log) = open_on(&server).await;
        for n in 0..FILES {
            let path = below(&volume, format!("u{n}"));
            let bytes = pattern(500 + n * 300, u32::try_from(n).unwrap());
            let time = Timestamp::exact(1_500_000_000 + i64::try_from(n).unwrap());
            volume.expect(Ahead { size: Some(bytes.len() as u64), more: n + 1 < FILES, bold: false });
            write_to(&mut volume, &path, WriteFrom::Start, &bytes)
                .await
                .unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
            let settled = volume.settle(&path, Finish { time: Some(time), mode: Some(0o640) }).await;
            let settled = settled.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
            let entry = settled.entry.unwrap_or_else(|| panic!("{name}: no look\n{}", log.text()));
            assert_eq!((entry.size, entry.modified), (Some(bytes.len() as u64), Some(time)), "{name}\n{}", log.text());
            assert!(settled.timed && settled.moded, "{name}\n{}", log.text());
            assert_eq!(server.files().bytes(format!("u{n}")), bytes, "{name}");
            assert_eq!(mtime(&server.root().join(format!("u{n}"))), u64::try_from(time.seconds).unwrap(), "{name}");
        }
        assert!(!volume.is_lost(), "{name}");
    })
    .await;
}

/// A server that knows no MLST, so that a path is looked at with the commands that are for files and directories.
fn without_looks(rules: &str) -> ScriptServer {
    server_with(&format!("{rules}\non FEAT -> 211-Features\\r\\n EPSV\\r\\n MDTM\\r\\n REST STREAM\\r\\n SIZE\\r\\n211 End\n"))
}

/// The commands and codes from the first line on that begins so, as one line.
fn exchange_from(log: &WireLog, first: &str) -> String {
    let text = log.text();
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join("");
    let lines = text.lines().filter(|line| line.starts_with(['<', '>'])).skip_while(|line| !line.starts_with(first));
    lines.map(words).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_path_is_looked_at_in_one_exchange() {
    let server = without_looks("on CWD *a.txt -> 550 No directory\non SIZE *dir -> 550 No file\non MDTM *dir -> 550 No file");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a.txt");
    let entry = volume.stat(&path).await.unwrap().unwrap();
    assert_eq!((entry.kind, entry.size, entry.modified), (Kind::File, Some(1000), Some(Timestamp::exact(1_767_323_045))));
    assert_eq!(exchange_from(&log, "> SIZE"), ">SIZE >MDTM >CWD >PWD <213 <213 <550 <257", "{}", log.text());
    let path = below(&volume, "dir");
    assert_eq!(volume.stat(&path).await.unwrap().unwrap().kind, Kind::Dir, "{}", log.text());
    assert!(exchange_from(&log, "> SIZE /dir").starts_with(">SIZE >MDTM >CWD >PWD <550 <550 <250 <257"), "{}", log.text());
}

#[tokio::test]
async fn a_look_whose_answers_are_mixed_up_is_made_again_step_by_step() {
    let server = without_looks(
        "on SIZE *a.txt (1 times) -> 213 20260102030405\non MDTM *a.txt (1 times) -> 213 1000\non CWD *a.txt -> 550 No directory",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a.txt");
    let entry = volume.stat(&path).await.unwrap().unwrap();
    assert_eq!((entry.size, entry.modified), (Some(1000), Some(Timestamp::exact(1_767_323_045))), "{}", log.text());
    assert_eq!(log.sent("SIZE /a.txt"), 2, "{}", log.text());
    assert!(!volume.is_lost());
}

#[tokio::test]
async fn a_file_is_no_directory_because_the_answer_to_another_command_came_where_that_to_cwd_belongs() {
    let date = "213 20260102030405";
    for mixed in [
        format!("on MDTM *a.txt (1 times) -> 550 No directory\non CWD *a.txt (1 times) -> {date}"),
        format!("on MDTM *a.txt (1 times) -> 550 No directory\non CWD *a.txt (1 times) -> 257 \"/\"\non PWD (1 times) -> {date}"),
    ] {
        // The login's own PWD comes first.
        let rules = mixed.replace("on PWD (1 times)", "on PWD (1 times) -> 257 \"/\"\non PWD (1 times)");
        let server = without_looks(&format!("{rules}\non CWD *a.txt -> 550 No directory"));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let path = below(&volume, "a.txt");
        let entry = volume.stat(&path).await.unwrap().unwrap();
        assert_eq!((entry.kind, entry.size), (Kind::File, Some(1000)), "{}", log.text());
        assert_eq!(entry.modified, Some(Timestamp::exact(1_767_323_045)), "{}", log.text());
        assert_eq!(log.sent("CWD /a.txt"), 2, "{}", log.text());
    }
}

#[tokio::test]
async fn a_later_login_asks_for_the_port_of_what_comes_first() {
    let server = server_with(FIVE);
    let (site, known) = (site_at(server.addr()), Acquaintances::default());
    let mut logs = Vec::new();
    for _ in 0..2 {
        let (call, log) = call_for(&site, Some("secret"));
        let mut volume = connect(&site, &call, &known).await.unwrap();
        let path = below(&volume, "a");
        assert_eq!(read_from(&mut volume, &path, 0).await.unwrap(), b"12345", "{}", log.text());
        logs.push(log);
    }
    let second = exchange_from(&logs[1], "> OPTS");
    assert!(second.contains(">TYPE >EPSV <200"), "{second}");
    assert!(second.ends_with("<229 >RETR <150 <226"), "{second}");
    assert_eq!(logs[1].sent("EPSV"), 1, "{second}");
}

#[tokio::test]
async fn a_later_login_whose_port_is_refused_goes_on_without_one() {
    let server = server_with(&format!(
        "on EPSV (1 times):\n    data listen\n    S: 229 Entering (|||{{port}}|)\non EPSV (1 times) -> 500 Not now\n{FIVE}"
    ));
    let (site, known) = (site_at(server.addr()), Acquaintances::default());
    for _ in 0..2 {
        let (call, log) = call_for(&site, Some("secret"));
        let mut volume = connect(&site, &call, &known).await.unwrap();
        let path = below(&volume, "a");
        assert_eq!(read_from(&mut volume, &path, 0).await.unwrap(), b"12345", "{}", log.text());
    }
}

#[tokio::test]
async fn a_command_that_did_not_wait_for_who_dials_is_given_again_step_by_step() {
    let server = server_with(&format!("on RETR *a (1 times) -> 425 Use EPSV first\n{FIVE}"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a");
    volume.expect(Ahead { bold: true, ..Ahead::default() });
    assert_eq!(read_from(&mut volume, &path, 0).await.unwrap(), b"12345", "{}", log.text());
    assert_eq!(exchange_from(&log, "> EPSV"), ">EPSV <229 >RETR <425 >EPSV <229 >RETR <150 <226", "{}", log.text());
}

#[tokio::test]
async fn what_worked_while_its_port_was_dialled_is_followed_by_pairs() {
    let server = server_with(FIVE);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a");
    volume.expect(Ahead { bold: true, ..Ahead::default() });
    read_from(&mut volume, &path, 0).await.unwrap();
    read_from(&mut volume, &path, 0).await.unwrap();
    assert_eq!(last_exchange(&log), ">EPSV >RETR <229 <150 <226", "{}", log.text());
}

const BOLD: Ahead = Ahead { bold: true, ..MORE };

async fn boldly(volume: &mut FtpVolume, name: &str, log: &WireLog) {
    let path = below(volume, name);
    volume.expect(BOLD);
    let bytes = read_from(volume, &path, 0).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    assert_eq!(bytes, b"12345", "{}", log.text());
}

#[tokio::test]
async fn from_afar_no_file_waits_for_its_port_behind_the_first() {
    let server = server_with(FIVE);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    for name in ["a", "b", "c", "d"] {
        boldly(&mut volume, name, &log).await;
    }
    let exchange = exchange_from(&log, "> EPSV");
    let sent: Vec<&str> = exchange.split(' ').filter(|word| word.starts_with('>')).collect();
    assert_eq!(sent.join(" "), ">EPSV >RETR >EPSV >RETR >NOOP >EPSV >RETR >EPSV >RETR >EPSV", "{}", log.text());
    assert_eq!((log.sent("NOOP"), log.sent("EPSV")), (1, 5), "{}", log.text());
}

#[tokio::test]
async fn two_questions_behind_a_file_are_told_apart_from_its_end_in_any_order() {
    for order in [
        ["S: 200 the NOOP first", "", ""],
        ["S: 200 the NOOP first", "S: 229 Entering (|||1|)", ""],
        ["", "S: 229 Entering (|||1|)", "S: 200 NOOP"],
    ] {
        let [first, second, third] = order;
        let (noop, epsv) = (order.iter().any(|line| line.contains("200")), order.iter().any(|line| line.contains("229")));
        // What was answered before its turn is answered no more.
        let noop = if noop { "on NOOP (1 times):\n    delay 1ms\n" } else { "" };
        let epsv = if epsv {
            "on EPSV (2 times):\n    data listen\n    S: 229 Entering (|||{port}|)\non EPSV (1 times):\n    delay 1ms\n"
        } else {
            ""
        };
        let server = server_with(&format!(
            "{noop}{epsv}on RETR *b:\n    S: 150 here\n    data send \"12345\"\n    data fin\n    {first}\n    {second}\n    {third}\n    S: 226 done\n{FIVE}"
        ));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        for name in ["a", "b", "c", "d"] {
            boldly(&mut volume, name, &log).await;
        }
        assert!(!volume.is_lost(), "{}", log.text());
        assert_eq!(log.sent("NOOP"), 1, "{}", log.text());
    }
}
