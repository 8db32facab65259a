use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::msg::{Mouse, MouseKind};
use ftpane::app::{DropTarget, Effect, Msg};
use ftpane::bus::{BrowseOp, Command, Event, TransferEvent};
use ftpane::model::SortKey;

use ftpane::model::Place;

use super::rig::*;

fn targets(rig: &Rig) -> Vec<String> {
    let batches =
        rig.effects.iter().filter_map(|effect| if let Effect::Engine(Command::Enqueue(batch)) = effect { Some(batch) } else { None });
    batches.flat_map(|batch| &batch.items).map(|item| String::from_utf8_lossy(item.target.as_bytes()).into_owned()).collect()
}

#[test]
fn a_click_moves_the_cursor_and_a_double_click_opens() {
    let mut rig = rig(&["a"], &["d/"]);
    rig.mouse(MouseKind::Press, Hit::Row(Right, 1), (50, 3));
    rig.mouse(MouseKind::Release, Hit::Row(Right, 1), (50, 3));
    assert_eq!((rig.app.focus, rig.under_cursor()), (Right, "d".into()));
    assert!(rig.effects.is_empty());
    rig.time(1000);
    rig.mouse(MouseKind::Press, Hit::Row(Right, 1), (50, 3));
    assert!(rig.effects.is_empty(), "too late to be a double click");
    rig.time(1300);
    rig.mouse(MouseKind::Press, Hit::Row(Right, 1), (50, 3));
    assert!(matches!(rig.asked().1, BrowseOp::List { path, .. } if path == super::rig::path("/pub/d")));
}

#[test]
fn dragging_to_the_other_pane_copies_there() {
    let mut rig = rig(&["a"], &["d/", "f"]);
    rig.mouse(MouseKind::Press, Hit::Row(Left, 1), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Row(Left, 1), (5, 3));
    assert!(rig.app.drag.is_none(), "the pointer has not left its cell");
    rig.mouse(MouseKind::Drag, Hit::Row(Right, 2), (50, 4));
    let drag = rig.app.drag.as_ref().unwrap();
    assert_eq!(
        (drag.label.as_str(), drag.over.clone()),
        ("a", Some(DropTarget { side: Right, row: None, into: path("/pub") })),
        "a file's row is the pane"
    );
    rig.mouse(MouseKind::Release, Hit::Row(Right, 2), (50, 4));
    assert_eq!(targets(&rig), ["/pub/a"]);
    assert!(rig.app.drag.is_none());
}

#[test]
fn a_drop_on_a_directory_goes_into_it_and_on_the_parent_row_above() {
    for (row, target) in [(1, "/pub/d/a"), (0, "/a")] {
        let mut rig = rig(&["a"], &["d/", "f"]);
        rig.mouse(MouseKind::Press, Hit::Row(Left, 1), (5, 3));
        rig.mouse(MouseKind::Drag, Hit::Row(Right, row), (50, 4));
        let over = rig.app.drag.as_ref().unwrap().over.as_ref().unwrap();
        assert_eq!((over.side, over.row), (Right, Some(row)));
        rig.mouse(MouseKind::Release, Hit::Row(Right, row), (50, 4));
        assert_eq!(targets(&rig), [target]);
    }
}

#[test]
fn a_marked_row_carries_all_marks_and_an_unmarked_one_itself() {
    let mut rig = rig(&["a=1000", "b=24", "c"], &[]);
    rig.keys("Home j Space Space");
    rig.mouse(MouseKind::Press, Hit::Row(Left, 1), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Frame(Right), (50, 4));
    assert_eq!(rig.app.drag.as_ref().unwrap().label, "2 entries, 1.0K");
    rig.keys("Esc");
    assert!(rig.app.drag.is_none());
    rig.mouse(MouseKind::Release, Hit::Frame(Right), (50, 4));
    assert!(targets(&rig).is_empty(), "Esc drops nothing");
    rig.mouse(MouseKind::Press, Hit::Row(Left, 3), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Frame(Right), (50, 4));
    rig.mouse(MouseKind::Release, Hit::Frame(Right), (50, 4));
    assert_eq!(targets(&rig), ["/pub/c"]);
}

