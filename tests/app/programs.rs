use ftpane::app::transfers::Section;
use ftpane::app::{Dialog, Effect, Panel};
use ftpane::bus::{Amendment, BrowseOp, Command, Event, Outcome, TransferEvent};
use ftpane::model::transfer::Direction;
use ftpane::model::{Ascii, BatchId, Existing, Place, Reply, Transfer, TransferId, TransferState};

use super::rig::*;

fn queue(rig: &mut Rig, id: u64) {
    let place = |side, text: &str| Place { connection: rig.connection(side), path: path(text) };
    let transfer = Transfer {
        id: TransferId(id),
        batch: BatchId(0),
        direction: Direction::Up,
        source: place(Left, "/home/me/a"),
        target: place(Right, "/pub/a"),
        size: Some(1),
        priority: ftpane::model::Priority::Normal,
        state: TransferState::Active,
    };
    rig.event(Event::Transfer(TransferEvent::Queued(Box::new(transfer))));
}

#[test]
fn quitting_asks_only_while_transfers_run() {
    let mut rig = rig(&[], &[]);
    rig.keys("q");
    assert_eq!(rig.effects.last(), Some(&Effect::Quit));
    let mut rig = self::rig(&[], &[]);
    queue(&mut rig, 1);
    rig.keys("F10");
    assert!(matches!(rig.dialog(), Dialog::Confirm(_)) && rig.effects.is_empty());
    rig.keys("Esc");
    assert!(!rig.app.quitting, "Esc stays");
    rig.keys("F10 Right Enter");
    assert_eq!(rig.effects, [Effect::Engine(Command::CancelAll), Effect::Quit]);
}

#[test]
fn ctrl_c_cancels_the_transfers_and_twice_asks_to_quit() {
    let mut rig = rig(&[], &[]);
    queue(&mut rig, 1);
    rig.keys("Ctrl-C");
    assert_eq!(rig.effects, [Effect::Engine(Command::CancelAll)]);
    rig.keys("Ctrl-C");
    assert!(matches!(rig.dialog(), Dialog::Confirm(_)));
}

#[test]
fn one_transfer_is_cancelled_in_the_panel() {
    let mut rig = rig(&[], &[]);
    queue(&mut rig, 1);
    queue(&mut rig, 2);
    rig.keys("w j Delete");
    assert_eq!(rig.effects, [Effect::Engine(Command::CancelTransfer(TransferId(2)))]);
    rig.event(Event::Transfer(TransferEvent::Changed { id: TransferId(2), state: TransferState::Cancelled }));
    assert_eq!((rig.app.transfers.open_count(), rig.app.transfers.len(Section::Failed)), (1, 1));
    rig.keys("Tab");
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), false), "the panes have the keys again");
    rig.keys("Esc");
    assert_eq!(rig.app.panel, None);
}

#[test]
fn a_digit_soon_after_an_idle_esc_is_an_f_key_and_so_is_alt_with_a_digit() {
    let mut rig = rig(&[], &[]);
    rig.keys("Esc 1");
    assert!(matches!(rig.dialog(), Dialog::Help(_)));
    rig.keys("Esc");
    assert!(rig.app.dialogs.is_empty());
    rig.keys("Esc");
    assert_eq!(rig.app.needs_tick(), Some(500));
    rig.time(500);
    rig.keys("1");
    assert!(rig.app.dialogs.is_empty());
    rig.keys("Alt-9");
    assert!(matches!(rig.dialog(), Dialog::Palette(_)));
}

#[test]
fn a_digit_in_an_input_is_a_digit() {
    let mut rig = rig(&[], &[]);
    rig.keys("F7 7");
    let Dialog::Form(form) = rig.dialog() else { panic!("the prompt") };
    assert_eq!(form.fields[0].input.value(), "7");
}

#[test]
fn the_palette_finds_an_action_by_a_few_letters() {
    let mut rig = rig(&[], &[]);
    rig.keys("Ctrl-P");
    rig.type_text("swap");
    rig.keys("Enter");
    assert_eq!(rig.app.focus, Right);
    assert!(rig.pane(Right).is_local());
}

