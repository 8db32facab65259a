//! Saving, listing, opening, editing, renaming and deleting sites; and a file of them that cannot be read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Served, Session, Who, program};
use crate::support::pty::Key;
use crate::support::tree::Tree;

fn saved(session: &Session) -> String {
    fs::read_to_string(session.config("sites.toml")).unwrap_or_default()
}

fn wait_saved(session: &Session, what: &str, holds: impl Fn(&str) -> bool) {
    crate::support::wait::wait_for(what, || holds(&saved(session)));
}

#[test]
fn b_saves_the_site_for_its_owner_alone_and_without_the_password() {
    let mut session = open!(
        Opening::new(Who::Proftpd).size(LARGE).path("www").local(Tree::new().dir("mine")).remote(Tree::new().file("www/index.html", "<p>"))
    );
    session.cursor_on(Left, "mine");
    session.screen.key(Key::Enter);
    session.wait_title(Left, "mine");
    session.focus(Right);
    session.screen.keys("B");
    session.screen.wait_text("Save this site");
    session.fill_in("work");
    wait_saved(&session, "the site in the file", |text| text.contains("work"));
    let text = saved(&session);
    let port = session.served.port().to_string();
    for part in ["127.0.0.1", &*port, "tester", "/www", "/mine"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("secret"), "{text}");
    let mode = fs::metadata(session.config("sites.toml")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    session.quit();
    // By its name on the command line: the server's directory and the local one are back.
    let screen = program(session.around.path(), SMALL).args(&["work"]).start();
    screen.wait_text("Password");
    screen.keys("secret\r");
    screen.wait_for("the site's directory", |view| Right.row(view, "index.html").is_some());
    screen.wait_for("the local directory", |view| Left.part(view, 0).contains("mine"));
}

#[test]
fn sites_are_listed_opened_edited_renamed_and_deleted() {
    let session = open!(Opening::new(Who::Vsftpd).remote(Tree::new().file("here/a.txt", "a")));
    session.focus(Right);
    session.screen.keys("B");
    session.screen.wait_text("Save this site");
    session.fill_in("first");
    wait_saved(&session, "the site", |text| text.contains("first"));
    // Rename.
    session.screen.key(Key::F(2));
    session.screen.wait_text("Sites ─");
    session.screen.wait_text("first  tester@");
    session.screen.key(Key::Down);
    session.screen.key(Key::F(6));
    session.screen.wait_text("Rename site");
    session.fill_in("clients/second");
    wait_saved(&session, "the new name", |text| text.contains("second") && text.contains("clients") && !text.contains("first"));
    // Edit: another directory to begin with.
    session.screen.wait_text("second  tester@");
    session.screen.key(Key::Up);
    session.screen.key(Key::Down);
    session.screen.key(Key::F(4));
    session.screen.wait_text("Edit site");
    for _ in 0..5 {
        session.screen.key(Key::Tab);
    }
    session.fill_in("/here");
    wait_saved(&session, "the directory", |text| text.contains("/here"));
    // Open it from the list, in this pane.
    session.screen.wait_text("/here");
    session.screen.key(Key::Up);
    session.screen.key(Key::Down);
    session.screen.key(Key::Enter);
    session.screen.wait_for("the password or the place", |view| view.find("Password").is_some() || Right.row(view, "a.txt").is_some());
    if session.screen.find("Password").is_some() {
        session.screen.keys("secret\r");
    }
    session.row_of(Right, "a.txt");
    session.wait_title(Right, "/here");
    // Delete.
    session.screen.keys("b");
    session.screen.wait_text("Sites ─");
    session.screen.wait_text("second  tester@");
    session.screen.key(Key::Down);
    session.screen.key(Key::Delete);
    session.screen.wait_text("Delete a site");
    session.screen.keys("D");
    wait_saved(&session, "the site gone", |text| !text.contains("second"));
}

#[test]
fn what_was_opened_is_remembered_among_the_recent() {
    let mut session = open!(Opening::new(Who::Pyftpdlib).remote(Tree::new().file("a.txt", "a")));
    session.quit();
    let recent = fs::read_to_string(session.config("recent.toml")).unwrap();
    assert!(recent.contains("127.0.0.1") && !recent.contains("secret"), "{recent}");
    let screen = program(session.around.path(), SMALL).start();
    screen.wait_text("Recent");
    screen.key(Key::Down);
    screen.key(Key::Enter);
    screen.wait_text("Password");
    screen.keys("secret\r");
    screen.wait_text("a.txt");
}

#[test]
fn a_broken_file_of_sites_is_named_with_line_and_column_and_left_alone() {
    for (broken, place) in [("[[site]]\nname = \"a\"\nhots = \"typo\"\n", ":3:1"), ("[[site]]\nname = \"a\nhost = 1\n", ":2:")] {
        let Some(served) = Served::start(Who::Pyftpdlib, &Tree::new().file("a.txt", "a")) else { return };
        let around = tempfile::tempdir().unwrap();
        let config = around.path().join("home/.config/ftpane");
        fs::create_dir_all(&config).unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        fs::write(config.join("sites.toml"), broken).unwrap();
        let screen = program(around.path(), LARGE).args(&[served.url("")]).start();
        screen.wait_text("a.txt");
        screen.key(Key::F(2));
        screen.wait_text(&format!("sites.toml{place}"));
        screen.key(Key::Esc);
        screen.wait_gone("Enter open");
        screen.key(Key::Tab);
        screen.keys("B");
        screen.wait_text("sites.toml");
        screen.key(Key::F(10));
        assert_eq!(fs::read_to_string(config.join("sites.toml")).unwrap(), broken);
    }
}
