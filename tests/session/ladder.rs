//! What servers do not know, in which order other ways are tried, and that the next visit asks nothing twice.

use ftpane::model::site::Learnt;
use ftpane::model::{DataMode, During, Failure, FailureKind, Kind, Reach, Secret, Site, Through};
use ftpane::volume::Volume as _;
use ftpane::volume::ftp::{Acquaintances, FtpVolume, connect};

use crate::client::{LIMIT, WireLog, below, call_for, listing, names, open, read_from, site_at};
use crate::support::script::ScriptServer;

const SMALL: &str = "include rules-login.ftp\ninclude rules-pasv.ftp\non EPSV -> 502 no\non FEAT -> 502 no\non SYST -> 502 no\n\
    on STAT* -> 502 no\non MLSD* -> 502 no\non SIZE * -> 502 no\non MDTM * -> 502 no\n";
const ROW: &str = "data send \"-rw-r--r--   1 ftp ftp 10 Jan 02 03:04 a.txt\\r\\n\"";
const FILE: &str = "on RETR *a.txt:\n    S: 150 here\n    data send \"0123456789\"\n    data fin\n    S: 226 done\n";

fn server(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{rules}\nS: 220 Small one 1.0\nserve\n"))
}

fn list_rule(command: &str) -> String {
    format!("on {command}:\n    S: 150 here\n    {ROW}\n    data fin\n    S: 226 done\n")
}

/// What a visit has learnt, for the next one.
fn learnt(volume: &FtpVolume) -> Learnt {
    volume.learnt().unwrap().clone()
}

fn refusals(log: &WireLog) -> usize {
    // Whether it has learnt TLS meanwhile is asked at every visit.
    let is_refusal = |line: &&str| line.starts_with("< 50") && !line.contains("No TLS here");
    log.text().lines().filter(is_refusal).count()
}

/// A listing of the home directory and the file in it.
async fn look(volume: &mut FtpVolume, log: &WireLog) {
    let (home, file) = (below(volume, ""), below(volume, "a.txt"));
    let (entries, _) = listing(volume, &home).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    assert_eq!(entries.len(), 1, "{}", log.text());
    let read = read_from(volume, &file, 0).await;
    assert_eq!(read.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())).len() % 10, 0);
    volume.stat(&file).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    volume.exact_time(&file).await.unwrap();
}

#[tokio::test]
async fn the_second_visit_asks_nothing_twice_of_a_server_that_knows_nothing() {
    let server = ScriptServer::play("knows-nothing");
    let site = site_at(server.addr());
    let (mut volume, log) = open(&site).await;
    look(&mut volume, &log).await;
    assert!(refusals(&log) >= 5, "{}", log.text());
    let known = learnt(&volume);
    for name in ["FEAT", "SYST", "SIZE", "MDTM"] {
        assert!(known.lacks.iter().any(|lacks| lacks == name), "{name}: {known:?}");
    }
    volume.close().await;
    let (mut volume, log) = open(&Site { learnt: known.clone(), ..site }).await;
    look(&mut volume, &log).await;
    assert_eq!(refusals(&log), 0, "{}", log.text());
    assert_eq!(learnt(&volume), known);
}

