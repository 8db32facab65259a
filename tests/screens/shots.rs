//! Snapshots: every view at least once, the panes at every size.

use ftpane::app::dialog::Scroll;
use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::msg::{Mouse, MouseKind};
use ftpane::app::pane::Search;
use ftpane::app::transfers::{Batch, Note, Tab};
use ftpane::app::viewer::ViewMode;
use ftpane::app::{App, Content, Dialog, Drag, DropTarget, Key, KeyCode, Msg, PaneSide, Panel, Toast, update};
use ftpane::bus::Meter;
use ftpane::model::SortKey;
use ftpane::model::listing::Count;
use ftpane::model::*;
use ftpane::tui::theme::Depth;
use ftpane::tui::view::help::{Line, lines};

use super::fixture::*;

fn shot(name: &str, app: &mut App, size: (u16, u16)) {
    let text = text_of(&paint_on(app, size, Depth::True));
    keep(&format!("{name}-{}x{}", size.0, size.1), &text);
}

fn keep(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn two_panes_at_every_size() {
    for size in SIZES {
        shot("panes", &mut two_panes(), size);
    }
}

#[test]
fn marks_filter_search_and_a_lost_connection_are_told_in_the_foot_and_title() {
    let mut app = two_panes();
    app.left.marks = [name("deploy.sh"), name("index.html")].into();
    app.left.filter = Some("*.sh".to_owned());
    app.right.trouble = Some(Failure::new(FailureKind::Disconnected, During::List, "the server closed the connection"));
    shot("marks-and-loss", &mut app, (80, 24));
    let mut app = two_panes();
    app.right.search = Some(Search { text: "sty".to_owned(), origin: 0 });
    app.focus = PaneSide::Right;
    shot("search", &mut app, (80, 24));
}

#[test]
fn charsets_show_how_names_would_read_at_every_size() {
    for size in SIZES {
        let mut app = two_panes();
        app.focus = PaneSide::Right;
        for bytes in [&b"caf\xe9.txt"[..], b"\xdcber.txt"] {
            let odd = Entry::new(Name::new(bytes).unwrap(), Kind::File);
            app.right.entries.push(odd);
        }
        update(&mut app, Msg::Key(Key { alt: true, ..Key::plain(KeyCode::Char('e')) }));
        update(&mut app, Msg::Key(Key::plain(KeyCode::Down)));
        shot("charsets", &mut app, size);
    }
}

#[test]
fn without_colour_cursor_focus_and_marks_show_by_attributes() {
    let mut app = two_panes();
    app.left.marks = [name("deploy.sh")].into();
    let buffer = paint_on(&mut app, (80, 24), Depth::None);
    for y in 0..24 {
        for x in 0..80 {
            use ratatui::style::Color::Reset;
            assert_eq!((buffer[(x, y)].fg, buffer[(x, y)].bg), (Reset, Reset), "a colour at {x},{y}");
        }
    }
    keep("no-colour-80x24", &format!("{}\n{}", text_of(&buffer), attributes_of(&buffer)));
}

#[test]
fn the_strip_shows_what_moves_waits_and_asks() {
    for size in SIZES {
        shot("strip", &mut busy(), size);
    }
    let mut app = busy();
    app.meters.active.clear();
    shot("strip-before-the-first-byte", &mut app, (80, 24));
}

#[test]
fn a_notice_takes_the_strip() {
    let mut app = two_panes();
    app.toast = Some(Toast { text: "copied 3 files, 12.4K".to_owned(), is_error: false, until: 4000 });
    shot("toast", &mut app, (80, 24));
}

#[test]
fn a_notice_that_needs_more_than_its_line_lies_over_the_lines_above_it() {
    let words = "cannot list nothere: 550 File not found: there is no such directory on the server any more, or it is called otherwise; \
                 Ctrl-X f: list the directory again";
    for size in SIZES {
        let mut app = two_panes();
        app.toast = Some(Toast { text: words.to_owned(), is_error: true, until: 4000 });
        shot("toast-long", &mut app, size);
        let text = text_of(&paint_on(&mut app, size, Depth::True));
        assert!(text.contains("list the directory again"), "{text}");
        app.toast.as_mut().unwrap().text = words.repeat(9);
        let text = text_of(&paint_on(&mut app, size, Depth::True));
        assert!(text.lines().nth(usize::from(size.1) - 2).unwrap().trim_end().ends_with('…'), "{text}");
    }
}

#[test]
fn between_two_small_files_nothing_is_said_to_be_prepared() {
    let mut app = busy();
    app.panel = Some(Panel::Transfers);
    app.meters.active.clear();
    for id in [1, 2] {
        app.transfers.changed(TransferId(id), TransferState::Done(transfer::Verified::Size), 0);
    }
    let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
    assert!(!text.contains("preparing") && text.contains("45.4M+ left") && text.contains("↑ 2 of 4+ files"), "{text}");
}

#[test]
fn while_nothing_moves_yet_the_panel_tells_what_was_found_and_done_is_not_what_was_passed_over() {
    let mut app = two_panes();
    (app.panel, app.panel_focus) = (Some(Panel::Transfers), true);
    let found = Count { files: 1_234, dirs: 56, bytes: 7_890_000 };
    app.transfers.batches.insert(BatchId(1), Batch { found, ..Batch::default() });
    for id in 0..3 {
        let failure = Failure::new(FailureKind::Unsupported, During::Plan, "it is a link to a directory");
        app.transfers.noted(Note { batch: BatchId(1), path: path(&format!("/www/link{id}")), failure, failed: false, again: false });
    }
    for size in [(80, 24), (60, 16)] {
        let text = text_of(&paint_on(&mut app, size, Depth::True));
        assert!(text.contains("looking … 1,234 files in 56 directories, 7.5M"), "{text}");
        assert!(text.contains("done 0") && (size.0 < 80 || text.contains("+3 skipped")), "{text}");
    }
    app.transfers.queued(move_of(9, "/home/alice/site/empty", TransferState::Active, 0), 0);
    app.meters.active = vec![Meter { id: TransferId(9), size: Some(0), ..Meter::default() }];
    app.transfers.batches.get_mut(&BatchId(1)).unwrap().found.files = 0;
    app.transfers.batches.values_mut().for_each(|batch| batch.planned = true);
    let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
    assert!(text.contains("1 file left"), "{text}");
}

#[test]
fn panels_open_below_the_panes() {
    let mut app = busy();
    app.panel = Some(Panel::Transfers);
    for size in SIZES {
        shot("transfers", &mut app, size);
    }
    let mut app = two_panes();
    app.panel = Some(Panel::Log);
    app.log.lines = [
        wire(0, WireKind::Step, "connected to 192.0.2.7:21"),
        wire(1_000, WireKind::Received, "220 ready"),
        wire(2_000, WireKind::Sent, "USER alice"),
        wire(3_000, WireKind::Received, "331 password please"),
        wire(4_000, WireKind::Sent, "PASS ****"),
        wire(5_000, WireKind::Trouble, "530 no"),
    ]
    .into();
    shot("log", &mut app, (80, 24));
    shot("log", &mut app, (60, 16));
}

#[test]
fn the_transfers_panel_has_tabs_totals_rows_and_keys() {
    for size in SIZES {
        shot("transfers-focus", &mut much(), size);
    }
    for size in SIZES {
        shot("transfers-long", &mut long(), size);
    }
    let mut app = much();
    app.transfers.show(Tab::Failed);
    shot("transfers-failed", &mut app, (80, 24));
    let mut app = much();
    app.transfers.set_filter("bin", 9);
    shot("transfers-filter", &mut app, (80, 24));
    let mut app = much();
    let full = Failure::new(FailureKind::Full, During::Write, "no space left on the disk").about(&b"/home/alice/x"[..]);
    app.transfers.held.insert(BatchId(0), Some(full));
    shot("transfers-held", &mut app, (80, 24));
    let buffer = paint_on(&mut much(), (80, 24), Depth::None);
    keep("transfers-no-colour-80x24", &format!("{}\n{}", text_of(&buffer), attributes_of(&buffer)));
}

#[test]
fn what_an_earlier_run_left_is_offered_in_the_strip_and_listed_in_the_panel() {
    for size in SIZES {
        shot("offer", &mut left_over(1), size);
    }
    let mut app = left_over(2);
    (app.panel, app.panel_focus) = (Some(Panel::Transfers), true);
    shot("offer-panel", &mut app, (80, 24));
    shot("offer-panel", &mut app, (60, 16));
}

#[test]
fn the_strip_is_calm_however_much_there_is() {
    let mut app = long();
    (app.panel, app.panel_focus) = (None, false);
    app.transfers.batches.get_mut(&BatchId(0)).unwrap().found.files = 1_000_000;
    let meter = app.meters.active[0];
    app.meters.active = vec![meter; 10];
    app.meters.moved = 31_000_000;
    for size in SIZES {
        shot("strip-many", &mut app, size);
    }
    let strip = |app: &mut App| text_of(&paint_on(app, (80, 24), Depth::True)).lines().nth(22).unwrap().to_owned();
    let before = strip(&mut app);
    app.meters.active.rotate_left(3);
    app.transfers.changed(TransferId(3), TransferState::Active, 0);
    assert_eq!(strip(&mut app), before, "another file that moves changes nothing on the line");
}

#[test]
fn while_all_waits_to_be_tried_again_it_is_said_when_and_why_and_no_rate() {
    let mut app = long();
    (app.panel, app.panel_focus) = (None, false);
    let first = app.meters.active[0];
    let meter = |id| Meter { id: TransferId(id), ..first };
    let strip = |app: &mut App| text_of(&paint_on(app, (80, 24), Depth::True)).lines().nth(22).unwrap().to_owned();
    assert!(app.transfers.job(TransferId(8)).unwrap().retrying().is_some());
    (app.meters.active, app.meters.rate) = (vec![meter(8)], 3_100_000.0);
    let line = strip(&mut app);
    assert!(line.contains("retry in 4 s (1 of 3): 421 Too many connections") && !line.contains("B/s"), "{line}");
    // It counts down, and is said of the panel, too.
    app.now = 3000;
    assert!(strip(&mut app).contains("retry in 1 s"), "{}", strip(&mut app));
    // Where something moves beside it there is a rate to tell.
    app.meters.active.push(meter(1));
    assert!(strip(&mut app).contains("MB/s"), "{}", strip(&mut app));
}

#[test]
fn thousands_of_empty_files_go_on_by_their_count() {
    let mut app = long();
    (app.panel, app.panel_focus) = (None, false);
    let meter = app.meters.active[0];
    let batch = app.transfers.batches.get_mut(&BatchId(0)).unwrap();
    (batch.found, batch.planned, batch.ended) = (Count { files: 20_000, dirs: 1, bytes: 0 }, true, 5_000);
    (app.meters.moved, app.meters.bytes_left, app.meters.active) = (app.transfers.moved_before, 0, vec![meter; 2]);
    let line = text_of(&paint_on(&mut app, (80, 24), Depth::True)).lines().nth(22).unwrap().to_owned();
    assert!(line.contains("25%"), "{line}");
}

#[test]
fn nothing_of_the_panel_is_built_but_what_shows() {
    let mut app = much();
    for id in 100..20_100 {
        app.transfers.queued(move_of(id, "/home/alice/site/many.bin", TransferState::Queued, 5), 0);
    }
    app.transfers.select(15_000, 9);
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        paint_on(&mut app, (80, 24), Depth::True);
    }
    let took = begun.elapsed();
    assert!(took.as_secs() < 5, "50 frames of 20,000 rows took {took:?}");
}

