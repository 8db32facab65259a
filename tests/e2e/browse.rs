//! Moving through directories by keys.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Session, Side, Who};
use crate::support::pty::{Key, Mods};
use crate::support::tree::Tree;

fn sample() -> Tree {
    Tree::new()
        .file_at("file2.txt", "22", 1_000_000_000)
        .file_at("file10.log", "1010101010", 1_500_000_000)
        .file_at("README", "r", 1_200_000_000)
        .file(".secret", "s")
        .file("docs/deep/bottom.txt", "b")
        .dir("empty")
}

/// Enters and leaves directories in one pane; the story is the same on the local disk and on a server.
fn up_and_down(session: &Session, side: Side) {
    session.cursor_on(side, "docs");
    session.screen.key(Key::Enter);
    session.wait_names(side, &["deep"]);
    session.screen.key(Key::Down);
    session.screen.keys("l");
    session.wait_names(side, &["bottom.txt"]);
    session.screen.key(Key::Backspace);
    session.wait_cursor(side, "deep");
    session.screen.keys("h");
    session.wait_cursor(side, "docs");
    // Back and forward through the history.
    session.screen.key_with(Mods::ALT, Key::Left);
    session.wait_names(side, &["deep"]);
    session.screen.key_with(Mods::ALT, Key::Right);
    session.wait_cursor(side, "docs");
    // `..` by Enter.
    session.cursor_on(side, "empty");
    session.screen.key(Key::Right);
    session.wait_in(side, "empty");
    session.wait_names(side, &["empty"]);
    session.screen.key(Key::Enter);
    session.wait_cursor(side, "empty");
}

on_each_server! {
    fn directories_are_entered_and_left_and_the_cursor_returns(who) {
        let session = open!(Opening::new(who).local(sample()).remote(sample()));
        for side in [Right, Left] {
            session.wait_names(side, &["docs", "empty", "file2.txt", "file10.log", "README"]);
            up_and_down(&session, side);
        }
    }
}

#[test]
fn pages_ends_and_vim_letters_move_the_cursor() {
    let crowd = (1..=60).fold(Tree::new(), |tree, n| tree.file(format!("n{n}"), ""));
    for size in [SMALL, LARGE] {
        let session = open!(Opening::new(Who::Pyftpdlib).size(size).remote(crowd.clone()));
        session.focus(Right);
        let page = usize::from(size.1) - 5;
        for (keys, name) in [("G", "n60"), ("k", "n59"), ("g", "n1"), ("jj", "n3")] {
            session.screen.keys(keys);
            session.wait_cursor(Right, name);
        }
        session.screen.key(Key::End);
        session.wait_cursor(Right, "n60");
        session.screen.key(Key::Home);
        session.wait_cursor(Right, "n1");
        session.screen.key(Key::PageDown);
        session
            .screen
            .wait_for("a page on", |view| Right.cursor(view).and_then(|name| name[1..].parse().ok()).is_some_and(|n: usize| n + 2 >= page));
        session.screen.key(Key::PageUp);
        session.wait_cursor(Right, "n1");
    }
}

#[test]
fn marks_by_insert_space_ctrl_t_shift_arrows_and_masks() {
    let session = open!(Opening::new(Who::Vsftpd).remote(sample()));
    session.cursor_on(Right, "docs");
    session.screen.key(Key::Insert);
    session.screen.keys(" ");
    session.screen.ctrl('t');
    session.screen.key_with(Mods::SHIFT, Key::Down);
    let marked = |names: &[&str]| {
        session.screen.wait_for(&format!("{names:?} marked"), |view| {
            let all = Right.names(view);
            let found: Vec<&str> = all.iter().map(String::as_str).filter(|name| Right.marked(view, name)).collect();
            found == names
        });
    };
    marked(&["docs", "empty", "file2.txt", "file10.log"]);
    session.wait_in(Right, "4 marked");
    session.screen.keys("*");
    marked(&["README"]);
    session.screen.keys("+");
    session.fill_in("*.TXT");
    marked(&["file2.txt", "README"]);
    session.screen.keys("-");
    session.fill_in("read*");
    marked(&["file2.txt"]);
    session.wait_in(Right, "1 marked");
    session.screen.key_with(Mods::SHIFT, Key::Up);
    session.wait_in(Right, "2 marked");
}

#[test]
fn search_jumps_while_typing_and_esc_goes_back() {
    let session = open!(Opening::new(Who::PureFtpd).remote(sample()));
    session.cursor_on(Right, "docs");
    session.screen.keys("/READ");
    session.wait_cursor(Right, "README");
    session.screen.key(Key::Esc);
    session.wait_cursor(Right, "docs");
    session.screen.ctrl('s');
    session.screen.keys("file1");
    session.wait_cursor(Right, "file10.log");
    session.screen.key(Key::Enter);
    session.screen.wait_gone("search:");
    session.wait_cursor(Right, "file10.log");
}

