//! The program on servers that are not like others: trees that are not written as those of Unix, devices with one connection, Windows' names.
#![cfg(all(feature = "cli", feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;

use support::cli::{err, ftpane, out};
use support::script::ScriptServer;

fn url(server: &ScriptServer, path: &str) -> String {
    format!("ftp://tester:secret@{}{path}", server.addr())
}

/// A server of the smallest kind, with what a device knows: one directory with a file, uploads, directories that are made.
fn device(rules: &str, sections: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "{rules}on PASV:\n    data listen\n    S: 227 OK ({{hostport}})\non USER * -> 331 Password\non PASS * -> 230 OK\non TYPE * -> 200 OK\non PWD -> 257 \"/\"\n\
         on MKD * -> 257 made\non CWD *.txt -> 550 no\non CWD * -> 250 OK\n\
         on LIST:\n    S: 150 here\n    data send \"-rw-r--r--   1 ftp ftp 10 Jan 02 03:04 a.txt\\r\\n\"\n    data fin\n    S: 226 done\n\
         on RETR *a.txt:\n    S: 150 here\n    data send \"line\\r\\n1234\"\n    data fin\n    S: 226 done\n\
         on STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\non QUIT:\n    S: 221 Bye\n    drop\non * -> 502 Command not implemented\n{sections}"
    ))
}

const ALIKE: &str = "S: 220 Device ready\nserve\n";

#[test]
fn an_openvms_server_is_listed_read_and_written_by_urls() {
    let here = tempfile::tempdir().unwrap();
    let server = ScriptServer::play("foreign-vms");
    let listed = ftpane(here.path(), &["ls", &url(&server, "/")]).code(0);
    assert!(out(&listed).contains("LOGIN.COM\n") && out(&listed).contains("WWW"), "{}", out(&listed));
    ftpane(here.path(), &["get", &url(&server, "/LOGIN.COM"), "got"]).code(0);
    assert_eq!(fs::read(here.path().join("got")).unwrap(), b"0123456789");
    fs::write(here.path().join("NEW.TXT"), "abc").unwrap();
    let put = ftpane(here.path(), &["put", "NEW.TXT", &url(&server, "/WWW/")]).code(0);
    assert_eq!(server.record().uploads(), [b"abc"], "{}", err(&put));
    assert_eq!(server.record().count("STOR ."), 0, "no name is made that the server could not have");
}

#[test]
fn a_member_of_a_data_set_is_replaced_straight() {
    let here = tempfile::tempdir().unwrap();
    let server = ScriptServer::play_text(&format!(
        "on STOR SAVE03 @ 'ALICE.DATA.SRC':\n    S: 125 Storing\n    data recv\n    S: 250 Transfer completed successfully.\n{}",
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/foreign-mvs.ftp")).unwrap()
    ));
    fs::write(here.path().join("SAVE03"), "new").unwrap();
    let put = ftpane(here.path(), &["put", "SAVE03", &url(&server, "/DATA.SRC/")]).code(0);
    assert_eq!(server.record().uploads(), [b"new"], "{}", err(&put));
    ftpane(here.path(), &["get", "-r", &url(&server, "/DATA.SRC"), "got"]).code(0);
    assert_eq!(fs::read(here.path().join("got/SAVE03")).unwrap(), b"0123456789");
}

#[test]
fn a_tree_goes_to_a_device_with_one_connection() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir_all(here.path().join("tree/sub")).unwrap();
    for name in ["tree/b.txt", "tree/c.txt", "tree/sub/d.txt"] {
        fs::write(here.path().join(name), name).unwrap();
    }
    for refusal in ["421 Too many connections", "530 Only one connection, maximum reached"] {
        let server = device("", &format!("connection 1:\n{ALIKE}connection 2:\nS: {refusal}\ndrop\n"));
        let put = ftpane(here.path(), &["put", "-r", "tree", &url(&server, "/")]).code(0);
        let mut uploads = server.record().uploads();
        uploads.sort();
        assert_eq!(uploads, [&b"tree/b.txt"[..], b"tree/c.txt", b"tree/sub/d.txt"], "{}", err(&put));
    }
}

