use ftpane::app::{Dialog, Effect, Panel};
use ftpane::bus::{BrowseOp, Command, Outcome};
use ftpane::model::{During, Failure, FailureKind, Generation};

use super::rig::*;

#[test]
fn directories_come_first_and_numbers_count() {
    let rig = rig(&[], &["b10", "b9", "z/", ".hidden"]);
    assert_eq!(rig.shown(Right), ["..", "z", "b9", "b10"]);
}

#[test]
fn entering_and_leaving_a_directory_puts_the_cursor_on_the_one_that_was_left() {
    let mut rig = rig(&["a/", "b/", "c"], &[]);
    rig.keys("Home j j Enter");
    let (_, op) = rig.asked();
    assert!(matches!(&op, BrowseOp::List { path, .. } if *path == super::rig::path("/home/me/b")), "{op:?}");
    assert_eq!(rig.shown(Left), ["..", "a", "b", "c"], "the old listing stays until rows come");
    rig.list(Left, &["x"]);
    assert_eq!(rig.shown(Left), ["..", "x"]);
    rig.keys("Backspace");
    rig.list(Left, &["a/", "b/", "c"]);
    assert_eq!(rig.under_cursor(), "b");
}

#[test]
fn back_and_forward_go_the_way_that_was_gone() {
    let mut rig = rig(&["a/"], &[]);
    rig.keys("End l");
    rig.list(Left, &["inner"]);
    rig.keys("Alt-Left");
    rig.list(Left, &["a/"]);
    assert_eq!(rig.pane(Left).path, path("/home/me"));
    assert_eq!(rig.under_cursor(), "a");
    rig.keys("Alt-Right");
    rig.list(Left, &["inner"]);
    assert_eq!(rig.pane(Left).path, path("/home/me/a"));
    assert!(rig.pane(Left).forward.is_empty());
}

#[test]
fn l_enters_directories_only_and_enter_views_files() {
    let mut rig = rig(&["f"], &[]);
    rig.keys("End l");
    assert!(rig.effects.is_empty());
    rig.keys("Enter");
    assert!(matches!(rig.asked().1, BrowseOp::Read { offset: 0, length: 65_536, .. }));
}

#[test]
fn a_refresh_keeps_the_cursor_by_name_and_the_marks_that_still_exist() {
    let mut rig = rig(&["a", "b", "c", "d"], &[]);
    rig.keys("Home j Space Space Ctrl-R");
    assert_eq!(rig.under_cursor(), "c");
    rig.list(Left, &["0", "1", "b", "c"]);
    assert_eq!(rig.under_cursor(), "c");
    let marks: Vec<_> = rig.pane(Left).marks.iter().cloned().collect();
    assert_eq!(marks, [name("b")]);
}

#[test]
fn rows_show_as_they_stream_and_the_cursor_stays_where_the_person_put_it() {
    let mut rig = rig(&["a/"], &[]);
    rig.keys("End Enter");
    let request = rig.pane(Left).loading.unwrap();
    rig.rows(Left, request, entries(&["m", "k"]));
    assert_eq!(rig.shown(Left), ["..", "k", "m"], "the first rows replace the old ones at once, sorted");
    rig.keys("End");
    assert_eq!(rig.under_cursor(), "m");
    rig.rows(Left, request, entries(&["a", "b", "z"]));
    rig.listed(Left, request);
    assert_eq!(rig.shown(Left), ["..", "a", "b", "k", "m", "z"]);
    assert_eq!(rig.under_cursor(), "m");
}

#[test]
fn an_answer_nobody_waits_for_is_dropped() {
    let mut rig = rig(&["a/", "b/"], &[]);
    rig.keys("Home j Enter");
    let old = rig.pane(Left).loading.unwrap();
    rig.keys("j Enter");
    assert!(rig.effects.contains(&Effect::Engine(Command::CancelRequest { connection: rig.connection(Left), request: old })));
    rig.rows(Left, old, entries(&["late"]));
    rig.answer(Left, old, Ok(Outcome::Listed { free: None, path: path("/home/me/a") }));
    assert_eq!(rig.shown(Left), ["..", "a", "b"]);
    rig.list(Left, &["in-b"]);
    assert_eq!((rig.pane(Left).path.clone(), rig.shown(Left)), (path("/home/me/b"), vec!["..".into(), "in-b".into()]));
}

