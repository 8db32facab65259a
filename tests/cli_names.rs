//! `ls`, `get` and `put` on servers whose names are not in UTF-8: byte by byte on the server, Unicode here.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use support::cli::{err, ftpane, objects, out};
use support::script::ScriptServer;
use support::servers::{self, Kind};

/// The bytes of a name, and what they say.
type Said = (&'static [u8], &'static str);

/// A charset, and names in it.
const NAMES: [(&str, &[Said]); 7] = [
    ("latin1", &[(b"caf\xe9", "café"), (b"\xdcber", "Über")]),
    ("shift_jis", &[(b"\x93\xfa\x96\x7b", "日本"), (b"\x83\x5c\x83\x74\x83\x67", "ソフト")]),
    ("gbk", &[(b"\xd6\xd0\xce\xc4", "中文")]),
    ("koi8-r", &[(b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет")]),
    // The last letter is the byte 0xFF, which Telnet doubles.
    ("windows-1251", &[(b"\xcc\xee\xf1\xea\xe2\xe0-\xff", "Москва-я")]),
    ("cp437", &[(b"caf\x82", "café"), (b"\x9a\xe1", "Üß")]),
    ("euc-kr", &[(b"\xc7\xd1\xb1\xdb", "한글")]),
];

fn names_in(dir: &Path) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_vec()).collect();
    names.sort();
    names
}

#[test]
fn names_in_old_charsets_arrive_as_unicode_and_go_back_as_they_were() {
    // These hand out and take the bytes on their disk.
    for kind in [Kind::Vsftpd, Kind::PureFtpd] {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.start();
        for (charset, names) in NAMES {
            // pure-ftpd forbids names with a backslash, which is half a letter here.
            let is_fit = |wire: &[u8]| kind != Kind::PureFtpd || !wire.contains(&b'\\');
            let names: Vec<_> = names.iter().filter(|(wire, _)| is_fit(wire)).collect();
            let root = server.root().join(charset);
            let dir = tempfile::tempdir().unwrap();
            let here = dir.path();
            fs::create_dir(&root).unwrap();
            for (wire, text) in &names {
                let inner = root.join(OsStr::from_bytes(wire));
                fs::create_dir(&inner).unwrap();
                fs::write(inner.join(OsStr::from_bytes(&[wire, &b".txt"[..]].concat())), text).unwrap();
            }
            server.own_root();
            let url = |path: &str| server.url_with_password(&format!("/{charset}{path}"));
            let listed = out(&ftpane(here, &["ls", "--charset", charset, &url("/")]).code(0));
            for (_, text) in &names {
                assert!(listed.lines().any(|line| line == *text), "{} {charset}: {listed}", kind.name());
            }
            ftpane(here, &["get", "-r", "--charset", charset, &url(""), "down"]).code(0);
            for (_, text) in &names {
                assert_eq!(fs::read_to_string(here.join("down").join(text).join(format!("{text}.txt"))).unwrap(), *text);
            }
            ftpane(here, &["put", "-r", "--charset", charset, "down", &url("/up")]).code(0);
            let mut wanted: Vec<Vec<u8>> = names.iter().map(|(wire, _)| wire.to_vec()).collect();
            wanted.sort();
            assert_eq!(names_in(&root.join("up")), wanted, "{} {charset}", kind.name());
            // A second time over what is there.
            for (_, text) in &names {
                ftpane(here, &["put", "-r", "--charset", charset, &format!("down/{text}"), &url("/up/")]).code(0);
            }
            assert_eq!(names_in(&root.join("up")), wanted, "{} {charset}", kind.name());
        }
    }
}

#[test]
fn what_a_charset_lacks_is_named_and_the_rest_goes() {
    let Some(setup) = servers::require(Kind::Vsftpd) else { return };
    let server = setup.start();
    server.own_root();
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path();
    fs::write(here.join("☃.txt"), "snow").unwrap();
    fs::write(here.join("café.txt"), "noir").unwrap();
    let run = ftpane(here, &["put", "--charset", "latin1", "☃.txt", "café.txt", &server.url_with_password("/")]).code(1);
    let said = err(&run);
    assert!(said.contains("☃ (U+2603) does not exist in windows-1252"), "{said}");
    assert_eq!(names_in(&server.root()), [b"caf\xe9.txt"]);
}

#[test]
fn a_byte_without_a_meaning_is_shown_as_such_and_sent_back() {
    // Half a letter at the end, and one in the middle.
    let server = ScriptServer::play_text(
        "include rules-hostile.ftp\n\
         on FEAT -> 211-Features\\r\\n UTF8\\r\\n MLST type*;size*;\\r\\n211 End\n\
         on MLSD*:\n    S: 150 Here it comes\n    \
         data send \"type=file;size=4; \\x93\\xfa\\xff.txt\\r\\ntype=file;size=4; x\\x93\\r\\n\"\n    data fin\n    S: 226 Done\n\
         S: 220 Ready\nserve\n",
    );
    let dir = tempfile::tempdir().unwrap();
    let url = format!("ftp://tester:secret@{}/", server.addr());
    let run = ftpane(dir.path(), &["ls", "--json", "--charset", "shift_jis", &url]).code(0);
    let names: Vec<_> = objects(&run).iter().map(|row| row["name_hex"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(names, ["e697a5ff2e747874", "7893"]);
    ftpane(dir.path(), &["get", "-r", "--charset", "shift_jis", &url, "down"]).code(0);
    assert_eq!(names_in(&dir.path().join("down")), [b"x\x93".to_vec(), b"\xe6\x97\xa5\xff.txt".to_vec()]);
    let sent: Vec<Vec<u8>> = server.record().commands();
    for line in [&b"RETR /\x93\xfa\xff.txt"[..], b"RETR /x\x93"] {
        assert!(sent.iter().any(|command| command == line), "{}", server.record().dialogue());
    }
    // Who is told the charset does not ask the server for another.
    assert!(!sent.iter().any(|command| command.starts_with(b"OPTS UTF8")), "{}", server.record().dialogue());
}

#[test]
fn a_charset_that_is_none_is_a_wrong_option() {
    let dir = tempfile::tempdir().unwrap();
    let run = ftpane(dir.path(), &["ls", "--charset", "klingon", "ftp://127.0.0.1:1/"]).code(2);
    assert!(err(&run).contains("klingon"), "{}", err(&run));
}
