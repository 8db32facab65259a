//! Connecting and logging in, and what is told about it.

use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use ftpane::model::{FailureKind, Site};
use ftpane::volume::Volume as _;
use ftpane::volume::ftp::{Acquaintances, connect};

use crate::client::{below, call_for, listing, open, site_at, try_open};
use crate::support::script::ScriptServer;

#[tokio::test]
async fn a_password_is_shown_nowhere_even_when_the_server_echoes_it() {
    let server =
        ScriptServer::play_text("include rules-login.ftp\non PASS * -> 530 hunter2 is not the password of tester\nS: 220 Ready\nserve\n");
    let (outcome, log) = try_open(&site_at(server.addr()), Some("hunter2")).await;
    let failure = outcome.err().unwrap();
    assert_eq!(failure.kind, FailureKind::LoginRefused);
    assert!(!format!("{failure:?}{failure}").contains("hunter2"), "{failure:?}");
    assert!(!log.text().contains("hunter2"), "{}", log.text());
    assert!(log.text().contains("> PASS ****\n< 530 **** is not the password of tester\n"), "{}", log.text());
}

#[tokio::test]
async fn a_login_without_a_password_to_give_asks_for_one() {
    let server = ScriptServer::play("plain");
    let (outcome, log) = try_open(&site_at(server.addr()), None).await;
    assert_eq!(outcome.err().unwrap().kind, FailureKind::LoginRefused);
    assert!(!log.text().contains("PASS"), "{}", log.text());
}

#[tokio::test]
async fn a_user_who_needs_no_password_gives_none() {
    let server = ScriptServer::play_text("include rules-login.ftp\non USER * -> 230 Come in\nS: 220 Ready\nserve\n");
    let (volume, log) = open(&site_at(server.addr())).await;
    assert!(!log.text().contains("PASS"), "{}", log.text());
    volume.close().await;
}

#[tokio::test]
async fn a_crowded_server_says_so_and_is_not_a_wrong_password() {
    for text in [
        "S: 421 There are too many connected users, please try later.\ndrop\n",
        "include rules-login.ftp\non PASS * -> 530 Sorry, the maximum number of clients (1) from your host are already connected.\nS: 220 Ready\nserve\n",
        "include rules-login.ftp\non USER *:\n    S: 421 Too many connections\n    drop\nS: 220 Ready\nserve\n",
    ] {
        let server = ScriptServer::play_text(text);
        let (outcome, log) = try_open(&site_at(server.addr()), Some("x")).await;
        assert_eq!(outcome.err().unwrap().kind, FailureKind::TooMany, "{}", log.text());
    }
}

#[tokio::test]
async fn odd_greetings_are_understood() {
    for greeting in [
        "S: 220",
        "S:\nS: hello\nS: 999 what\nS: 220-a\nS: 230 no end\nS: 220 b",
        "S: 120 in a minute\nS: 220 now",
        "S: 220-a\nS: 220",
        "S: 220-a\nS: 200 b",
    ] {
        let server = ScriptServer::play_text(&format!("include rules-login.ftp\n{greeting}\nserve\n"));
        let (volume, _) = open(&site_at(server.addr())).await;
        volume.close().await;
    }
}

#[tokio::test]
async fn endless_greetings_end_in_an_error_soon() {
    for (greeting, kind) in [
        ("S forever: 220-and so on", FailureKind::Protocol),
        ("S raw forever: 220 no line end", FailureKind::Protocol),
        ("S forever: noise", FailureKind::Protocol),
        ("S forever: 120 soon", FailureKind::Protocol),
        ("drop", FailureKind::Disconnected),
        ("stall", FailureKind::TimedOut),
    ] {
        let server = ScriptServer::play_text(&format!("{greeting}\n"));
        let began = Instant::now();
        let (outcome, log) = try_open(&site_at(server.addr()), Some("x")).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.kind, kind, "{greeting}: {failure}");
        assert!(began.elapsed() < Duration::from_secs(10), "{}", log.text().len());
    }
}

#[tokio::test]
async fn every_address_of_a_name_is_tried() {
    // localhost is ::1 and 127.0.0.1, in whatever order: the server listens on one of them.
    let script = "include rules-login.ftp\nS: 220 Ready\nserve\n";
    let server = ScriptServer::play_text(script);
    let (volume, log) = open(&Site { host: "localhost".into(), ..site_at(server.addr()) }).await;
    assert!(log.text().contains("* looking up localhost\n* localhost is "), "{}", log.text());
    volume.close().await;
    let server = ScriptServer::play_text_on(IpAddr::V6(Ipv6Addr::LOCALHOST), script);
    let (volume, log) = open(&Site { host: "::1".into(), ..site_at(server.addr()) }).await;
    assert!(log.text().contains("* connecting to [::1]:"), "{}", log.text());
    volume.close().await;
}

