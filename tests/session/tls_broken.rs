//! TLS with servers, or with somebody in between, that break it.

use ftpane::model::{FailureKind, Secured, Site, TlsPolicy};
use ftpane::volume::{Volume as _, WriteFrom};

use crate::client::{below, listing, open, read_from, site_at, try_open, write_to};
use crate::support::certs::authority;
use crate::support::script::ScriptServer;

/// TLS where it is asked for, and the usual rest.
const RULES: &str = "\
on AUTH TLS:
    S: 234 Go on
    tls good
on PBSZ 0 -> 200 OK
on PROT P -> 200 OK
include rules-login.ftp
include rules-epsv.ftp
";

/// A server with these rules before the usual ones.
fn server_with(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{rules}\n{RULES}S: 220 Ready\nserve\n"))
}

fn site(server: &ScriptServer) -> Site {
    let secured = Secured { roots: Some(authority()), ..Secured::default() };
    Site { tls: TlsPolicy::Required, secured, ..site_at(server.addr()) }
}

/// # Panics
/// When a name or password was sent, by what the server heard.
#[track_caller]
fn nothing_secret_was_sent(server: &ScriptServer) {
    let heard = server.record();
    assert_eq!(heard.count("USER") + heard.count("PASS"), 0, "{}", heard.dialogue());
}

