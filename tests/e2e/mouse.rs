//! The mouse: clicks, wheel, marks, the key bar, and dragging to the other pane.

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Who, wait_bytes, wait_tree};
use crate::support::pty::{Key, Wheel};
use crate::support::tree::{Tree, mtime, pattern};
use crate::support::wait::wait_for;

#[test]
fn a_click_moves_a_double_click_opens_and_the_right_button_marks() {
    for size in [SMALL, LARGE] {
        let files = Tree::new().file("dir/in.txt", "inside it").file("a.txt", "a").file("b.txt", "b");
        let session = open!(Opening::new(Who::Vsftpd).size(size).remote(files));
        let (col, row) = session.cell(Right, "b.txt");
        session.screen.click(col, row);
        session.wait_cursor(Right, "b.txt");
        assert!(Right.focused(&session.screen.view()));
        let (col, row) = session.cell(Right, "a.txt");
        session.screen.right_click(col, row);
        session.screen.wait_for("a mark", |view| Right.marked(view, "a.txt"));
        let (col, row) = session.cell(Right, "b.txt");
        session.screen.ctrl_click(col, row);
        session.wait_in(Right, "2 marked");
        let (col, row) = session.cell(Right, "dir");
        session.screen.double_click(col, row);
        session.wait_names(Right, &["in.txt"]);
        let (col, row) = session.cell(Right, "in.txt");
        session.screen.double_click(col, row);
        session.screen.wait_text("inside it");
        session.screen.key(Key::Esc);
        session.ready();
        let (col, row) = session.cell(Right, "..");
        session.screen.double_click(col, row);
        session.wait_cursor(Right, "dir");
    }
}

#[test]
fn the_wheel_scrolls_the_pane_under_the_pointer() {
    let crowd = (1..=90).fold(Tree::new(), |tree, n| tree.file(format!("n{n}"), ""));
    let session = open!(Opening::new(Who::Pyftpdlib).remote(crowd));
    for _ in 0..40 {
        session.screen.wheel((60, 10), Wheel::Down);
    }
    session.row_of(Right, "n90");
    assert!(Left.focused(&session.screen.view()), "the wheel took the keys along");
    for _ in 0..40 {
        session.screen.wheel((60, 10), Wheel::Up);
    }
    session.row_of(Right, "n1");
}

#[test]
fn the_key_bar_can_be_clicked() {
    for size in [SMALL, LARGE] {
        let session = open!(Opening::new(Who::Vsftpd).size(size).remote(Tree::new().file("a.txt", "a")));
        session.cursor_on(Right, "a.txt");
        let (col, row) = session.screen.wait_find("5Copy");
        session.screen.click(col + 1, row);
        session.row_of(Left, "a.txt");
        wait_bytes(&session.local().join("a.txt"), b"a");
        session.idle();
        let (col, row) = session.screen.wait_find("1Help");
        session.screen.click(col + 1, row);
        session.screen.wait_text("Help ─");
    }
}

on_each_server! {
    fn what_is_dragged_to_the_other_pane_is_copied_there(who) {
        let files = Tree::new().file_at("a.bin", pattern(120_000, 9), 1_600_000_000).file("tree/x", "x").file("tree/deep/y", "y");
        let session = open!(Opening::new(who).size(LARGE).local(files.clone()).remote(Tree::new().dir("box")));
        // An unmarked row carries itself; dropped in the room below the rows.
        session.screen.drag(session.cell(Left, "a.bin"), (90, 30));
        wait_bytes(&session.remote().join("a.bin"), &pattern(120_000, 9));
        session.row_of(Right, "a.bin");
        if who.sets_times() {
            wait_for("the time", || mtime(&session.remote().join("a.bin")) == 1_600_000_000);
        }
        session.idle();
        // Onto a directory's row: into it. A marked row carries all marks.
        session.focus(Left);
        session.screen.keys("*");
        session.wait_in(Left, "2 marked");
        session.screen.drag(session.cell(Left, "tree"), session.cell(Right, "box"));
        wait_for("all in the box", || files.difference(&Tree::read(&session.remote().join("box")), false).is_empty());
        session.idle();
        // Back, out of the box and onto `..`'s row of nothing special: the pane's directory.
        let (col, row) = session.cell(Right, "box");
        session.screen.double_click(col, row);
        session.wait_names(Right, &["tree", "a.bin"]);
        std::fs::remove_dir_all(session.local().join("tree")).unwrap();
        session.focus(Left);
        session.screen.ctrl('r');
        session.wait_no(Left, "tree");
        session.screen.drag(session.cell(Right, "tree"), (10, 30));
        session.row_of(Left, "tree");
        wait_tree(&session.local(), &files);
    }
}

#[test]
fn a_drag_shows_what_is_carried_and_esc_drops_nothing() {
    let session = open!(Opening::new(Who::Proftpd).local(Tree::new().file("a.bin", "1").file("b.bin", "2")).remote(Tree::new().dir("box")));
    session.focus(Left);
    let from = session.cell(Left, "a.bin");
    let onto = session.cell(Right, "box");
    let frame = session.screen.view().cell(79, 5).clone();
    session.screen.press(from);
    session.screen.carry(from, (60, 12));
    session.screen.wait_for("the label at the pointer", |view| view.row(12).contains("a.bin") || view.row(13).contains("a.bin"));
    session.screen.wait_for("the target lit", |view| view.cell(79, 5).fgcolor() != frame.fgcolor());
    session.screen.carry((60, 12), onto);
    session.screen.wait_for("the row lit", |view| view.cell(78, onto.1).bgcolor() != vt100::Color::Default);
    session.screen.key(Key::Esc);
    session
        .screen
        .wait_for("the label gone", |view| Right.names(view) == ["box"] && !(0..24).any(|row| Right.part(view, row).contains("a.bin")));
    session.screen.release(onto);
    // Released on the pane that it came from: nothing either.
    session.screen.drag(session.cell(Left, "a.bin"), session.cell(Left, "b.bin"));
    session.cursor_on(Right, "box");
    session.screen.key(Key::Enter);
    session.wait_title(Right, "/box");
    wait_tree(&session.remote(), &Tree::new().dir("box"));
    assert!(!session.log().contains("> STOR"));
}

#[test]
fn without_the_mouse_the_terminal_keeps_its_selection() {
    let session = open!(Opening::new(Who::Vsftpd).arg("--no-mouse").remote(Tree::new().file("a.txt", "a")));
    assert!(!session.screen.view().mouse());
    session.screen.alt('m');
    session.screen.wait_for("the mouse", |view| view.mouse());
    session.screen.alt('m');
    session.screen.wait_for("the mouse given back", |view| !view.mouse());
}
