//! Commands that are given again after they were broken off, and words that could be meant for this machine or for a server.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ftpane::demo;
use support::cli::{PROGRAM, base, err, ftpane, objects, out, summary};
use support::tree::pattern;
use support::wait::{DEADLINE, until, wait_for};

/// So many bytes take minutes at [`SLOWLY`], and no time at all without it.
const SIZE: usize = 3_000_000;
const SLOWLY: &str = "--limit=20K";

/// Makes a directory with a small file and a big one.
fn dir_at(place: &Path) {
    fs::create_dir_all(place).unwrap();
    fs::write(place.join("small"), "small").unwrap();
    fs::write(place.join("big"), pattern(SIZE, 5)).unwrap();
}

fn is_whole(place: &Path) -> bool {
    fs::read(place.join("big")).is_ok_and(|big| big == pattern(SIZE, 5))
        && fs::read(place.join("small")).is_ok_and(|small| small == b"small")
}

/// Begins a slow copy, and waits until some of it is there.
fn begin(here: &Path, args: &[&str], partial: &Path) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(args).arg(SLOWLY).env_clear().env("HOME", here.join("home")).current_dir(here);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for("the first bytes", || fs::metadata(partial).is_ok_and(|there| there.len() > 0));
    child
}

/// A person breaks it off.
fn interrupt(mut child: Child) {
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    let status = until(DEADLINE, || child.try_wait().unwrap());
    let _ = child.kill();
    assert_eq!(status.expect("it goes on").code(), Some(130), "it was done before it could be interrupted");
}

#[test]
fn a_download_of_a_directory_that_is_asked_for_again_goes_on_where_it_began() {
    for resume in [&["-c"][..], &[]] {
        let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        dir_at(&root.path().join("dir"));
        let server = demo::serve(root.path()).unwrap();
        let url = format!("{}/dir", base(&server));
        let command = [&["get", "-r", "--segments=1"], resume, &[&url, "new"]].concat();
        interrupt(begin(here.path(), &command, &here.path().join("new/.big.ftpane-part")));
        let again = ftpane(here.path(), &command).code(0);
        assert!(err(&again).contains("going on with what was not finished in"), "{}", err(&again));
        assert!(is_whole(&here.path().join("new")), "{}", err(&again));
        assert!(!here.path().join("new/dir").exists());
        assert!(err(&ftpane(here.path(), &["queue"]).code(0)).contains("nothing is unfinished"), "it did what was left, too");
        // What was finished is as for cp: into a directory that exists goes a copy of that name.
        ftpane(here.path(), &command).code(0);
        assert!(is_whole(&here.path().join("new/dir")));
    }
}

#[test]
fn an_upload_of_a_directory_that_is_asked_for_again_goes_on_where_it_began() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(&here.path().join("dir"));
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/new", base(&server));
    let command = ["put", "-r", "-c", "dir", &url];
    interrupt(begin(here.path(), &command, &root.path().join("new/big")));
    let again = ftpane(here.path(), &command).code(0);
    assert!(is_whole(&root.path().join("new")), "{}", err(&again));
    assert!(!root.path().join("new/dir").exists());
    assert!(err(&ftpane(here.path(), &["queue"]).code(0)).contains("nothing is unfinished"));
}

#[test]
fn a_resume_without_a_journal_goes_on_in_the_directory_of_that_name_that_holds_a_partial() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(&root.path().join("dir"));
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/dir", base(&server));
    let command = ["get", "-r", "-c", "--segments=1", &url, "dir"];
    interrupt(begin(here.path(), &command, &here.path().join("dir/.big.ftpane-part")));
    fs::remove_dir_all(here.path().join("home")).unwrap();
    ftpane(here.path(), &command).code(0);
    assert!(is_whole(&here.path().join("dir")) && !here.path().join("dir/dir").exists());
}

#[test]
fn an_upload_without_a_journal_goes_on_in_the_directory_of_that_name_that_holds_nothing_else() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(&here.path().join("dir"));
    let server = demo::serve(root.path()).unwrap();
    let command = ["put", "-r", "-c", "dir", &format!("{}/dir", base(&server))];
    interrupt(begin(here.path(), &command, &root.path().join("dir/big")));
    fs::remove_dir_all(here.path().join("home")).unwrap();
    let again = ftpane(here.path(), &command).code(0);
    assert!(err(&again).contains("going on with what was not finished in"), "{}", err(&again));
    assert!(is_whole(&root.path().join("dir")) && !root.path().join("dir/dir").exists(), "{}", err(&again));
}

