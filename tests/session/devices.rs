//! Servers of the smallest kind, by scripts that behave as they do: microcontrollers, consoles, printers, cameras, controllers of machines.

use std::time::{Duration, Instant};

use ftpane::model::{DataMode, FailureKind, Kind, ListingStyle, Site, TlsPolicy};
use ftpane::volume::ftp::FtpVolume;
use ftpane::volume::{Ahead, Volume as _, WriteFrom};

use crate::client::{WireLog, below, listing, names, open, read_from, site_at, try_open, write_to};
use crate::support::script::ScriptServer;

const ROW: &str = "-rw-r--r--   1 ftp ftp 10 Jan 02 03:04 a.txt";

/// What devices know, and nothing besides.
const FEW: &str = "on USER * -> 331 Password\non PASS * -> 230 OK\non TYPE * -> 200 OK\non PWD -> 257 \"/\"\non CWD *a.txt -> 550 no\n\
    on CWD * -> 250 OK\non QUIT:\n    S: 221 Bye\n    drop\n";
/// All else.
const REST: &str = "on * -> 502 Command not implemented\nS: 220 Device ready\nserve\n";
const PASV: &str = "on PASV:\n    data listen\n    S: 227 OK ({hostport})\n";

fn transfers(begin: &str, end: &str) -> String {
    let begin = if begin.is_empty() { String::new() } else { format!("    S: {begin}\n") };
    format!(
        "on LIST:\n{begin}    data send \"{ROW}\\r\\n\"\n    data fin\n    S: {end}\non RETR /a.txt:\n{begin}    data send \"0123456789\"\n    data fin\n    S: {end}\n\
         on STOR /b.txt:\n{begin}    data recv\n    S: {end}\n"
    )
}

fn device(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{rules}{FEW}{REST}"))
}