#[test]
fn a_failed_listing_keeps_the_directory_and_says_why() {
    let mut rig = rig(&["a/", "b"], &[]);
    rig.keys("Home j Enter");
    let request = rig.pane(Left).loading.unwrap();
    rig.answer(Left, request, Err(Failure::new(FailureKind::Denied, During::List, "permission denied")));
    assert_eq!(rig.shown(Left), ["..", "a", "b"]);
    assert_eq!(rig.pane(Left).path, path("/home/me"));
    assert!(rig.pane(Left).trouble.is_none() && rig.pane(Left).missed.is_some(), "what is shown is as good as it was");
    assert!(rig.toast().contains("permission denied"));
    rig.keys("Enter");
    assert_eq!(rig.toast(), "", "another try is not told of with the words of the one before");
    rig.list(Left, &["c"]);
    assert!(rig.pane(Left).missed.is_none());
}

#[test]
fn a_link_that_turns_out_to_be_a_file_is_viewed() {
    let mut rig = rig(&["l@"], &[]);
    rig.keys("End Enter");
    let request = rig.pane(Left).loading.unwrap();
    rig.answer(Left, request, Err(Failure::new(FailureKind::Refused, During::List, "not a directory")));
    assert!(matches!(rig.asked().1, BrowseOp::Read { path, .. } if path == super::rig::path("/home/me/l")));
}

#[test]
fn search_prefers_beginnings_and_esc_goes_back() {
    let mut rig = rig(&["abba", "ba", "c"], &[]);
    rig.keys("Home /");
    rig.type_text("ba");
    assert_eq!(rig.under_cursor(), "ba");
    rig.type_text("x");
    assert_eq!(rig.pane(Left).search.as_ref().unwrap().text, "ba", "a letter that no name has is not taken");
    rig.keys("Esc");
    assert_eq!(rig.under_cursor(), "..");
    rig.keys("Ctrl-S");
    rig.type_text("bb");
    rig.keys("Enter");
    assert_eq!(rig.under_cursor(), "abba");
    assert!(rig.pane(Left).search.is_none());
}

#[test]
fn a_filter_hides_what_does_not_match_and_esc_shows_all_again() {
    let mut rig = rig(&["a.txt", "b.jpg", "c.TXT"], &[]);
    rig.keys("f");
    rig.type_text("*.txt");
    rig.keys("Enter");
    assert_eq!(rig.shown(Left), ["..", "a.txt", "c.TXT"]);
    rig.keys("Esc");
    assert_eq!(rig.shown(Left), ["..", "a.txt", "b.jpg", "c.TXT"]);
}

#[test]
fn hidden_files_show_and_a_mark_never_stays_on_what_is_not_shown() {
    let mut rig = rig(&[".a", "b"], &[]);
    rig.keys("Alt-. *");
    assert_eq!(rig.pane(Left).marks.len(), 2);
    rig.keys("Alt-.");
    assert_eq!(rig.shown(Left), ["..", "b"]);
    assert_eq!(rig.pane(Left).marks.len(), 1);
}

#[test]
fn sorting_again_by_the_same_key_reverses() {
    let mut rig = rig(&["a=1", "b=3", "c=2", "d/"], &[]);
    rig.keys("s s");
    assert_eq!(rig.shown(Left), ["..", "d", "b", "c", "a"]);
    rig.keys("s s");
    assert_eq!(rig.shown(Left), ["..", "d", "a", "c", "b"]);
    rig.keys("s n");
    assert_eq!(rig.shown(Left), ["..", "d", "a", "b", "c"]);
}

#[test]
fn a_path_is_completed_from_the_directories_of_the_volume() {
    let mut rig = rig(&[], &[]);
    rig.keys("Alt-c Ctrl-U");
    rig.type_text("/usr/lo");
    rig.keys("Tab");
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::List { path: path("/usr"), generation: Generation(0) });
    rig.rows(Left, request, entries(&["local/", "lost", "lib/"]));
    rig.answer(Left, request, Ok(Outcome::Listed { free: None, path: path("/usr") }));
    let Dialog::Form(form) = rig.dialog() else { panic!("the prompt is open") };
    assert_eq!(form.fields[0].input.value(), "/usr/local/");
    rig.keys("Enter");
    assert!(matches!(rig.asked().1, BrowseOp::List { path, .. } if path == super::rig::path("/usr/local")));
}

#[test]
fn the_other_pane_can_show_the_same_place() {
    let mut rig = rig(&["a/"], &["x/"]);
    rig.keys("Alt-i");
    assert!(rig.commands().iter().any(|command| matches!(command, Command::Open { .. })), "another volume is opened anew");
    rig.open(Right);
    rig.list(Right, &["a/"]);
    assert_eq!(rig.pane(Right).path, path("/home/me"));
    rig.effects.clear();
    rig.keys("End Alt-o");
    assert_eq!(rig.asked().1, BrowseOp::List { path: path("/home/me/a"), generation: Generation(rig.app.ids.generation.0) });
    rig.list(Right, &["inner"]);
    assert_eq!(rig.shown(Right), ["..", "inner"]);
}