#[test]
fn the_menu_holds_every_action() {
    let mut rig = rig(&[], &[]);
    rig.keys("F9");
    let Dialog::Palette(palette) = rig.dialog() else { panic!("the menu") };
    assert!(palette.is_menu);
    assert_eq!(palette.matches.len(), ftpane::app::action::ACTIONS.len());
}

#[test]
fn a_notice_goes_by_itself_and_nothing_else_needs_the_clock() {
    let mut rig = rig(&[], &[]);
    assert_eq!(rig.app.needs_tick(), None);
    rig.keys("Alt-.");
    let due = rig.app.needs_tick().unwrap();
    rig.time(due);
    assert!(rig.app.toast.is_none());
    assert_eq!(rig.app.needs_tick(), None);
}

#[test]
fn the_shell_begins_in_the_local_directory() {
    let mut rig = rig(&[], &[]);
    rig.keys("Tab Ctrl-O");
    assert_eq!(rig.effects.last(), Some(&Effect::Shell(Some("/home/me".into()))));
    rig.keys("Ctrl-Z");
    assert_eq!(rig.effects.last(), Some(&Effect::Suspend));
}

#[test]
fn ctrl_z_suspends_in_front_of_a_question_and_an_input_too_and_leaves_them_open() {
    for open in ["F8", "F7", "F1", "Ctrl-P"] {
        let mut rig = rig(&["a"], &[]);
        rig.keys("End");
        rig.keys(open);
        rig.dialog();
        rig.keys("Ctrl-Z");
        assert_eq!(rig.effects.last(), Some(&Effect::Suspend), "{open}");
        rig.dialog();
    }
}

#[test]
fn the_command_line_knows_ftp() {
    let mut rig = rig(&["a", "b.txt"], &["x.jpg", "y.JPG"]);
    run(&mut rig, "mget *.jpg");
    let Some(Effect::Engine(Command::Enqueue(batch))) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    assert_eq!(batch.items.len(), 2);
    assert_eq!(batch.items[0].target, path("/home/me/x.jpg"));
    run(&mut rig, "put b.txt");
    let Some(Effect::Engine(Command::Enqueue(batch))) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    assert_eq!(batch.items[0].target, path("/pub/b.txt"));
    run(&mut rig, "quote FEAT");
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::Raw { line: b"FEAT".to_vec() });
    rig.answer(Right, request, Ok(Outcome::Replied(Reply { code: 211, text: b"Features:\nMLST\x1b".to_vec().into() })));
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("the reply") };
    assert_eq!(lines[0], "211 Features:");
    assert!(!lines[1].contains('\x1b'));
    rig.keys("Esc");
    run(&mut rig, "nonsense");
    assert!(matches!(rig.dialog(), Dialog::Form(form) if form.error.is_some()));
    rig.keys("Ctrl-U Up Up Enter");
    assert!(matches!(rig.effects.last(), Some(Effect::Engine(Command::Enqueue(_)))), "Up recalls: {:?}", rig.effects.last());
}

/// The names that the last batch takes, and what they become.
fn taken(rig: &Rig) -> Vec<(String, String)> {
    let Some(Effect::Engine(Command::Enqueue(batch))) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    let text = |path: &ftpane::model::VPath| String::from_utf8_lossy(path.as_bytes()).into_owned();
    batch.items.iter().map(|item| (text(&item.source), text(&item.target))).collect()
}

fn error(rig: &mut Rig, line: &str) -> String {
    run(rig, line);
    let Dialog::Form(form) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    let error = form.error.clone().unwrap_or_else(|| panic!("{line} is no error"));
    rig.keys("Esc");
    error
}

#[test]
fn mget_takes_files_only_where_a_mask_chooses_and_says_what_it_left() {
    let mut rig = rig(&[], &["d/", "e/", "x.jpg", "y.jpg"]);
    run(&mut rig, "mget *");
    assert_eq!(taken(&rig).len(), 2);
    assert_eq!(rig.toast(), "files only: 2 directories passed over; -r takes directories too");
    for whole in ["mget -r *", "get *", "mget d x.jpg e y.jpg"] {
        run(&mut rig, whole);
        assert_eq!(taken(&rig).len(), 4, "{whole}");
        assert_eq!(rig.toast(), "", "{whole}");
    }
    run(&mut rig, "mget *.jpg x*");
    assert_eq!(taken(&rig).len(), 2, "each once");
    assert_eq!(error(&mut rig, "mget d*"), "only directories match d*: :mget -r takes them, with all that is in them");
    assert_eq!(error(&mut rig, "mget *.jpg nothing"), "nothing here is called nothing");
}

