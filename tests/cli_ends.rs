//! How a run without a screen ends: what counts as done, what is tried again, and what one bad server means for the others.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assert_cmd::Command;
use ftpane::demo;
use support::cli::{PROGRAM, base, each, err, ftpane, objects, out};

/// A server that says 421 to everybody; its port, and how many came.
fn busy() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            // Who has gone already has been counted.
            let _ = stream.unwrap().write_all(b"421 Too busy.\r\n");
        }
    });
    (port, came)
}

#[test]
fn results_that_cannot_be_written_are_no_success() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let here = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "text").unwrap();
    let server = demo::serve(root.path()).unwrap();
    ftpane(here.path(), &["sites", "add", "site", "ftp://h/"]).code(0);
    for args in [
        format!("ls {}/", base(&server)),
        format!("get --json {}/a got", base(&server)),
        format!("get {}/a -", base(&server)),
        "sites list".to_owned(),
    ] {
        let line = format!("exec '{PROGRAM}' {args} > /dev/full");
        let mut shell = Command::new("sh");
        let assert = shell.args(["-c", &line]).env("HOME", here.path().join("home")).current_dir(here.path()).assert().code(1);
        assert!(err(&assert).contains("No space left"), "{args}: {}", err(&assert));
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure_to_speak_of() {
    let here = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), vec![b'x'; 4_000_000]).unwrap();
    let server = demo::serve(root.path()).unwrap();
    for args in [format!("ls {}/", base(&server)), format!("get {}/a -", base(&server))] {
        let line = format!("'{PROGRAM}' {args} | head -c 1 > /dev/null");
        let mut shell = Command::new("sh");
        let assert = shell.args(["-c", &line]).env("HOME", here.path().join("home")).current_dir(here.path()).assert().code(0);
        assert!(!err(&assert).contains("failed"), "{args}: {}", err(&assert));
    }
}

#[test]
fn a_busy_server_is_tried_again_by_every_command_as_often_as_asked_for() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("f"), "text").unwrap();
    for (args, retries, tries) in [(&["ls"][..], "1", 2), (&["get"], "1", 2), (&["put", "f"], "1", 2), (&["get"], "0", 1)] {
        let (port, came) = busy();
        let url = format!("ftp://127.0.0.1:{port}/x");
        let assert = ftpane(here.path(), &[args, &["--retries", retries, &url]].concat()).code(3);
        assert!(err(&assert).contains("421 Too busy"), "{}", err(&assert));
        assert_eq!(came.load(Ordering::SeqCst), tries, "{args:?}");
    }
}

#[test]
fn a_login_that_fails_on_one_server_does_not_keep_the_others_files_away() {
    let here = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "text").unwrap();
    let server = demo::serve(root.path()).unwrap();
    let wrong = base(&server).replacen("ftp://", "ftp://nobody:wrong@", 1);
    let wrong = match wrong.matches('@').count() {
        1 => wrong,
        _ => format!("ftp://nobody:wrong@{}", base(&server).rsplit('@').next().unwrap()),
    };
    let assert = ftpane(here.path(), &["get", &format!("{wrong}/b"), &format!("{}/a", base(&server)), "."]).code(1);
    assert!(err(&assert).contains("cannot log in as nobody"), "{}", err(&assert));
    assert_eq!(fs::read_to_string(here.path().join("a")).unwrap(), "text");
}

#[test]
fn what_is_missing_is_told_in_the_servers_words_and_its_target_stays() {
    each(|name, _, url| {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("kept"), "mine").unwrap();
        for args in [&["get"][..], &["get", "-r"]] {
            let assert = ftpane(here.path(), &[args, &[&url("/missing"), "kept"]].concat()).code(1);
            assert!(err(&assert).contains("55"), "{name}: {}", err(&assert));
            assert_eq!(fs::read_to_string(here.path().join("kept")).unwrap(), "mine", "{name}");
        }
        // A rule that leaves what is there alone makes no success of it.
        ftpane(here.path(), &["get", "--existing=skip", &url("/missing"), "kept"]).code(1);
        let rest: Vec<_> =
            fs::read_dir(here.path()).unwrap().map(|entry| entry.unwrap().file_name()).filter(|name| name != "home").collect();
        assert_eq!(rest, ["kept"], "{name}");
        // A slash at the end asks for a directory.
        ftpane(here.path(), &["put", "kept", &url("/file")]).code(0);
        ftpane(here.path(), &["ls", &url("/file")]).code(0);
        ftpane(here.path(), &["ls", &url("/file/")]).code(1);
    });
}

/// Waits until a file is there and holds something.
fn wait_for(path: &Path) {
    let there = support::wait::until(support::wait::DEADLINE, || fs::metadata(path).is_ok_and(|found| found.len() > 0).then_some(()));
    there.unwrap_or_else(|| panic!("{} never came", path.display()));
}

