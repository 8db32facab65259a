//! Data connections that go wrong, on purpose.

use ftpane::model::{DataMode, FailureKind, Site};
use ftpane::volume::Volume as _;

use crate::client::{below, listing, names, open, read_from, site_at};
use crate::support::script::ScriptServer;

const LOGIN: &str = "include rules-login.ftp\ninclude rules-listing.ftp\n";

/// A server with its own answers to EPSV, PASV and the like.
fn server_with(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{LOGIN}{rules}\nS: 220 Ready\nserve\n"))
}

#[tokio::test]
async fn data_goes_to_the_control_peer_whatever_address_the_227_names() {
    let server = ScriptServer::play("pasv-elsewhere");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert!(log.text().contains("we dialled 127.0.0.1:"), "{}", log.text());
    assert!(!log.text().contains("dialled 127.0.0.2"), "{}", log.text());
}

#[tokio::test]
async fn odd_passive_replies_are_understood() {
    for rule in [
        "on EPSV:\n    data listen\n    S: 229 ok (!!!{port}!)",
        "on EPSV:\n    data listen\n    S: 229 ok |||{port}|",
        "on EPSV -> 500 what\non PASV:\n    data listen\n    S: 227 at {hostport}",
        "on EPSV -> 229 (|||0|)\non PASV:\n    data listen\n    S: 227 ({hostport})",
    ] {
        let server = server_with(rule);
        let (mut volume, log) = open(&Site { mode: DataMode::Passive, ..site_at(server.addr()) }).await;
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    }
}

#[tokio::test]
async fn malformed_passive_replies_are_an_error_and_the_session_stays_in_step() {
    for (epsv, pasv) in [
        ("229 nothing", "227 nothing"),
        ("229 (|||0|)", "227 (127,0,0,1,0,0)"),
        ("229 (|||99999|)", "227 (127,0,0,1,256,1)"),
        ("229 (|||x|)", "227 (127,0,0,1,1)"),
        ("229 (|||1", "227 (999,999,999,999,999,999)"),
    ] {
        let server = server_with(&format!("on EPSV -> {epsv}\non PASV -> {pasv}\non PORT * -> 502 no\non EPRT * -> 502 no"));
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let home = below(&volume, "");
        let failure = listing(&mut volume, &home).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol, "{failure}");
        assert!(!volume.is_lost(), "{}", log.text());
        assert!(log.sent("PASV") <= 3, "{}", log.text());
        volume.keep_alive().await.unwrap();
    }
}

#[tokio::test]
async fn automatic_mode_turns_to_active_where_nobody_listens_and_remembers() {
    let server = server_with(
        "on EPSV:\n    data refuse\n    S: 229 (|||{port}|)\non PASV:\n    data refuse\n    S: 227 ({hostport})\n\
         on PORT * -> 200 ok\non MLSD*:\n    S: 150 here\n    data connect\n    data send \"type=file;size=1; a\\r\\n\"\n    data fin\n    S: 226 done",
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a"], "{}", log.text());
    assert!(volume.learnt().unwrap().prefers_active);
    assert!(log.text().contains("active, the server dialled from 127.0.0.1:"), "{}", log.text());
    assert_eq!(names(&mut volume, &home).await, [b"a"]);
    assert_eq!(log.sent("EPSV"), 1, "{}", log.text());
}

#[tokio::test]
async fn a_stranger_at_the_data_port_is_turned_away() {
    let server = ScriptServer::play("stranger");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
    assert!(log.text().contains("refused a data connection from 127.0.0.3:"), "{}", log.text());
    volume.close().await;
    server.finished();
}

#[tokio::test]
async fn a_silent_data_connection_ends_at_the_limit_with_the_session_in_step() {
    let server = ScriptServer::play("data-stalls");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let file = below(&volume, "a.txt");
    let failure = read_from(&mut volume, &file, 0).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut, "{}", log.text());
    assert_eq!(log.sent("ABOR"), 1, "{}", log.text());
}

#[tokio::test]
async fn a_server_that_never_dials_is_given_up_and_the_session_lives() {
    let server = server_with("on PORT * -> 200 ok\non MLSD* -> 150 soon\non ABOR -> 426 stopped\\r\\n226 Closed\nconnection 1:");
    let (mut volume, log) = open(&Site { mode: DataMode::Active, ..site_at(server.addr()) }).await;
    let home = below(&volume, "");
    let failure = listing(&mut volume, &home).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut, "{failure}\n{}", log.text());
    assert!(!volume.is_lost(), "{}", log.text());
    volume.keep_alive().await.unwrap();
}