#[test]
fn dialogs_lie_over_the_panes() {
    for (name, dialog) in
        [("form", form as fn() -> Dialog), ("confirm", confirm), ("conflict", conflict), ("message", message), ("history", history)]
    {
        for size in SIZES {
            let mut app = two_panes();
            app.dialogs.push(dialog());
            shot(name, &mut app, size);
        }
    }
}

#[test]
fn a_certificate_shows_its_fingerprints_and_the_letters_that_answer_at_every_size() {
    let other = Fingerprint(std::array::from_fn(|byte| 255 - byte as u8));
    for size in SIZES {
        shot("certificate", &mut certificate(Vec::new()), size);
        shot("certificate-changed", &mut certificate(vec![other]), size);
    }
    for pinned in [vec![], vec![other]] {
        let mut app = certificate(pinned.clone());
        let text = text_of(&paint_on(&mut app, (60, 16), Depth::None));
        let shown = Fingerprint(std::array::from_fn(|byte| byte as u8 * 7));
        for fingerprint in [shown].iter().chain(&pinned) {
            let whole = fingerprint.to_string();
            assert!(text.contains(&whole[..47]) && text.contains(&whole[48..]), "{text}");
        }
        assert!(text.contains("O once · F for good · n no") && text.contains("[ No ]"), "{text}");
    }
}

