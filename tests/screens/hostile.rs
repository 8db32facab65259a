//! What a server can put into names, texts and paths: nothing of it reaches the terminal as more than characters in their cells.

use ftpane::app::{App, Dialog, Panel};
use ftpane::model::*;
use ftpane::tui::theme::Depth;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr as _;

use super::fixture::*;

const NASTY: &[&[u8]] = &[
    b"\x1b]0;owned\x07",
    b"\x1b[2J\x1b[31mred",
    "a\u{202e}gpj.exe".as_bytes(),
    "zero\u{200b}width\u{2066}".as_bytes(),
    "\u{9b}31m c1".as_bytes(),
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes(),
    "日本語日本語日本語日本語日本語日本語日本語日本語.txt".as_bytes(),
    "👨\u{200d}👩\u{200d}👧 family".as_bytes(),
    "🇩🇪 flag".as_bytes(),
    b"\xff\xfe not utf-8 \x80",
    b"tab\there",
    "\u{301}starts with a mark".as_bytes(),
    "ﷺ wide ligature".as_bytes(),
    "\u{2028}line".as_bytes(),
];

fn app_of(texts: &[Vec<u8>]) -> App {
    let mut app = two_panes();
    let entries = texts.iter().filter_map(|text| {
        let mut entry = Entry::new(Name::new(text.clone()).ok()?, Kind::File);
        entry.owner = Some(String::from_utf8_lossy(text).into());
        entry.target = Some(text.clone().into());
        entry.size = Some(7);
        entry.mode = Some(0o644);
        Some(entry)
    });
    let entries = entries.collect();
    fill(&mut app.right, entries);
    app.right.unparsed = texts.iter().map(|text| text.clone().into()).collect();
    if let Some(path) = texts.first().and_then(|text| VPath::root().resolve(text).ok()) {
        app.right.path = path;
    }
    app.panel = Some(Panel::Log);
    app.log.lines = texts
        .iter()
        .map(|text| WireLine { at: 0, connection: ConnectionId(2), kind: WireKind::Received, text: text.clone().into() })
        .collect();
    app.focus = ftpane::app::PaneSide::Right;
    app
}

/// Every cell holds characters of its own width and no control character, and what stands at fixed places still stands there.
fn check(buffer: &Buffer) -> Result<(), String> {
    let area = buffer.area;
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            if symbol
                .chars()
                .any(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'))
            {
                return Err(format!("{symbol:?} at {x},{y}"));
            }
            let width = symbol.width().max(1) as u16;
            if x + width > area.width {
                return Err(format!("{symbol:?} hangs over the edge at {x},{y}"));
            }
            x += width;
        }
    }
    Ok(())
}

fn borders_stand(buffer: &Buffer, rows: u16) -> Result<(), String> {
    for y in 1..rows {
        for x in [0, 39, 40, 79] {
            let symbol = buffer.cell(Position::new(x, y)).unwrap().symbol();
            if !matches!(symbol, "│" | "┃") {
                return Err(format!("{symbol:?} instead of a border at {x},{y}\n{}", text_of(buffer)));
            }
        }
    }
    Ok(())
}

#[test]
fn nasty_names_stay_in_their_cells() {
    let texts: Vec<Vec<u8>> = NASTY.iter().map(|text| text.to_vec()).collect();
    for size in SIZES {
        let buffer = paint_on(&mut app_of(&texts), size, Depth::True);
        check(&buffer).unwrap();
        if size == (80, 24) {
            borders_stand(&buffer, 12).unwrap();
        }
    }
}

#[test]
fn nasty_bytes_in_the_viewer_stay_in_their_cells() {
    let bytes = NASTY.join(&b'\n');
    for wrap in [false, true] {
        let mut app = two_panes();
        let mut viewer = viewer(&bytes);
        viewer.wrap = wrap;
        app.dialogs.push(Dialog::Viewer(viewer));
        check(&paint_on(&mut app, (60, 16), Depth::True)).unwrap();
    }
}

proptest! {
    #[test]
    fn no_bytes_of_a_server_leave_their_cells(texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 1..12)) {
        let buffer = paint_on(&mut app_of(&texts), (80, 24), Depth::True);
        prop_assert!(check(&buffer).is_ok(), "{:?}", check(&buffer));
        prop_assert!(borders_stand(&buffer, 12).is_ok(), "{:?}", borders_stand(&buffer, 12));
    }

    #[test]
    fn no_text_of_a_server_leaves_its_cells(texts in prop::collection::vec("\\PC{1,40}", 1..12)) {
        let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        let buffer = paint_on(&mut app_of(&texts), (80, 24), Depth::True);
        prop_assert!(check(&buffer).is_ok(), "{:?}", check(&buffer));
        prop_assert!(borders_stand(&buffer, 12).is_ok(), "{:?}", borders_stand(&buffer, 12));
    }
}

#[test]
fn a_frame_of_a_hundred_thousand_entries_costs_no_more_than_one_of_a_page() {
    let many = |count: usize| {
        let mut app = two_panes();
        let entries = (0..count).map(|n| entry(&format!("file-{n:06}.txt"), Kind::File, 812, "2026-11-20T09:14:00Z")).collect();
        fill(&mut app.left, entries);
        app.left.top = count / 2;
        app.left.cursor = count / 2 + 3;
        app
    };
    let best = |app: &mut App| {
        (0..20)
            .map(|_| {
                let begun = std::time::Instant::now();
                paint_on(app, (80, 24), Depth::True);
                begun.elapsed()
            })
            .min()
            .unwrap()
    };
    let (small, large) = (best(&mut many(100)), best(&mut many(100_000)));
    assert!(large < small * 5 + std::time::Duration::from_millis(1), "{small:?} for a hundred, {large:?} for a hundred thousand");
}
