//! The mouse means what is drawn: every cell of every screen is asked.

use std::collections::HashSet;

use ftpane::app::action::{Action, Queue};
use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::{App, Content, Dialog, PaneSide, Panel};
use ftpane::model::SortKey;
use ftpane::tui::layout::Plan;
use ftpane::tui::theme::Depth;
use proptest::prelude::*;
use ratatui::layout::Rect;

use super::fixture::*;

fn plan_of(app: &mut App, (cols, rows): (u16, u16)) -> Plan {
    let plan = Plan::of(app, Rect::new(0, 0, cols, rows));
    app.screen = plan.screen();
    plan
}

fn all_hits(app: &mut App, size: (u16, u16)) -> Vec<((u16, u16), Hit)> {
    let plan = plan_of(app, size);
    let cells = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
    cells.map(|(x, y)| ((x, y), plan.hit(app, x, y))).collect()
}

#[test]
fn a_row_that_is_hit_is_the_row_that_is_drawn_there() {
    for size in SIZES {
        let mut app = two_panes();
        app.left.top = 2;
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        let lines: Vec<&str> = screen.lines().collect();
        for ((_, y), hit) in all_hits(&mut app, size) {
            if let Hit::Row(side, 6) = hit {
                let shown = if side == PaneSide::Left { "latest" } else { "" };
                assert!(lines[usize::from(y)].contains(shown), "row 6 at line {y} of\n{screen}");
            }
        }
    }
}

#[test]
fn every_part_of_the_screen_can_be_hit() {
    let mut app = busy();
    app.panel = Some(Panel::Transfers);
    let hits: HashSet<Hit> = all_hits(&mut app, (80, 24)).into_iter().map(|(_, hit)| hit).collect();
    for part in [Hit::Strip, Hit::Panel(0), Hit::Row(PaneSide::Left, 0), Hit::Row(PaneSide::Right, 3), Hit::Frame(PaneSide::Left)] {
        assert!(hits.contains(&part), "{part:?}");
    }
    for side in [PaneSide::Left, PaneSide::Right] {
        for key in [SortKey::Name, SortKey::Size, SortKey::Time] {
            assert!(hits.contains(&Hit::Header(side, key)), "{side:?} {key:?}");
        }
    }
    for item in 1..=10 {
        assert!(hits.contains(&Hit::KeyBar(item)), "key {item}");
    }
}

#[test]
fn tabs_and_hints_of_the_transfers_are_hit_where_their_words_are() {
    for size in SIZES {
        let mut app = much();
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        let plan = plan_of(&mut app, size);
        let words = [
            ("all ", Queue::All),
            ("failed ", Queue::Failed),
            ("done ", Queue::Done),
            ("pauses", Queue::Pause),
            ("cancels", Queue::Cancel),
        ];
        for (word, action) in words {
            let found = screen.lines().enumerate().filter(|(y, _)| *y > 5).find(|(_, line)| line.contains(word));
            let (y, line) = found.unwrap_or_else(|| panic!("{word}\n{screen}"));
            let before = &line[..line.find(word).unwrap()];
            let hit = plan.hit(&app, ftpane::tui::text::width(before) as u16, y as u16);
            assert_eq!(hit, Hit::Do(Action::Queue(action)), "{word}\n{screen}");
        }
        let row = screen.lines().position(|line| line.contains("logo.png")).unwrap();
        assert_eq!(plan.hit(&app, 3, row as u16), Hit::Panel(0));
    }
}

#[test]
fn the_key_bar_is_hit_where_its_words_are() {
    for size in SIZES {
        let mut app = two_panes();
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        let last = screen.lines().last().unwrap().to_owned();
        let plan = plan_of(&mut app, size);
        for (item, word) in [(1, "Help"), (5, "Copy"), (8, "Del"), (10, "Quit")] {
            let column = last.find(word).unwrap_or_else(|| panic!("{word} is not in {last}")) as u16;
            assert_eq!(plan.hit(&app, column, size.1 - 1), Hit::KeyBar(item), "{word} at {column} of {last}");
        }
    }
}

#[test]
fn over_a_dialog_nothing_else_can_be_hit_and_each_of_its_parts_can() {
    let dialogs: [fn() -> Dialog; 7] = [form, confirm, conflict, message, history, || palette(true), || palette(false)];
    for dialog in dialogs {
        for size in SIZES {
            let mut app = two_panes();
            app.dialogs.push(dialog());
            let hits = all_hits(&mut app, size);
            assert!(hits.iter().all(|(_, hit)| matches!(hit, Hit::Dialog(_) | Hit::KeyBar(_))));
            let kinds: HashSet<Hit> = hits.iter().map(|(_, hit)| *hit).collect();
            assert!(kinds.contains(&Hit::Dialog(DialogHit::Outside)));
            let plan = plan_of(&mut app, size);
            for (_, part) in &plan.dialog.as_ref().unwrap().parts {
                assert!(kinds.contains(&Hit::Dialog(*part)), "{part:?} at {size:?}");
            }
        }
    }
}

