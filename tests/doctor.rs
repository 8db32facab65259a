//! `ftpane doctor`: against every real server, plain and with TLS, and against scripted ones that fail at one step.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::net::TcpListener;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::assert::Assert;
use serde_json::Value;
use support::certs::{Cert, authority};
use support::cli::{PROGRAM, err, ftpane, objects, out};
use support::script::ScriptServer;
use support::servers::{self, Kind};
use support::tree::{Tree, pattern};

/// What was said of a step.
fn step<'a>(all: &'a [Value], name: &str) -> &'a Value {
    let mut steps = all.iter().filter(|object| object["type"] == "step" && object["step"] == name);
    steps.next_back().unwrap_or_else(|| panic!("nothing was said of {name}: {all:#?}"))
}

fn verdict<'a>(all: &'a [Value], name: &str) -> &'a str {
    step(all, name)["verdict"].as_str().unwrap()
}

/// A server that answers as these rules say before the usual ones.
fn scripted(rules: &str) -> ScriptServer {
    let usual = "on REST * -> 350 OK\non RETR *a.txt:\n    S: 150 Here\n    data send repeat 100 \"0123456789\"\n    data fin\n    S: 226 Done\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\non STAT* -> 502 no\n";
    ScriptServer::play_text(&format!("{rules}\n{usual}S: 220 Ready\nserve\n"))
}

/// An examination as objects.
fn examined(url: &str, more: &[&str]) -> (Assert, Vec<Value>) {
    let here = tempfile::tempdir().unwrap();
    let run = ftpane(here.path(), &[&["doctor", "--json", "--timeout", "2"], more, &[url]].concat());
    let all = objects(&run);
    (run, all)
}

fn code(run: &Assert) -> Option<i32> {
    run.get_output().status.code()
}

#[test]
fn every_server_is_found_to_work_plain_and_nothing_is_left_on_it() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.start();
        server.fill(&Tree::new().file("a.bin", pattern(300_000, 3)).file("up/keep.txt", "here"));
        let before = server.files();
        let (run, all) = examined(&server.url_with_password(""), &["--connections", "2", "--write", "up"]);
        let said = format!("{}: {}\n{all:#?}\n{}", kind.name(), err(&run), server.log_end());
        assert_eq!(code(&run), Some(0), "{said}");
        for name in ["name", "address", "login", "system", "features", "round-trip", "listing", "epsv", "pasv", "active", "restart", "rate"]
        {
            assert_eq!(verdict(&all, name), "works", "{name} of {said}");
        }
        for name in ["write", "set-time", "connections"] {
            assert_eq!(verdict(&all, name), "works", "{name} of {said}");
        }
        assert_eq!(verdict(&all, "resumption"), "untried", "{said}");
        assert!(step(&all, "connections")["text"].as_str().unwrap().starts_with("2 at once"), "{said}");
        assert_eq!(all.last().unwrap()["type"], "summary", "{said}");
        let difference = before.difference(&server.files(), false);
        assert!(difference.is_empty(), "{}: {difference}", kind.name());
        assert!(!out(&run).contains(&server.password), "{said}");
    }
}

#[test]
fn every_server_is_found_to_work_with_tls() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.tls(Cert::Good).start();
        server.fill(&Tree::new().file("a.bin", pattern(300_000, 3)));
        let ca = authority().display().to_string();
        let (run, all) = examined(&server.url_with_password(""), &["--cacert", &ca]);
        let said = format!("{}: {}\n{all:#?}\n{}", kind.name(), err(&run), server.log_end());
        assert_eq!(code(&run), Some(0), "{said}");
        for name in ["tls", "login", "listing", "epsv", "pasv", "active", "restart"] {
            assert_eq!(verdict(&all, name), "works", "{name} of {said}");
        }
        assert_ne!(verdict(&all, "resumption"), "untried", "{said}");
        assert_eq!(verdict(&all, "write"), "untried", "{said}");
    }
}

#[test]
fn a_directory_that_is_not_there_says_nothing_against_data_connections() {
    let Some(setup) = servers::require(Kind::Vsftpd) else { return };
    let server = setup.start();
    server.fill(&Tree::new().file("a.bin", pattern(300, 3)));
    let (run, all) = examined(&server.url_with_password("nodir/"), &[]);
    let said = format!("{}\n{all:#?}", err(&run));
    assert_eq!(verdict(&all, "listing"), "fails", "{said}");
    for name in ["epsv", "pasv", "active", "restart"] {
        assert_ne!(verdict(&all, name), "fails", "{name} of {said}");
    }
    assert_eq!((verdict(&all, "epsv"), verdict(&all, "pasv")), ("works", "works"), "{said}");
}

