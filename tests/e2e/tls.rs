//! TLS in the panes: the title, and the question about a certificate.

use std::fs;

use crate::rig::{LARGE, Right, SMALL, program};
use crate::support::certs::{Cert, authority};
use crate::support::pty::Key;
use crate::support::servers::{self, Kind};
use crate::support::tree::Tree;

#[test]
fn an_unknown_certificate_is_asked_about_in_the_panes_and_kept_where_it_is_trusted_for_good() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let server = setup.tls(Cert::Own).start();
    server.fill(&Tree::new().file("a.txt", "x").file("b.txt", "y"));
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let url = server.url_with_password("");
    let fingerprint = crate::support::certs::fingerprint(Cert::Own);
    for (size, answer) in [(SMALL, Key::Esc), (LARGE, Key::Enter)] {
        let screen = program(around.path(), size).args(&[&url]).start();
        screen.wait_text("Unknown certificate");
        screen.wait_text("signed itself.");
        screen.wait_text(&fingerprint[..47]);
        screen.key(answer);
        screen.wait_gone("Unknown certificate");
        screen.wait_text("trusted: it has signed itself");
        assert!(screen.find("a.txt").is_none(), "{}", screen.view().framed());
    }
    let screen = program(around.path(), LARGE).args(&[&url]).start();
    screen.wait_text("Unknown certificate");
    screen.keys("O");
    screen.wait_text("a.txt");
    screen.wait_for("the state in the title", |view| Right.text(view).contains("TLS pinned"));
    // A lane of its own, that nobody is asked about again.
    let (col, row) = screen.wait_find("a.txt");
    screen.click(col, row);
    screen.key(Key::F(5));
    crate::rig::wait_bytes(&around.path().join("local/a.txt"), b"x");
    screen.key(Key::F(10));
    drop(screen);
    // Once is over.
    let screen = program(around.path(), LARGE).args(&[&url]).start();
    screen.wait_text("Unknown certificate");
    screen.keys("F");
    screen.wait_text("a.txt");
    drop(screen);
    let screen = program(around.path(), LARGE).args(&[&url]).start();
    screen.wait_text("a.txt");
    assert!(screen.find("Unknown certificate").is_none());
}

#[test]
fn a_changed_certificate_is_shown_beside_the_old_one_and_trusted_only_by_a_capital() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let server = setup.tls(Cert::Own).start();
    server.fill(&Tree::new().file("a.txt", "x"));
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let config = around.path().join("home/.config/ftpane");
    fs::create_dir_all(&config).unwrap();
    let (old, new) = (crate::support::certs::fingerprint(Cert::Good), crate::support::certs::fingerprint(Cert::Own));
    let servers_toml = |pin: &str| format!("[[server]]\naddress = \"127.0.0.1:{}\"\ntrusted = [\"{pin}\"]\ntls = true\n", server.port());
    let kept = || fs::read_to_string(config.join("servers.toml")).unwrap();
    fs::write(config.join("servers.toml"), servers_toml(&old)).unwrap();
    let url = server.url_with_password("");
    for size in [(60, 16), SMALL, LARGE] {
        let screen = program(around.path(), size).args(&[&url]).start();
        screen.wait_text("Changed certificate");
        for half in [&old[..47], &old[48..], &new[..47], &new[48..], "O once", "F for good"] {
            screen.wait_text(half);
        }
        // Neither Enter nor a small letter trusts it.
        screen.keys("of\r");
        screen.wait_gone("Changed certificate");
        assert!(screen.find("a.txt").is_none() && kept().contains(&old), "{}", screen.view().framed());
    }
    let screen = program(around.path(), SMALL).args(&[&url]).start();
    screen.wait_text("Changed certificate");
    screen.keys("O");
    screen.wait_text("a.txt");
    assert!(kept().contains(&old) && !kept().contains(&new), "once keeps nothing");
    drop(screen);
    let screen = program(around.path(), SMALL).args(&[&url]).start();
    screen.wait_text("Changed certificate");
    screen.keys("F");
    screen.wait_text("a.txt");
    crate::support::wait::wait_for("the new one in the place of the old", || kept().contains(&new) && !kept().contains(&old));
    drop(screen);
    let screen = program(around.path(), SMALL).args(&[&url]).start();
    screen.wait_text("a.txt");
    assert!(screen.find("Changed certificate").is_none());
}

#[test]
fn the_title_tells_that_data_connections_resume_the_session() {
    for kind in [Kind::Vsftpd, Kind::Proftpd] {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.tls(Cert::Good).start();
        server.fill(&Tree::new().file("a.txt", "x"));
        let around = tempfile::tempdir().unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        let ca = authority().display().to_string();
        let screen = program(around.path(), LARGE).args(&["--cacert", &ca, &server.url_with_password("")]).start();
        screen.wait_for("the state in the title", |view| Right.text(view).contains("TLS resumed"));
    }
}