#[test]
fn tabs_and_arrows_of_the_form_of_a_site_are_hit_where_they_are_drawn() {
    for size in SIZES {
        let mut app = site_form();
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        let at = |screen: &str, word: &str| {
            let found = screen.lines().enumerate().find_map(|(y, line)| Some((y, &line[..line.find(word)?])));
            let (y, before) = found.unwrap_or_else(|| panic!("{word}\n{screen}"));
            (ftpane::tui::text::width(before) as u16, y as u16)
        };
        let (x, y) = at(&screen, " TLS ");
        assert_eq!(plan_of(&mut app, size).hit(&app, x + 1, y), Hit::Dialog(DialogHit::Page(2)), "{screen}");
        for _ in 0..2 {
            ftpane::app::update(&mut app, ftpane::app::Msg::Key(ftpane::app::key::Key::plain(ftpane::app::KeyCode::PageDown)));
        }
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        for (arrow, forward) in [("◂ required ▸", false), ("▸", true)] {
            let (x, y) = at(&screen, arrow);
            let hit = plan_of(&mut app, size).hit(&app, x, y);
            assert!(matches!(hit, Hit::Dialog(DialogHit::Turn(_, way)) if way == forward), "{arrow} {hit:?}\n{screen}");
        }
    }
}

#[test]
fn buttons_are_hit_where_their_words_are() {
    for size in SIZES {
        let mut app = two_panes();
        app.dialogs.push(conflict());
        let screen = text_of(&paint_on(&mut app, size, Depth::True));
        let plan = plan_of(&mut app, size);
        for (index, word) in ["overwrite", "if newer", "if size differs", "if it differs", "resume", "rename", "skip"].iter().enumerate() {
            let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(word)).unwrap_or_else(|| panic!("{word}\n{screen}"));
            let before = &line[..line.find(word).unwrap()];
            let hit = plan.hit(&app, ftpane::tui::text::width(before) as u16, y as u16);
            assert_eq!(hit, Hit::Dialog(DialogHit::Button(index)), "{word}\n{screen}");
        }
    }
}

#[test]
fn site_rows_are_hit_in_pane_and_dialog() {
    let mut app = two_panes();
    let list = site_list(&mut app);
    app.right.content = Content::Sites(list);
    let hits: HashSet<Hit> = all_hits(&mut app, (80, 24)).into_iter().map(|(_, hit)| hit).collect();
    assert!(hits.contains(&Hit::SiteInput(PaneSide::Right)) && hits.contains(&Hit::SiteRow(PaneSide::Right, 4)));
    let mut app = two_panes();
    let list = site_list(&mut app);
    app.dialogs.push(Dialog::Sites(list));
    let hits: HashSet<Hit> = all_hits(&mut app, (80, 24)).into_iter().map(|(_, hit)| hit).collect();
    assert!(hits.contains(&Hit::Dialog(DialogHit::Field(0))) && hits.contains(&Hit::Dialog(DialogHit::Row(4))));
    assert!(!hits.contains(&Hit::Dialog(DialogHit::Row(5))), "there are five rows");
}

proptest! {
    #[test]
    fn no_size_upsets_layout_or_views(cols in 0u16..220, rows in 0u16..80, panel in 0usize..3, which in 0..10) {
        let mut app = much();
        app.panel = [None, Some(Panel::Log), Some(Panel::Transfers)][panel];
        let list = site_list(&mut app);
        match which {
            0 => app.dialogs.push(form()),
            1 => app.dialogs.push(confirm()),
            2 => app.dialogs.push(conflict()),
            3 => app.dialogs.push(palette(true)),
            4 => app.dialogs.push(message()),
            5 => app.dialogs.push(Dialog::Viewer(viewer(b"some text\nand more"))),
            6 => app.dialogs.push(Dialog::Sites(list)),
            8 => app.dialogs.push(history()),
            7 => app.right.content = Content::Sites(list),
            _ => {}
        }
        paint_on(&mut app, (cols, rows), Depth::True);
        let plan = plan_of(&mut app, (cols, rows));
        for y in 0..rows {
            for x in (0..cols).step_by(3) {
                let hit = plan.hit(&app, x, y);
                if let Hit::Row(side, row) = hit {
                    let place = plan.pane(side).unwrap().row(row, app.pane(side).top).unwrap();
                    prop_assert!(place.contains((x, y).into()), "{hit:?} is drawn at {place:?}, not at {x},{y}");
                }
            }
        }
    }
}
