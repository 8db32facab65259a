//! `ls`, `get` and `put` through proxies and of text files, by options, settings and the environment.
#![cfg(all(feature = "cli", feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use support::cli::{base, err, out};
use support::proxy::{Manners, PASSWORD, Proxy, Speaks};
use support::script::ScriptServer;
use support::wait::DEADLINE;

fn ftpane(dir: &Path, environment: &[(&str, &str)], args: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ftpane"));
    command.env_clear().env("HOME", dir.join("home")).envs(environment.iter().copied());
    command.current_dir(dir).args(args).timeout(DEADLINE).assert()
}

#[test]
fn a_tree_goes_through_a_proxy_however_it_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("tree")).unwrap();
    for number in 0..20 {
        fs::write(root.path().join(format!("tree/f{number}")), format!("file {number}")).unwrap();
    }
    let server = ftpane::demo::serve(root.path()).unwrap();
    let url = |path: &str| format!("{}{path}", base(&server));
    for speaks in [Speaks::Socks5, Speaks::Connect] {
        let here = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(speaks, Manners::Open);
        let named = format!("--proxy={}", proxy.url());
        ftpane(here.path(), &[], &["get", "-r", "-j", "3", &named, &url("/tree"), "by-option"]).code(0);
        assert_eq!(fs::read_dir(here.path().join("by-option")).unwrap().count(), 20);
        let first = proxy.asked().len();
        assert!(first > 20, "{first}");
        ftpane(here.path(), &[("ALL_PROXY", &proxy.url())], &["get", "-r", &url("/tree"), "by-environment"]).code(0);
        let second = proxy.asked().len();
        assert!(second > first + 20);
        let settings = here.path().join("home/.config/ftpane");
        fs::create_dir_all(&settings).unwrap();
        fs::write(settings.join("config.toml"), format!("proxy = \"{}\"\n", proxy.url())).unwrap();
        ftpane(here.path(), &[], &["ls", &url("/tree")]).code(0);
        let third = proxy.asked().len();
        assert!(third > second);
        // None is none, and so is one that the environment excepts.
        ftpane(here.path(), &[], &["ls", "--proxy=none", &url("/tree")]).code(0);
        fs::remove_file(settings.join("config.toml")).unwrap();
        ftpane(here.path(), &[("ALL_PROXY", &proxy.url()), ("no_proxy", "127.0.0.0/8")], &["ls", &url("/tree")]).code(0);
        assert_eq!(proxy.asked().len(), third);
    }
}

#[test]
fn a_proxys_password_is_taken_from_its_url_and_written_nowhere() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "hello").unwrap();
    let server = ftpane::demo::serve(root.path()).unwrap();
    let here = tempfile::tempdir().unwrap();
    for speaks in [Speaks::Socks5, Speaks::Connect] {
        let proxy = Proxy::start(speaks, Manners::Login);
        let with = proxy.url().replace("me@", &format!("me:{}@", PASSWORD.replace(' ', "%20").replace(':', "%3A")));
        let url = format!("{}/a", base(&server));
        let get = ftpane(here.path(), &[], &["get", &format!("--proxy={with}"), "--log", "log", &url, "copy"]);
        let said = err(&get);
        get.code(0);
        assert_eq!(fs::read(here.path().join("copy")).unwrap(), b"hello");
        let log = fs::read_to_string(here.path().join("log")).unwrap();
        assert!(!log.contains("pass word") && !log.contains("pass%20word") && !said.contains("pass"), "{log}{said}");
        // Without a terminal nobody can be asked.
        let refused = ftpane(here.path(), &[], &["ls", &format!("--proxy={}", proxy.url()), &url]);
        let said = err(&refused);
        refused.code(3);
        assert!(said.contains("the proxy 127.0.0.1:"), "{said}");
        let saved = ftpane(here.path(), &[], &["sites", "add", &format!("s{speaks:?}"), "ftp://h/", &format!("--proxy={with}")]);
        assert!(err(&saved).contains("without the proxy's password"), "{}", err(&saved));
    }
    let sites = fs::read_to_string(here.path().join("home/.config/ftpane/sites.toml")).unwrap();
    assert!(sites.contains("proxy = \"socks5://me@127.0.0.1:") && !sites.contains("pass"), "{sites}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_wrong_usage_and_nothing_goes_round_it() {
    let here = tempfile::tempdir().unwrap();
    for (environment, args) in [
        (&[][..], &["ls", "--proxy=socks4://p", "ftp://127.0.0.1:9/"][..]),
        (&[("ALL_PROXY", "socks4://p")], &["ls", "ftp://127.0.0.1:9/"]),
        (&[], &["ls", "-4", "-6", "ftp://127.0.0.1:9/"]),
        (&[], &["ls", "--active-ports=9-3", "ftp://127.0.0.1:9/"]),
        (&[], &["ls", "--bind=here", "ftp://127.0.0.1:9/"]),
    ] {
        let assert = ftpane(here.path(), environment, args);
        let said = err(&assert);
        assert_eq!(assert.get_output().status.code(), Some(2), "{args:?}: {said}");
    }
}

