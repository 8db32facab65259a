//! Options that say how files move, and what `ftpane queue` tells of them afterwards.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use ftpane::demo;
use support::cli::{PROGRAM, base, err, ftpane, objects, out, summary};
use support::script::ScriptServer;
use support::tree::pattern;
use support::wait::{DEADLINE, until, wait_for};

/// So many bytes take minutes at [`SLOWLY`], and no time at all without it.
const SIZE: usize = 3_000_000;
const SLOWLY: &str = "--limit=20K";

/// The embedded server with these files of [`SIZE`] bytes.
fn served(names: &[&str]) -> (tempfile::TempDir, demo::Server) {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(root.path().join(name), pattern(SIZE, 5)).unwrap();
    }
    let server = demo::serve(root.path()).unwrap();
    (root, server)
}

/// Fetches a file slowly, and is interrupted by a person in the middle of it.
fn interrupted(here: &Path, url: &str, name: &str) {
    let mut command = Command::new(PROGRAM);
    command.args(["get", SLOWLY, url, "."]).env_clear().env("HOME", here.join("home")).current_dir(here);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let partial = partial_of(here, name);
    wait_for("the first bytes", || fs::metadata(&partial).is_ok_and(|there| there.len() > 0));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    let status = until(DEADLINE, || child.try_wait().unwrap());
    let _ = child.kill();
    assert_eq!(status.expect("it goes on").code(), Some(130), "it was done before it could be interrupted");
}

fn partial_of(here: &Path, name: &str) -> std::path::PathBuf {
    here.join(format!(".{name}.ftpane-part"))
}

/// A server of one file of four bytes, which says that this is its digest.
fn digesting(sha1: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "on FEAT -> 211-Features\\r\\n HASH SHA-1*\\r\\n SIZE\\r\\n MDTM\\r\\n REST STREAM\\r\\n211 End\n\
         on OPTS HASH SHA-1 -> 200 SHA-1\non HASH * -> 213 SHA-1 0-4 {sha1} a.txt\n\
         include rules-hostile.ftp\nS: 220 Ready\nserve\n"
    ))
}

/// Of the four bytes.
const SHA1: &str = "b653891162a040e1bfe6e436bdcd93827e0c56e5";

#[test]
fn a_copy_that_is_verified_says_by_what() {
    let here = tempfile::tempdir().unwrap();
    let server = digesting(SHA1);
    let url = format!("ftp://tester:secret@{}/a.txt", server.addr());
    let assert = ftpane(here.path(), &["get", "--verify", "--json", &url, "."]).code(0);
    assert_eq!(objects(&assert)[0]["verified"], "SHA-1", "{}", out(&assert));
    assert!(!err(&assert).contains("checksum"), "{}", err(&assert));
    assert_eq!(fs::read(here.path().join("a.txt")).unwrap(), b"evil");
    // The history knows it as well.
    assert_eq!(objects(&ftpane(here.path(), &["queue", "--history", "--json"]).code(0))[0]["verified"], "SHA-1");
}

#[test]
fn a_copy_whose_checksum_differs_takes_nothings_place_and_is_told_with_both() {
    let here = tempfile::tempdir().unwrap();
    let server = digesting(&SHA1.replace('b', "a"));
    let url = format!("ftp://tester:secret@{}/a.txt", server.addr());
    fs::write(here.path().join("a.txt"), "mine").unwrap();
    let assert = ftpane(here.path(), &["get", "--verify", "--json", "--retries=0", &url, "."]).code(1);
    assert_eq!(objects(&assert)[0]["state"], "failed", "{}", out(&assert));
    assert!(err(&assert).contains(SHA1) && err(&assert).contains(&SHA1.replace('b', "a")), "{}", err(&assert));
    assert_eq!(fs::read(here.path().join("a.txt")).unwrap(), b"mine");
}

#[test]
fn where_a_server_offers_no_checksum_the_copy_says_that_it_was_compared_by_size() {
    let here = tempfile::tempdir().unwrap();
    let (_root, server) = served(&["a", "b"]);
    let (a, b) = (format!("{}/a", base(&server)), format!("{}/b", base(&server)));
    let note = "2 files were compared by size alone, because the server offers no checksum of them";
    for (options, is_told) in [(&["--verify"][..], true), (&[], false)] {
        let assert = ftpane(here.path(), &[&["get", "--json"], options, &[&a, &b, "."]].concat()).code(0);
        let objects = objects(&assert);
        assert!(objects[..2].iter().all(|one| one["verified"] == "size"), "{}", out(&assert));
        assert_eq!(err(&assert).contains(note), is_told, "{}", err(&assert));
    }
}