#[test]
fn get_understands_the_options_of_the_program_where_they_make_sense_and_names_the_others() {
    let mut rig = rig(&[], &["a", "-r", "a b", "d/"]);
    run(&mut rig, "get -r d");
    assert_eq!(taken(&rig), [("/pub/d".into(), "/home/me/d".into())]);
    run(&mut rig, "get -c a");
    let Some(Effect::Engine(Command::Enqueue(batch))) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    assert_eq!(batch.existing, Existing::Resume);
    run(&mut rig, "get -r");
    assert_eq!(taken(&rig)[0].0, "/pub/-r", "what is called so is no option");
    run(&mut rig, "get a b");
    assert_eq!(taken(&rig)[0].0, "/pub/a b", "a name may hold a blank");
    run(&mut rig, "get a other");
    assert_eq!(taken(&rig), [("/pub/a".into(), "/home/me/other".into())], "as ftp(1) has it");
    assert!(error(&mut rig, "get -j 4 a").starts_with("-j is no option here: -r, -c and --existing=RULE are"));
    assert!(error(&mut rig, "get --existing=maybe a").contains("maybe is no rule: write one of ask, overwrite"));
}

#[test]
fn ls_lists_again_and_says_so_and_a_mask_filters() {
    let mut rig = rig(&["a", "b.txt", ".hidden"], &[]);
    run(&mut rig, "ls -la");
    rig.list(Left, &["a", "b.txt", "c.txt", ".hidden"]);
    assert_eq!(rig.toast(), "listed again: 4 entries, 3 shown in /home/me");
    rig.keys("Ctrl-R");
    rig.app.toast = None;
    rig.list(Left, &["a"]);
    assert_eq!(rig.toast(), "", "only where it was asked for by its word");
    run(&mut rig, "ls *.txt");
    rig.list(Left, &["a", "b.txt"]);
    assert_eq!(rig.shown(Left), ["..", "b.txt"]);
    assert!(error(&mut rig, "ls sub").contains(":cd sub goes there"));
}

#[test]
fn pasted_text_is_never_taken_for_keys() {
    let mut rig = rig(&["a"], &[]);
    rig.send(ftpane::app::Msg::Paste("qX".into()));
    assert!(rig.effects.is_empty());
    rig.keys("o");
    rig.send(ftpane::app::Msg::Paste("ftp://h/\n".into()));
    let Dialog::Form(form) = rig.dialog() else { panic!("the prompt") };
    assert_eq!(form.fields[0].input.value(), "ftp://h/");
}

#[test]
fn the_key_bar_fits_what_is_in_front() {
    let mut rig = rig(&["f"], &[]);
    assert_eq!(rig.app.key_bar()[4], (5, "Copy"));
    rig.keys("End F3");
    assert_eq!((rig.app.key_bar()[3], rig.app.key_bar()[4]), ((4, "Hex"), (5, "GoTo")));
}

fn run(rig: &mut Rig, line: &str) {
    rig.keys(":");
    rig.type_text(line);
    rig.keys("Enter");
}

fn raw_lines(rig: &Rig) -> Vec<String> {
    let raw = |command: &&Command| match command {
        Command::Browse { op: BrowseOp::Raw { line }, .. } => Some(String::from_utf8_lossy(line).into_owned()),
        _ => None,
    };
    rig.commands().iter().filter_map(raw).collect()
}

#[test]
fn words_of_ftp_that_ask_the_server_are_sent_about_the_path_that_is_meant() {
    let mut rig = rig(&[], &["a b.txt"]);
    rig.keys("Tab End");
    for line in ["modtime", "size sub/x", "size /y", "rstatus", "rstatus sub", "umask 022", "system", "literal NOOP"] {
        run(&mut rig, line);
    }
    let expected = ["MDTM /pub/a b.txt", "SIZE /pub/sub/x", "SIZE /y", "STAT", "STAT /pub/sub", "SITE UMASK 022", "SYST", "NOOP"];
    assert_eq!(raw_lines(&rig), expected);
}