#[test]
fn a_question_longer_than_the_screen_scrolls_to_its_last_line_by_keys_and_by_wheel() {
    for wheel in [false, true] {
        let mut app = certificate(vec![Fingerprint([0xCD; 32])]);
        let first = text_of(&paint_on(&mut app, (60, 16), Depth::True));
        assert!(first.contains("1-10 of 17") && !first.contains("the one so far"), "{first}");
        for _ in 0..30 {
            if wheel {
                let hit = Hit::Dialog(DialogHit::Inside);
                update(&mut app, Msg::Mouse(Mouse { kind: MouseKind::WheelDown, hit, at: (9, 9), ctrl: false, shift: false }));
            } else {
                update(&mut app, Msg::Key(Key::plain(KeyCode::Down)));
            }
        }
        let last = text_of(&paint_on(&mut app, (60, 16), Depth::True));
        assert!(last.contains("the one so far") && last.contains("[ No ]"), "{last}");
        update(&mut app, Msg::Key(Key::plain(KeyCode::Up)));
        let back = text_of(&paint_on(&mut app, (60, 16), Depth::True));
        assert_ne!(back, last, "it goes no further than its last line, so that one key goes back");
    }
}

#[test]
fn why_something_failed_and_what_a_server_can_are_shown_at_every_size() {
    for size in SIZES {
        let mut app = two_panes();
        app.focus = PaneSide::Right;
        let reply = Reply { code: 425, text: b"Can't open data connection.".to_vec().into() };
        app.right.trouble = Some(Failure::new(FailureKind::Transient, During::List, "").with_reply(reply));
        app.right.opened.site.as_mut().unwrap().mode = DataMode::Passive;
        app.right.spec = app.right.opened.site.clone().map(|site| site::VolumeSpec::Ftp(Box::new(site), None));
        for key in [Key::ctrl('x'), Key::plain(KeyCode::Char('f'))] {
            update(&mut app, Msg::Key(key));
        }
        shot("why", &mut app, size);
        for key in [Key::plain(KeyCode::Esc), Key::ctrl('x'), Key::plain(KeyCode::Char('i'))] {
            update(&mut app, Msg::Key(key));
        }
        shot("what-the-server-can", &mut app, size);
    }
}

