//! A known password is searched for in all that the program writes, shows, and hands to what it starts.

use std::fs;
use std::process::Stdio;

use crate::rig::{Home, PASSWORD, holds, server, url};
use crate::support::pty::Key;
use crate::support::wait::{DEADLINE, until, wait_for};

/// The ways to give a password, as arguments, environment and a file that holds it.
const WAYS: [&str; 4] = ["url", "environment", "command", "netrc"];

/// Tells what a child of ours is started with and by whom: arguments, environment, open files; of its parent too.
const SPY: &str =
    "for pid in $$ $PPID; do cat /proc/$pid/cmdline /proc/$pid/environ; echo; ls -l /proc/$pid/fd; done >>\"$HOME/spied\" 2>&1; exit 0\n";

fn given(home: &Home, way: &str, args: &[&str], url: &str) -> assert_cmd::assert::Assert {
    let with_password = url.replacen('@', &format!(":{PASSWORD}@"), 1);
    let secret = home.file("secret", &format!("{PASSWORD}\n"));
    let spy = home.file("spy.sh", SPY);
    let print = format!("sh {}; cat {}", spy.display(), secret.display());
    let _ = fs::remove_file(home.path().join(".netrc"));
    let (url, extra, environment) = match way {
        "url" => (with_password.as_str(), vec![], None),
        "environment" => (url, vec![], Some(PASSWORD)),
        "command" => (url, vec!["--password-command", print.as_str()], None),
        _ => {
            home.file(".netrc", &format!("machine 127.0.0.1 login tester password {PASSWORD}\n"));
            (url, vec![], None)
        }
    };
    let args: Vec<_> = args.iter().copied().map(|arg| if arg == "URL" { url } else { arg }).chain(extra).collect();
    let mut command = home.ftpane(&args);
    if let Some(environment) = environment {
        command.env("FTPANE_PASSWORD", environment);
    }
    command.assert()
}

/// Both streams, and every file but those that the test made to hold it.
fn assert_nowhere(home: &Home, assert: &assert_cmd::assert::Assert, what: &str) {
    let output = assert.get_output();
    assert!(!holds(&output.stdout), "{what}: on standard output: {}", String::from_utf8_lossy(&output.stdout));
    assert!(!holds(&output.stderr), "{what}: on standard error: {}", String::from_utf8_lossy(&output.stderr));
    home.assert_holds_none(&["secret", ".netrc"], what);
}

#[test]
fn logins_copies_and_failures_leave_the_password_in_no_file_and_no_stream() {
    for way in WAYS {
        let home = Home::new();
        let server = server();
        home.file("up.txt", "text");
        for (args, path, code) in [
            (&["ls", "--log", "wire.log", "URL"][..], "", 0),
            (&["get", "--log", "wire.log", "--json", "URL", "down.txt"], "a.txt", 0),
            (&["put", "--log", "wire.log", "up.txt", "URL"], "a.txt", 0),
            (&["sites", "add", "work", "URL"], "", 0),
        ] {
            let assert = given(&home, way, args, &url(&server, path)).code(code);
            assert_nowhere(&home, &assert, &format!("{way} {args:?}"));
        }
        assert_nowhere(&home, &home.ftpane(&["queue", "--history"]).assert().code(0), way);
        assert_nowhere(&home, &home.ftpane(&["sites", "export"]).assert().code(0), way);
        let log = fs::read_to_string(home.path().join("wire.log")).unwrap();
        assert!(log.contains("> PASS ****") && log.contains("Welcome, ****"), "{log}");
        if way == "command" {
            assert!(home.path().join("spied").exists(), "the command did not run");
        }
    }
}

#[test]
fn a_login_that_fails_repeats_no_password_though_the_server_does() {
    for way in WAYS {
        let home = Home::new();
        let server = crate::support::script::ScriptServer::play("c08-echoes-the-password");
        let assert = given(&home, way, &["get", "--log", "wire.log", "URL", "down.txt"], &url(&server, "a.txt")).code(3);
        assert_nowhere(&home, &assert, way);
        assert!(String::from_utf8_lossy(&assert.get_output().stderr).contains("****"), "{assert:?}");
    }
}

#[test]
fn a_run_that_is_killed_leaves_a_journal_without_the_password() {
    let home = Home::new();
    let server = crate::support::script::ScriptServer::play_text(
        "include rules-login.ftp\ninclude rules-epsv.ftp\non SIZE * -> 213 1000000\non MLST * -> 550 no\non CWD *a.bin -> 550 no\non MDTM * -> 550 no\n\
         on RETR *:\n    S: 150 here\n    data send \"some\"\n    data stall\nS: 220 Ready\nserve\n",
    );
    let mut command = std::process::Command::new(crate::support::cli::PROGRAM);
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).args(["get", &url(&server, "a.bin"), "down.bin"]);
    command.env("FTPANE_PASSWORD", PASSWORD).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(home.path().join("err")).unwrap());
    let mut child = command.spawn().unwrap();
    let journal = home.path().join(".local/state/ftpane/journal.db");
    let begun = until(DEADLINE, || {
        let part = home.path().join(".down.bin.ftpane-part");
        (journal.exists() && fs::metadata(part).is_ok_and(|meta| meta.len() > 0)).then_some(())
    });
    let seen = |file: &str| fs::read(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
    let (environment, line) = (seen("environ"), seen("cmdline"));
    child.kill().unwrap();
    child.wait().unwrap();
    let err = fs::read_to_string(home.path().join("err")).unwrap();
    assert!(begun.is_some() && !line.is_empty(), "it did not begin, or ended: {err}");
    assert!(!holds(&environment) && !holds(&line));
    home.assert_holds_none(&[], "killed");
}

#[test]
fn what_the_panes_start_inherits_no_password_and_no_open_pipe() {
    let home = Home::new();
    let server = server();
    let editor = home.file("editor.sh", SPY);
    let with_password = url(&server, "").replacen('@', &format!(":{PASSWORD}@"), 1);
    let log = home.path().join("wire.log");
    let mut screen = home
        .terminal(&["--log", log.to_str().unwrap(), &with_password])
        .env("EDITOR", format!("sh {}", editor.display()))
        .env("FTPANE_PASSWORD", PASSWORD)
        .start();
    let (col, row) = screen.wait_find("a.txt");
    screen.click(col, row);
    screen.key(Key::F(4));
    let spied = home.path().join("spied");
    wait_for("the editor", || fs::read_to_string(&spied).is_ok_and(|text| text.matches("/fd").count() > 0 || text.contains("total")));
    screen.wait_text("a.txt");
    screen.keys("L");
    screen.wait_text(" Log ");
    screen.keys("L");
    screen.wait_gone(" Log ");
    screen.key(Key::F(10));
    screen.wait_for("the end or a question", |view| view.text().contains("uit") || view.text().trim().is_empty());
    if screen.running() {
        screen.key(Key::Enter);
    }
    screen.wait_exit();
    let text = fs::read_to_string(&spied).unwrap();
    let child = text.split("\ntotal").nth(1).unwrap_or_default();
    assert!(!child.contains("pipe:"), "the editor inherited a pipe: {text}");
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()), "the password was on the terminal");
    home.assert_holds_none(&[], "panes");
}
