//! The command line from outside: usage, exit codes, saved sites, passwords.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use ftpane::demo;
use support::cli::{PROGRAM, err, out};

/// A home directory of its own, and the program in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn ftpane(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().envs(self.variables()).current_dir(self.0.path()).timeout(support::wait::DEADLINE);
        command
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let home = self.0.path().to_str().unwrap().to_owned();
        vec![("HOME", home.clone()), ("XDG_CONFIG_HOME", format!("{home}/config")), ("PATH", std::env::var("PATH").unwrap())]
    }

    fn run(&self, args: &[&str]) -> Assert {
        self.ftpane().args(args).assert()
    }

    fn sites_file(&self) -> std::path::PathBuf {
        self.0.path().join("config/ftpane/sites.toml")
    }
}

/// A port that is listened on, to prove that nobody connects.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn served(files: &[(&str, &str)]) -> (tempfile::TempDir, demo::Server) {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(root.path().join(name), text).unwrap();
    }
    let server = demo::serve(root.path()).unwrap();
    (root, server)
}

#[test]
fn help_teaches_and_version_tells_on_standard_output() {
    let home = Home::new();
    let help = home.run(&["--help"]).code(0);
    for taught in ["Examples:", "ftpane get -r", "Passwords, in this order", "Exit codes", "completions"] {
        assert!(out(&help).contains(taught), "{taught}");
    }
    assert!(out(&home.run(&["--version"]).code(0)).starts_with("ftpane "));
    assert!(out(&home.run(&["get", "--help"]).code(0)).contains("Several sources need an"));
    assert!(out(&home.run(&["man"]).code(0)).contains(".TH ftpane"));
    assert!(out(&home.run(&["completions", "bash"]).code(0)).contains("_ftpane"));
}

#[test]
fn wrong_usage_is_exit_2_with_words_on_standard_error() {
    let home = Home::new();
    fs::create_dir(home.0.path().join("dir")).unwrap();
    for args in [
        &["ls"][..],
        &["ls", "/tmp"],
        &["ls", "http://h/"],
        &["ls", "ftp://h:0/"],
        &["ls", "ftp://h/a%0d%0aDELE"],
        &["get", "--existing=maybe", "ftp://h/x"],
        &["get", "ftp://h/dir/"],
        &["get", "ftp://h/a", "ftp://h/b", "missing"],
        &["get", "ftp://h/a", "no/such/dir"],
        &["get", "--json", "ftp://h/a", "-"],
        &["get", "dir"],
        &["put", "dir", "ftp://h/"],
        &["put", "ftp://h/a", "ftp://h/b"],
        &["put", "a", "/tmp"],
        &["a", "b", "c"],
        &["nosuch:nothing"],
        &["-"],
        &["put", "a"],
        &["put", "-r", "a", "-q"],
        &["dir", "-q", "dir", "--no-mouse", "dir"],
    ] {
        let assert = home.run(args).code(2);
        assert!(!err(&assert).is_empty() && out(&assert).is_empty(), "{args:?}");
    }
}

#[test]
fn what_was_meant_is_named_where_a_letter_or_a_scheme_is_missing() {
    let home = Home::new();
    home.run(&["sites", "add", "lss2", "ftp://h/"]).code(0);
    for (args, words) in [
        (&["lss", "x"][..], "no command and no site is called lss; did you mean ftpane ls? For a server of that name write ftp://lss/"),
        (&["gte", "ftp://h/x"], "did you mean ftpane get?"),
        (&["lss", "-l", "ftp://h/"], "did you mean ftpane ls?"),
        (&["upload", "a", "ftp://h/"], "did you mean ftpane put?"),
        (&["get", "host:path/x"], "did you mean ftp://host/path/x?"),
        (&["put", ".", "host:path/x"], "did you mean ftp://host/path/x?"),
        (&["ls", "ftp:/host/x"], "did you mean ftp://host/x?"),
        (&["get", "ftp://h/a", "127.0.0.1:2121/x/y"], "make that first; for a server write ftp://127.0.0.1:2121/x/y"),
        (&["mirror", "127.0.0.1:2121/a", "127.0.0.1:2122/b/c"], "for a server write ftp://127.0.0.1:2122/b/c"),
    ] {
        let told = err(&home.run(args).code(2));
        assert!(told.contains(words), "{args:?}: {told}");
    }
}

