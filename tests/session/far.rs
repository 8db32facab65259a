//! A server that is far: what is asked for in time that would pass waiting, and that nothing is lost where it does not answer as it should.
//!
//! Nothing on this machine is far. A server behind an FTP proxy counts as far when it takes its time to answer USER, since how far the proxy is
//! says nothing: the scripts play both.

use std::time::Duration;

use ftpane::model::site::Learnt;
use ftpane::model::{Failure, FailureKind, Kind, Reach, Site, StartDir, Through};
use ftpane::volume::ftp::{Acquaintances, FtpVolume, connect};
use ftpane::volume::{Ahead, Call, Volume as _};

use crate::client::{WireLog, below, call_for, listing, names, open, read_from, site_at, try_open};
use crate::support::script::ScriptServer;

/// What a walk tells of the listing that comes next.
const WALK: Ahead = Ahead { size: None, more: true, bold: false };

const FAR: &str = "on USER *:\n    delay 30ms\n    S: 331 who\n";
/// A server that has no MLSD, with a row whose year is told.
const LISTS: &str = "on FEAT -> 211-Features\\r\\n EPSV\\r\\n MDTM\\r\\n REST STREAM\\r\\n SIZE\\r\\n211 End\n\
                     on LIST*:\n    S: 150 here\n    data send \"01-02-2026  03:04AM                 1000 a.txt\\r\\n\"\n    data fin\n    delay 50ms\n    S: 226 done\n";
const EPSV: &str = "data listen\n    S: 229 Entering (|||{port}|)\n";

fn far(rules: &str) -> (ScriptServer, Site) {
    far_as("Ready", rules)
}

/// The same with words to greet with.
fn far_as(greeting: &str, rules: &str) -> (ScriptServer, Site) {
    let server = ScriptServer::play_text(&format!(
        "{FAR}{rules}\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\nS: 220 {greeting}\nserve\n"
    ));
    let reach = Reach { proxy: Through::parse(&format!("ftp://{}", server.addr())).unwrap(), ..Reach::default() };
    let site = Site { host: "files.invalid".into(), port: Some(2121), reach, ..site_at(server.addr()) };
    (server, site)
}

/// The commands and codes from the last line on that begins so, as one line.
fn exchange_from(log: &WireLog, first: &str) -> String {
    let text = log.text();
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join("");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(['<', '>']) && !line.starts_with("<  ")).collect();
    let from = lines.iter().rposition(|line| line.starts_with(first)).unwrap_or(0);
    lines.into_iter().skip(from).map(words).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_port_of_what_comes_first_is_asked_for_in_the_login_and_dialled_while_the_directory_is_entered() {
    // CWD is answered once the data connection is there.
    let (_server, site) = far("on CWD *dir:\n    data send \"type=cdir;modify=20260102030405; .\\r\\n\"\n    S: 250 OK");
    let (mut volume, log) = open(&site).await;
    assert!(exchange_from(&log, "> SYST").ends_with(">TYPE >PWD >EPSV <215 <200 <200 <257 <229"), "{}", log.text());
    let path = below(&volume, "dir");
    assert_eq!(names(&mut volume, &path).await, [b"a.txt"], "{}", log.text());
    assert_eq!(log.sent("EPSV"), 1, "{}", log.text());
    assert!(exchange_from(&log, "> MLSD").ends_with(">MLSD <150 <226"), "{}", log.text());
}

#[tokio::test]
async fn a_server_next_door_is_asked_for_no_port_in_its_login() {
    let server = ScriptServer::play("plain");
    let (_volume, log) = open(&site_at(server.addr())).await;
    assert_eq!(log.sent("EPSV"), 0, "{}", log.text());
}

#[tokio::test]
async fn a_port_that_is_refused_in_the_login_is_asked_for_again_and_nothing_is_held_against_the_server() {
    for refusal in ["425 None left", "500 What", "522 Not over this"] {
        let (_server, site) = far(&format!("on EPSV (1 times) -> {refusal}"));
        let (mut volume, log) = open(&site).await;
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{refusal}\n{}", log.text());
        assert!(!log.text().contains("one by one"), "{refusal}\n{}", log.text());
        assert_eq!((log.sent("EPSV"), log.begun("USER")), (2, 1), "{refusal}\n{}", log.text());
    }
}

