//! `ls`, `get` and `put` over TLS: trees on several lanes, certificates that are refused and trusted, and what is remembered of servers.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use support::certs::{Cert, authority};
use support::servers::{self, Kind};
use support::tree::{Tree, pattern};

fn ftpane(dir: &Path, args: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ftpane"));
    command.env_clear().env("HOME", dir.join("home")).current_dir(dir).args(args).timeout(support::wait::DEADLINE * 2).assert()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// Many small files and a big one.
fn forest() -> Tree {
    (0..300).fold(Tree::new().file("tree/big.bin", pattern(20_000_000, 7)), |tree, number| {
        tree.file(format!("tree/d{}/f{number}", number % 7), pattern(100 + 37 * number, number as u32))
    })
}

#[test]
fn hundreds_of_files_go_up_and_come_back_on_several_lanes_with_every_server() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.tls(Cert::Good).start();
        let here = tempfile::tempdir().unwrap();
        forest().write_to(here.path());
        let ca = authority().display().to_string();
        let url = |path: &str| server.url_with_password(path);
        // A connection that stands still is given up, and its files come over another, before the test is.
        let options = ["-r", "--timeout", "5", "--cacert", &ca];
        for lanes in ["2", "6"] {
            let target = format!("up{lanes}");
            let put = ftpane(here.path(), &[&["put", "-j", lanes], &options[..], &["--log", "up.log", "tree", &url(&target)]].concat());
            let said = format!("{} with {lanes} lanes: {}", kind.name(), err(&put));
            assert_eq!(put.get_output().status.code(), Some(0), "{said}\n{}", server.log_end());
            let get = ftpane(
                here.path(),
                &[&["get", "-j", lanes], &options[..], &["--log", "down.log", &url(&target), &format!("down{lanes}")]].concat(),
            );
            let said = format!("{} with {lanes} lanes: {}", kind.name(), err(&get));
            assert_eq!(get.get_output().status.code(), Some(0), "{said}\n{}", server.log_end());
            let difference =
                Tree::read(&here.path().join("tree")).difference(&Tree::read(&here.path().join(format!("down{lanes}"))), false);
            assert!(difference.is_empty(), "{said}: {difference}");
        }
        for log in ["up.log", "down.log"] {
            let log = fs::read_to_string(here.path().join(log)).unwrap();
            assert!(log.contains("PROT P") && !log.contains(&server.password), "{}", kind.name());
        }
    }
}

#[test]
fn an_unknown_certificate_is_exit_4_with_its_fingerprint_and_the_option_that_trusts_it() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let server = setup.tls(Cert::Own).start();
    server.fill(&Tree::new().file("a.txt", "hello"));
    let here = tempfile::tempdir().unwrap();
    let url = server.url_with_password("");
    for args in [&["ls", &url][..], &["get", &format!("{url}a.txt")], &["put", "/etc/hostname", &url], &["ls", "--tls=required", &url]] {
        let refused = ftpane(here.path(), args).code(4);
        let text = err(&refused);
        for words in ["it has signed itself", "issuer: ", "names: 127.0.0.1", "valid: ", "--trust "] {
            assert!(text.contains(words), "{args:?}: no “{words}” in {text}");
        }
        assert!(!text.contains(&server.password), "{text}");
    }
    let refused = err(&ftpane(here.path(), &["ls", &url]).code(4));
    let fingerprint = refused.lines().find_map(|line| line.trim().strip_prefix("SHA-256: ")).unwrap().to_owned();
    ftpane(here.path(), &["ls", "--trust", &fingerprint, &url]).code(0).stdout("a.txt\n");
    ftpane(here.path(), &["ls", "--insecure", &url]).code(0).stdout("a.txt\n");
    // Another one that is trusted says that this one has changed, with both.
    let other = "00".repeat(32);
    let changed = err(&ftpane(here.path(), &["ls", "--trust", &other, &url]).code(4));
    assert!(changed.contains(&fingerprint) && changed.contains(&["00"; 32].join(":")) && changed.contains("changed"), "{changed}");
    // What is trusted for a saved site holds for its server.
    ftpane(here.path(), &["sites", "add", "work", &server.url(""), "--trust", &fingerprint]).code(0);
    ftpane(here.path(), &["ls", &url]).code(0).stdout("a.txt\n");
    let kept = here.path().join("home/.config/ftpane/servers.toml");
    assert!(fs::read_to_string(&kept).unwrap().contains(&fingerprint));
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions()) & 0o777, 0o600);
}

#[test]
fn a_server_that_spoke_tls_once_is_never_plain_again_unasked() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let mut server = setup.tls(Cert::Good).start();
    server.fill(&Tree::new().file("a.txt", "hello"));
    let here = tempfile::tempdir().unwrap();
    let ca = authority().display().to_string();
    ftpane(here.path(), &["ls", "--cacert", &ca, &server.url_with_password("")]).code(0);
    // Somebody in between says that there is no TLS.
    server.stop();
    let script = support::script::ScriptServer::play_text_at(server.addr(), "include rules-login.ftp\nS: 220 Ready\nserve\n");
    let url = format!("ftp://tester:secret@{}/", server.addr());
    let refused = ftpane(here.path(), &["ls", &url]).code(3);
    assert!(err(&refused).contains("spoke TLS before"), "{}", err(&refused));
    assert_eq!(script.record().count("USER"), 0);
}

#[test]
fn going_on_with_a_copy_tells_of_a_certificate_as_the_copy_itself_does() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let server = setup.tls(Cert::Own).start();
    server.fill(&Tree::new().file("a.bin", pattern(3_000_000, 7)));
    let here = tempfile::tempdir().unwrap();
    let url = server.url_with_password("a.bin");
    let refused = err(&ftpane(here.path(), &["get", &url]).code(4));
    let fingerprint = refused.lines().find_map(|line| line.trim().strip_prefix("SHA-256: ")).unwrap().to_owned();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ftpane"));
    command.args(["get", "--limit=20K", "--insecure", &url, "."]).env_clear().env("HOME", here.path().join("home"));
    let mut child = command.current_dir(here.path()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let partial = here.path().join(".a.bin.ftpane-part");
    support::wait::wait_for("the first bytes", || fs::metadata(&partial).is_ok_and(|there| there.len() > 0));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));

    let password = format!("--password-command=echo {}", server.password);
    let said = err(&ftpane(here.path(), &["queue", "--resume", &password]).code(4));
    assert!(said.contains("SHA-256: ") && said.contains(&format!("trust it by --trust {fingerprint}")), "{said}");
    ftpane(here.path(), &["queue", "--resume", &password, "--trust", &fingerprint]).code(0);
    assert!(fs::read(here.path().join("a.bin")).unwrap() == pattern(3_000_000, 7));
}