#[test]
fn a_proxy_of_the_environment_that_cannot_be_used_stands_in_the_way_of_no_command_that_dials_nobody_by_it() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "hello").unwrap();
    let server = ftpane::demo::serve(root.path()).unwrap();
    let here = tempfile::tempdir().unwrap();
    let url = base(&server);
    for (environment, args) in [
        (&[("ALL_PROXY", "socks4://p")][..], &["sites", "list"][..]),
        (&[("https_proxy", "https://p"), ("all_proxy", "https://p")], &["queue"]),
        (&[("ALL_PROXY", "socks4://p"), ("no_proxy", "*")], &["ls", &url]),
        (&[("ALL_PROXY", "socks4://p")], &["ls", "--proxy=none", &url]),
    ] {
        let assert = ftpane(here.path(), environment, args);
        assert_eq!(assert.get_output().status.code(), Some(0), "{args:?}: {}", err(&assert));
    }
}

#[test]
fn a_password_that_the_proxy_refuses_is_said_to_be_wrong_and_is_tried_once() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "hello").unwrap();
    let server = ftpane::demo::serve(root.path()).unwrap();
    let url = format!("{}/a", base(&server));
    for speaks in [Speaks::Socks5, Speaks::Connect] {
        let proxy = Proxy::start(speaks, Manners::Login);
        let wrong = proxy.url().replace("me@", "me:wrong@");
        for command in [&["ls", &url][..], &["get", &url, "copy"]] {
            // In the URL it is refused once; in netrc it is found when the proxy wants one, and refused once.
            for (option, netrc, dialled) in [(&wrong, false, 1), (&proxy.url(), true, 2)] {
                let here = tempfile::tempdir().unwrap();
                fs::create_dir(here.path().join("home")).unwrap();
                if netrc {
                    let file = here.path().join("home/.netrc");
                    fs::write(&file, "machine 127.0.0.1 login me password wrong\n").unwrap();
                    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
                }
                let args = [command, &["--proxy", option, "--log", "log", "--retries=0"]].concat();
                let assert = ftpane(here.path(), &[], &args);
                let said = err(&assert);
                let log = fs::read_to_string(here.path().join("log")).unwrap();
                assert_eq!(assert.get_output().status.code(), Some(3), "{speaks:?} {args:?}: {said}");
                assert!(said.contains("cannot log in as me at the proxy") && !said.contains("no terminal"), "{speaks:?} {args:?}: {said}");
                assert_eq!(log.matches("connecting to the proxy").count(), dialled, "{speaks:?} {args:?}: {said}{log}");
            }
        }
    }
}

const TEXTS: &str = "include rules-login.ftp\ninclude rules-epsv.ftp\n\
    on MLSD*:\n    S: 150 here\n    data send \"type=file;size=9;modify=20260102030405; a.txt\\r\\ntype=file;size=9;modify=20260102030405; b.bin\\r\\n\"\n    data fin\n    S: 226 done\n\
    on MLST * -> 550 no such file\non SIZE *new.txt -> 550 no such file\non SIZE * -> 213 9\non MDTM * -> 213 20260102030405\non MFMT * -> 213 ok\n\
    on CWD *.* -> 550 no directory\non RNFR * -> 350 go on\non RNTO * -> 250 done\n\
    on RETR *b.bin:\n    S: 150 here (9 bytes)\n    data send \"12\\r\\n5678\\n\"\n    data fin\n    S: 226 done\n\
    on RETR *:\n    S: 150 here (9 bytes)\n    data send \"one\\r\\ntwo\\r\\n\"\n    data fin\n    S: 226 done\n\
    on STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\nS: 220 Ready\nserve\n";

#[test]
fn a_text_is_copied_with_its_line_ends_mended_and_its_size_stands_in_nobodys_way() {
    let server = ScriptServer::play_text(TEXTS);
    let here = tempfile::tempdir().unwrap();
    let get = |name: &str, option: &str| {
        let assert = ftpane(here.path(), &[], &["get", option, "--verify", &server.url(name), name]);
        assert_eq!(assert.get_output().status.code(), Some(0), "{}\n{}", err(&assert), server.record().dialogue());
        fs::read(here.path().join(name)).unwrap()
    };
    assert_eq!(get("a.txt", "--ascii=txt"), b"one\ntwo\n");
    assert_eq!(get("b.bin", "--ascii=txt"), b"12\r\n5678\n");
}

#[test]
fn a_text_is_sent_with_the_line_ends_of_the_wire() {
    let server = ScriptServer::play_text(TEXTS);
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("new.txt"), "x\ny\n").unwrap();
    let put = ftpane(here.path(), &[], &["put", "--ascii", "new.txt", &server.url("new.txt")]);
    assert_eq!(put.get_output().status.code(), Some(0), "{}\n{}", err(&put), server.record().dialogue());
    assert_eq!(server.record().uploads(), [b"x\r\ny\r\n"]);
    assert!(out(&put).is_empty() || !out(&put).contains("failed"));
}