#[test]
fn swapped_panes_keep_what_they_wait_for() {
    let mut rig = rig(&["a/"], &["x"]);
    rig.keys("End Enter Ctrl-U");
    assert_eq!(rig.app.focus, Right);
    rig.list(Right, &["inner"]);
    assert_eq!((rig.shown(Right), rig.shown(Left)), (vec!["..".to_owned(), "inner".into()], vec!["..".to_owned(), "x".into()]));
}

#[test]
fn many_rows_keep_one_order_however_they_stream() {
    let mut rig = rig(&["big/"], &[]);
    rig.keys("End Enter");
    let request = rig.pane(Left).loading.unwrap();
    let names: Vec<String> = (0..5000).map(|i| format!("file{}", (i * 7919) % 5000)).collect();
    for chunk in names.chunks(128) {
        rig.rows(Left, request, chunk.iter().map(|name| entry(name)).collect());
    }
    rig.listed(Left, request);
    let expected: Vec<String> = std::iter::once("..".to_owned()).chain((0..5000).map(|i| format!("file{i}"))).collect();
    assert_eq!(rig.shown(Left), expected);
}

#[test]
fn letters_that_a_panel_does_not_know_do_nothing_to_the_pane_below() {
    for open in ["w", "L"] {
        let mut rig = rig(&["a", "b/"], &[]);
        rig.keys("End");
        rig.keys(open);
        let (cursor, shown) = (rig.pane(Left).cursor, rig.shown(Left));
        rig.keys("r q o X B b f n s n h l d + - * / Space Insert Backspace Left Right Enter");
        assert!(rig.app.dialogs.is_empty() && rig.effects.is_empty() && !rig.app.quitting, "{open}: {:?}", rig.effects);
        assert!(rig.pane(Left).marks.is_empty() && rig.pane(Left).search.is_none());
        assert_eq!((rig.pane(Left).cursor, rig.shown(Left)), (cursor, shown));
        rig.keys("j k PageDown Home");
        assert_eq!(rig.pane(Left).cursor, cursor, "the panel moves, not the pane");
    }
}

#[test]
fn what_is_not_for_one_pane_still_works_from_a_panel() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("w :");
    assert!(matches!(rig.dialog(), Dialog::Form(_)));
    rig.keys("Esc ?");
    assert!(matches!(rig.dialog(), Dialog::Help(_)));
    rig.keys("Esc F9");
    assert!(matches!(rig.dialog(), Dialog::Palette(_)));
    rig.keys("Esc Ctrl-X c");
    assert!(rig.app.pending.is_none());
    rig.keys("Ctrl-R");
    assert!(rig.pane(Left).loading.is_some());
    rig.keys("L");
    assert_eq!(rig.app.panel, Some(Panel::Log));
    rig.keys("w Tab r");
    assert!(!rig.app.panel_focus, "Tab goes to the panes");
}

/// The text and what is wrong in the form on top.
fn typed(rig: &Rig) -> (&str, &str) {
    let Dialog::Form(form) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    (form.fields[0].input.value(), form.error.as_deref().unwrap_or_default())
}

#[test]
fn a_name_that_is_taken_is_named_and_stays_to_be_mended() {
    for keys in ["Shift-F6 Ctrl-U", "F7", "Tab Shift-F6 Ctrl-U", "Tab F7"] {
        let mut rig = rig(&["a", "b"], &["a", "b"]);
        rig.keys("Home Down Tab Home Down Tab");
        rig.keys(keys);
        rig.type_text("b");
        let before = rig.commands().len();
        rig.keys("Enter");
        assert_eq!(typed(&rig), ("b", "b exists here already: type another name"), "{keys}");
        assert_eq!(rig.commands().len(), before, "nothing is sent for it");
    }
}

#[test]
fn a_rename_that_the_server_refuses_comes_back_with_the_name_that_was_typed() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab End r Ctrl-U");
    rig.type_text("taken");
    rig.keys("Enter");
    let (request, _) = rig.asked();
    let failure = Failure::new(FailureKind::AlreadyExists, During::Rename, "it exists already").about(&b"/pub/taken"[..]);
    rig.answer(Right, request, Err(failure));
    let (text, error) = typed(&rig);
    assert_eq!(text, "taken");
    assert!(error.contains("/pub/taken: it exists already"), "{error}");
    rig.type_text("2");
    rig.keys("Enter");
    assert!(matches!(rig.asked().1, BrowseOp::Rename { to, .. } if to == path("/pub/taken2")), "{:?}", rig.asked());
}