#[test]
fn a_word_of_ftp_without_a_meaning_here_says_what_to_do_instead() {
    let mut rig = rig(&[], &["a"]);
    for (line, said) in [("passive", "--mode"), ("user bob", "USER@HOST"), ("type i", "binary"), ("hash", "strip")] {
        run(&mut rig, line);
        assert!(rig.app.dialogs.is_empty() && rig.toast().contains(said), "{line}: {}", rig.toast());
    }
    run(&mut rig, "type e");
    let Dialog::Form(form) = rig.dialog() else { panic!("the line stays") };
    assert!(form.error.as_ref().is_some_and(|error| error.contains("binary")));
}

#[test]
fn going_on_and_only_newer_ones_are_rules_for_existing_targets() {
    let mut rig = rig(&["a"], &["a"]);
    for line in ["reget a", "newer a"] {
        run(&mut rig, line);
    }
    let rules: Vec<_> =
        rig.commands().iter().filter_map(|c| if let Command::Enqueue(batch) = c { Some(batch.existing) } else { None }).collect();
    assert_eq!(rules, [Existing::Resume, Existing::Newer]);
}

#[test]
fn a_password_in_a_command_line_is_not_recalled() {
    let mut rig = rig(&[], &["a"]);
    run(&mut rig, "quote PASS s3cret");
    run(&mut rig, "open ftp://al:s3cret@example.org/");
    assert_eq!(rig.app.history, ["open ftp://al@example.org/"]);
}

#[test]
fn ctrl_c_stops_what_the_pane_is_at_before_it_asks_to_quit() {
    let mut rig = rig(&[], &["big.iso=9000"]);
    rig.keys("Tab End F4");
    let (request, _) = rig.asked();
    rig.keys("Ctrl-C");
    let connection = rig.connection(Right);
    assert_eq!(rig.effects.last(), Some(&Effect::Engine(Command::CancelRequest { connection, request })));
    assert!(rig.app.dialogs.is_empty());
    rig.answer(Right, request, Err(ftpane::model::Failure::cancelled(ftpane::model::During::Edit)));
    assert!(rig.app.edits.is_empty());
}

#[test]
fn ascii_and_binary_of_ftp_set_how_files_of_the_server_move_until_the_end() {
    let mut rig = rig(&["a"], &["b"]);
    let ascii = |rig: &Rig| rig.pane(Right).opened.site.as_ref().unwrap().ascii.clone();
    let run = |rig: &mut Rig, line: &str| {
        rig.keys(":");
        rig.type_text(line);
        rig.keys("Enter");
    };
    run(&mut rig, "ascii");
    assert_eq!(ascii(&rig), Ascii::Always);
    assert!(
        rig.commands().iter().any(|command| matches!(command, Command::Amend(_, Amendment::Ascii(Ascii::Always)))),
        "{:?}",
        rig.effects
    );
    run(&mut rig, "type");
    assert!(rig.toast().starts_with("ascii: "), "{}", rig.toast());
    run(&mut rig, "binary");
    assert_eq!(ascii(&rig), Ascii::Never);
    rig.keys("Ctrl-X t");
    assert_eq!(ascii(&rig), Ascii::Always);
    rig.keys("Ctrl-X t");
    assert!(matches!(ascii(&rig), Ascii::Extensions(ends) if ends.contains(&"txt".to_owned())));
    rig.keys("Ctrl-X t");
    assert_eq!(ascii(&rig), Ascii::Never);
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::SaveSite { .. })), "the form of the site keeps it");
    run(&mut rig, "type ebcdic");
    assert!(matches!(rig.dialog(), Dialog::Form(form) if form.error.is_some()));
}

#[test]
fn the_log_says_which_keys_are_not_for_it() {
    let mut rig = rig(&["a"], &["b"]);
    rig.keys("L r");
    assert!(rig.toast().contains("is for the panes: Tab leads back"), "{}", rig.toast());
    assert!(rig.app.dialogs.is_empty());
    rig.keys("Tab Home Down r");
    assert!(!rig.app.dialogs.is_empty());
}