#[tokio::test]
async fn without_tls_that_was_asked_for_no_name_and_no_password_is_sent() {
    for answer in ["502 What", "504 No", "421 Not now", "530 Log in first"] {
        let server = server_with(&format!("on AUTH * -> {answer}"));
        let (outcome, log) = try_open(&site(&server), Some("secret")).await;
        assert!(outcome.is_err(), "{answer}: {}", log.text());
        nothing_secret_was_sent(&server);
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_whether_it_knows_tls_is_not_taken_for_plain() {
    for answer in ["S: 431 Not now", "drop", "S: 100 Wait\n    drop"] {
        let server = server_with(&format!("on AUTH *:\n    {answer}"));
        let (outcome, log) = try_open(&Site { tls: TlsPolicy::Auto, ..site(&server) }, Some("secret")).await;
        assert!(outcome.is_err(), "{answer}: {}", log.text());
        nothing_secret_was_sent(&server);
    }
}

#[tokio::test]
async fn what_came_in_the_clear_behind_the_agreement_breaks_the_connection() {
    for behind in ["230 You are in\\r\\n", "junk\\r\\n", "23", "230-more\\r\\n"] {
        let server = server_with(&format!("on AUTH *:\n    S raw: 234 Go on\\r\\n{behind}\n    tls good"));
        let (outcome, log) = try_open(&site(&server), Some("secret")).await;
        let failure = outcome.err().unwrap_or_else(|| panic!("{behind}: {}", log.text()));
        assert!(matches!(failure.kind, FailureKind::Protocol | FailureKind::Tls), "{behind}: {failure}");
        nothing_secret_was_sent(&server);
    }
}

#[tokio::test]
async fn a_server_that_would_not_protect_data_is_not_used() {
    for answer in ["534 No", "500 What", "431 Not now"] {
        let server = server_with(&format!("on PROT * -> {answer}"));
        let failure = try_open(&site(&server), Some("secret")).await.0.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
        assert_eq!(server.record().count("EPSV"), 0);
    }
}

#[tokio::test]
async fn data_in_the_clear_is_no_data() {
    let server = server_with(
        "on RETR *:\n    S: 150 Here\n    data send \"not secret\"\n    data fin\n    S: 226 Done\non LIST*:\n    S: 150 Here\n    data send \"-rw-r--r-- 1 a b 1 Jan 1 2020 x\\r\\n\"\n    data fin\n    S: 226 Done\non MLSD:\n    S: 150 Here\n    data send \"type=file;size=1; x\\r\\n\"\n    data fin\n    S: 226 Done",
    );
    let (mut volume, log) = open(&site(&server)).await;
    let file = below(&volume, "f");
    let read = read_from(&mut volume, &file, 0).await;
    assert!(read.is_err(), "{read:?}\n{}", log.text());
    let (mut volume, log) = open(&site(&server)).await;
    let home = below(&volume, "");
    let listed = listing(&mut volume, &home).await;
    assert!(listed.is_err(), "{listed:?}\n{}", log.text());
}

#[tokio::test]
async fn a_file_cut_without_the_end_of_tls_is_whole_only_if_it_has_its_size() {
    for (size, is_whole) in [("502 What", false), ("213 5", true), ("213 9", false), ("550 No", false)] {
        let server = server_with(&format!(
            "on RETR *:\n    S: 150 Here\n    data tls\n    data send \"hello\"\n    data cut\n    S: 226 Done\non SIZE * -> {size}"
        ));
        let (mut volume, log) = open(&site(&server)).await;
        let file = below(&volume, "f");
        match read_from(&mut volume, &file, 0).await {
            Ok(bytes) => assert!(is_whole && bytes == b"hello", "{size}: {}", log.text()),
            Err(failure) => {
                assert!(!is_whole, "{size}: {failure}\n{}", log.text());
                assert_eq!(failure.kind, FailureKind::Incomplete, "{size}: {failure}");
            }
        }
        assert!(!volume.is_lost(), "{}", log.text());
    }
}

#[tokio::test]
async fn a_listing_cut_without_the_end_of_tls_is_no_listing() {
    for end in ["cut", "fin"] {
        let server = server_with(&format!(
            "on MLSD:\n    S: 150 Here\n    data tls\n    data send \"type=file;size=1; x\\r\\n\"\n    data {end}\n    S: 226 Done"
        ));
        let (mut volume, log) = open(&site(&server)).await;
        let home = below(&volume, "");
        let listed = listing(&mut volume, &home).await;
        assert_eq!(listed.is_ok(), end == "fin", "{end}: {listed:?}\n{}", log.text());
    }
}

#[tokio::test]
async fn an_upload_ends_with_the_end_of_tls() {
    let server = server_with("on STOR *:\n    S: 150 Send\n    data tls\n    data recv\n    data fin\n    S: 226 Done");
    let (mut volume, log) = open(&site(&server)).await;
    for bytes in [&b"some bytes"[..], b""] {
        let path = below(&volume, "f");
        write_to(&mut volume, &path, WriteFrom::Start, bytes).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
        let record = server.record();
        assert_eq!(record.uploads().last().unwrap(), bytes);
        assert!(!record.dialogue().contains("without the end of TLS"), "{}", record.dialogue());
    }
}

/// As vsftpd says it; ProFTPD says 425 before any 150.
const REFUSED_ONCE: [(&str, &str); 2] = [
    ("S: 150 Here\n    data tls\n    data fin\n    S: 522 session reuse required", "after the 150"),
    ("S: 425 Unable to build data connection: Operation not permitted", "before any 150"),
];

#[tokio::test]
async fn data_connections_that_are_refused_with_tls_1_3_are_made_with_1_2_and_so_are_the_next_ones() {
    use ftpane::volume::ftp::{Acquaintances, connect};
    for (refusal, when) in REFUSED_ONCE {
        // Nothing is left to resume the third by: each handshake brings two tickets, which the first two use up.
        let server = ScriptServer::play_text(&format!(
            "{RULES}connection 1:\n    S: 220 Ready\n    serve\non RETR *:\n    {refusal}\nconnection 2:\n    S: 220 Ready\n    serve\n\
             on RETR *:\n    S: 150 Here\n    data tls\n    data send \"hello\"\n    data fin\n    S: 226 Done\n"
        ));
        let site = site(&server);
        let (call, log) = crate::client::call_for(&site, Some("secret"));
        let known = Acquaintances::default();
        let mut volume = connect(&site, &call, &known).await.unwrap();
        let file = below(&volume, "f");
        let mut outcome = read_from(&mut volume, &file, 0).await;
        if outcome.is_err() {
            // What was refused after the 150 is tried again by who asked for it, on a new connection.
            assert!(volume.is_lost(), "{when}: {outcome:?}\n{}", log.text());
            drop(volume);
            volume = connect(&site, &call, &known).await.unwrap();
            outcome = read_from(&mut volume, &file, 0).await;
        }
        assert_eq!(outcome.unwrap(), b"hello", "{when}\n{}", log.text());
        assert!(volume.learnt().unwrap().tls12, "{when}");
        let dialogue = server.record().dialogue();
        assert!(dialogue.contains("1 . TLS 1.3, full") && dialogue.contains("2 . TLS 1.2, full"), "{when}\n{dialogue}");
        assert!(dialogue.contains("2 . data: TLS 1.2, resumed"), "{when}\n{dialogue}");
    }
}
