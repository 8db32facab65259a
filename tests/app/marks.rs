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
    rig.keys("+ Ctrl-U");
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
