//! Files that are moved as text.

use ftpane::model::{Ascii, FailureKind, Site};
use ftpane::volume::{Volume as _, WriteFrom};

use crate::client::{below, names, open, read_from, site_at, write_to};
use crate::support::script::ScriptServer;

const RULES: &str = "on CWD /y -> 550 no directory\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n\
    on RETR *:\n    S: 150 here\n    data send \"one\\r\\ntwo\\r\"\n    data send \"\\nthree\\rfour\\r\\n\"\n    data fin\n    S: 226 done\n\
    on STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\non SIZE * -> 213 22\non MLST * -> 500 what\non MDTM * -> 550 no\n";

#[tokio::test]
async fn a_text_gets_the_line_ends_of_the_side_it_comes_to_and_nothing_else_does() {
    let server = ScriptServer::play_text(&format!("{RULES}S: 220 Ready\nserve\n"));
    let (mut volume, log) = open(&Site { ascii: Ascii::of_extensions(["txt"]), ..site_at(server.addr()) }).await;
    let (home, text, bytes) = (below(&volume, ""), below(&volume, "x.TXT"), below(&volume, "x.bin"));
    assert!(volume.is_text(&text) && !volume.is_text(&bytes));
    assert_eq!(read_from(&mut volume, &text, 0).await.unwrap(), b"one\ntwo\nthree\rfour\n", "{}", log.text());
    assert_eq!(read_from(&mut volume, &bytes, 0).await.unwrap(), b"one\r\ntwo\r\nthree\rfour\r\n", "{}", log.text());
    write_to(&mut volume, &text, WriteFrom::Start, b"a\nb\r\nc").await.unwrap();
    write_to(&mut volume, &bytes, WriteFrom::Start, b"a\nb\r\nc").await.unwrap();
    assert_eq!(server.record().uploads(), [&b"a\r\nb\r\nc"[..], b"a\nb\r\nc"]);
    // The type changes where it must and no oftener; a listing does without.
    names(&mut volume, &home).await;
    read_from(&mut volume, &text, 0).await.unwrap();
    read_from(&mut volume, &text, 0).await.unwrap();
    let types: Vec<String> = log.text().lines().filter(|line| line.starts_with("> TYPE")).map(str::to_owned).collect();
    assert_eq!(types, ["> TYPE I", "> TYPE A", "> TYPE I", "> TYPE A", "> TYPE I", "> TYPE A"]);
    // Sizes are told of bytes: asked for in type A, some count line ends and some refuse.
    assert_eq!(volume.stat(&below(&volume, "y")).await.unwrap_or(None).and_then(|entry| entry.size), Some(22), "{}", log.text());
    let told = log.text();
    let size_at = told.rfind("> SIZE").unwrap();
    assert!(told[..size_at].rfind("> TYPE I").unwrap() > told.rfind("> TYPE A").unwrap(), "{told}");
}

#[tokio::test]
async fn nothing_goes_on_in_the_middle_of_a_text() {
    let server = ScriptServer::play_text(&format!("{RULES}S: 220 Ready\nserve\n"));
    let (mut volume, log) = open(&Site { ascii: Ascii::Always, ..site_at(server.addr()) }).await;
    let file = below(&volume, "x");
    assert_eq!(read_from(&mut volume, &file, 5).await.unwrap_err().kind, FailureKind::Unsupported);
    let written = write_to(&mut volume, &file, WriteFrom::Offset(5), b"x").await;
    assert_eq!(written.unwrap_err().kind, FailureKind::Unsupported);
    assert!(!log.text().contains("> REST") && !log.text().contains("> APPE") && !volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn a_server_that_refuses_type_a_moves_no_text() {
    let server = ScriptServer::play_text(&format!("on TYPE A -> 504 Binary only\n{RULES}S: 220 Ready\nserve\n"));
    let (mut volume, log) = open(&Site { ascii: Ascii::of_extensions(["txt"]), ..site_at(server.addr()) }).await;
    let (text, bytes) = (below(&volume, "x.txt"), below(&volume, "x.bin"));
    assert!(read_from(&mut volume, &text, 0).await.unwrap_err().to_string().contains("Binary only"));
    assert_eq!(read_from(&mut volume, &bytes, 0).await.unwrap().len(), 22, "{}", log.text());
}