#[tokio::test]
async fn a_server_that_was_replaced_is_asked_anew() {
    let small = server(&format!("{SMALL}{}{FILE}", list_rule("LIST*")));
    let site = site_at(small.addr());
    let (mut volume, log) = open(&site).await;
    look(&mut volume, &log).await;
    let known = learnt(&volume);
    assert!(known.no_epsv && known.lacks.contains(&"FEAT".to_owned()), "{known:?}");
    // The same, at another time of day.
    let later = ScriptServer::play_text(&format!("{SMALL}{}{FILE}\nS: 220 Small one 1.0\nserve\n", list_rule("LIST*")));
    let (_, log) = open(&Site { learnt: known.clone(), ..site_at(later.addr()) }).await;
    assert_eq!(log.sent("FEAT"), 0, "{}", log.text());
    let rules = "include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n";
    let new = ScriptServer::play_text(&format!("{rules}{FILE}\nS: 220 Small one 2.0\nserve\n"));
    let (mut volume, log) = open(&Site { learnt: known, ..site_at(new.addr()) }).await;
    look(&mut volume, &log).await;
    assert_eq!((log.sent("FEAT"), log.sent("MLSD")), (1, 1), "{}", log.text());
    let now = learnt(&volume);
    assert!(!now.no_epsv && !now.no_mlsd && now.lacks.is_empty(), "{now:?}");
    // It offers other things now, and says so in FEAT alone.
    let poorer = rules.replace(
        "include rules-login.ftp",
        "on FEAT -> 211-Features\\r\\n SIZE\\r\\n211 End\non CWD *a.txt -> 550 no directory\ninclude rules-login.ftp",
    );
    let poorer = ScriptServer::play_text(&format!("{poorer}{FILE}\nS: 220 Small one 2.0\nserve\n"));
    let stale = Learnt { lacks: vec!["SIZE".into()], ..now };
    let (mut volume, log) = open(&Site { learnt: stale, ..site_at(poorer.addr()) }).await;
    let file = below(&volume, "a.txt");
    assert_eq!(volume.stat(&file).await.unwrap().unwrap().size, Some(1000), "{}", log.text());
}

#[tokio::test]
async fn a_server_without_list_is_asked_for_names_and_one_without_these_for_its_status() {
    let nlst = format!(
        "{SMALL}on LIST* -> 502 no\non NLST:\n    S: 150 here\n    data send \"a.txt\\r\\n\"\n    data fin\n    S: 226 done\non CWD *a.txt -> 550 no directory\n{FILE}"
    );
    let stat = format!(
        "on STAT . -> 213-Status of .:\\r\\n total 1\\r\\n -rw-r--r--   1 ftp ftp 10 Jan 02 03:04 a.txt\\r\\n213 End\n{SMALL}on LIST* -> 502 no\non NLST* -> 500 what\n{FILE}"
    );
    for (rules, used) in [(nlst, "NLST"), (stat, "STAT .")] {
        let server = server(&rules);
        let site = site_at(server.addr());
        let (mut volume, log) = open(&site).await;
        let home = below(&volume, "");
        let (entries, _) = listing(&mut volume, &home).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
        assert_eq!((entries[0].name.as_bytes(), entries[0].kind), (&b"a.txt"[..], Kind::File), "{}", log.text());
        assert_eq!((log.sent("LIST"), log.sent(used)), (1, 1), "{}", log.text());
        let known = learnt(&volume);
        let (mut volume, log) = open(&Site { learnt: known.clone(), ..site.clone() }).await;
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        assert_eq!((log.sent("LIST -a"), log.sent("LIST"), log.sent(used)), (0, 0, 1), "{}", log.text());
        volume.close().await;
        // What was learnt is wrong by now: found out once, and the next listing begins at the top again.
        let other =
            ScriptServer::play_text(&format!("on NLST* -> 502 no\n{SMALL}{}{FILE}\nS: 220 Small one 1.0\nserve\n", list_rule("LIST*")));
        let (mut volume, log) = open(&Site { learnt: known, ..site_at(other.addr()) }).await;
        listing(&mut volume, &home).await.unwrap_err();
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        assert!(!learnt(&volume).lacks.contains(&"LIST".to_owned()));
    }
}