#[test]
fn rows_that_move_during_a_drag_change_neither_what_is_carried_nor_where_to() {
    let mut rig = rig(&["b", "c"], &["d/", "e/"]);
    rig.mouse(MouseKind::Press, Hit::Row(Left, 1), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Row(Right, 2), (50, 4));
    for (side, directory, new) in [(Left, "/home/me", "a"), (Right, "/pub", "a/")] {
        let directory = Place { connection: rig.connection(side), path: path(directory) };
        rig.event(Event::Transfer(TransferEvent::Landed { directory, entry: entry(new) }));
    }
    assert_eq!(rig.shown(Left)[1], "a", "the rows have moved");
    rig.mouse(MouseKind::Release, Hit::Row(Right, 2), (50, 4));
    assert_eq!(targets(&rig), ["/pub/e/b"]);
}

#[test]
fn on_the_same_pane_nothing_is_dropped() {
    let mut rig = rig(&["a", "d/"], &[]);
    rig.mouse(MouseKind::Press, Hit::Row(Left, 2), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Row(Left, 1), (5, 2));
    rig.mouse(MouseKind::Release, Hit::Row(Left, 1), (5, 2));
    assert!(rig.effects.is_empty());
}

#[test]
fn the_wheel_scrolls_the_pane_under_the_pointer_and_a_header_sorts() {
    let names: Vec<String> = (0..50).map(|i| format!("f{i}={i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rig = rig(&[], &names);
    rig.mouse(MouseKind::WheelDown, Hit::Row(Right, 3), (50, 5));
    assert_eq!((rig.pane(Right).top, rig.pane(Right).cursor, rig.app.focus), (3, 3, Left));
    rig.mouse(MouseKind::Press, Hit::Header(Right, SortKey::Size), (60, 1));
    assert_eq!(rig.shown(Right)[1], "f49");
    rig.mouse(MouseKind::Press, Hit::Header(Right, SortKey::Size), (60, 1));
    assert_eq!(rig.shown(Right)[1], "f0");
}

#[test]
fn a_drag_at_an_edge_scrolls_as_time_passes() {
    let names: Vec<String> = (0..50).map(|i| format!("f{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rig = rig(&["a"], &names);
    rig.mouse(MouseKind::Press, Hit::Row(Left, 1), (5, 3));
    rig.mouse(MouseKind::Drag, Hit::Row(Right, 9), (50, 12));
    for _ in 0..3 {
        let due = rig.app.needs_tick().expect("the next step is due");
        rig.time(due);
    }
    assert_eq!(rig.pane(Right).top, 3);
    rig.mouse(MouseKind::Drag, Hit::Row(Right, 6), (50, 8));
    assert_eq!(rig.app.needs_tick(), None);
}

#[test]
fn right_click_and_ctrl_click_mark() {
    let mut rig = rig(&["a", "b"], &[]);
    rig.mouse(MouseKind::RightPress, Hit::Row(Left, 1), (5, 3));
    rig.send(Msg::Mouse(Mouse { kind: MouseKind::Press, hit: Hit::Row(Left, 2), at: (5, 4), ctrl: true, shift: false }));
    assert_eq!(rig.pane(Left).marks.len(), 2);
}

#[test]
fn key_bar_buttons_and_dialog_buttons_can_be_clicked_and_outside_nothing_happens() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End");
    rig.mouse(MouseKind::Press, Hit::KeyBar(8), (60, 23));
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Outside), (1, 1));
    assert_eq!(rig.app.dialogs.len(), 1);
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Button(0)), (30, 12));
    assert!(rig.app.dialogs.is_empty());
    assert!(matches!(rig.asked().1, BrowseOp::Remove { .. }));
}