#[test]
fn a_device_that_closes_between_files_is_met_again() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir_all(here.path().join("tree")).unwrap();
    for name in ["tree/b.txt", "tree/c.txt", "tree/d.txt"] {
        fs::write(here.path().join(name), name).unwrap();
    }
    let closes = "on STOR *b.txt (1 times):\n    S: 150 go on\n    data recv\n    S: 226 done\n    S: 421 Timeout (20 seconds)\n    drop\n\
                  on STOR *c.txt (1 times):\n    S: 150 go on\n    data recv\n    S: 226 done\n    drop\n";
    let server = device(closes, ALIKE);
    let put = ftpane(here.path(), &["put", "-r", "-j", "1", "tree", &url(&server, "/")]).code(0);
    let mut uploads = server.record().uploads();
    uploads.sort();
    uploads.dedup();
    assert_eq!(uploads, [b"tree/b.txt", b"tree/c.txt", b"tree/d.txt"], "{}", err(&put));
}

#[test]
fn an_url_asks_for_a_text_by_its_type() {
    let here = tempfile::tempdir().unwrap();
    let server = device("", ALIKE);
    ftpane(here.path(), &["get", &url(&server, "/a.txt;type=a"), "text"]).code(0);
    assert_eq!(fs::read(here.path().join("text")).unwrap(), b"line\n1234");
    assert_eq!(server.record().count("TYPE A"), 1);
    for path in ["/a.txt;type=i", "/a.txt"] {
        ftpane(here.path(), &["get", &url(&server, path), "bytes"]).code(0);
        assert_eq!(fs::read(here.path().join("bytes")).unwrap(), b"line\r\n1234");
    }
    assert_eq!(server.record().count("TYPE A"), 1);
    let listed = ftpane(here.path(), &["ls", &url(&server, "/;type=d")]).code(0);
    assert_eq!(out(&listed), "a.txt\n");
    let before = server.record().connections.len();
    let bad = ftpane(here.path(), &["get", &url(&server, "/a.txt;type=x"), "none"]).code(2);
    assert!(err(&bad).contains(";type=a for a text"), "{}", err(&bad));
    assert_eq!(server.record().connections.len(), before);
}

#[test]
fn names_that_windows_cannot_have_go_to_its_servers_as_they_go_to_its_disks() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir(here.path().join("tree")).unwrap();
    for name in ["a:b?", "plain", "con"] {
        fs::write(here.path().join("tree").join(name), name).unwrap();
    }
    let server = device("on SYST -> 215 Windows_NT\n", ALIKE);
    let put = ftpane(here.path(), &["put", "-r", "tree", &url(&server, "/")]).code(0);
    let mut stored: Vec<String> = server.record().commands().iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    stored.retain(|line| line.starts_with("STOR "));
    stored.sort();
    assert_eq!(stored, ["STOR /tree/%63on", "STOR /tree/a%3Ab%3F", "STOR /tree/plain"], "{}", err(&put));
    // And back they are what they were.
    let rows = "-rw-r--r--   1 ftp ftp 10 Jan 02 03:04 a%3Ab%3F.a.txt\\r\\n";
    let server = device(
        &format!("on SYST -> 215 Windows_NT\non LIST:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done\n"),
        ALIKE,
    );
    ftpane(here.path(), &["get", "-r", &url(&server, "//dir/"), "back"]).code(0);
    let names: Vec<_> = fs::read_dir(here.path().join("back")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a:b?.a.txt"]);
}

#[test]
fn what_was_found_out_about_a_server_is_forgotten_on_request() {
    let here = tempfile::tempdir().unwrap();
    let server = device("", ALIKE);
    ftpane(here.path(), &["ls", &url(&server, "/")]).code(0);
    let known = here.path().join("home/.config/ftpane/servers.toml");
    assert!(fs::read_to_string(&known).unwrap().contains("facts"));
    let forgot = ftpane(here.path(), &["sites", "forget", &url(&server, "/")]).code(0);
    assert!(err(&forgot).contains("is forgotten") && !err(&forgot).contains("secret"), "{}", err(&forgot));
    assert!(!fs::read_to_string(&known).unwrap().contains("facts"));
    let again = ftpane(here.path(), &["sites", "forget", &url(&server, "/")]).code(0);
    assert!(err(&again).contains("nothing was found out"), "{}", err(&again));
    ftpane(here.path(), &["sites", "forget", "nobody"]).code(2);
}