#[test]
fn a_directory_is_sorted_by_name_size_time_and_extension_by_keys_and_by_the_header() {
    let session = open!(Opening::new(Who::Proftpd).remote(sample()));
    let order = |names: &[&str]| session.wait_names(Right, &[&["docs", "empty"], names].concat());
    session.focus(Right);
    order(&["file2.txt", "file10.log", "README"]);
    session.screen.keys("ss");
    order(&["file10.log", "file2.txt", "README"]);
    session.screen.keys("st");
    order(&["file10.log", "README", "file2.txt"]);
    session.screen.keys("st");
    session.screen.wait_for("the oldest first", |view| Right.names(view)[2..] == ["file2.txt", "README", "file10.log"]);
    session.screen.keys("se");
    order(&["README", "file10.log", "file2.txt"]);
    // The header: the size's, twice.
    let (col, row) = session.screen.view().find_from(40, "Size").unwrap();
    session.screen.click(col, row);
    order(&["file10.log", "file2.txt", "README"]);
    session.screen.click(col, row);
    order(&["README", "file2.txt", "file10.log"]);
    session.screen.click(45, row);
    order(&["file2.txt", "file10.log", "README"]);
}

#[test]
fn hidden_files_show_and_hide() {
    let session = open!(Opening::new(Who::Pyftpdlib).local(sample()).remote(sample()));
    for side in [Left, Right] {
        session.focus(side);
        session.wait_no(side, ".secret");
        session.screen.alt('.');
        session.row_of(side, ".secret");
        session.screen.alt('.');
        session.wait_no(side, ".secret");
    }
}

#[test]
fn refresh_shows_what_others_did_and_keeps_cursor_and_marks() {
    let session = open!(Opening::new(Who::Vsftpd).remote(sample()));
    session.cursor_on(Right, "file2.txt");
    session.screen.key(Key::Insert);
    session.wait_cursor(Right, "file10.log");
    fs::write(session.remote().join("a-new-one"), "n").unwrap();
    fs::remove_file(session.remote().join("README")).unwrap();
    session.screen.ctrl('r');
    session.row_of(Right, "a-new-one");
    session.wait_no(Right, "README");
    session.wait_cursor(Right, "file10.log");
    session.wait_in(Right, "1 marked");
}

on_each_server! {
    fn a_path_is_typed_and_completed_by_tab(who) {
        let session = open!(Opening::new(who).remote(sample()).local(sample()));
        for side in [Right, Left] {
            session.focus(side);
            session.screen.alt('c');
            session.screen.wait_text("Go to");
            session.screen.ctrl('u');
            session.screen.keys("do\t");
            session.screen.wait_text("Path docs/");
            session.screen.keys("d\t");
            session.screen.wait_text("Path docs/deep/");
            session.screen.key(Key::Enter);
            session.wait_names(side, &["bottom.txt"]);
        }
    }
}

#[test]
fn panes_are_swapped_and_follow_each_other() {
    let session = open!(Opening::new(Who::Proftpd).local(Tree::new().file("mine/a.txt", "a")).remote(sample()));
    session.screen.ctrl('u');
    session.row_of(Left, "README");
    session.row_of(Right, "mine");
    session.screen.ctrl('u');
    session.row_of(Left, "mine");
    session.row_of(Right, "README");
    // The same place in the other pane: two views of one server.
    session.cursor_on(Right, "docs");
    session.screen.key(Key::Enter);
    session.wait_names(Right, &["deep"]);
    session.screen.alt('i');
    session.wait_names(Left, &["deep"]);
    session.cursor_on(Right, "deep");
    session.screen.alt('o');
    session.wait_names(Left, &["bottom.txt"]);
}

on_each_server! {
    fn a_link_to_a_directory_is_entered_and_left_to_where_it_stands(who) {
        // The embedded server's MLSD calls links files: see its header.
        if who == Who::Embedded { return; }
        // A server that says where a link leads is believed: the pane is there then, as its title says.
        let files = Tree::new().file("real/in.txt", "i").link("a-link", "real").file("z.txt", "z");
        let session = open!(Opening::new(who).remote(files.clone()).local(files));
        for side in [Right, Left] {
            session.cursor_on(side, "a-link");
            session.screen.key(Key::Enter);
            session.wait_names(side, &["in.txt"]);
            session.screen.key(Key::Backspace);
            session.screen.wait_for("the cursor on what was left", |view| side.cursor(view).is_some_and(|name| name == "a-link" || name == "real"));
        }
    }
}
