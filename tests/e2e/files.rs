//! Moving, renaming, making and deleting.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, Who, wait_bytes, wait_tree};
use crate::support::pty::{Key, Mods};
use crate::support::tree::{Tree, pattern};
use crate::support::wait::wait_for;

on_each_server! {
    fn a_tree_is_moved_across_and_goes_from_where_it_was(who) {
        let tree = Tree::new().file("tree/a.bin", pattern(40_000, 3)).file("tree/sub/b", "b").dir("tree/hollow");
        let session = open!(Opening::new(who).local(tree.clone()));
        let (here, there) = ((Left, session.local()), (Right, session.remote()));
        // Across and back.
        for ((from, left), (to, right)) in [(&here, &there), (&there, &here)] {
            session.cursor_on(*from, "tree");
            session.screen.key(Key::F(6));
            session.screen.wait_text("Move");
            session.screen.key(Key::Enter);
            session.row_of(*to, "tree");
            session.wait_no(*from, "tree");
            session.idle();
            wait_tree(right, &tree);
            assert!(!left.join("tree").exists());
        }
    }
}

on_each_server! {
    fn on_one_server_a_move_is_a_rename_and_r_renames(who) {
        let session = open!(Opening::new(who).remote(Tree::new().file("a.bin", pattern(90_000, 4)).dir("box")));
        session.cursor_on(Right, "a.bin");
        session.screen.keys("r");
        session.screen.wait_text("Rename");
        session.fill_in("b c.bin");
        session.row_of(Right, "b c.bin");
        session.wait_no(Right, "a.bin");
        // The other pane shows the directory to move to.
        session.screen.alt('i');
        session.wait_in(Left, "b c.bin");
        session.cursor_on(Left, "box");
        session.screen.key(Key::Enter);
        session.wait_title(Left, "box");
        session.cursor_on(Right, "b c.bin");
        session.screen.key(Key::F(6));
        session.screen.wait_text("/box/b c.bin");
        session.screen.key(Key::Enter);
        session.row_of(Left, "b c.bin");
        session.wait_no(Right, "b c.bin");
        wait_bytes(&session.remote().join("box/b c.bin"), &pattern(90_000, 4));
        assert!(!session.log().contains("> RETR"), "it went over the wire");
    }
}

on_each_server! {
    fn f7_makes_a_directory_on_either_side(who) {
        let session = open!(Opening::new(who));
        for side in [Right, Left] {
            session.focus(side);
            session.screen.key(Key::F(7));
            session.screen.wait_text("Make a directory");
            session.fill_in("neu & schön");
            session.wait_cursor(side, "neu & schön");
        }
        assert!(session.remote().join("neu & schön").is_dir() && session.local().join("neu & schön").is_dir());
    }
}

on_each_server! {
    fn f8_says_what_and_how_much_and_a_link_goes_without_what_it_leads_to(who) {
        let kept = Tree::new().file("kept/precious.txt", "keep me");
        let mut doomed = kept.clone().file("tree/a.txt", "12345").file("tree/sub/b.txt", "678");
        if who != Who::Embedded {
            doomed = doomed.link("tree/way-out", "../kept");
        }
        let session = open!(Opening::new(who).size(LARGE).remote(doomed));
        session.cursor_on(Right, "tree");
        session.screen.key(Key::F(8));
        session.screen.wait_text("for good.");
        // What and where, and how much, counted while it is asked.
        session.screen.wait_text("tree");
        session.screen.wait_for("the counts", |view| view.text().contains("files, ") && !view.text().contains("counting"));
        assert!(session.screen.find("127.0.0.1").is_some());
        session.screen.key(Key::Esc);
        session.screen.wait_gone("for good.");
        assert!(session.remote().join("tree/a.txt").exists());
        session.screen.key(Key::F(8));
        session.screen.wait_text("for good.");
        session.screen.keys("D");
        session.wait_no(Right, "tree");
        wait_tree(&session.remote(), &kept);
    }
}

#[test]
fn marked_entries_are_deleted_and_a_refusal_is_shown_in_the_servers_words() {
    let session = open!(Opening::new(Who::Vsftpd).remote(Tree::new().file("a", "").file("b", "").file("c", "")));
    session.cursor_on(Right, "a");
    session.screen.keys("  ");
    session.wait_in(Right, "2 marked");
    session.screen.key(Key::Delete);
    session.screen.wait_text("2 entries");
    session.screen.keys("D");
    session.wait_names(Right, &["c"]);
    // Root's own directory: the server may not change it.
    std::os::unix::fs::chown(session.remote(), Some(0), Some(0)).unwrap();
    fs::set_permissions(session.remote(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    session.screen.key(Key::F(8));
    session.screen.wait_text("for good.");
    session.screen.keys("D");
    session.screen.wait_text("550");
    session.row_of(Right, "c");
}

#[test]
fn local_files_go_to_the_trash_or_for_good() {
    let session = open!(Opening::new(Who::Pyftpdlib).local(Tree::new().file("bin-it", "1").file("shred-it", "2")));
    session.cursor_on(Left, "bin-it");
    session.screen.key(Key::F(8));
    session.screen.wait_text("It goes into the trash");
    session.screen.keys("T");
    session.wait_names(Left, &["shred-it"]);
    session.screen.key_with(Mods::SHIFT, Key::F(8));
    session.screen.wait_text("for good.");
    session.screen.keys("D");
    session.wait_no(Left, "shred-it");
    wait_for("an empty directory", || fs::read_dir(session.local()).unwrap().count() == 0);
}