#[test]
fn an_upload_into_a_directory_with_things_of_its_own_or_of_another_name_goes_below_it_as_cp_does() {
    for (name, theirs) in [("dir", Some("dir/theirs")), ("www", None), ("dir", Some("dir/dir")), ("dir", None)] {
        let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(here.path().join("dir")).unwrap();
        fs::write(here.path().join("dir/small"), "small").unwrap();
        fs::create_dir(root.path().join(name)).unwrap();
        theirs.into_iter().for_each(|theirs| fs::create_dir(root.path().join(theirs)).unwrap());
        if name == "www" || theirs.is_some() {
            fs::write(root.path().join(name).join("small"), "small").unwrap();
        }
        let server = demo::serve(root.path()).unwrap();
        ftpane(here.path(), &["put", "-r", "-c", "dir", &format!("{}/{name}", base(&server))]).code(0);
        assert!(root.path().join(name).join("dir/small").exists(), "{name} {theirs:?}");
    }
}

#[test]
fn what_goes_on_tells_what_was_done_before() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(&root.path().join("dir"));
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/dir", base(&server));
    let child = begin(here.path(), &["get", "-r", "--segments=1", &url, "new"], &here.path().join("new/.big.ftpane-part"));
    wait_for("the small file", || here.path().join("new/small").exists());
    interrupt(child);
    let resumed = ftpane(here.path(), &["queue", "--resume", "--json", "--password-command", &format!("echo {}", demo::PASSWORD)]).code(0);
    let total = summary(&resumed);
    assert_eq!((total["done"].as_u64(), total["before"].as_u64()), (Some(1), Some(1)), "{}", out(&resumed));
}

#[test]
fn what_another_ftpane_is_at_is_told_of_and_not_offered() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(root.path());
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/big", base(&server));
    let child = begin(here.path(), &["get", "--segments=1", &url, "."], &here.path().join(".big.ftpane-part"));
    let listed = ftpane(here.path(), &["queue"]).code(0);
    let said = err(&listed);
    assert!(said.contains("another ftpane is at copy") && said.contains("/big -> "), "{said}");
    assert!(said.contains("nothing else is unfinished") && out(&listed).is_empty(), "{said}");
    interrupt(child);
    let listed = ftpane(here.path(), &["queue", "--json"]).code(0);
    assert_eq!(objects(&listed).len(), 1, "now nobody is");
}

#[test]
fn what_another_ftpane_is_copying_is_not_copied_beside_it_and_is_no_success() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dir_at(root.path());
    let server = demo::serve(root.path()).unwrap();
    let command = ["get", "--segments=1", &format!("{}/big", base(&server)), "."];
    let child = begin(here.path(), &command, &here.path().join(".big.ftpane-part"));
    // Whether the other one will bring it nobody knows.
    let again = ftpane(here.path(), &command).code(1);
    assert!(err(&again).contains("another program is writing it") && !err(&again).contains("why:"), "{}", err(&again));
    // Nor is it gone on with beside it.
    for options in [&["--resume"][..], &["--resume", "-q"], &["--discard", "--json"]] {
        let resumed = ftpane(here.path(), &[&["queue", "1"], options].concat()).code(1);
        assert!(err(&resumed).contains("another ftpane is at copy 1"), "{options:?}: {}", err(&resumed));
    }
    interrupt(child);
    // Now nobody is at it.
    ftpane(here.path(), &command).code(0);
    assert!(here.path().join("big").exists());
}

#[test]
fn a_source_that_is_named_twice_is_copied_once() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(root.path().join("a"), "a").unwrap();
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/a", base(&server));
    let got = ftpane(here.path(), &["get", &url, &url, "."]).code(0);
    assert!(err(&got).contains("1 file copied") && err(&got).contains("is named twice"), "{}", err(&got));
    let put = ftpane(here.path(), &["put", "a", "./a", &base(&server)]).code(0);
    assert!(err(&put).contains("1 file copied") && err(&put).contains("is named twice"), "{}", err(&put));
}

#[test]
fn a_word_that_is_rather_a_path_here_is_not_taken_for_a_host() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir_all(here.path().join("src")).unwrap();
    fs::write(here.path().join("x"), "x").unwrap();
    fs::write(here.path().join("example.org"), "x").unwrap();
    for (args, meant, server) in [
        (&["mirror", "src", "src2"][..], "./src2", "ftp://src2/"),
        (&["mirror", "src2", "src"], "./src2", "ftp://src2/"),
        (&["put", "x", "y.txt"], "./y.txt", "ftp://y.txt/"),
        (&["put", "x", "example.org"], "./example.org", "ftp://example.org/"),
        (&["put", "x", "src/y"], "./src/y", "ftp://src/y/"),
        (&["get", "example.org"], "./example.org", "ftp://example.org/"),
        (&["ls", "notes.txt"], "./notes.txt", "ftp://notes.txt/"),
    ] {
        let said = err(&ftpane(here.path(), args).code(2));
        assert!(said.contains(&format!("did you mean {meant} on this machine")) && said.contains(server), "{args:?}: {said}");
        assert!(!said.contains("look up"), "{args:?}: {said}");
    }
}