#[tokio::test]
async fn a_port_command_that_is_not_known_is_learnt_and_a_passive_one_that_is_gone_is_unlearnt() {
    let rules = "include rules-login.ftp\non FEAT -> 502 no\non PORT * -> 500 what\non EPRT *:\n    S: 200 ok\non SIZE * -> 502 no\non MDTM * -> 502 no\n\
         on RETR *a.txt:\n    S: 150 here\n    data connect\n    data send \"0123456789\"\n    data fin\n    S: 226 done\n";
    let active = server(rules);
    let site = Site { mode: DataMode::Active, ..site_at(active.addr()) };
    let (mut volume, log) = open(&site).await;
    let file = below(&volume, "a.txt");
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    let known = learnt(&volume);
    assert_eq!(log.text().matches("> PORT").count(), 1);
    let (mut volume, log) = open(&Site { learnt: known, ..site }).await;
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    assert_eq!((log.text().matches("> PORT").count(), log.text().matches("> EPRT").count()), (0, 1), "{}", log.text());

    let modern = ScriptServer::play_text(&format!("include rules-login.ftp\ninclude rules-epsv.ftp\n{FILE}S: 220 Ready\nserve\n"));
    let stale = Learnt { no_epsv: true, ..Learnt::default() };
    let (mut volume, log) = open(&Site { learnt: stale, ..site_at(modern.addr()) }).await;
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    assert!(!learnt(&volume).no_epsv, "{}", log.text());
}

#[tokio::test]
async fn a_server_without_cwd_lists_by_path_and_one_that_takes_names_alone_is_led_step_by_step() {
    let pathed = server(&format!("on CWD * -> 502 no\n{SMALL}{}{FILE}", list_rule("LIST /sub")));
    let site = site_at(pathed.addr());
    let (mut volume, log) = open(&site).await;
    let (sub, file) = (below(&volume, "sub"), below(&volume, "sub/a.txt"));
    assert_eq!(names(&mut volume, &sub).await, [b"a.txt"], "{}", log.text());
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    let known = learnt(&volume);
    let (mut volume, log) = open(&Site { learnt: known, ..site }).await;
    assert_eq!(names(&mut volume, &sub).await, [b"a.txt"], "{}", log.text());
    assert_eq!(log.text().matches("> CWD").count(), 0, "{}", log.text());

    let stepped = server(&format!(
        "on CWD /*/* -> 550 Invalid name\non CWD a b -> 250 there\non CWD sub -> 250 there\non RETR /* -> 550 Invalid name\n{SMALL}{}{FILE}",
        list_rule("LIST*")
    ));
    let site = site_at(stepped.addr());
    let (mut volume, log) = open(&site).await;
    let (deep, file) = (below(&volume, "sub/a b"), below(&volume, "sub/a b/a.txt"));
    // PWD says "/" whatever is entered: what the server calls a place is its own affair.
    assert_eq!(names(&mut volume, &deep).await, [b"a.txt"], "{}", log.text());
    assert!(log.text().contains("> CWD /\n") && log.text().contains("> CWD sub\n") && log.text().contains("> CWD a b\n"), "{}", log.text());
    assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    assert_eq!(log.sent("RETR a.txt"), 1, "{}", log.text());
    let known = learnt(&volume);
    let (mut volume, log) = open(&Site { learnt: known, ..site }).await;
    assert_eq!(names(&mut volume, &deep).await, [b"a.txt"], "{}", log.text());
    assert_eq!(log.sent("CWD /sub/a b"), 0, "{}", log.text());
}

