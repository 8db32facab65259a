//! Help, menu, palette, command line, and the log that never tells a password.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Served, Who, program, wait_bytes};
use crate::support::pty::Key;
use crate::support::tree::Tree;
use crate::support::wait::wait_for;

on_each_server! {
    fn the_log_shows_the_dialogue_and_never_the_password(who) {
        let Some(served) = Served::start(who, &Tree::new().file("a.txt", "aaa")) else { return };
        let around = tempfile::tempdir().unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        let log = around.path().join("panel.log");
        let mut screen = program(around.path(), LARGE).args(&["--log", log.to_str().unwrap()][..0]).args(&[served.open_url("")]).start();
        screen.wait_text("Password");
        screen.keys(&served.password);
        screen.key(Key::Enter);
        screen.wait_text("a.txt");
        screen.key(Key::Tab);
        screen.keys("/a.txt\r");
        screen.key(Key::F(5));
        wait_bytes(&around.path().join("local/a.txt"), b"aaa");
        screen.wait_for("the copy on the left", |view| Left.row(view, "a.txt").is_some());
        screen.keys("L");
        screen.wait_text(" Log ");
        screen.wait_for("the end of the transfer", |view| view.text().contains("3 bytes in"));
        screen.keys("L");
        screen.wait_gone(" Log ");
        screen.key(Key::F(10));
        screen.wait_exit();
        let text = fs::read_to_string(around.path().join("wire.log")).unwrap();
        for part in ["connecting to 127.0.0.1", "< 220", "> USER", "> PASS ****", "< 230", "data connection: passive, we dialled 127.0.0.1:", "3 bytes in", "> QUIT"] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        // The embedded server's password is its user's name too.
        if who != Who::Embedded {
            assert!(!text.contains(&served.password), "{text}");
            assert!(!screen.saw_bytes(served.password.as_bytes()), "the password was on the terminal");
        }
    }
}

#[test]
fn the_password_shows_as_stars_in_the_panel() {
    let session = open!(Opening::new(Who::Vsftpd).size(LARGE).remote(Tree::new()));
    session.screen.keys("L");
    session.screen.wait_text(" Log ");
    // From its beginning, where the login is.
    for _ in 0..30 {
        session.screen.wheel((10, 34), crate::support::pty::Wheel::Up);
    }
    session.screen.wait_text("PASS ****");
    assert!(!session.screen.saw_bytes(b"secret"));
}

#[test]
fn help_menu_and_palette_know_every_action() {
    let session = open!(Opening::new(Who::Vsftpd).remote(Tree::new().file("a.txt", "a").file("b.txt", "b")));
    session.focus(Right);
    session.screen.key(Key::F(1));
    session.screen.wait_text("View the file, text or hex");
    session.screen.key(Key::Esc);
    session.screen.wait_gone("View the file, text or hex");
    session.screen.keys("?");
    session.screen.wait_text("View the file, text or hex");
    session.screen.key(Key::Esc);
    session.screen.wait_gone("View the file, text or hex");
    // An action by the menu, another by the palette.
    session.screen.key(Key::F(9));
    session.screen.wait_text("Menu ─");
    session.screen.keys("invert");
    session.screen.key(Key::Enter);
    session.wait_in(Right, "2 marked");
    session.screen.ctrl('p');
    session.screen.wait_text("Palette ─");
    session.screen.keys("swap");
    session.screen.wait_text("Swap panes");
    session.screen.key(Key::Enter);
    session.row_of(Left, "a.txt");
    // Esc and a digit is an F-key, where a terminal keeps the real ones.
    session.screen.key(Key::Esc);
    session.screen.keys("9");
    session.screen.wait_text("Menu ─");
}

on_each_server! {
    fn quote_sends_a_line_and_shows_the_reply(who) {
        let session = open!(Opening::new(who).size(LARGE).remote(Tree::new().file("a.txt", "a")));
        session.focus(Right);
        session.screen.keys(":quote PWD\r");
        session.screen.wait_text("The server's reply");
        session.screen.wait_text("257 \"/");
        session.screen.key(Key::Esc);
        session.screen.wait_gone("The server's reply");
        session.screen.keys(":mkdir made\r");
        session.row_of(Right, "made");
        session.screen.keys(":cd made\r");
        session.wait_title(Right, "/made");
    }
}

#[test]
fn no_color_means_none() {
    let session = open!(Opening::new(Who::Vsftpd).env("NO_COLOR", "1").remote(Tree::new().file("a.txt", "a")));
    session.cursor_on(Right, "a.txt");
    session.screen.keys(" ");
    let view = session.screen.view();
    for row in 0..24 {
        for col in 0..80 {
            let cell = view.cell(col, row);
            assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default), "at {col},{row}");
        }
    }
}

#[test]
fn a_shell_runs_in_the_local_directory_and_its_end_comes_back() {
    let session = open!(Opening::new(Who::Pyftpdlib).local(Tree::new().file("mine.txt", "m")).remote(Tree::new().file("a.txt", "a")));
    session.focus(Left);
    session.screen.ctrl('o');
    session.screen.wait_for("a prompt", |view| !view.alternate());
    session.screen.keys("echo made > from-the-shell; exit\r");
    session.ready();
    wait_for("the file", || session.local().join("from-the-shell").exists());
}

#[test]
fn quitting_during_a_transfer_asks_first() {
    let mut session = open!(Opening::new(Who::Vsftpd).size(SMALL).remote(Tree::new().file("big", "")));
    session.lengthen("big", 4_000_000_000, "3.7G");
    session.screen.key(Key::F(5));
    session.screen.wait_text("MB/s");
    session.screen.key(Key::F(10));
    session.screen.wait_text("Quit ─");
    session.screen.key(Key::Esc);
    session.screen.wait_gone("Quit ─");
    session.screen.key(Key::F(10));
    session.screen.wait_text("Cancel them and quit");
    session.screen.keys("C");
    assert!(session.screen.wait_exit().success());
    assert!(!session.local().join("big").exists());
}

#[test]
fn bars_go_with_the_copy_that_ctrl_c_ends() {
    let Some(served) = Served::start(Who::Embedded, &Tree::new().file("big", vec![b'x'; 6_000_000])) else { return };
    let around = tempfile::tempdir().unwrap();
    let home = around.path().join("home");
    fs::create_dir_all(&home).unwrap();
    let url = served.url("big");
    let arguments = ["get", "--limit", "1M", &url, "."];
    let mut screen = crate::support::pty::Builder::ftpane(60, 16).home(&home).cwd(around.path()).args(&arguments).start();
    screen.wait_for("a bar for the file and one for all", |view| {
        let rows: Vec<String> = view.text().lines().map(str::to_owned).collect();
        rows.iter().any(|row| row.starts_with("big ") && row.contains('%')) && rows.iter().any(|row| row.contains("0 of 1 file"))
    });
    screen.ctrl('c');
    screen.wait_text("ftpane queue --resume goes on");
    screen.wait_exit();
    let text = screen.text();
    assert!(!text.contains("big "), "a bar was left behind:\n{text}");
}
