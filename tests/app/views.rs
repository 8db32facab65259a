use ftpane::app::Dialog;
use ftpane::app::viewer::{ViewMode, Viewer};
use ftpane::bus::{BrowseOp, Outcome};

use super::rig::*;

fn viewer(rig: &Rig) -> &Viewer {
    let found = rig.app.dialogs.iter().find_map(|dialog| if let Dialog::Viewer(viewer) = dialog { Some(viewer) } else { None });
    found.expect("the viewer is open")
}

/// Answers what is asked with windows of `file`, until nothing is.
fn serve(rig: &mut Rig, file: &[u8]) {
    while let Some(request) = viewer(rig).loading {
        let (asked, op) = rig.asked();
        assert_eq!(asked, request);
        let BrowseOp::Read { offset, length, .. } = op else { panic!("{op:?}") };
        assert!(length <= 256 * 1024, "a big file is never read whole");
        let start = (offset as usize).min(file.len());
        let bytes = file[start..(start + length).min(file.len())].to_vec();
        rig.answer(Left, request, Ok(Outcome::Window { offset, bytes, size: Some(file.len() as u64) }));
    }
}

fn view(file: &[u8]) -> Rig {
    let mut rig = rig(&[&format!("f={}", file.len())], &[]);
    rig.keys("End F3");
    serve(&mut rig, file);
    rig
}

fn lines(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| format!("line {i:07}\n").into_bytes()).collect()
}

#[test]
fn lines_scroll_one_by_one_and_stop_at_the_ends() {
    let file = lines(100);
    let mut rig = view(&file);
    rig.keys("Up");
    assert_eq!(viewer(&rig).top, 0);
    rig.keys("Down Down Up");
    assert_eq!(viewer(&rig).top, 13);
    rig.keys("End");
    assert_eq!(viewer(&rig).top, (100 - 22) * 13, "the last page is full");
    rig.keys("Down PageDown");
    assert_eq!(viewer(&rig).top, (100 - 22) * 13);
    rig.keys("Home");
    assert_eq!(viewer(&rig).top, 0);
}

#[test]
fn a_big_file_is_read_by_windows_around_what_is_shown() {
    let file = lines(200_000);
    let mut rig = view(&file);
    rig.keys("End");
    serve(&mut rig, &file);
    assert_eq!(viewer(&rig).top, (200_000 - 22) * 13);
    for _ in 0..2000 {
        rig.keys("PageUp");
        serve(&mut rig, &file);
    }
    assert_eq!(viewer(&rig).top, (200_000 - 22 - 2000 * 21) * 13);
    assert!(viewer(&rig).bytes.len() <= 256 * 1024);
}

#[test]
fn long_lines_wrap_at_the_width_and_scroll_back_over_the_same_rows() {
    let mut rig = view(&[vec![b'x'; 200], b"\nend\n".to_vec()].concat());
    let (mut down, mut up) = (Vec::new(), Vec::new());
    let shown = viewer(&rig);
    let mut at = 0;
    while let Some(next) = shown.next_row(at, 80) {
        down.push(at);
        at = next;
    }
    while let Some(previous) = shown.previous_row(at, 80) {
        up.push(previous);
        at = previous;
    }
    up.reverse();
    assert_eq!(down, up);
    assert_eq!(down, [0, 80, 160]);
    rig.keys("w");
    assert_eq!(viewer(&rig).next_row(0, 80), Some(201));
}

#[test]
fn text_is_found_across_the_edge_of_a_window_without_looking_at_case() {
    let mut file = vec![b'.'; 700_000];
    file[600_000..600_006].copy_from_slice(b"Needle");
    file[65_534..65_540].copy_from_slice(b"NEEDLE");
    let mut rig = view(&file);
    rig.keys("/");
    rig.type_text("needle");
    rig.keys("Enter");
    serve(&mut rig, &file);
    assert_eq!(viewer(&rig).found, Some((65_534, 6)));
    rig.keys("n");
    serve(&mut rig, &file);
    assert_eq!(viewer(&rig).found, Some((600_000, 6)));
    rig.keys("n");
    serve(&mut rig, &file);
    assert_eq!(rig.toast(), "not found");
}

#[test]
fn hex_shows_rows_of_sixteen_and_goes_to_an_offset() {
    let mut rig = view(&vec![7; 100_000]);
    rig.keys("F4");
    assert_eq!(viewer(&rig).mode, ViewMode::Hex);
    rig.keys(":");
    rig.type_text("0x1005");
    rig.keys("Enter Down");
    assert_eq!(viewer(&rig).top, 0x1010);
    rig.keys(":");
    rig.type_text("999999999");
    rig.keys("Enter");
    assert!(matches!(rig.dialog(), Dialog::Form(form) if form.error.is_some()));
    rig.keys("Esc Esc");
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn closing_the_viewer_stops_what_is_being_read() {
    let mut rig = rig(&["f=9"], &[]);
    rig.keys("End F3 Esc");
    assert!(rig.app.requests.is_empty() && rig.app.dialogs.is_empty());
}