#[test]
fn a_secret_is_never_on_the_screen() {
    let mut app = two_panes();
    app.dialogs.push(form());
    let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
    assert!(text.contains("•••••••") && !text.contains("hunter2"), "{text}");
}

#[test]
fn heads_of_columns_keep_a_blank_between_them_in_every_order() {
    for key in [SortKey::Name, SortKey::Size, SortKey::Time, SortKey::Extension] {
        let mut app = two_panes();
        app.left.sort.key = key;
        let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
        let head = text.lines().nth(1).unwrap();
        assert!(head.contains("Size Modified") || head.contains("Size↓ Modified"), "{key:?}: {head}");
    }
}

#[test]
fn keys_in_the_help_never_touch_the_text() {
    for columns in [56, 74, 100] {
        for line in lines(columns) {
            let Line::Keys(keys, text) = line else { continue };
            assert!(text.is_empty() || keys.chars().count() + 2 <= 19, "{keys} {text}");
        }
    }
}

#[test]
fn help_palette_and_menu_come_from_the_action_table() {
    for (name, dialog) in [("palette", palette(false)), ("menu", palette(true)), ("help", Dialog::Help(Scroll { top: 0 }))] {
        let mut app = two_panes();
        app.dialogs.push(dialog);
        shot(name, &mut app, (80, 24));
        shot(name, &mut app, (60, 16));
    }
    let mut app = two_panes();
    app.dialogs.push(Dialog::Help(Scroll { top: 10_000 }));
    let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
    assert!(text.contains("viewer: go to an offset"), "the end of the help shows however far it is scrolled\n{text}");
}

