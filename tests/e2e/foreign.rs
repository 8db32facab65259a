//! Panes on a server whose places are not written as those of Unix.

use std::fs;

use crate::rig::{LARGE, program};
use crate::support::pty::{Key, Mods};
use crate::support::script::ScriptServer;

#[test]
fn a_pane_shows_places_as_the_server_says_them_and_goes_where_a_person_says_it_so() {
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let server = ScriptServer::play("foreign-vms");
    let mut screen = program(around.path(), LARGE).args(&[format!("ftp://tester:secret@{}/", server.addr())]).start();
    screen.wait_text("DISK$USER:[ALICE]");
    let (col, row) = screen.wait_find("WWW/");
    screen.double_click(col, row);
    screen.wait_text("DISK$USER:[ALICE.WWW]");
    screen.wait_text("411_4114.TXT");
    screen.key(Key::Backspace);
    screen.wait_text("LOGIN.COM;1");
    screen.wait_text("A*.TXT");
    screen.key_with(Mods::ALT, Key::Char('c'));
    screen.wait_text("path");
    screen.key_with(Mods::CTRL, Key::Char('u'));
    screen.keys("DISK$USER:[ALICE.WWW]");
    screen.key(Key::Enter);
    screen.wait_text("411_4114.TXT");
    assert_eq!(server.record().count("CWD DISK$USER:[ALICE.WWW]"), 2);
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success(), "{}", screen.view().framed());
}