/// Browses, gets and puts.
async fn used(volume: &mut FtpVolume, log: &WireLog) {
    let home = below(volume, "");
    assert_eq!(names(volume, &home).await, [b"a.txt"], "{}", log.text());
    let (there, new) = (below(volume, "a.txt"), below(volume, "b.txt"));
    let read = read_from(volume, &there, 0).await;
    assert_eq!(read.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())), b"0123456789", "{}", log.text());
    let written = write_to(volume, &new, WriteFrom::Start, b"abc").await;
    written.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
    assert!(!volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn a_server_that_knows_eight_commands_is_browsed_read_and_written() {
    let server = device(&format!("{PASV}{}", transfers("150 here", "226 done")));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
    assert_eq!(server.record().uploads(), [b"abc"]);
    let abilities = volume.abilities();
    assert!(!abilities.utc_times);
    // Each thing that it lacks is said as that.
    let file = below(&volume, "a.txt");
    assert_eq!(volume.set_mode(&file, 0o644).await.unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(read_from(&mut volume, &file, 5).await.unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(volume.make_dir(&below(&volume, "d")).await.unwrap_err().kind, FailureKind::Unsupported);
}

#[tokio::test]
async fn a_server_that_leaves_the_150_out_is_understood() {
    let server = device(&format!("{PASV}{}", transfers("", "226 done")));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
}

#[tokio::test]
async fn a_server_whose_lines_end_in_a_bare_lf_is_understood() {
    let bare = |rules: &str| -> String {
        let mut out = String::new();
        for line in rules.lines() {
            let is_reply = line.trim_start().starts_with("S: ");
            match line.split_once(" -> ") {
                Some((head, text)) => out.push_str(&format!("{head}:\n    S raw: {text}\\n\n")),
                None if is_reply => out.push_str(&(line.replacen("S: ", "S raw: ", 1) + "\\n\n")),
                None => out.push_str(&format!("{line}\n")),
            }
        }
        out
    };
    let server = ScriptServer::play_text(&bare(&format!("{PASV}{}{FEW}{REST}", transfers("150 here", "226 done"))));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
}

#[tokio::test]
async fn a_server_that_knows_port_alone_is_dialled_back_by() {
    let active = transfers("150 here", "226 done").replace("    S: 150 here\n", "    S: 150 here\n    data connect\n");
    let server = device(&format!("on PORT * -> 200 OK\n{active}"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
    let known = volume.learnt().unwrap().clone();
    assert!(known.prefers_active, "{}", log.text());
    let (mut volume, log) = open(&Site { learnt: known, ..site_at(server.addr()) }).await;
    used(&mut volume, &log).await;
    assert_eq!((log.sent("PASV"), log.sent("EPSV")), (0, 0), "{}", log.text());
    // Told to be passive, it says what fails in the server's words.
    let (mut volume, _) = open(&Site { mode: DataMode::Passive, ..site_at(server.addr()) }).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert_eq!(failure.reply.unwrap().code, 502);
}

#[tokio::test]
async fn a_server_that_lists_in_ascii_alone_is_asked_so() {
    let list = format!(
        "on TYPE A:\n    stand \"A\"\n    S: 200 OK\non TYPE I:\n    stand \"I\"\n    S: 200 OK\n\
         on LIST @ I -> 504 Set TYPE A first\n{}",
        transfers("150 here", "226 done")
    );
    let server = device(&format!("{PASV}{list}"));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
    // It is known by now, and files stay bytes.
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert_eq!(log.sent("LIST"), 3, "{}", log.text());
    let sent = server.record().commands();
    let place = |line: &[u8]| sent.iter().position(|sent| sent == line).unwrap();
    assert!(sent[..place(b"RETR /a.txt")].iter().rfind(|line| line.starts_with(b"TYPE ")).unwrap() == b"TYPE I", "{}", log.text());
}

#[tokio::test]
async fn a_server_that_closes_at_a_command_that_may_be_done_without_is_met_again_without_it() {
    // The FTP payload of ps4jb closes at SYST; others at FEAT.
    for verb in ["SYST", "FEAT"] {
        let rules = format!("on {verb}:\n    drop\n{PASV}{}", transfers("150 here", "226 done"));
        let server = device(&rules);
        let (mut volume, log) = open(&site_at(server.addr())).await;
        used(&mut volume, &log).await;
        assert_eq!(log.sent(verb), 1, "{}", log.text());
        // What is lost without SYST is little, so that it is never asked again.
        assert_eq!(volume.learnt().unwrap().lacks.iter().any(|lacks| lacks == verb), verb == "SYST", "{}", log.text());
    }
}

#[tokio::test]
async fn a_server_that_refuses_tls_and_closes_is_met_again_without_being_asked() {
    // SimpleFTPServer 2.1: 530 to whatever comes before the login, and the end.
    let server = device(&format!("on AUTH *:\n    S: 530 \n    drop\n{PASV}{}", transfers("150 here", "226 done")));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
    assert_eq!((log.sent("AUTH TLS"), server.record().connections.len()), (1, 2), "{}", log.text());
    // Where TLS was asked for, that is the end.
    let site = Site { tls: TlsPolicy::Required, ..site_at(server.addr()) };
    let (outcome, log) = try_open(&site, Some("secret")).await;
    assert_eq!(outcome.err().unwrap().kind, FailureKind::Tls);
    assert_eq!(log.begun("USER"), 0, "{}", log.text());
}

#[tokio::test]
async fn a_server_that_answers_no_mlst_at_all_is_asked_otherwise_from_then_on() {
    // uftpd 2.13 says nothing to it.
    let rules = format!(
        "on FEAT -> 211-Features:\\r\\n SIZE\\r\\n MLST modify*;perm*;size*;type*;\\r\\n211 End\non MLST *:\n    stall\non SIZE /a.txt -> 213 10\n{PASV}{}",
        transfers("150 here", "226 done")
    );
    let server = device(&rules);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a.txt");
    assert_eq!(volume.stat(&file).await.unwrap_err().kind, FailureKind::TimedOut, "{}", log.text());
    let known = volume.learnt().unwrap().clone();
    assert!(known.lacks.iter().any(|lacks| lacks == "MLST"), "{known:?}");
    let (mut volume, log) = open(&Site { learnt: known, ..site_at(server.addr()) }).await;
    assert_eq!(volume.stat(&file).await.unwrap().unwrap().size, Some(10), "{}", log.text());
}

#[tokio::test]
async fn a_server_that_gives_up_idle_sessions_says_so_and_is_known_by_it() {
    let rules = format!("{PASV}{}on NOOP:\n    S: 421 Timeout.\n    drop\n", transfers("150 here", "226 done"));
    let server = device(&rules);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
    let failure = volume.keep_alive().await.unwrap_err();
    assert!(failure.is_connection_lost() && volume.is_lost(), "{failure}\n{}", log.text());
    // Another session serves on.
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
}

#[tokio::test]
async fn a_server_that_takes_one_connection_refuses_the_second_in_words_that_are_understood() {
    for refusal in ["421 Too many connections", "530 Sorry, the maximum number of clients is 1", "421 Only one connection limit reached"] {
        let first = format!("{PASV}{}{FEW}on * -> 502 no\nconnection 1:\nS: 220 Device ready\nserve\n", transfers("150 here", "226 done"));
        let server = ScriptServer::play_text(&format!("{first}connection 2:\nS: {refusal}\ndrop\n"));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let (second, _) = try_open(&site_at(server.addr()), Some("secret")).await;
        assert_eq!(second.err().unwrap().kind, FailureKind::TooMany, "{refusal}");
        used(&mut volume, &log).await;
    }
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let rules = format!("{PASV}{}", transfers("150 here", "226 done")).replace("    S: 150 here", "    delay 300ms\n    S: 150 here");
    let server = device(&rules);
    let (mut volume, log) = open(&site_at(server.addr())).await;
    used(&mut volume, &log).await;
}

#[tokio::test]
async fn mlsd_of_microcontrollers_that_is_none_gives_way_to_list() {
    // ESP32_FTPServer_SD_MMC before 2020-08: sizes and names; Quadros: 501; MinimalFTP: 501.
    for mlsd in [
        "on MLSD:\n    S: 150 here\n    data send \"10 a.txt\\r\\n\"\n    data fin\n    S: 226 done\n",
        "on MLSD -> 501 Syntax error in parameters or arguments.\n",
        "on MLSD -> 503 Bad sequence of commands\n",
    ] {
        let feat = "on FEAT -> 211-Features\\r\\n MLSD\\r\\n211 End\n";
        let server = device(&format!("{feat}{mlsd}{PASV}{}", transfers("150 here", "226 done")));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        used(&mut volume, &log).await;
        assert_eq!(log.sent("MLSD"), 1, "{}", log.text());
    }
}

#[tokio::test]
async fn a_person_waits_a_second_at_most_for_what_names_are_and_a_walk_as_long_as_it_takes() {
    let names: String = (0..20).map(|n| format!("f{n:02}\\r\\n")).collect();
    let rules = format!(
        "on LIST* -> 502 no\non NLST:\n    S: 150 here\n    data send \"{names}\"\n    data fin\n    S: 226 done\n\
         on CWD /f*:\n    delay 120ms\n    S: 550 no directory\n{PASV}"
    );
    let server = device(&rules);
    let site = Site { listing: ListingStyle::List, ..site_at(server.addr()) };
    let (mut volume, log) = open(&site).await;
    let home = below(&volume, "");
    let mut before = 0;
    for _ in 0..4 {
        let began = Instant::now();
        volume.hurry();
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        let files = entries.iter().filter(|entry| entry.kind == Kind::File).count();
        assert_eq!(entries.len(), 20, "{}", log.text());
        // What was not come to is looked at when it is used, and the next listing goes on with it.
        assert!(
            entries.iter().all(|entry| matches!(entry.kind, Kind::File | Kind::Link)) && (files > before || files == 20),
            "{}",
            log.text()
        );
        before = files;
    }
    assert_eq!(before, 20, "{}", log.text());
    assert!(volume.abilities().names_alone, "what is called a link there is a guess");
    let (mut volume, log) = open(&site).await;
    let (entries, _) = listing(&mut volume, &home).await.unwrap();
    assert!(entries.iter().all(|entry| entry.kind == Kind::File), "{}", log.text());
}

#[tokio::test]
async fn what_names_are_is_asked_of_many_at_once_where_the_server_was_seen_to_keep_the_order() {
    let server = device(&format!(
        "on FEAT -> 211-Features\\r\\n SIZE\\r\\n211 End\non LIST* -> 502 no\n\
         on NLST:\n    S: 150 here\n    data send \"a\\r\\nb\\r\\nd\\r\\n\"\n    data fin\n    S: 226 done\n\
         on RETR *:\n    S: 150 here\n    data send \"12345\"\n    data fin\n    S: 226 done\non NOOP -> 200 OK\n\
         on CWD /d -> 250 OK\non CWD / -> 250 OK\non CWD /* -> 550 no directory\non SIZE /a -> 213 5\non SIZE /b -> 550 no\n{PASV}"
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let (home, file) = (below(&volume, ""), below(&volume, "a"));
    for is_known in [false, true] {
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.kind, entry.size)).collect();
        assert_eq!(told, [(Kind::File, Some(5)), (Kind::File, None), (Kind::Dir, None)], "{}", log.text());
        let text = log.text();
        assert_eq!(text.contains("> CWD /a\n> CWD /b\n> CWD /d\n"), is_known, "{text}");
        assert_eq!(text.contains("> SIZE /a\n> SIZE /b\n"), is_known, "{text}");
        for _ in 0..3 {
            volume.expect(Ahead { size: Some(5), more: true, bold: false });
            read_from(&mut volume, &file, 0).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_file_that_grew_has_its_new_size_in_the_next_listing_of_names() {
    let server = device(&format!(
        "on LIST* -> 502 no\non NLST:\n    S: 150 here\n    data send \"a.txt\\r\\n\"\n    data fin\n    S: 226 done\n\
         on SIZE /a.txt (1 times) -> 213 5\non SIZE /a.txt -> 213 9\n{PASV}"
    ));
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    for size in [5, 9] {
        volume.hurry();
        let (entries, _) = listing(&mut volume, &home).await.unwrap();
        assert_eq!((entries[0].kind, entries[0].size), (Kind::File, Some(size)), "{}", log.text());
    }
}

#[tokio::test]
async fn what_was_made_to_find_out_about_names_and_stays_is_told() {
    let server = device("on MKD * -> 257 \"/x\\xef\\xbf\\xbd\" created\non RMD * -> 550 no\n");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, b"\xe9.txt");
    let failure = write_to(&mut volume, &path, WriteFrom::Start, b"x").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
    assert!(format!("{failure:?}").contains("could not be deleted"), "{failure:?}");
    assert!(log.text().lines().any(|line| line.starts_with("! ") && line.contains("could not be deleted: /.ftpane-")), "{}", log.text());
}
