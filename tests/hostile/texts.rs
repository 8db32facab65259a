//! T01, T03, T04: texts that would drive the terminal. `Place::run` fails on any control or deceptive character in what comes out.

use crate::rig::{PASSWORD, Place, close_and_quit, server_with, url};
use crate::support::pty::{Builder, Key, Screen};
use crate::support::script::ScriptServer;

/// What must never reach a terminal, whoever sends it.
const NEVER: [&[u8]; 12] = [
    b"\x1b]0;owned",
    b"\x1b]52;",
    b"\x1b[5n",
    b"\xc2\x9b",
    b"\x9b2J",
    "\u{202e}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes(),
    b"\x08\x0b",
    PASSWORD.as_bytes(),
];

#[track_caller]
pub fn saw_nothing_evil(screen: &Screen) {
    for bytes in NEVER {
        assert!(!screen.saw_bytes(bytes), "{} reached the terminal\n{}", bytes.escape_ascii(), screen.view().framed());
    }
}

#[test]
fn names_and_texts_come_out_without_control_characters() {
    let server = ScriptServer::play("t01-escapes");
    for words in [&["ls"][..], &["ls", "-l"], &["ls", "--json"]] {
        let (place, from) = (Place::new(), url(&server, ""));
        let run = place.run(&[words, &[&from]].concat()).ends(0);
        assert_eq!(run.out.matches("good.txt").count(), 1, "{run:#?}");
    }
    let place = Place::new();
    place.run(&["get", "-r", &url(&server, ""), "."]).ends(1).says("is no row");
    place.run(&["get", "-r", "--json", &url(&server, ""), "."]).ends(1);
    assert!(place.names().contains(&b"\x1b]0;owned\x07".to_vec()), "the name on the disk is the server's");
}

#[test]
fn refusals_are_shown_in_safe_characters() {
    let server = ScriptServer::play("t01-escapes");
    Place::new().run(&["get", &url(&server, "refused")]).ends(1).says("550");
    Place::new().run(&["ls", &url(&server, "refused/")]).ends(1).says("550");
    let server = ScriptServer::play("t03-banner-530");
    Place::new().run(&["ls", &url(&server, "")]).ends(3).says("go away");
}

#[test]
fn a_screen_shows_hostile_names_and_the_log_and_stays_what_it_is() {
    for (cols, rows) in [(80, 24), (120, 40)] {
        let server = ScriptServer::play("t01-escapes");
        let mut screen = Builder::ftpane(cols, rows).args(&[url(&server, "")]).start();
        screen.wait_text("good.txt");
        screen.keys("L");
        screen.wait_text("226");
        screen.keys("L");
        screen.wait_gone("226");
        let (col, row) = screen.wait_find("good.txt");
        screen.click(col, row);
        screen.key(Key::F(3));
        screen.wait_text("evil");
        saw_nothing_evil(&screen);
        close_and_quit(&mut screen, "evil");
        saw_nothing_evil(&screen);
    }
}

#[test]
fn a_screen_shows_a_refusal_in_the_greeting_safely() {
    let server = ScriptServer::play("t03-banner-530");
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).start();
    screen.wait_text("go away");
    screen.wait_text("asks for the password");
    saw_nothing_evil(&screen);
    close_and_quit(&mut screen, "asks for the password");
    saw_nothing_evil(&screen);
}

#[test]
fn a_file_with_escapes_in_it_is_viewed_safely() {
    let server = server_with(
        "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=60; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n\
         on RETR *:\n    S: 150 here\n    data send \"\\e]0;owned\\x07 \\e[5n \\xc2\\x9b31m \\xe2\\x80\\xae plain words\\r\\n\"\n    data fin\n    S: 226 done",
    );
    let screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).start();
    let (col, row) = screen.wait_find("a.txt");
    screen.click(col, row);
    screen.key(Key::F(3));
    screen.wait_text("plain words");
    saw_nothing_evil(&screen);
}
