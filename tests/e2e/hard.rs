//! What goes wrong: servers that die, lie, and name files to hurt.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Who, program, wait_tree};
use crate::support::pty::Key;
use crate::support::script::ScriptServer;
use crate::support::tree::Tree;

const REAL: [Who; 4] = [Who::Vsftpd, Who::Proftpd, Who::PureFtpd, Who::Pyftpdlib];

#[test]
fn a_lost_server_is_said_in_the_title_and_the_next_key_finds_it_again() {
    for who in REAL {
        let mut session =
            open!(Opening::new(who).size(LARGE).local(Tree::new().file("mine.txt", "m")).remote(Tree::new().file("dir/a.txt", "a")));
        session.cursor_on(Right, "dir");
        session.screen.key(Key::Enter);
        session.wait_names(Right, &["a.txt"]);
        session.served.real().stop();
        session.screen.ctrl('r');
        session.wait_title(Right, "connection lost");
        session.served.real().start_again();
        session.screen.keys("j");
        session.screen.wait_for("the title well again", |view| !Right.part(view, 0).contains("lost"));
        session.wait_names(Right, &["a.txt"]);
        session.wait_title(Right, "/dir");
        session.cursor_on(Right, "a.txt");
        session.screen.key(Key::F(5));
        session.row_of(Left, "a.txt");
    }
}

#[test]
fn a_copy_goes_on_after_the_sessions_were_cut() {
    for who in [Who::Vsftpd, Who::Proftpd, Who::PureFtpd] {
        let mut session = open!(Opening::new(who).remote(Tree::new().file("a.txt", "again").file("b.txt", "b")));
        session.focus(Right);
        session.served.real().drop_sessions();
        session.cursor_on(Right, "a.txt");
        session.screen.key(Key::F(5));
        session.row_of(Left, "a.txt");
        crate::rig::wait_bytes(&session.local().join("a.txt"), b"again");
        session.screen.ctrl('r');
        session.screen.wait_for("a listing", |view| !Right.part(view, 0).contains("lost") && Right.foot(view).contains("2 entries"));
    }
}

#[test]
fn f8_in_a_pane_whose_server_died_deletes_nothing_anywhere() {
    let files = Tree::new().file("same.txt", "theirs");
    let mine = Tree::new().file("same.txt", "mine");
    let mut session = open!(Opening::new(Who::Vsftpd).local(mine.clone()).remote(files.clone()));
    session.cursor_on(Right, "same.txt");
    session.served.real().stop();
    session.screen.key(Key::F(8));
    session.screen.wait_text("for good.");
    session.screen.keys("D");
    session.screen.wait_for("word of the loss", |view| view.text().contains("lost") || view.text().contains("cannot"));
    wait_tree(&session.local(), &mine);
    wait_tree(&session.remote(), &files);
    session.served.real().start_again();
    session.screen.key(Key::Esc);
    session.screen.ctrl('r');
    session.row_of(Right, "same.txt");
    wait_tree(&session.local(), &mine);
    wait_tree(&session.remote(), &files);
}

#[test]
fn no_control_byte_of_a_server_reaches_the_terminal() {
    let server = ScriptServer::play("hostile-names");
    let around = tempfile::tempdir().unwrap();
    let local = around.path().join("local");
    fs::create_dir(&local).unwrap();
    let mut screen = program(around.path(), LARGE).args(&[server.url("")]).start();
    screen.wait_for("the names", |view| Right.row(view, "good.txt").is_some());
    screen.key(Key::Tab);
    screen.keys("L");
    screen.wait_text(" Log ");
    screen.keys("L*");
    screen.wait_for("marks", |view| Right.foot(view).contains("marked"));
    screen.key(Key::F(5));
    screen.wait_for("the copies", |view| Left.row(view, "good.txt").is_some());
    screen.wait_for("the end of it", |view| !view.row(38).contains('↓'));
    screen.key(Key::F(10));
    screen.wait_for("the end, or a question", |view| !view.alternate() || view.find("Cancel them").is_some());
    if screen.view().alternate() {
        screen.keys("C");
    }
    screen.wait_exit();
    // The window's title is the program's own; it ends with a BEL.
    let titles = screen.raw().windows(4).filter(|window| *window == b"\x1b]0;").count();
    assert_eq!(screen.raw().iter().filter(|byte| **byte == 0x07).count(), titles, "a BEL of the server's");
    for sequence in [&b"\x1b]0;owned"[..], b"\x1b]52", b"\xe2\x80\xae", b"caf\xe9", b"\x00"] {
        assert!(!screen.saw_bytes(sequence), "{sequence:?} reached the terminal");
    }
    // Nothing left the directory that was copied into.
    let beside: Vec<_> = fs::read_dir(around.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 3, "{beside:?}");
    assert!(!std::path::Path::new("/tmp/ftpane-absolute").exists());
    assert!(fs::read_dir(&local).unwrap().all(|entry| entry.unwrap().metadata().unwrap().is_file()));
}

#[test]
fn a_server_that_never_ends_its_transfer_can_be_stopped() {
    let server = ScriptServer::play("data-stalls");
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let screen = program(around.path(), SMALL).args(&[server.url("")]).start();
    screen.wait_for("the listing", |view| Right.row(view, "a.txt").is_some());
    screen.key(Key::Tab);
    screen.keys("/a.txt\r");
    screen.key(Key::F(5));
    screen.wait_text("10%");
    screen.ctrl('c');
    screen.wait_gone("10%");
    screen.ctrl('r');
    screen.key(Key::F(7));
    screen.wait_text("Make a directory");
    screen.key(Key::Esc);
    screen.wait_for("the listing again", |view| Right.row(view, "a.txt").is_some() && !Right.foot(view).contains("reading"));
    assert!(!around.path().join("local/a.txt").exists());
}

#[test]
fn a_completion_that_says_all_is_well_with_bytes_missing_is_not_believed() {
    let server = ScriptServer::play("data-cut");
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let screen = program(around.path(), LARGE).args(&[server.url("")]).start();
    screen.wait_for("the listing", |view| Right.row(view, "a.txt").is_some());
    screen.key(Key::Tab);
    screen.keys("/a.txt\r");
    screen.key(Key::F(5));
    screen.wait_text("600 bytes");
    assert!(!around.path().join("local/a.txt").exists());
}
