//! F5 in both directions, on each server, between servers and between directories.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, Served, Session, Side, Who, program, wait_tree};
use crate::support::pty::{Key, Mods};
use crate::support::tree::{Tree, mtime, pattern};
use crate::support::wait::wait_for;

/// What is copied: a file at the top and a tree beside it, with names that some programs get wrong.
fn cargo() -> Tree {
    Tree::new()
        .file_at("top.bin", pattern(300_000, 1), 1_600_000_000)
        .file_at("tree/a.txt", "text\nwith lines\r\n", 1_500_000_001)
        .file_at("tree/sub dir/Grüße #1 100%.bin", pattern(70_000, 2), 1_400_000_000)
        .file_at("tree/sub dir/empty", "", 1_300_000_000)
        .file_at("tree/-dash", "d", 1_300_000_007)
        .dir("tree/hollow")
}

/// Marks all, copies, and waits for the other side to be the same.
fn copy_all(session: &Session, from: Side, times: bool) {
    let (to_side, target, source) = match from {
        Left => (Right, session.remote(), session.local()),
        Right => (Left, session.local(), session.remote()),
    };
    session.focus(from);
    session.screen.keys("*");
    session.wait_in(from, "2 marked");
    session.screen.key(Key::F(5));
    session.row_of(to_side, "top.bin");
    session.row_of(to_side, "tree");
    let wanted = Tree::read(&source);
    if times {
        wait_tree(&target, &wanted);
    } else {
        wait_for("the copies", || wanted.difference(&Tree::read(&target), false).is_empty());
    }
    session.idle();
    session.screen.wait_for("the marks to go", |view| !from.foot(view).contains("marked"));
    session.wait_names(to_side, &["tree", "top.bin"]);
}

on_each_server! {
    fn a_file_and_a_tree_go_up_with_their_bytes_and_times(who) {
        let session = open!(Opening::new(who).local(cargo()));
        copy_all(&session, Left, who.sets_times());
    }
}

on_each_server! {
    fn a_file_and_a_tree_come_down_with_their_bytes_and_times(who) {
        let session = open!(Opening::new(who).size(LARGE).remote(cargo()));
        copy_all(&session, Right, true);
    }
}

on_each_server! {
    fn ctrl_c_stops_a_copy_with_the_cursor_free_meanwhile_and_the_session_goes_on(who) {
        let files = Tree::new().file("a.txt", "small").file("big.bin", "").file("c.txt", "c");
        let session = open!(Opening::new(who).remote(files));
        // Sparse: too long to be over before the key, whatever the machine.
        session.lengthen("big.bin", 4_000_000_000, "3.7G");
        session.cursor_on(Right, "big.bin");
        session.screen.key(Key::F(5));
        session.screen.wait_for("bar and rate in the strip", |view| {
            let strip = view.row(view.size().1 - 2);
            strip.contains("↓ ") && strip.contains("big.bin") && strip.contains('%') && strip.contains("MB/s")
        });
        session.screen.keys("j");
        session.wait_cursor(Right, "c.txt");
        session.screen.ctrl('c');
        session.idle();
        session.cursor_on(Right, "a.txt");
        session.screen.key(Key::F(5));
        session.row_of(Left, "a.txt");
        assert_eq!(fs::read(session.local().join("a.txt")).unwrap(), b"small");
        assert!(!session.local().join("big.bin").exists(), "a part stands under the whole's name");
    }
}

on_each_server! {
    fn an_upload_that_was_stopped_leaves_the_session_in_step(who) {
        let session = open!(Opening::new(who).local(Tree::new().file("big.bin", "").file("small.txt", "small")));
        fs::File::options().write(true).open(session.local().join("big.bin")).unwrap().set_len(4_000_000_000).unwrap();
        session.focus(Left);
        session.screen.ctrl('r');
        session.wait_in(Left, "3.7G");
        session.cursor_on(Left, "big.bin");
        session.screen.key(Key::F(5));
        session.screen.wait_for("the strip", |view| view.row(view.size().1 - 2).contains("MB/s"));
        session.screen.ctrl('c');
        session.idle();
        session.cursor_on(Left, "small.txt");
        session.screen.key(Key::F(5));
        session.row_of(Right, "small.txt");
        wait_for("the bytes", || fs::read(session.remote().join("small.txt")).is_ok_and(|bytes| bytes == b"small"));
    }
}