#[test]
fn a_server_that_nobody_runs_is_exit_3_with_its_cause_and_all_steps_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (run, all) = examined(&format!("ftp://127.0.0.1:{port}/"), &[]);
    assert_eq!(code(&run), Some(3), "{all:#?}");
    assert_eq!((verdict(&all, "name"), verdict(&all, "address"), verdict(&all, "login")), ("works", "fails", "untried"));
    assert!(step(&all, "address")["why"].as_str().unwrap().contains("nothing listens"), "{all:#?}");
    assert_eq!(verdict(&all, "connections"), "untried");
    assert!(err(&run).contains("  why: nothing listens"), "{}", err(&run));
}

#[test]
fn each_step_that_fails_has_the_servers_words_and_its_cause() {
    // Rules, the step, the server's code, a part of the cause, and the option that helps.
    let list = "on MLSD* -> 425 Failed to establish connection.\non LIST* -> 425 Failed to establish connection.\non NLST* -> 425 Failed to establish connection.\non STAT* -> 502 no";
    for (rules, name, code, cause, option) in [
        ("on PASS * -> 530 Login incorrect.", "login", 530, "the user or the password is wrong", None),
        ("on USER * -> 530 Non-anonymous sessions must use encryption.", "login", 530, "without TLS", Some("--tls=required")),
        ("on USER * -> 421 Too many connections (2) from this IP", "login", 421, "as many connections", Some("-j 1")),
        ("on FEAT -> 502 What?", "features", 502, "", None),
        ("on SYST -> 502 What?", "system", 502, "", None),
        ("on PORT * -> 500 Illegal PORT command.", "active", 500, "a router has changed", Some("--mode=passive")),
        (list, "listing", 425, "no data connection came about", None),
    ] {
        let server = scripted(rules);
        let (_, all) = examined(&server.url("/"), &["--connections", "1", "--retries", "0"]);
        let told = step(&all, name);
        assert_eq!(told["verdict"], "fails", "{rules}: {all:#?}");
        assert_eq!(told["code"], code, "{rules}: {told:#?}");
        assert!(cause.is_empty() || told["why"].as_str().unwrap_or_default().contains(cause), "{rules}: {told:#?}");
        assert_eq!(told["option"].as_str(), option, "{rules}: {told:#?}");
    }
}

#[test]
fn a_way_that_the_server_refuses_is_told_from_the_one_that_worked_in_its_place() {
    let rules = "on REST * -> 350 OK\ninclude rules-login.ftp\ninclude rules-pasv.ftp\ninclude rules-listing.ftp\non STAT* -> 502 no\non EPSV* -> 500 Unknown command\n";
    let file = "on RETR *a.txt:\n    S: 150 Here\n    data send repeat 100 \"0123456789\"\n    data fin\n    S: 226 Done\n";
    let server = ScriptServer::play_text(&format!("on EPSV* -> 500 Unknown command\n{file}{rules}S: 220 Ready\nserve\n"));
    let (run, all) = examined(&server.url("/"), &["--connections", "1"]);
    assert_eq!(code(&run), Some(0), "{}\n{all:#?}", err(&run));
    assert_eq!((verdict(&all, "listing"), verdict(&all, "epsv"), verdict(&all, "pasv")), ("works", "fails", "works"), "{all:#?}");
    assert_eq!(step(&all, "epsv")["code"], 500);
}

#[test]
fn a_limit_on_connections_is_found_and_is_no_fault() {
    let Some(setup) = servers::require(Kind::Vsftpd) else { return };
    let server = setup.max_per_host(3).start();
    let here = tempfile::tempdir().unwrap();
    let run = ftpane(here.path(), &["doctor", "--json", "--connections", "6", &server.url_with_password("")]);
    let all = objects(&run);
    let text = step(&all, "connections")["text"].as_str().unwrap_or_default().to_owned();
    assert!(text.starts_with("3 at once; then 421"), "{text}\n{all:#?}");
    assert_eq!(code(&run), Some(0));
}

#[test]
fn ctrl_c_ends_it_with_130_while_a_server_is_silent() {
    let server = scripted("on FEAT:\n    stall");
    let url = server.url("/");
    let here = tempfile::tempdir().unwrap();
    let mut run = Process::new(PROGRAM);
    run.env_clear().env("HOME", here.path()).args(["doctor", "--timeout", "60", &url]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = run.spawn().unwrap();
    let until = Instant::now() + support::wait::DEADLINE;
    while server.record().count("FEAT") == 0 {
        assert!(Instant::now() < until, "FEAT was never sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let since = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(8), "it took {:?}", since.elapsed());
}