#[tokio::test]
async fn nobody_at_the_port_is_told_with_the_address() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let (outcome, _) = try_open(&site_at(port), None).await;
    let failure = outcome.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.to_string().contains(&port.to_string()), "{failure}");
}

#[tokio::test]
async fn connecting_can_be_stopped() {
    let server = ScriptServer::play("silent");
    let site = Site { timeout: None, ..site_at(server.addr()) };
    let (call, _) = call_for(&site, None);
    let stop = call.stop.clone();
    let connecting = tokio::spawn(async move { connect(&site, &call, &Acquaintances::default()).await.err() });
    tokio::task::yield_now().await;
    stop.cancel();
    assert_eq!(connecting.await.unwrap().unwrap().kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn a_server_that_knows_nothing_still_works() {
    let server = ScriptServer::play("knows-nothing");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let home = below(&volume, "");
    assert_eq!(listing(&mut volume, &home).await.unwrap().0.len(), 1, "{}", log.text());
    let file = below(&volume, "a.txt");
    assert_eq!(crate::client::read_from(&mut volume, &file, 0).await.unwrap().len(), 1000);
    let refused = crate::client::read_from(&mut volume, &file, 500).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unsupported);
    assert!(!volume.abilities().resume_read);
    assert_eq!(volume.stat(&file).await.unwrap().unwrap().name.as_bytes(), b"a.txt");
    assert_eq!(volume.set_time(&file, ftpane::model::Timestamp::exact(1)).await.unwrap_err().kind, FailureKind::Unsupported);
    assert!(!volume.is_lost());
}

#[tokio::test]
async fn a_start_directory_that_is_not_there_is_told_in_the_servers_words() {
    use ftpane::model::{StartDir, VPath};
    let server = ScriptServer::play_text("include rules-login.ftp\non CWD /gone -> 550 No such directory\nS: 220 Ready\nserve\n");
    let start = StartDir::Absolute(VPath::parse(b"/gone").unwrap());
    let (outcome, log) = try_open(&Site { start, ..site_at(server.addr()) }, Some("x")).await;
    let failure = outcome.err().unwrap();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(failure.subject.as_deref(), Some(&b"/gone"[..]));
    assert_eq!(log.sent("QUIT"), 1, "{}", log.text());
}

/// A server that takes what arrives together for one command.
fn one_command_a_packet() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            std::thread::spawn(move || answer_packets(stream));
        }
    });
    addr
}

fn answer_packets(mut stream: std::net::TcpStream) {
    use std::io::{Read as _, Write as _};
    let mut packet = [0; 1024];
    let mut answer = &b"220 Ready\r\n"[..];
    while stream.write_all(answer).is_ok() {
        let Ok(count @ 1..) = stream.read(&mut packet) else { return };
        answer = match packet.get(..count.min(4)) {
            Some(b"USER") => b"331 Password\r\n",
            Some(b"PASS") => b"230 In\r\n",
            Some(b"FEAT") => b"211-Features\r\n SIZE\r\n211 End\r\n",
            Some(b"SYST") => b"215 UNIX Type: L8\r\n",
            Some(b"TYPE") => b"200 Binary\r\n",
            Some(b"PWD\r") => b"257 \"/home\"\r\n",
            Some(b"CWD ") => b"250 There\r\n",
            _ => b"502 What?\r\n",
        };
    }
}

#[tokio::test]
async fn a_server_that_reads_one_packet_as_one_command_is_met_again_with_care() {
    let site = Site { timeout: Some(1), ..site_at(one_command_a_packet()) };
    let known = Acquaintances::default();
    for login in 0..2 {
        let (call, log) = call_for(&site, Some("secret"));
        let volume = connect(&site, &call, &known).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
        assert_eq!(volume.opened().home.as_ref().unwrap().as_bytes(), b"/home", "{}", log.text());
        let again = log.text().matches("> USER").count();
        assert_eq!(again, 2 - login, "it is known the second time:\n{}", log.text());
    }
}

#[tokio::test]
async fn a_goodbye_is_answered_unless_all_ends_with_it() {
    for is_the_end in [false, true] {
        let server = ScriptServer::play("plain");
        let (call, log) = call_for(&site_at(server.addr()), Some("secret"));
        let volume = connect(&site_at(server.addr()), &call, &Acquaintances::default()).await.unwrap();
        if is_the_end {
            call.stop.cancel();
        }
        volume.close().await;
        assert_eq!(log.sent("QUIT"), 1, "{}", log.text());
        assert_eq!(log.text().contains("< 221"), !is_the_end, "{}", log.text());
    }
}
