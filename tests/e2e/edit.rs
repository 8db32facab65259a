//! F3 looks at a file, F4 edits it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::rig::{Left, Opening, Right, SMALL, program, wait_bytes};
use crate::support::pty::Key;
use crate::support::script::ScriptServer;
use crate::support::tree::Tree;
use crate::support::wait::wait_for;

on_each_server! {
    fn f3_shows_a_file_as_text_and_hex_and_finds_in_it(who) {
        let text = "first line\nGrüße\n\u{1b}]0;title\u{7}\nneedle here\nlast\n";
        let session = open!(Opening::new(who).remote(Tree::new().file("a.txt", text)).local(Tree::new().file("a.txt", text)));
        for side in [Right, Left] {
            session.cursor_on(side, "a.txt");
            session.screen.key(Key::F(3));
            session.screen.wait_text("first line");
            session.screen.wait_text("Grüße");
            session.screen.key(Key::F(4));
            session.screen.wait_text("66 69 72 73 74 20 6c 69");
            session.screen.key(Key::F(4));
            session.screen.keys("/");
            session.screen.keys("needle\r");
            session.screen.wait_text("needle here");
            session.screen.keys("q");
            session.ready();
        }
        assert!(!session.screen.saw_bytes(b"\x1b]0;title"), "a file's bytes reached the terminal");
    }
}

on_each_server! {
    fn a_big_file_is_looked_at_by_windows(who) {
        let session = open!(Opening::new(who).remote(Tree::new().file("big.log", "")));
        let len = 3_000_000_000;
        let file = session.lengthen("big.log", len, "2.8G");
        for (at, text) in [(0, "the very beginning\n"), (len / 2, "\nright in the middle\n"), (len - 8, "\nthe end")] {
            std::os::unix::fs::FileExt::write_all_at(&file, text.as_bytes(), at).unwrap();
        }
        session.screen.key(Key::F(3));
        session.screen.wait_text("the very beginning");
        session.screen.key(Key::End);
        session.screen.wait_text("the end");
        session.screen.key(Key::F(5));
        session.screen.keys("1500000001\r");
        session.screen.wait_text("right in the middle");
        session.screen.keys("q");
        session.ready();
        // Nobody read three gigabytes for that.
        assert!(session.log().lines().filter(|line| line.contains("bytes in")).all(|line| !line.contains(", 3000000000 bytes")));
    }
}

/// An editor that does what `body` says with the file `$1`.
fn editor(around: &Path, body: &str) -> String {
    let path = around.join("editor.sh");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

on_each_server! {
    fn f4_sends_a_changed_file_back_and_an_unchanged_one_not(who) {
        let tools = tempfile::tempdir().unwrap();
        let script = editor(tools.path(), "test -e $0.idle && exit 0\necho edited >> \"$1\"");
        let files = Tree::new().file("a.txt", "before\n");
        let session = open!(Opening::new(who).env("EDITOR", &script).remote(files.clone()).local(files));
        for (side, dir) in [(Right, session.remote()), (Left, session.local())] {
            session.cursor_on(side, "a.txt");
            session.screen.key(Key::F(4));
            wait_bytes(&dir.join("a.txt"), b"before\nedited\n");
            session.ready();
        }
        fs::write(format!("{script}.idle"), "").unwrap();
        session.cursor_on(Right, "a.txt");
        session.screen.key(Key::F(4));
        session.screen.wait_text("not changed");
        assert_eq!(fs::read(session.remote().join("a.txt")).unwrap(), b"before\nedited\n");
    }
}

on_each_server! {
    fn a_file_that_changed_meanwhile_is_asked_about(who) {
        let tools = tempfile::tempdir().unwrap();
        let going = tools.path().join("editor.sh.go");
        let script = editor(tools.path(), "echo editing\nuntil test -e $0.go; do sleep 0.01; done\necho mine > \"$1\"");
        let session = open!(Opening::new(who).env("EDITOR", &script).remote(Tree::new().file("a.txt", "before\n")));
        session.cursor_on(Right, "a.txt");
        session.screen.key(Key::F(4));
        session.screen.wait_text("editing");
        session.served.fill(&Tree::new().file("a.txt", "somebody else's words\n"));
        fs::write(going, "").unwrap();
        session.screen.wait_text("was changed on the server while you edited it");
        assert_eq!(fs::read(session.remote().join("a.txt")).unwrap(), b"somebody else's words\n");
        session.screen.keys("O");
        wait_bytes(&session.remote().join("a.txt"), b"mine\n");
    }
}

#[test]
fn what_a_server_refuses_to_take_back_is_kept_and_said_where() {
    let server = ScriptServer::play_text(
        "include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\non RETR *:\n    S: 150 Here\n    data send \"before\"\n    data fin\n    S: 226 Done\non STOR * -> 553 The disk is full of words\non SIZE * -> 213 6\non MLST * -> 250-Look\\r\\n type=file;size=6;modify=20200101000000; a.txt\\r\\n250 End\non MLSD*:\n    S: 150 Here\n    data send \"type=file;size=6;modify=20200101000000; a.txt\\r\\n\"\n    data fin\n    S: 226 Done\non MDTM * -> 213 20200101000000\nS: 220 Ready\nserve\n",
    );
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let script = editor(around.path(), "echo mine > \"$1\"");
    let screen = program(around.path(), SMALL).env("EDITOR", script).args(&[server.url("")]).start();
    screen.wait_for("the listing", |view| Right.row(view, "a.txt").is_some());
    screen.key(Key::Tab);
    screen.keys("/a.txt\r");
    screen.key(Key::F(4));
    screen.wait_text("full of words");
    screen.wait_text("kept");
    let kept = around.path().join("home");
    wait_for("the edited copy", || walk(&kept).iter().any(|file| fs::read(file).is_ok_and(|bytes| bytes == b"mine\n")));
    drop(screen);
}

/// All files below a directory.
fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