#[test]
fn demands_of_tls_that_contradict_each_other_are_wrong_usage_before_anything_is_sent() {
    let home = Home::new();
    let (listener, port) = listener();
    let at = |scheme: &str| format!("{scheme}://127.0.0.1:{port}/x");
    home.run(&["sites", "add", "safe", &at("ftps")]).code(0);
    for args in [
        &["ls", "--tls=off", &at("ftps")][..],
        &["ls", "--tls=off", &at("ftpes")],
        &["get", "--tls=implicit", &at("ftpes")],
        &["ls", "--tls=off", "safe:x"],
        &["ls", "--tls=off", "--insecure", &at("ftp")],
        &["ls", "--cacert", "nowhere.pem", &at("ftp")],
        &["ls", "--client-cert", "nowhere.pem", &at("ftp")],
        &["ls", "--client-key", "nowhere.pem", &at("ftp")],
        &["ls", "--trust", "00", &at("ftp")],
        &["ls", "--tls-min", "1.1", &at("ftp")],
        &["demo", "--cacert", "nowhere.pem"],
        &["--tls=off", &at("ftpes")],
    ] {
        let assert = home.run(args).code(2);
        assert!(!err(&assert).is_empty(), "{args:?}");
    }
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn no_connection_and_no_login_are_exit_3() {
    let home = Home::new();
    let (_root, server) = served(&[("a", "")]);
    let (listener, port) = listener();
    drop(listener);
    home.run(&["ls", "--retries=0", &format!("ftp://127.0.0.1:{port}/")]).code(3);
    home.run(&["get", "--retries=0", &format!("ftp://127.0.0.1:{port}/x")]).code(3);
    let wrong = format!("ftp://{}:wrong@127.0.0.1:{}/a", demo::USER, server.port());
    for args in [&["ls", &wrong][..], &["get", &wrong, "b"]] {
        let assert = home.run(args).code(3);
        assert!(err(&assert).contains("530") && !err(&assert).contains("wrong"), "{}", err(&assert));
    }
}

#[test]
fn without_a_terminal_a_password_is_not_asked_for() {
    let home = Home::new();
    let (_root, server) = served(&[("a", "")]);
    let url = format!("ftp://{}@127.0.0.1:{}/", demo::USER, server.port());
    for command in ["ls", "get"] {
        let mut process = Command::new("setsid");
        let assert = process
            .env_clear()
            .envs(home.variables())
            .args(["--wait", PROGRAM, command, "-r", &url])
            .timeout(support::wait::DEADLINE)
            .assert();
        if command == "ls" {
            // -r is get's.
            assert.code(2);
            let mut process = Command::new("setsid");
            let assert = process
                .env_clear()
                .envs(home.variables())
                .args(["--wait", PROGRAM, "ls", &url])
                .timeout(support::wait::DEADLINE)
                .assert()
                .code(3);
            assert!(err(&assert).contains("FTPANE_PASSWORD"), "{}", err(&assert));
        } else {
            assert!(err(&assert.code(3)).contains("FTPANE_PASSWORD"));
        }
    }
}

#[test]
fn a_password_comes_from_the_url_then_the_command_then_the_environment() {
    let home = Home::new();
    let (_root, server) = served(&[("a.txt", "")]);
    let at = |login: &str| format!("ftp://{login}@127.0.0.1:{}/", server.port());
    let (user, right) = (demo::USER, demo::PASSWORD);
    let print = format!("echo {right}; echo noise >&2");
    let good = |command: &mut Command| {
        let assert = command.assert().code(0);
        assert_eq!(out(&assert), "a.txt\n");
        err(&assert)
    };
    good(home.ftpane().env("FTPANE_PASSWORD", "wrong").args(["--password-command", "echo wrong", "ls", &at(&format!("{user}:{right}"))]));
    let said = good(home.ftpane().env("FTPANE_PASSWORD", "wrong").args(["--password-command", &print, "ls", &at(user)]));
    assert!(said.contains("noise"), "the command's own errors pass through");
    good(home.ftpane().env("FTPANE_PASSWORD", right).args(["ls", &at(user)]));
    let failed = home.ftpane().env("FTPANE_PASSWORD", right).args(["--password-command", "exit 4", "ls", &at(user)]).assert().code(3);
    assert!(err(&failed).contains("--password-command"));
}

/// A server that says nothing, and the program that waits for it.
fn waiting(home: &Home, url: impl Fn(u16) -> String, password: Option<&str>) -> (Child, std::net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut command = Process::new(PROGRAM);
    command.env_clear().envs(home.variables()).args(["ls", &url(port)]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(password) = password {
        command.env("FTPANE_PASSWORD", password);
    }
    let child = command.spawn().unwrap();
    listener.set_nonblocking(true).unwrap();
    let stream = support::wait::until(support::wait::DEADLINE, || listener.accept().ok()).expect("nobody connected").0;
    (child, stream)
}

#[test]
fn a_password_is_neither_in_the_process_list_nor_in_the_environment() {
    let home = Home::new();
    for (user, password) in [("u:hunter2", None), ("u", Some("hunter2"))] {
        let (mut child, mut stream) = waiting(&home, |port| format!("ftp://{user}@127.0.0.1:{port}/"), password);
        let seen = |file: &str| String::from_utf8_lossy(&fs::read(format!("/proc/{}/{file}", child.id())).unwrap()).replace('\0', " ");
        let (line, environment) = (seen("cmdline"), seen("environ"));
        assert!(line.contains("ftp://u@127.0.0.1") && !line.contains("hunter2"), "{line}");
        assert!(!environment.contains("hunter2"), "{environment}");
        assert_eq!(fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap(), "ftpane\n");
        // It arrives where it belongs all the same.
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(support::wait::DEADLINE)).unwrap();
        stream.write_all(b"220 hello\r\n").unwrap();
        let mut heard = Vec::new();
        let mut block = [0; 256];
        while !heard.windows(14).any(|window| window == b"PASS hunter2\r\n") {
            let count = stream.read(&mut block).unwrap();
            assert!(count > 0, "{}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&block[..count]);
            if heard.ends_with(b"AUTH TLS\r\n") {
                stream.write_all(b"502 no\r\n").unwrap();
            }
            if heard.ends_with(b"USER u\r\n") {
                stream.write_all(b"331 go on\r\n").unwrap();
            }
        }
        drop(stream);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn ctrl_c_ends_with_130() {
    let home = Home::new();
    let (mut child, stream) = waiting(&home, |port| format!("ftp://127.0.0.1:{port}/"), None);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = support::wait::until(support::wait::DEADLINE, || child.try_wait().unwrap()).expect("it still runs");
    assert_eq!(status.code(), Some(130));
    drop(stream);
}

#[test]
fn sites_are_added_listed_used_and_removed() {
    let home = Home::new();
    let (_root, server) = served(&[("a.txt", "text")]);
    let url = format!("ftp://{}:{}@127.0.0.1:{}/", demo::USER, demo::PASSWORD, server.port());
    let added = home.run(&["sites", "add", "my work", &url]).code(0);
    assert!(err(&added).contains("without the password"));
    let text = fs::read_to_string(home.sites_file()).unwrap();
    assert!(!text.contains(&format!(":{}@", demo::PASSWORD)) && !text.contains("password"), "{text}");
    assert_eq!(out(&home.run(&["sites", "list"]).code(0)), format!("my work\tftp://{}@127.0.0.1:{}\n", demo::USER, server.port()));
    let listed: serde_json::Value = serde_json::from_str(&out(&home.run(&["sites", "list", "--json"]).code(0))).unwrap();
    assert_eq!(listed["name"], "my work");
    assert!(err(&home.run(&["sites", "add", "my work", "ftp://h"]).code(2)).contains("saved already"));
    let list = home.ftpane().env("FTPANE_PASSWORD", demo::PASSWORD).args(["ls", "my work"]).assert().code(0);
    assert_eq!(out(&list), "a.txt\n");
    home.ftpane().env("FTPANE_PASSWORD", demo::PASSWORD).args(["get", "my work:a.txt", "b.txt"]).assert().code(0);
    assert_eq!(fs::read_to_string(home.0.path().join("b.txt")).unwrap(), "text");
    home.run(&["sites", "remove", "my work"]).code(0);
    assert!(err(&home.run(&["sites", "remove", "my work"]).code(2)).contains("no site called my work"));
    assert_eq!(out(&home.run(&["sites", "list"]).code(0)), "");
}

#[test]
fn files_are_private_and_a_broken_one_is_named_and_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.run(&["sites", "add", "a", "ftp://h/"]).code(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.sites_file()), mode(home.sites_file().parent().unwrap())), (0o600, 0o700));
    fs::set_permissions(home.sites_file(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(err(&home.run(&["sites", "list"]).code(0)).contains("could be reached by others"));
    assert_eq!(mode(&home.sites_file()), 0o600);
    for (broken, place) in [("[[site]]\nname = \"a\"\nurl = \"ftp://h\"\ncolour = 1\n", ":4:1:"), ("[[site]\n", ":1:")] {
        fs::write(home.sites_file(), broken).unwrap();
        for args in [&["sites", "list"][..], &["sites", "add", "b", "ftp://h"], &["sites", "remove", "a"], &["ls", "a"]] {
            let assert = home.run(args).code(2);
            assert!(err(&assert).contains(&format!("sites.toml{place}")), "{args:?}: {}", err(&assert));
        }
        assert_eq!(fs::read_to_string(home.sites_file()).unwrap(), broken);
    }
}

#[test]
fn the_log_has_every_step_and_no_password() {
    let home = Home::new();
    let (_root, server) = served(&[("a.txt", "")]);
    home.run(&["--log", "wire.log", "ls", &server.url()]).code(0);
    let log = fs::read_to_string(home.0.path().join("wire.log")).unwrap();
    for step in ["> USER", "> PASS ****", "< 2", "data connection", "> QUIT"] {
        assert!(log.contains(step), "{step} is not in\n{log}");
    }
    assert!(!log.contains(demo::PASSWORD), "{log}");
}
