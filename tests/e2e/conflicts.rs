//! A target that exists: one question with both sizes and times, and each of its answers.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, Session, Who, wait_bytes, wait_tree};
use crate::support::pty::Key;
use crate::support::tree::{Tree, mtime};
use crate::support::wait::wait_for;

const OLD: u64 = 1_500_000_000;
const NEW: u64 = 1_700_000_000;

/// One file here, another of the same name there, and the question about it on the screen.
fn asked(who: Who, local: Tree, remote: Tree) -> Option<Session> {
    let session = Opening::new(who).size(LARGE).local(local).remote(remote).open()?;
    session.cursor_on(Left, "a.txt");
    session.screen.key(Key::F(5));
    session.screen.wait_text("The target exists");
    Some(session)
}

fn newer_here() -> (Tree, Tree) {
    (Tree::new().file_at("a.txt", "new bytes, more of them", NEW), Tree::new().file_at("a.txt", "old bytes", OLD))
}

on_each_server! {
    fn the_question_shows_both_sizes_and_times_and_overwrite_replaces(who) {
        let (local, remote) = newer_here();
        let Some(session) = asked(who, local, remote) else { return };
        // vsftpd lists old files with the day only.
        for shown in ["23 bytes", "9 bytes", "2023-11-14 22:13", "2017-07-14"] {
            session.screen.wait_text(shown);
        }
        session.screen.keys("o");
        wait_bytes(&session.remote().join("a.txt"), b"new bytes, more of them");
        session.idle();
        session.screen.wait_gone("The target exists");
        if who.sets_times() {
            wait_for("the time", || mtime(&session.remote().join("a.txt")) == NEW);
        }
        assert_eq!(fs::read_dir(session.remote()).unwrap().count(), 1, "a partial is left");
    }
}

/// What an answer leaves at the target.
fn after(who: Who, (local, remote): (Tree, Tree), key: &str, wanted: &Tree) {
    let Some(session) = asked(who, local, remote) else { return };
    session.screen.keys(key);
    session.screen.wait_gone("The target exists");
    session.idle();
    wait_tree(&session.remote(), wanted);
}

#[test]
fn if_newer_replaces_an_older_one_and_keeps_a_newer_one() {
    let (local, remote) = newer_here();
    after(Who::Proftpd, (local.clone(), remote.clone()), "n", &local);
    let (newer, older) = (Tree::new().file_at("a.txt", "23", NEW), Tree::new().file_at("a.txt", "1", OLD));
    after(Who::Vsftpd, (older, newer.clone()), "n", &newer);
}

#[test]
fn if_the_size_differs_keeps_one_of_the_same_size() {
    let (local, remote) = newer_here();
    after(Who::Pyftpdlib, (local.clone(), remote), "s", &local);
    let same = Tree::new().file_at("a.txt", "OLD BYTES", OLD);
    after(Who::PureFtpd, (Tree::new().file_at("a.txt", "new bytes", NEW), same.clone()), "s", &same);
}

on_each_server! {
    fn resume_sends_only_what_is_missing(who) {
        let whole = crate::support::tree::pattern(200_000, 7);
        let local = Tree::new().file("a.txt", &whole);
        let Some(session) = asked(who, local, Tree::new().file("a.txt", &whole[..150_000])) else { return };
        session.screen.keys("e");
        wait_bytes(&session.remote().join("a.txt"), &whole);
        session.idle();
        // Of a resumed upload the log tells what went over the data connection, a moment later.
        wait_for("no more than the rest to be sent", || session.log().contains(", 50000 bytes in"));
    }
}

#[test]
fn rename_keeps_both_and_skip_keeps_the_target() {
    let (local, remote) = newer_here();
    let Some(session) = asked(Who::Vsftpd, local, remote.clone()) else { return };
    session.screen.keys("r");
    session.screen.wait_text("Copy under another name");
    session.fill_in("b.txt");
    session.idle();
    wait_tree(&session.remote(), &remote.clone().file_at("b.txt", "new bytes, more of them", NEW));
    session.row_of(Right, "b.txt");
    session.cursor_on(Left, "a.txt");
    session.screen.key(Key::F(5));
    session.screen.wait_text("The target exists");
    session.screen.keys("k");
    session.screen.wait_gone("The target exists");
    session.idle();
    wait_bytes(&session.remote().join("a.txt"), b"old bytes");
}

#[test]
fn one_answer_for_all_is_asked_once() {
    let names = ["a.txt", "b.txt", "c.txt"];
    let local = names.iter().fold(Tree::new(), |tree, name| tree.file(name, "new"));
    let remote = names.iter().fold(Tree::new(), |tree, name| tree.file(name, "old one"));
    let session = open!(Opening::new(Who::Pyftpdlib).local(local.clone()).remote(remote));
    session.focus(Left);
    session.screen.keys("*");
    session.wait_in(Left, "3 marked");
    session.screen.key(Key::F(5));
    session.screen.wait_text("The target exists");
    session.screen.keys("a");
    session.screen.wait_text("● all that follow");
    session.screen.keys("o");
    session.screen.wait_gone("The target exists");
    wait_tree(&session.remote(), &local);
}

#[test]
fn esc_copies_nothing_and_downloads_are_asked_about_as_well() {
    let (remote, local) = newer_here();
    let session = open!(Opening::new(Who::Proftpd).local(local.clone()).remote(remote));
    session.cursor_on(Right, "a.txt");
    session.screen.key(Key::F(5));
    session.screen.wait_text("The target exists");
    session.screen.key(Key::Esc);
    session.screen.wait_gone("The target exists");
    session.idle();
    wait_tree(&session.local(), &local);
    session.screen.key(Key::F(5));
    session.screen.wait_text("The target exists");
    let (col, row) = session.screen.wait_find("overwrite");
    session.screen.click(col, row);
    wait_bytes(&session.local().join("a.txt"), b"new bytes, more of them");
}