#[test]
fn between_two_local_directories() {
    let around = tempfile::tempdir().unwrap();
    let (a, b) = (around.path().join("local"), around.path().join("other"));
    fs::create_dir(&a).unwrap();
    fs::create_dir(&b).unwrap();
    cargo().write_to(&a);
    let screen = program(around.path(), LARGE).args(&[".", "../other"]).start();
    screen.wait_for("the tree", |view| Left.row(view, "tree").is_some());
    screen.keys("*");
    screen.wait_text("2 marked");
    screen.key(Key::F(5));
    wait_tree(&b, &cargo());
    screen.wait_for("both on the right", |view| Right.names(view) == ["tree", "top.bin"]);
}

#[test]
fn from_one_server_to_another_through_here() {
    let Some(other) = Served::start(Who::Vsftpd, &cargo()) else { return };
    let Some(served) = Served::start(Who::Proftpd, &Tree::new()) else { return };
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let screen = program(around.path(), LARGE).args(&[other.url(""), served.url("")]).start();
    screen.wait_for("the tree", |view| Left.row(view, "tree").is_some());
    screen.wait_for("the other server", |view| Right.foot(view).contains("entr"));
    screen.keys("*");
    screen.wait_text("2 marked");
    screen.key(Key::F(5));
    wait_tree(&served.root(), &cargo());
    screen.wait_for("both on the right", |view| Right.names(view) == ["tree", "top.bin"]);
}

#[test]
fn copy_to_another_name_and_into_a_directory_that_is_typed() {
    let session = open!(Opening::new(Who::Pyftpdlib).local(cargo()).remote(Tree::new().dir("store")));
    session.cursor_on(Left, "top.bin");
    session.screen.key_with(Mods::SHIFT, Key::F(5));
    session.screen.wait_text("/top.bin");
    session.fill_in("/store/renamed.bin");
    crate::rig::wait_bytes(&session.remote().join("store/renamed.bin"), &pattern(300_000, 1));
    wait_for("the time", || mtime(&session.remote().join("store/renamed.bin")) == 1_600_000_000);
}

#[test]
fn a_directory_is_not_copied_into_itself() {
    let around = tempfile::tempdir().unwrap();
    fs::create_dir_all(around.path().join("local/tree/sub")).unwrap();
    let screen = program(around.path(), LARGE).args(&[".", "tree/sub"]).start();
    screen.wait_for("the tree", |view| Left.row(view, "tree").is_some());
    screen.keys("j");
    screen.wait_for("the cursor", |view| Left.cursor(view).is_some_and(|name| name == "tree"));
    screen.key(Key::F(5));
    screen.wait_text("itself");
    assert!(!around.path().join("local/tree/sub/tree").exists());
}

on_each_server! {
    fn links_to_files_are_copied_and_links_to_directories_passed_over(who) {
        // The embedded server's MLSD calls links files, and pyftpdlib's calls them what they lead to: nobody can tell.
        if who == Who::Embedded || who == Who::Pyftpdlib { return; }
        let files = Tree::new().file("tree/file", "f").link("tree/file-link", "file").dir("tree/dir").file("tree/dir/x", "x").link("tree/dir-link", "dir").link("tree/loop", "..");
        let wanted = Tree::new().file("tree/file", "f").file("tree/file-link", "f").file("tree/dir/x", "x");
        let session = open!(Opening::new(who).remote(files));
        session.cursor_on(Right, "tree");
        session.screen.key(Key::F(5));
        session.row_of(Left, "tree");
        wait_tree(&session.local(), &wanted);
        session.idle();
        wait_tree(&session.local(), &wanted);
    }
}