#[tokio::test]
async fn a_login_whose_answers_are_not_what_was_asked_is_gone_through_step_by_step() {
    let (_server, site) = far("on PWD (1 times) -> 229 Entering (|||1|)\non EPSV (1 times) -> 257 \"/\"");
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert!(log.text().contains("one by one"), "{}", log.text());
    assert_eq!(log.sent("PWD"), 2, "{}", log.text());
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_any_more_leads_back_to_one_step_after_the_other() {
    let (_server, site) = far(
        "on EPSV (1 times):\n    data refuse\n    S: 229 Entering (|||{port}|)\non MLSD (1 times) -> 425 Nobody dialled\non ABOR (1 times) -> 226 Nothing to stop",
    );
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn behind_the_rows_of_a_walk_come_the_clock_and_the_next_port_with_the_completion_reply() {
    let (_server, site) = far(&format!("on RETR * -> 550 No such file\n{LISTS}"));
    let (mut volume, log) = open(&site).await;
    let (home, below_it) = (below(&volume, ""), below(&volume, "dir"));
    volume.expect(WALK);
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"]);
    assert_eq!(exchange_from(&log, "> LIST"), ">LIST <150 >MDTM >EPSV <226 <213 <229", "{}", log.text());
    assert!(volume.learnt().unwrap().clock.is_some(), "{}", log.text());
    volume.expect(WALK);
    names(&mut volume, &below_it).await;
    let second = exchange_from(&log, "> CWD");
    assert!(second.starts_with(">CWD >PWD <250 <257 >PWD <257 >LIST <150 >EPSV <226"), "{}", log.text());
    // What is told of a file is for the file, and its port is there.
    let path = below(&volume, "a.txt");
    volume.expect(Ahead { size: Some(5), more: false, bold: false });
    let bytes = read_from(&mut volume, &path, 0).await;
    assert!(bytes.is_err());
    assert_eq!(exchange_from(&log, "> RETR"), ">RETR <550", "{}", log.text());
}

#[tokio::test]
async fn a_listing_that_nothing_follows_leaves_no_port_open() {
    let (_server, site) = far(LISTS);
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    names(&mut volume, &home).await;
    assert_eq!(exchange_from(&log, "> LIST"), ">LIST <150 >MDTM <226 <213", "{}", log.text());
}

#[tokio::test]
async fn questions_behind_a_listing_that_are_answered_before_its_end_or_refused_cost_no_row() {
    let row = "S: 150 here\n    data send \"01-02-2026  03:04AM                 1000 a.txt\\r\\n\"\n    data fin\n    delay 50ms";
    let silent = "delay 1ms\n";
    for (behind, time, port) in [
        ("S: 213 20260102030400\n    S: 229 Entering (|||1|)\n    S: 226 done", silent, silent),
        ("S: 213 20260102030400\n    S: 226 done", silent, EPSV),
        ("S: 226 done", "S: 550 Not for you\n", EPSV),
        ("S: 226 done", "S: 500 What\n", "S: 500 What\n"),
    ] {
        let (_server, site) = far(&format!(
            "on LIST (1 times):\n    delay 1ms\non LIST -a (1 times):\n    {row}\n    {behind}\non MDTM * (1 times):\n    {time}on EPSV (1 times):\n    {EPSV}\
             on EPSV (1 times):\n    {port}{LISTS}"
        ));
        let (mut volume, log) = open(&site).await;
        let home = below(&volume, "");
        for _ in 0..3 {
            volume.expect(WALK);
            let (entries, unread) = listing(&mut volume, &home).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
            assert_eq!((entries.len(), unread.len()), (1, 0), "{}", log.text());
            assert_eq!((entries[0].kind, entries[0].size), (Kind::File, Some(1000)), "{}", log.text());
        }
        assert!(!volume.is_lost(), "{}", log.text());
    }
}

const ALL: &str = ">FEAT >SYST >TYPE >PWD >EPSV <211-Features <211 <215 <200 <257 <229";

#[tokio::test]
async fn a_server_known_to_take_several_commands_is_asked_all_that_follows_the_login_at_once() {
    for (greeting, print) in [("(vsFTPd 3.0.3)", None), ("Anything", Some(1))] {
        let (_server, mut site) = far_as(greeting, "");
        site.learnt.print = print;
        let (mut volume, log) = open(&site).await;
        assert_eq!(exchange_from(&log, "> FEAT").split(" >OPTS").next().unwrap(), ALL, "{}", log.text());
        let path = below(&volume, "dir");
        assert_eq!(names(&mut volume, &path).await, [b"a.txt"], "{}", log.text());
        assert!(exchange_from(&log, "> OPTS").starts_with(">OPTS"), "{}", log.text());
        assert_eq!((log.sent("EPSV"), log.begun("OPTS")), (1, 1), "{}", log.text());
    }
    let (_server, site) = far_as("Ready", "");
    let (_volume, log) = open(&site).await;
    assert!(exchange_from(&log, "> FEAT").starts_with(">FEAT <211-Features <211 >SYST"), "nobody knows this one\n{}", log.text());
}

#[tokio::test]
async fn a_known_server_that_answers_otherwise_than_it_was_asked_is_asked_again_one_by_one() {
    for rules in ["on FEAT (1 times) -> 215 UNIX\non SYST (1 times) -> 211 End", "on PWD (1 times) -> 200 OK", "on FEAT -> 500 What"] {
        let (_server, site) = far_as("(vsFTPd 3.0.3)", rules);
        let (mut volume, log) = open(&site).await;
        let path = below(&volume, "dir");
        assert_eq!(path.as_bytes(), b"/dir", "{}", log.text());
        assert_eq!(names(&mut volume, &path).await, [b"a.txt"], "{rules}\n{}", log.text());
        assert!(exchange_from(&log, "> CWD").starts_with(">CWD <250 >PWD <257"), "{rules}\n{}", log.text());
        assert_eq!(log.begun("USER"), 1, "{rules}\n{}", log.text());
    }
}

#[tokio::test]
async fn a_known_server_that_falls_silent_at_several_commands_is_met_again_with_care() {
    let (_server, site) = far_as("(vsFTPd 3.0.3)", "on FEAT (1 times):\n    S: 211 none\n    stall");
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert!(exchange_from(&log, "> FEAT").starts_with(">FEAT <211-Features <211 >SYST <215"), "{}", log.text());
    assert_eq!(log.begun("USER"), 2, "{}", log.text());
}

#[tokio::test]
async fn the_directory_to_begin_in_is_entered_in_one_exchange() {
    let feat = "on FEAT -> 211-Features\\r\\n EPSV\\r\\n SIZE\\r\\n211 End\n";
    let below_it = "on CWD b:\n    stand \"/a/b\"\n    S: 250 OK\non PWD @ /a/b -> 257 \"/a/b\"\n";
    let start = StartDir::Relative(b"a/b".to_vec());
    for (feat, expected) in [(feat, ">CWD >CWD >PWD <250 <250 <257"), ("", ">CWD >PWD <250 <257")] {
        let (_server, site) = far(&format!("{below_it}{feat}"));
        let (volume, log) = open(&Site { start: start.clone(), ..site }).await;
        assert_eq!(volume.opened().start.as_ref().unwrap().as_bytes(), b"/a/b", "{}", log.text());
        let first = if feat.is_empty() { "> CWD b" } else { "> CWD a" };
        assert_eq!(exchange_from(&log, first), expected, "{}", log.text());
    }
    let (_server, site) = far(&format!("on CWD a -> 550 No such directory\n{below_it}{feat}"));
    let (outcome, log) = try_open(&Site { start, ..site }, Some("secret")).await;
    let failure = outcome.err().unwrap_or_else(|| panic!("it begins elsewhere\n{}", log.text()));
    assert_eq!(failure.kind, FailureKind::NotFound, "{failure}\n{}", log.text());
}

#[tokio::test]
async fn a_later_login_asks_for_its_first_port_right_behind_the_password() {
    let (_server, site) = far("");
    let known = Acquaintances::default();
    for is_later in [false, true] {
        let (call, log) = call_for(&site, Some("secret"));
        let site = Site { learnt: Learnt::default(), ..site.clone() };
        let mut volume = connect_far(&site, &call, &known, &log).await.unwrap();
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        let login = exchange_from(&log, "> PASS");
        assert_eq!(login.starts_with(">PASS >OPTS >TYPE >EPSV <230 <200 <200 <229"), is_later, "{}", log.text());
        assert!(!log.text().contains("secret"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_later_login_that_is_refused_or_wants_an_account_does_not_trip_over_what_was_asked_behind_it() {
    let refused = "on OPTS * (1 times) -> 200 OK\non OPTS * (1 times) -> 530 Log in\n";
    for (rules, kind) in [
        ("on PASS * (1 times) -> 230 Come in\non PASS * (1 times) -> 530 Wrong\n", Some(FailureKind::LoginRefused)),
        ("on PASS * (1 times) -> 230 Come in\non PASS * (1 times):\n    S: 530 Wrong\n    drop\n", Some(FailureKind::LoginRefused)),
        ("on PASS * (1 times) -> 230 Come in\non PASS * (1 times) -> 332 Who pays\non ACCT * -> 230 Come in\n", None),
    ] {
        let (_server, site) = far(&format!("{rules}{refused}"));
        let site = Site { account: Some("bill".into()), ..site };
        let known = Acquaintances::default();
        let (call, log) = call_for(&site, Some("secret"));
        connect_far(&site, &call, &known, &log).await.unwrap();
        let (call, log) = call_for(&site, Some("secret"));
        let outcome = connect_far(&site, &call, &known, &log).await;
        assert_eq!(outcome.as_ref().err().map(|failure| failure.kind), kind, "{}", log.text());
        assert_eq!(log.begun("PASS"), 1, "{}", log.text());
        if let Ok(mut volume) = outcome {
            let home = below(&volume, "");
            assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
            assert_eq!(log.begun("TYPE"), 2, "what was refused before the account is set behind it\n{}", log.text());
        }
    }
}

async fn connect_far(site: &Site, call: &Call, known: &Acquaintances, log: &WireLog) -> Result<FtpVolume, Failure> {
    let outcome = tokio::time::timeout(Duration::from_secs(20), connect(site, call, known)).await;
    outcome.unwrap_or_else(|_| panic!("connecting does not end:\n{}", log.text()))
}