#[tokio::test]
async fn a_server_that_wants_to_know_what_a_port_is_for_is_told_before_each() {
    let rules = "on FEAT -> 211-Features\\r\\n PRET\\r\\n EPSV\\r\\n211 End\non PRET LIST* -> 200 ok\non PRET RETR *a.txt -> 200 ok\n\
        on PRET RETR *b.txt -> 550 No such file\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n";
    let server = ScriptServer::play_text(&format!("{rules}{FILE}S: 220 Ready\nserve\n"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let (home, a, b) = (below(&volume, ""), below(&volume, "a.txt"), below(&volume, "b.txt"));
    names(&mut volume, &home).await;
    for _ in 0..2 {
        assert_eq!(read_from(&mut volume, &a, 0).await.unwrap(), b"0123456789", "{}", log.text());
    }
    assert_eq!(read_from(&mut volume, &b, 0).await.unwrap_err().kind, FailureKind::NotFound, "{}", log.text());
    let text = log.text();
    let order: Vec<&str> = text.lines().filter(|line| ["> PRET", "> EPSV", "> RETR"].iter().any(|verb| line.starts_with(verb))).collect();
    let expected = ["> PRET RETR /a.txt", "> EPSV", "> RETR /a.txt", "> PRET RETR /a.txt", "> EPSV", "> RETR /a.txt", "> PRET RETR /b.txt"];
    assert_eq!(order[order.len() - 7..], expected, "{text}");
}

#[tokio::test]
async fn a_server_with_several_names_is_told_by_which_it_was_reached_and_is_asked_once() {
    let rules = "on FEAT -> 211-Features\\r\\n HOST\\r\\n211 End\ninclude rules-login.ftp\n";
    let plays = |rule: &str| ScriptServer::play_text(&format!("{rule}{rules}S: 220 Ready\nserve\n"));
    let named = |server: &ScriptServer| Site { host: "localhost".into(), ..site_at(server.addr()) };
    let server = plays("on HOST localhost -> 220 that one\n");
    let (volume, log) = open(&named(&server)).await;
    assert_eq!((log.sent("HOST localhost"), server.record().connections.len()), (1, 2), "{}", log.text());
    assert!(log.text().contains("> HOST localhost\n> USER tester\n"), "in one exchange: {}", log.text());
    let known = learnt(&volume);
    let (_, log) = open(&Site { learnt: known, ..named(&server) }).await;
    assert_eq!((log.sent("HOST localhost"), server.record().connections.len()), (1, 3), "{}", log.text());
    let server = plays("on HOST * -> 504 Unknown host\n");
    let (volume, _) = open(&named(&server)).await;
    let known = learnt(&volume);
    let (_, log) = open(&Site { learnt: known, ..named(&server) }).await;
    assert_eq!((log.sent("HOST localhost"), server.record().connections.len()), (0, 3), "{}", log.text());
    // An address is no name.
    let server = plays("");
    let (_, log) = open(&site_at(server.addr())).await;
    assert_eq!(server.record().connections.len(), 1, "{}", log.text());
}

async fn log_in(site: &Site, account: Option<&str>) -> (Result<FtpVolume, Failure>, WireLog) {
    let (mut call, log) = call_for(site, Some("secret"));
    call.account = account.map(Secret::new);
    (tokio::time::timeout(LIMIT, connect(site, &call, &Acquaintances::default())).await.unwrap(), log)
}

#[tokio::test]
async fn an_account_is_given_where_it_is_asked_for_and_asked_for_where_it_is_not_known() {
    let rules =
        "on PASS * -> 332 Need account\non ACCT billing -> 230 In\non ACCT * -> 530 No such account: wrong one\ninclude rules-login.ftp\n";
    let server = ScriptServer::play_text(&format!("{rules}S: 220 Ready\nserve\n"));
    let site = site_at(server.addr());
    let (outcome, _) = log_in(&site, None).await;
    let failure = outcome.err().unwrap();
    assert_eq!((failure.kind, failure.during), (FailureKind::LoginRefused, During::Account), "{failure}");
    let (outcome, log) = log_in(&site, Some("billing")).await;
    assert!(outcome.is_ok() && log.sent("ACCT ****") == 1 && !log.text().contains("billing"), "{}", log.text());
    let (outcome, _) = log_in(&Site { account: Some("billing".into()), ..site.clone() }, None).await;
    assert!(outcome.is_ok());
    let (outcome, log) = log_in(&site, Some("wrong one")).await;
    let failure = outcome.err().unwrap();
    assert_eq!((failure.kind, failure.during), (FailureKind::LoginRefused, During::Account), "{failure}");
    assert!(!failure.to_string().contains("wrong one") && !log.text().contains("wrong one"), "{failure}\n{}", log.text());
}

#[tokio::test]
async fn an_ftp_proxy_is_told_the_server_in_its_own_way() {
    for (scheme, login) in [
        ("ftp", "on USER tester@files.invalid:2121 -> 331 password\non PASS secret -> 230 In\n"),
        ("ftp+open", "on OPEN files.invalid:2121 -> 220 there\non USER tester -> 331 password\non PASS secret -> 230 In\n"),
        ("ftp+site", "on SITE files.invalid:2121 -> 220 there\non USER tester -> 331 password\non PASS secret -> 230 In\n"),
    ] {
        let rules = format!(
            "{login}on USER me -> 331 who\non PASS gate -> 230 pass on\non USER * -> 500 wrong\non PASS * -> 530 wrong\n\
             include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n"
        );
        let server = ScriptServer::play_text(&format!("{rules}S: 220 Gate\nserve\n"));
        let through = format!("{scheme}://me@{}", server.addr());
        let reach = Reach { proxy: Through::parse(&through).unwrap(), ..Reach::default() };
        let site = Site { host: "files.invalid".into(), port: Some(2121), reach, ..site_at(server.addr()) };
        let site = Site { port: Some(2121), ..site };
        let (mut call, log) = call_for(&site, Some("secret"));
        call.proxy_secret = Some(Secret::new("gate"));
        let outcome = connect(&site, &call, &Acquaintances::default()).await;
        let mut volume = outcome.unwrap_or_else(|failure| panic!("{scheme}: {failure}\n{}", log.text()));
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
        assert!(!log.text().contains("gate\n") && !log.text().contains("secret"), "{}", log.text());
        let (outcome, _) = log_in(&site, None).await;
        let failure = outcome.err().unwrap();
        assert_eq!((failure.kind, failure.during), (FailureKind::LoginRefused, During::Proxy), "{failure}");
    }
}

#[tokio::test]
async fn an_echoed_account_and_an_echoed_password_of_a_proxy_reach_neither_log_nor_failure() {
    // One secret holds another, and all of them are said back.
    let rules = "on USER me -> 331 who\non PASS gatekeeper -> 230 gatekeeper may pass\non USER tester* -> 331 not gatekeeper\n\
                 on PASS gate -> 332 gate, and now the account\non ACCT gatekeepers-bill -> 530 gatekeepers-bill is not of gatekeeper or gate\n";
    let server = ScriptServer::play_text(&format!("{rules}include rules-login.ftp\nS: 220 Gate\nserve\n"));
    let through = format!("ftp://me@{}", server.addr());
    let reach = Reach { proxy: Through::parse(&through).unwrap(), ..Reach::default() };
    let site = Site { host: "files.invalid".into(), port: Some(2121), reach, ..site_at(server.addr()) };
    let (mut call, log) = call_for(&site, Some("gate"));
    call.proxy_secret = Some(Secret::new("gatekeeper"));
    call.account = Some(Secret::new("gatekeepers-bill"));
    let failure = connect(&Site { port: Some(2121), ..site }, &call, &Acquaintances::default()).await.err().unwrap();
    let said = format!("{failure} {failure:?} {}", log.text());
    assert_eq!(failure.during, During::Account, "{said}");
    for part in ["gate", "keeper", "bill"] {
        assert!(!said.to_lowercase().replace("220 gate", "").contains(part), "{part}: {said}");
    }
    assert!(log.text().contains("530 **** is not of **** or ****"), "{}", log.text());
}

#[tokio::test]
async fn a_server_that_hangs_up_on_noop_is_kept_by_other_questions_from_then_on() {
    let server = ScriptServer::play_text("on NOOP:\n    S: 421 No idling here\n    drop\ninclude rules-login.ftp\nS: 220 Ready\nserve\n");
    let site = site_at(server.addr());
    let (mut volume, log) = open(&site).await;
    volume.keep_alive().await.unwrap_err();
    let known = learnt(&volume);
    assert!(known.lacks.contains(&"NOOP".to_owned()), "{known:?}\n{}", log.text());
    let (mut volume, log) = open(&Site { learnt: known, ..site }).await;
    let before = (log.sent("PWD"), log.sent("TYPE I"));
    for _ in 0..4 {
        volume.keep_alive().await.unwrap();
    }
    assert_eq!((log.sent("NOOP"), log.sent("PWD"), log.sent("TYPE I")), (0, before.0 + 2, before.1 + 2), "{}", log.text());
}