#[test]
fn what_is_only_read_scrolls_to_its_last_line_and_no_further_at_every_size() {
    let message = || {
        let lines = (0..30).map(|n| format!("{n} {}", "word ".repeat(n))).collect();
        Dialog::Message { title: "Message".to_owned(), lines, scroll: Scroll { top: 0 }, about: None }
    };
    let help = || Dialog::Help(Scroll { top: 0 });
    for size in SIZES {
        for (dialog, last) in [(help(), "viewer: go to an offset"), (message(), "29 word")] {
            let mut app = two_panes();
            app.dialogs.push(dialog);
            for key in [KeyCode::End, KeyCode::PageDown] {
                // The layout tells how far that is.
                paint_on(&mut app, size, Depth::True);
                update(&mut app, Msg::Key(Key::plain(key)));
            }
            let text = text_of(&paint_on(&mut app, size, Depth::True));
            assert!(text.contains(last), "{size:?}: {last} is not in\n{text}");
            let most = app.screen.scroll_most;
            update(&mut app, Msg::Key(Key::plain(KeyCode::Up)));
            assert!(matches!(app.dialogs.last(), Some(Dialog::Help(scroll) | Dialog::Message { scroll, .. }) if scroll.top + 1 == most));
        }
    }
}

#[test]
fn sites_fill_a_pane_or_a_dialog() {
    let mut app = two_panes();
    let list = site_list(&mut app);
    app.right.content = Content::Sites(list);
    app.focus = PaneSide::Right;
    for size in SIZES {
        shot("sites-pane", &mut app, size);
    }
    let mut app = two_panes();
    let list = site_list(&mut app);
    app.dialogs.push(Dialog::Sites(list));
    app.sites.broken = Some("/home/alice/.config/ftpane/sites.toml:3:7: unknown key `hots`".to_owned());
    shot("sites-dialog", &mut app, (80, 24));
}

#[test]
fn a_pane_that_is_being_opened_says_how_far_it_is() {
    shot("opening", &mut opening(), (80, 24));
}

#[test]
fn the_viewer_shows_text_wrapped_or_cut_and_bytes() {
    let text = "first line\n\tafter a tab\nGrüße\x1b[31m red?\nlong: ".to_owned() + &"0123456789".repeat(12) + "\nlast\n";
    for (name, wrap, mode) in
        [("viewer-wrap", true, ViewMode::Text), ("viewer-cut", false, ViewMode::Text), ("viewer-hex", false, ViewMode::Hex)]
    {
        let mut app = two_panes();
        let mut viewer = viewer(text.as_bytes());
        viewer.wrap = wrap;
        viewer.mode = mode;
        viewer.found = Some((6, 4));
        app.dialogs.push(Dialog::Viewer(viewer));
        shot(name, &mut app, (80, 24));
    }
    let mut app = two_panes();
    app.dialogs.push(Dialog::Viewer(viewer(b"f\xfcr \x80 5")));
    let text = text_of(&paint_on(&mut app, (80, 24), Depth::True));
    assert!(text.contains("für € 5") && text.contains("Windows-1252"), "{text}");
}

#[test]
fn a_drag_carries_a_label_and_lights_its_target() {
    let mut app = two_panes();
    let over = Some(DropTarget { side: PaneSide::Right, row: Some(1), into: app.right.path.clone() });
    app.drag = Some(Drag {
        from: PaneSide::Left,
        directory: app.left.path.clone(),
        entries: Vec::new(),
        label: "3 entries, 12.4K".to_owned(),
        at: (50, 3),
        over,
    });
    let buffer = paint_on(&mut app, (80, 24), Depth::None);
    keep("drag-80x24", &format!("{}\n{}", text_of(&buffer), attributes_of(&buffer)));
}

#[test]
fn below_sixty_by_sixteen_a_word_says_so() {
    for size in [(59, 16), (60, 15), (20, 4), (1, 1), (0, 0)] {
        let text = text_of(&paint_on(&mut two_panes(), size, Depth::True));
        assert!(size.0 < 20 || text.starts_with("too small: "), "{text}");
    }
}

#[test]
fn the_form_of_a_site_has_pages_that_fit_every_screen() {
    for (page, name) in ["site", "connection", "tls", "network"].into_iter().enumerate() {
        for size in SIZES {
            let mut app = site_form();
            for _ in 0..page {
                update(&mut app, Msg::Key(Key::plain(KeyCode::PageDown)));
            }
            shot(&format!("site-form-{name}"), &mut app, size);
        }
    }
    let mut app = site_form();
    update(&mut app, Msg::Key(Key::ctrl('u')));
    update(&mut app, Msg::Key(Key::plain(KeyCode::Enter)));
    shot("site-form-wrong", &mut app, (80, 24));
}