#[test]
fn a_file_that_another_run_is_writing_is_left_to_it() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(root.path().join("a"), vec![b'x'; 3_000_000]).unwrap();
    // What is changed within the second in which it was made cannot be told from what was not: servers tell no more of times.
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(4000);
    fs::File::options().write(true).open(root.path().join("a")).unwrap().set_modified(long_ago).unwrap();
    let server = demo::serve(root.path()).unwrap();
    let url = format!("{}/a", base(&server));
    let mut first = std::process::Command::new(PROGRAM);
    let first = first.args(["get", "--limit", "1M", &url, "."]).env_clear().env("HOME", here.path().join("home")).current_dir(here.path());
    let mut first = first.stderr(std::process::Stdio::null()).spawn().unwrap();
    wait_for(&here.path().join(".a.ftpane-part"));
    fs::write(root.path().join("a"), vec![b'y'; 3_000_000]).unwrap();
    let assert = ftpane(here.path(), &["get", "--retries", "0", &url, "."]).code(1);
    assert!(err(&assert).contains("another program is writing it"), "{}", err(&assert));
    first.wait().unwrap();
    let bytes = fs::read(here.path().join("a")).unwrap();
    assert!(bytes.len() == 3_000_000 && bytes.windows(2).all(|two| two[0] == two[1]), "no mixture");
}

#[test]
fn what_comes_through_a_pipe_is_sent_once_and_never_waited_for_again() {
    let (here, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = demo::serve(root.path()).unwrap();
    let pipe = here.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let feeder = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, "through").unwrap()
    });
    ftpane(here.path(), &["put", "pipe", &format!("{}/sent", base(&server))]).code(0);
    feeder.join().unwrap();
    assert_eq!(fs::read_to_string(root.path().join("sent")).unwrap(), "through");
    // Nobody feeds it now; the run that waits for that is killed.
    let mut waiting = std::process::Command::new(PROGRAM);
    let waiting = waiting.args(["put", "pipe", &format!("{}/none", base(&server))]).env_clear().env("HOME", here.path().join("home"));
    let mut waiting = waiting.current_dir(here.path()).stderr(std::process::Stdio::null()).spawn().unwrap();
    // A pipe can be opened so only once somebody waits at its other end.
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    let open = || fs::File::options().write(true).custom_flags(nonblocking).open(&pipe).ok();
    let other_end = support::wait::until(support::wait::DEADLINE, open).expect("the pipe is read");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    drop(other_end);
    let listed = || out(&ftpane(here.path(), &["queue"]).code(0));
    assert!(listed().contains("pipe"), "{}", listed());
    let url = base(&server);
    let (login, _) = url.rsplit_once('@').unwrap();
    let password = login.rsplit(':').next().unwrap();
    let assert = ftpane(here.path(), &["queue", "--resume", "--password-command", &format!("echo {password}")]).code(1);
    assert!(err(&assert).contains("it is no regular file"), "{}", err(&assert));
    assert!(!listed().contains("pipe"), "{}", listed());
}

#[test]
fn a_journal_that_cannot_be_read_is_no_journal_with_nothing_in_it() {
    let here = tempfile::tempdir().unwrap();
    // Something is where the journal would be, in a directory that is as private as it has to be.
    let state = here.path().join("home/.local/state/ftpane");
    fs::create_dir_all(state.join("journal.db")).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
    for args in [&["queue"][..], &["queue", "--resume"], &["queue", "--history"], &["queue", "--discard", "3"]] {
        let assert = ftpane(here.path(), args).code(1);
        let said = err(&assert);
        assert!(said.contains("journal.db") && !said.contains("nothing is unfinished") && !said.contains("number"), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn sources_that_are_not_there_are_told_and_counted_like_whatever_else_fails() {
    let here = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(here.path().join("a"), "text").unwrap();
    let server = demo::serve(root.path()).unwrap();
    let target = format!("{}/", base(&server));
    for (sources, done, failed) in [(&["a", "gone"][..], 1, 1), (&["gone", "too"], 0, 2)] {
        let args: Vec<&str> = ["put", "--json"].into_iter().chain(sources.iter().copied()).chain([target.as_str()]).collect();
        let assert = ftpane(here.path(), &args).code(1);
        let (said, rows) = (out(&assert), objects(&assert));
        let of = |state: &str| rows.iter().filter(|row| row["type"] == "transfer" && row["state"] == state).count();
        assert_eq!((of("done"), of("failed")), (done, failed), "{said}");
        let summary = rows.last().unwrap();
        assert_eq!((&summary["type"], &summary["done"], &summary["failed"]), (&"summary".into(), &done.into(), &failed.into()), "{said}");
        assert!(err(&assert).contains("gone") && err(&assert).contains("there is no such file"), "{}", err(&assert));
    }
}

#[test]
fn what_is_kept_with_what_is_unfinished_cannot_be_said_anew() {
    let here = tempfile::tempdir().unwrap();
    for option in ["--timeout=5", "--mode=active", "--tls=off"] {
        let assert = ftpane(here.path(), &["queue", "--resume", option]).code(2);
        assert!(err(&assert).contains("kept from before"), "{}", err(&assert));
    }
    ftpane(here.path(), &["queue", "--resume", "--limit=2M", "--retries=1", "--proxy=none", "-4"]).code(0);
}