#[test]
fn a_limit_holds_a_copy_back_and_is_not_kept_for_when_it_goes_on() {
    let here = tempfile::tempdir().unwrap();
    let (_root, server) = served(&["big"]);
    let url = format!("{}/big", base(&server));
    interrupted(here.path(), &url, "big");
    assert!(!here.path().join("big").exists());
    let went_on = ftpane(here.path(), &["queue", "--resume", "--json", "--password-command", &format!("echo {}", demo::PASSWORD)]).code(0);
    let summary = summary(&went_on);
    assert_eq!(summary["done"], 1, "{}", out(&went_on));
    assert!(summary["bytes"].as_u64().is_some_and(|bytes| bytes < SIZE as u64), "it goes on at the byte: {}", out(&went_on));
    assert!(fs::read(here.path().join("big")).unwrap() == pattern(SIZE, 5));
    assert!(err(&ftpane(here.path(), &["get", "--limit=fast", &url]).code(2)).contains("--limit"));
}

#[test]
fn what_meets_no_tls_that_was_asked_for_stays_in_the_queue() {
    let here = tempfile::tempdir().unwrap();
    let (_root, server) = served(&["big"]);
    interrupted(here.path(), &format!("{}/big", base(&server)), "big");
    let password = format!("--password-command=echo {}", demo::PASSWORD);
    let resumed = |more: &[&str]| ftpane(here.path(), &[&["queue", "--resume", &password], more].concat());
    assert!(err(&resumed(&["--insecure"]).failure()).contains("TLS"));
    assert_eq!(objects(&ftpane(here.path(), &["queue", "--json"])).len(), 1);
    resumed(&[]).code(0);
    assert!(fs::read(here.path().join("big")).unwrap() == pattern(SIZE, 5));
}

#[test]
fn what_is_given_up_leaves_the_queue_and_its_partial_stays() {
    let here = tempfile::tempdir().unwrap();
    let (_root, server) = served(&["one", "two"]);
    for name in ["one", "two"] {
        interrupted(here.path(), &format!("{}/{name}", base(&server)), name);
    }
    let queue = |args: &[&str], code| ftpane(here.path(), &[&["queue"], args].concat()).code(code);
    let listed =
        || objects(&queue(&["--json"], 0)).into_iter().map(|one| (one["id"].to_string(), one["from"].to_string())).collect::<Vec<_>>();
    let both = listed();
    assert_eq!(both.len(), 2, "{both:?}");
    // What is not said clearly gives nothing up.
    for (args, says) in [(&["--discard"][..], "--all"), (&["--discard", "9999"], "9999"), (&["--discard", "one"], "no number")] {
        let said = err(&queue(args, 2));
        assert!(said.contains(says), "{args:?}: {said}");
    }
    assert_eq!(listed(), both);
    let (one, _) = both.iter().find(|(_, from)| from.contains("one")).unwrap();
    assert!(err(&queue(&["--discard", one], 0)).contains("gave up 1 copy"));
    let left = listed();
    assert!(left.len() == 1 && left[0].1.contains("two"), "{left:?}");
    assert!(partial_of(here.path(), "one").exists());
    queue(&["--discard", one], 2);
    assert!(err(&queue(&["--discard", "--all"], 0)).contains("gave up 1 copy"));
    assert_eq!(listed(), []);
    assert!(err(&queue(&["--resume"], 0)).contains("nothing is unfinished"));
}

#[test]
fn the_history_is_searched_for_files_that_hold_every_word() {
    let here = tempfile::tempdir().unwrap();
    let (_root, server) = served(&["Report May.txt", "report june.txt", "other"]);
    for name in ["Report%20May.txt", "report%20june.txt", "other"] {
        ftpane(here.path(), &["get", &format!("{}/{name}", base(&server)), "."]).code(0);
    }
    ftpane(here.path(), &["get", "--retries=0", &format!("{}/missing report", base(&server)), "."]).code(1);
    let found = |words: &[&str]| {
        let assert = ftpane(here.path(), &[&["queue", "--history", "--json"], words].concat()).code(0);
        let name = |row: &serde_json::Value| row["target"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let rows = objects(&assert);
        assert!(rows.iter().all(|row| row["type"] == "past" && row["direction"] == "down"), "{}", out(&assert));
        rows.iter().map(|row| (name(row), row["state"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let row = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    let (may, june) = (row("Report May.txt", "done"), row("report june.txt", "done"));
    assert_eq!(found(&["report"]), [row("missing report", "failed"), june, may.clone()], "the newest first, whatever the case");
    assert_eq!(found(&["report", "may"]), [may]);
    assert_eq!(found(&["nothing like it"]), []);
    assert_eq!(found(&[]).len(), 4);
    // For a person: a line each, with the server's words where it failed.
    let lines = out(&ftpane(here.path(), &["queue", "--history", "missing"]).code(0));
    assert!(lines.lines().count() == 1 && lines.contains("missing report") && lines.contains("failed: "), "{lines}");
}
