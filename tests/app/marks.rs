use ftpane::bus::{Event, Outcome, TransferEvent};
use ftpane::model::Place;
use ftpane::model::listing::Count;

use super::rig::*;

fn marked(rig: &Rig) -> Vec<String> {
    let mut names: Vec<String> = rig.pane(Left).marks.iter().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()).collect();
    names.sort();
    names
}

#[test]
fn space_marks_and_goes_down_and_the_parent_row_is_never_marked() {
    let mut rig = rig(&["a", "b"], &[]);
    rig.keys("Home Space Space");
    assert_eq!(marked(&rig), ["a"]);
    assert_eq!(rig.under_cursor(), "b");
    rig.keys("Shift-Up Insert");
    assert_eq!(marked(&rig), ["b"]);
}

#[test]
fn masks_mark_case_blind_and_a_bad_mask_stays_in_the_prompt() {
    let mut rig = rig(&["a.JPG", "b.jpg", "c.txt"], &[]);
    rig.keys("+");
    rig.type_text("[");
    rig.keys("Enter");
    let ftpane::app::Dialog::Form(form) = rig.dialog() else { panic!("the prompt stays") };
    assert!(form.error.is_some());
    rig.keys("Ctrl-U");
    rig.type_text("*.jpg");
    rig.keys("Enter");
    assert_eq!(marked(&rig), ["a.JPG", "b.jpg"]);
    rig.keys("*");
    assert_eq!(marked(&rig), ["c.txt"]);
}

#[test]
fn the_sum_of_the_marks_follows_marks_sizes_and_what_arrives() {
    let mut rig = rig(&["a=10", "b=20", "d/"], &[]);
    rig.keys("*");
    assert_eq!((rig.pane(Left).marked().count, rig.pane(Left).marked().bytes), (3, 30));
    let directory = Place { connection: rig.connection(Left), path: path("/home/me") };
    rig.event(Event::Transfer(TransferEvent::Landed { directory, entry: entry("b=25") }));
    assert_eq!(rig.pane(Left).marked().bytes, 35);
    rig.keys("Ctrl-Space");
    let (request, _) = rig.asked();
    let count = Count { files: 1, dirs: 1, bytes: 7 };
    rig.answer(Left, request, Ok(Outcome::Counted(count)));
    assert_eq!(rig.pane(Left).marked().bytes, 42);
    rig.keys("*");
    assert_eq!(rig.pane(Left).marked().count, 0);
}

#[test]
fn the_size_of_a_directory_is_not_shown_in_another_one() {
    let mut rig = rig(&["d/"], &[]);
    rig.keys("End Ctrl-Space");
    let (size, _) = rig.asked();
    rig.keys("Enter");
    rig.list(Left, &["d/"]);
    rig.answer(Left, size, Ok(Outcome::Counted(Count { files: 1, dirs: 1, bytes: 7 })));
    assert!(rig.pane(Left).dir_sizes.is_empty());
}

#[test]
fn what_the_server_forbids_is_refused_with_the_reason_and_what_it_forbids_for_some_is_tried() {
    let mut rig = rig(&[], &["x"]);
    rig.keys("Tab Ctrl-r");
    let request = rig.pane(Right).loading.unwrap();
    let with = |text: &str, perms: &[u8]| ftpane::model::Entry { perms: Some(ftpane::model::perms::Perms::parse(perms)), ..entry(text) };
    rig.rows(Right, request, vec![with("free", b"adfrw"), with("kept", b"r")]);
    rig.listed(Right, request);
    rig.keys("End F8");
    assert!(rig.app.dialogs.is_empty());
    assert_eq!(rig.toast(), "the server does not let you delete it, by what its listing says");
    for (key, word) in [("Shift-F6", "rename"), ("F4", "change"), ("F6", "move")] {
        rig.keys(key);
        assert!(rig.toast().contains(&format!("let you {word} it")), "{key}: {}", rig.toast());
    }
    // What may be read is copied, and of several the server has the last word.
    rig.effects.clear();
    rig.keys("F5");
    assert!(!rig.commands().is_empty());
    rig.keys("* F8");
    assert_eq!(rig.app.dialogs.len(), 1);
}

#[test]
fn a_mask_begins_empty_and_nothing_is_all() {
    let mut rig = rig(&["a.txt", "b.bin"], &[]);
    rig.keys("+");
    rig.type_text("*.txt");
    rig.keys("Enter");
    assert_eq!(marked(&rig), ["a.txt"]);
    rig.keys("+ Enter");
    assert_eq!(marked(&rig), ["a.txt", "b.bin"]);
}
