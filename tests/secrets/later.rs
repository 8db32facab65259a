//! What gave the password for the first login gives it for every later one of the account, until the server refuses it.

use std::fs;

use crate::rig::{Home, PASSWORD, holds, url};
use crate::support::cli::err;
use crate::support::script::ScriptServer;

/// A server with one file of four bytes. It breaks off the first download; `logins` says what it makes of the password after the first
/// login.
fn fickle(logins: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "include rules-hostile.ftp\n\
         on PASS {PASSWORD} (1 times) -> 230 Welcome\n\
         {logins}\
         on PASS * -> 530 No\n\
         on RETR * (1 times):\n    S: 150 here\n    drop\n\
         on RETR * (1 times):\n    S: 150 here\n    drop\n\
         S: 220 Ready\nserve\n"
    ))
}

/// Drops two logins, then takes all.
fn dropping() -> ScriptServer {
    fickle(&format!("on PASS {PASSWORD} (2 times):\n    drop\non PASS {PASSWORD} -> 230 Welcome\n"))
}

fn passwords(server: &ScriptServer) -> Vec<String> {
    let commands = server.finished().commands().to_vec();
    commands.iter().filter_map(|line| String::from_utf8_lossy(line).strip_prefix("PASS ").map(str::to_owned)).collect()
}

/// Copies the file, with the password given in a way that holds for the whole run.
fn run(home: &Home, args: &[&str], way: &str) -> assert_cmd::assert::Assert {
    home.file("secret", PASSWORD);
    let print = format!("cat {}/secret; echo once >>{}/asked", home.path().display(), home.path().display());
    let mut args = args.to_vec();
    if way == "command" {
        args.extend(["--password-command", &print]);
    }
    let mut command = home.ftpane(&args);
    if way == "environment" {
        command.env("FTPANE_PASSWORD", PASSWORD);
    }
    command.assert()
}

#[test]
fn connections_after_a_drop_log_in_with_what_let_in_the_first_one() {
    for way in ["environment", "command"] {
        let (home, server) = (Home::new(), dropping());
        let assert = run(&home, &["get", "--retries", "9", &url(&server, "a.bin"), "down.bin"], way).code(0);
        assert_eq!(fs::read(home.path().join("down.bin")).unwrap(), b"evil", "{}", err(&assert));
        let said = passwords(&server);
        assert!(said.len() >= 4 && said.iter().all(|said| said == PASSWORD), "{said:?}");
        if way == "command" {
            assert_eq!(fs::read_to_string(home.path().join("asked")).unwrap(), "once\n", "the command runs once");
        }
    }
}

#[test]
fn what_is_gone_on_with_from_the_journal_logs_in_again_and_again_with_what_was_given() {
    for way in ["environment", "command"] {
        let (home, server) = (Home::new(), dropping());
        run(&home, &["get", "--retries", "0", &url(&server, "a.bin"), "down.bin"], way).code(1);
        assert!(!home.path().join("down.bin").exists());
        let assert = run(&home, &["queue", "--resume", "--retries", "9"], way).code(0);
        assert_eq!(fs::read(home.path().join("down.bin")).unwrap(), b"evil", "{}", err(&assert));
        let said = passwords(&server);
        assert!(said.len() >= 5 && said.iter().all(|said| said == PASSWORD), "{said:?}");
    }
}

#[test]
fn a_password_that_the_server_refuses_later_ends_with_its_words_and_is_not_said_again_and_again() {
    let (home, server) = (Home::new(), fickle(""));
    run(&home, &["get", "--retries", "0", &url(&server, "a.bin"), "down.bin"], "environment").code(1);
    let before = passwords(&server).len();
    let assert = run(&home, &["queue", "--resume", "--retries", "9"], "environment").code(3);
    assert!(err(&assert).contains("530 No") && !holds(&assert.get_output().stderr), "{}", err(&assert));
    assert_eq!(passwords(&server).len(), before + 1, "{}", err(&assert));
    assert!(!home.path().join("down.bin").exists());
}

#[test]
fn without_anybody_to_ask_going_on_is_no_login_and_says_what_helps() {
    let (home, server) = (Home::new(), dropping());
    run(&home, &["get", "--retries", "0", &url(&server, "a.bin"), "one"], "environment").code(1);
    let assert = run(&home, &["queue", "--resume"], "").code(3);
    assert!(err(&assert).contains("give it by FTPANE_PASSWORD or --password-command"), "{}", err(&assert));

    // What was given is for one of two logins, and nobody knows for which.
    let other = dropping();
    run(&home, &["get", "--retries", "0", &url(&other, "a.bin"), "two"], "environment").code(1);
    let (before, before_other) = (passwords(&server).len(), passwords(&other).len());
    for way in ["environment", "command", ""] {
        let said = err(&run(&home, &["queue", "--resume"], way).code(3));
        assert_eq!(said.contains("it is not used"), !way.is_empty(), "{way}: {said}");
        assert!(said.contains("sites password") && said.contains("queue --resume NUMBER"), "{way}: {said}");
        assert!(!said.contains("give it by FTPANE_PASSWORD"), "{way}: {said}");
    }
    assert_eq!((passwords(&server).len(), passwords(&other).len()), (before, before_other), "no server is told another's");
    // One at a time, as was said.
    for (number, name) in [("1", "one"), ("2", "two")] {
        run(&home, &["queue", "--resume", number, "--retries", "9"], "environment").code(0);
        assert_eq!(fs::read(home.path().join(name)).unwrap(), b"evil");
    }
}

#[test]
fn going_on_asks_for_the_password_where_there_is_a_terminal() {
    let (home, server) = (Home::new(), dropping());
    run(&home, &["get", "--retries", "0", &url(&server, "a.bin"), "down.bin"], "environment").code(1);
    let mut screen = home.terminal(&["queue", "--resume", "--retries", "9"]).start();
    screen.wait_text("Password for tester");
    screen.keys(&format!("{PASSWORD}\r"));
    assert!(screen.wait_exit().success(), "{}", screen.view().text());
    assert_eq!(fs::read(home.path().join("down.bin")).unwrap(), b"evil");
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()), "it was shown");
}
