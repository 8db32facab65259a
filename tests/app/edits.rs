use std::path::PathBuf;

use ftpane::app::{Dialog, Effect, Msg};
use ftpane::bus::{BrowseOp, Outcome};
use ftpane::model::{During, Failure, FailureKind, Side, Timestamp};

use super::rig::*;

fn file() -> PathBuf {
    PathBuf::from("/scratch/0/a.txt")
}

fn side(size: u64) -> Side {
    Side { path: path("/pub/a.txt"), size: Some(size), modified: Some(Timestamp::exact(1_000_000)) }
}

/// A file of the server is in the editor.
fn editing() -> Rig {
    let mut rig = rig(&[], &["a.txt=5"]);
    rig.keys("Tab End F4");
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::Fetch { path: path("/pub/a.txt"), to: file() });
    rig.answer(Right, request, Ok(Outcome::Fetched(side(5))));
    assert_eq!(rig.effects.last(), Some(&Effect::Edit(file())));
    rig
}

fn edited(rig: &mut Rig, changed: bool) {
    rig.send(Msg::Edited { file: file(), changed: Ok(changed) });
}

#[test]
fn a_directory_is_said_to_be_one_where_it_cannot_be_edited() {
    let mut rig = rig(&["d/"], &[]);
    for keys in ["Home F4", "End F4"] {
        rig.keys(keys);
        assert!(rig.toast().starts_with("a directory cannot be edited"), "{}", rig.toast());
    }
    assert!(rig.effects.is_empty() && rig.app.edits.is_empty());
}

#[test]
fn what_was_not_changed_is_not_sent() {
    let mut rig = editing();
    edited(&mut rig, false);
    assert_eq!(rig.effects.last(), Some(&Effect::Forget(file())));
    assert!(rig.app.edits.is_empty());
}

#[test]
fn what_was_changed_goes_back_where_the_original_is_as_it_was() {
    let mut rig = editing();
    edited(&mut rig, true);
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::Stat { path: path("/pub/a.txt") });
    rig.answer(Right, request, Ok(Outcome::Stat(Some(entry("a.txt=5")))));
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::Store { from: file(), path: path("/pub/a.txt") });
    rig.answer(Right, request, Ok(Outcome::Stored(side(9))));
    assert!(rig.toast().contains("is saved"));
    assert_eq!(rig.pane(Right).current().unwrap().size, Some(9), "the row shows what is there now");
    assert_eq!(rig.effects.last(), Some(&Effect::Forget(file())));
}

#[test]
fn an_original_that_changed_meanwhile_is_asked_about() {
    let mut rig = editing();
    edited(&mut rig, true);
    let (request, _) = rig.asked();
    rig.answer(Right, request, Ok(Outcome::Stat(Some(entry("a.txt=6")))));
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert!(confirm.lines.join(" ").contains("/scratch/0/a.txt"));
    rig.keys("O");
    assert!(matches!(rig.asked().1, BrowseOp::Store { .. }));
}

#[test]
fn a_copy_that_is_kept_is_never_deleted_and_its_place_is_said() {
    for key in ["Enter", "Esc"] {
        let mut rig = editing();
        edited(&mut rig, true);
        let (request, _) = rig.asked();
        rig.answer(Right, request, Ok(Outcome::Stat(None)));
        rig.keys(key);
        let Dialog::Message { lines, .. } = rig.dialog() else { panic!("its place is said") };
        assert!(lines.join(" ").contains("/scratch/0/a.txt"));
        assert!(!rig.effects.contains(&Effect::Forget(file())));
    }
}

#[test]
fn what_an_editor_that_failed_may_have_written_is_kept() {
    let mut rig = editing();
    rig.send(Msg::Edited { file: file(), changed: Err("vi ended with signal: 9".into()) });
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("its place is said") };
    let text = lines.join(" ");
    assert!(text.contains("signal: 9") && text.contains("/scratch/0/a.txt"), "{text}");
    assert!(!rig.effects.contains(&Effect::Forget(file())));
}

#[test]
fn leaving_asks_while_an_edited_file_is_on_its_way_back() {
    let mut rig = editing();
    edited(&mut rig, true);
    rig.keys("F10");
    assert!(!rig.app.quitting);
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert!(confirm.lines.join(" ").contains("edited file"), "{:?}", confirm.lines);
    rig.keys("Esc F10 Q");
    assert!(rig.app.quitting);
}

#[test]
fn a_store_that_failed_keeps_the_copy() {
    let mut rig = editing();
    edited(&mut rig, true);
    let (request, _) = rig.asked();
    rig.answer(Right, request, Ok(Outcome::Stat(Some(entry("a.txt=5")))));
    let (request, _) = rig.asked();
    rig.answer(Right, request, Err(Failure::new(FailureKind::Full, During::Write, "quota exceeded")));
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("it is said") };
    let text = lines.join(" ");
    assert!(text.contains("quota exceeded") && text.contains("/scratch/0/a.txt"), "{text}");
    assert!(!rig.effects.contains(&Effect::Forget(file())));
}

#[test]
fn a_local_file_is_edited_in_place_and_never_deleted() {
    let mut rig = rig(&["a.txt"], &[]);
    rig.keys("End F4");
    let file = PathBuf::from("/home/me/a.txt");
    assert_eq!(rig.effects.last(), Some(&Effect::Edit(file.clone())));
    rig.send(Msg::Edited { file: file.clone(), changed: Ok(true) });
    assert!(matches!(rig.asked().1, BrowseOp::List { .. }));
    assert!(!rig.effects.contains(&Effect::Forget(file)));
}
