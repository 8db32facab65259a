use ftpane::app::pane::Sort;
use ftpane::app::{Dialog, Effect, Preferences};
use ftpane::bus::{Answer, BatchSummary, BrowseOp, Command, Event, Outcome, Question, QuestionKind, RemoveHow, TransferEvent};
use ftpane::model::SortKey;
use ftpane::model::listing::Count;
use ftpane::model::transfer::{Direction, Verb};
use ftpane::model::{
    BatchId, BatchSpec, During, Existing, Failure, FailureKind, Place, QuestionId, Side, Transfer, TransferId, TransferState,
};

use super::rig::*;

fn batch(rig: &Rig) -> &BatchSpec {
    let found = rig.commands().into_iter().rev().find_map(|command| if let Command::Enqueue(batch) = command { Some(batch) } else { None });
    found.unwrap_or_else(|| panic!("nothing was enqueued: {:?}, {}", rig.effects, rig.toast()))
}

fn existing(id: u64) -> Question {
    let side = |text: &str| Side { path: path(text), size: Some(1), modified: None };
    let kind = QuestionKind::Existing {
        transfer: TransferId(1),
        batch: BatchId(0),
        source: side("/home/me/a"),
        target: side("/pub/a"),
        can_resume: false,
        free: Some(name("a (1)")),
    };
    Question { id: QuestionId(id), kind }
}

#[test]
fn f5_copies_the_entry_at_once_with_the_facts_of_the_listing() {
    let mut rig = rig(&["a=12"], &[]);
    rig.keys("End F5");
    let batch = batch(&rig);
    assert_eq!((batch.verb, batch.from, batch.to), (Verb::Copy, rig.connection(Left), rig.connection(Right)));
    let item = &batch.items[0];
    assert_eq!((item.source.clone(), item.target.clone(), item.size), (path("/home/me/a"), path("/pub/a"), Some(12)));
    assert_eq!(batch.existing, Existing::Ask);
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn f5_takes_the_marks_in_the_order_shown() {
    let mut rig = rig(&["c", "a", "b"], &[]);
    rig.keys("* F5");
    let names: Vec<_> = batch(&rig).items.iter().map(|item| item.source.name().unwrap()).collect();
    assert_eq!(names, [name("a"), name("b"), name("c")]);
    assert!(rig.pane(Left).marks.is_empty());
}

#[test]
fn a_copy_onto_itself_or_into_itself_is_refused_with_a_sentence() {
    let mut rig = rig(&["d/"], &[]);
    rig.keys("Alt-i");
    rig.open(Right);
    rig.list(Right, &["d/"]);
    rig.effects.clear();
    rig.keys("End F5");
    assert!(rig.toast().contains("onto itself"), "{}", rig.toast());
    rig.keys("Alt-o");
    rig.list(Right, &[]);
    rig.effects.clear();
    rig.keys("F5");
    assert!(rig.toast().contains("into itself"), "{}", rig.toast());
    assert!(rig.effects.is_empty());
}

#[test]
fn f6_moves_to_the_target_that_was_edited() {
    let mut rig = rig(&["a"], &["sub/"]);
    rig.keys("End F6");
    let Dialog::Form(form) = rig.dialog() else { panic!("a prompt") };
    assert_eq!(form.fields[0].input.value(), "/pub/a");
    rig.keys("Ctrl-U");
    rig.type_text("/pub/sub");
    rig.keys("Enter");
    assert_eq!(batch(&rig).verb, Verb::Move);
    assert_eq!(batch(&rig).items[0].target, path("/pub/sub/a"), "a known directory is moved into");
}

#[test]
fn a_prompt_is_about_what_was_chosen_when_it_was_opened() {
    let mut rig = rig(&["a", "b"], &[]);
    rig.keys("Ctrl-R Home j F6");
    rig.list(Left, &["b"]);
    rig.keys("Enter");
    assert_eq!(batch(&rig).items[0].source, path("/home/me/a"), "the entry went; it is not the one that took its row");
}

#[test]
fn a_name_without_a_slash_stays_in_its_directory() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End Shift-F5 Ctrl-U");
    rig.type_text("copy of a");
    rig.keys("Enter");
    let batch = batch(&rig);
    assert_eq!((batch.to, batch.items[0].target.clone()), (rig.connection(Left), path("/home/me/copy of a")));
}

#[test]
fn what_landed_shows_in_its_place_without_a_new_listing() {
    let mut rig = rig(&[], &["a", "c"]);
    rig.keys("Tab End");
    let directory = Place { connection: rig.connection(Right), path: path("/pub") };
    rig.event(Event::Transfer(TransferEvent::Landed { directory: directory.clone(), entry: entry("b=7") }));
    assert_eq!(rig.shown(Right), ["..", "a", "b", "c"]);
    assert_eq!(rig.under_cursor(), "c");
    rig.event(Event::Transfer(TransferEvent::Landed { directory: directory.clone(), entry: entry("c=9") }));
    assert_eq!(rig.pane(Right).current().unwrap().size, Some(9));
    rig.event(Event::Transfer(TransferEvent::Left { directory, name: name("a") }));
    assert_eq!(rig.shown(Right), ["..", "b", "c"]);
    assert_eq!(rig.under_cursor(), "c");
    assert!(rig.effects.is_empty());
}

#[test]
fn what_landed_during_a_listing_is_there_after_it() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab Ctrl-R");
    let directory = Place { connection: rig.connection(Right), path: path("/pub") };
    rig.event(Event::Transfer(TransferEvent::Landed { directory, entry: entry("b=7") }));
    rig.list(Right, &["a", "b=3"]);
    assert_eq!(rig.shown(Right), ["..", "a", "b"]);
    assert_eq!(rig.pane(Right).entries.iter().find(|e| e.name == name("b")).unwrap().size, Some(7));
}

#[test]
fn the_end_of_a_batch_is_told_by_counts_or_by_its_first_failure() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End F5");
    let done = BatchSummary { done: 2, bytes: 2048, ..BatchSummary::default() };
    rig.event(Event::Transfer(TransferEvent::BatchEnded(done)));
    assert!(rig.toast().starts_with("2 files copied, 2"), "{}", rig.toast());
    let failure = Failure::new(FailureKind::Denied, During::Write, "no").about(&b"/pub/x\x1b"[..]);
    let ended = BatchSummary { done: 1, failed: 1, first_failure: Some(failure.clone()), ..BatchSummary::default() };
    rig.event(Event::Transfer(TransferEvent::BatchEnded(ended.clone())));
    assert!(rig.toast().starts_with("1 file copied, 0 bytes, 1 failed (w shows): cannot write /pub/x"), "{}", rig.toast());
    // A key is named where it does something.
    let noted = TransferEvent::Noted { batch: BatchId::default(), path: path("/pub"), failure, failed: true, again: true };
    rig.event(Event::Transfer(noted));
    rig.event(Event::Transfer(TransferEvent::BatchEnded(ended)));
    assert!(
        rig.toast().starts_with("1 file copied, 0 bytes, 1 failed (w shows, there r tries again): cannot write /pub/x"),
        "{}",
        rig.toast()
    );
    assert!(!rig.toast().chars().any(char::is_control));
}

#[test]
fn a_tree_is_told_by_its_files_and_its_directories() {
    let told = |keys: &str, found: (u64, u64), summary: BatchSummary| {
        let mut rig = rig(&["d/"], &[]);
        rig.keys(keys);
        let batch = batch(&rig).id;
        let found = Count { files: found.0, dirs: found.1, bytes: summary.bytes };
        rig.event(Event::Transfer(TransferEvent::Planned { batch, found, complete: true }));
        rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { batch, ..summary })));
        rig.toast().to_owned()
    };
    let done = |done, bytes| BatchSummary { done, bytes, ..BatchSummary::default() };
    assert_eq!(told("End F5", (3, 2), done(3, 36)), "3 files and 2 directories copied, 36 bytes");
    assert_eq!(told("End F5", (0, 1), done(0, 0)), "1 directory copied");
    assert_eq!(told("End F6 Enter", (0, 1), done(1, 0)), "1 directory moved");
    assert_eq!(told("End F5", (1, 0), done(1, 15)), "1 file copied, 15 bytes");
    assert_eq!(
        told("End F5", (3, 2), BatchSummary { cancelled: 1, ..done(2, 9) }),
        "2 files copied, 9 bytes, 1 cancelled (w shows, R goes on)"
    );
}

#[test]
fn of_a_download_that_is_broken_off_it_is_said_that_what_has_arrived_is_kept() {
    let told = |direction, arrived, state: TransferState| {
        let mut rig = rig(&["a"], &["b=100"]);
        rig.keys("Tab End F5");
        let (batch, id) = (batch(&rig).id, TransferId(1));
        let source = Place { connection: rig.connection(Right), path: path("/pub/b") };
        let target = Place { connection: rig.connection(Left), path: path("/home/me/b") };
        let transfer = Transfer {
            id,
            batch,
            direction,
            source,
            target,
            size: Some(100),
            priority: ftpane::model::Priority::Normal,
            state: TransferState::Active,
        };
        rig.event(Event::Transfer(TransferEvent::Queued(Box::new(transfer))));
        rig.event(Event::Transfer(TransferEvent::Reached { id, done: arrived }));
        rig.event(Event::Transfer(TransferEvent::Changed { id, state }));
        rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { batch, cancelled: 1, ..BatchSummary::default() })));
        rig.toast().to_owned()
    };
    let kept = "1 cancelled (w shows, R goes on), what has arrived is kept (.*.ftpane-part)";
    let failure = Failure::new(FailureKind::Disconnected, During::Read, "gone");
    assert_eq!(told(Direction::Down, 40, TransferState::Cancelled), kept);
    assert_eq!(told(Direction::Down, 40, TransferState::Failed(failure)), kept);
    assert_eq!(told(Direction::Down, 0, TransferState::Cancelled), "1 cancelled (w shows, R goes on)", "nothing has arrived");
    assert_eq!(told(Direction::Up, 40, TransferState::Cancelled), "1 cancelled (w shows, R goes on)");
}

#[test]
fn questions_come_one_after_another_and_each_choice_is_one_key() {
    let mut rig = rig(&[], &[]);
    rig.event(Event::Asked(existing(1)));
    rig.event(Event::Asked(existing(2)));
    assert_eq!(rig.app.open_questions().collect::<Vec<_>>(), [QuestionId(1)]);
    rig.keys("o");
    let answer =
        |id, rule, all| Effect::Engine(Command::Answer { question: QuestionId(id), answer: Answer::Existing { rule, all, name: None } });
    assert_eq!(rig.effects.last(), Some(&answer(1, Existing::Overwrite, false)));
    assert_eq!(rig.app.open_questions().collect::<Vec<_>>(), [QuestionId(2)]);
    rig.keys("a k");
    assert_eq!(rig.effects.last(), Some(&answer(2, Existing::Skip, true)));
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn a_question_waits_for_the_open_dialog_and_takes_no_letter_meant_for_something_else() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("F7");
    rig.event(Event::Asked(existing(1)));
    rig.type_text("no");
    assert!(matches!(rig.dialog(), Dialog::Form(_)));
    rig.keys("Esc");
    assert!(matches!(rig.dialog(), Dialog::Conflict(_)));
    rig.event(Event::Withdrawn(QuestionId(1)));
    assert!(rig.app.dialogs.is_empty());
    rig.time(1000);
    rig.keys("j");
    rig.event(Event::Asked(existing(2)));
    rig.time(1100);
    rig.keys("o");
    assert!(matches!(rig.dialog(), Dialog::Conflict(_)), "the person was typing: o was meant for the pane");
    rig.time(1700);
    rig.keys("o");
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn another_name_for_the_copy_is_asked_for_and_esc_goes_back_to_the_question() {
    let mut rig = rig(&[], &[]);
    rig.event(Event::Asked(existing(1)));
    rig.effects.clear();
    rig.keys("r");
    let Dialog::Form(form) = rig.dialog() else { panic!("the name is asked for") };
    assert_eq!(form.fields[0].input.value(), "a (1)", "one that is free is proposed");
    rig.keys("Ctrl-U a Enter");
    let Dialog::Form(form) = rig.dialog() else { panic!("the name is asked for") };
    assert!(form.error.is_some(), "the name that is taken is refused");
    rig.keys("Esc");
    assert!(matches!(rig.dialog(), Dialog::Conflict(_)));
    assert!(rig.effects.is_empty(), "it is not answered yet");
    rig.keys("r Ctrl-U");
    rig.type_text("a2");
    rig.keys("Enter");
    assert!(rig.app.dialogs.is_empty());
    let Some(Effect::Engine(Command::Answer { answer: Answer::Existing { rule, name: given, .. }, .. })) = rig.effects.last() else {
        panic!("{:?}", rig.effects)
    };
    assert_eq!((*rule, given.clone()), (Existing::Rename, Some(name("a2"))));
}

#[test]
fn deleting_asks_naming_what_where_and_how_many_and_enter_deletes() {
    let mut rig = rig(&["d/", "f=5"], &[]);
    rig.keys("* F8");
    let (request, op) = rig.asked();
    assert!(matches!(op, BrowseOp::Count { .. }));
    rig.event(Event::Counted { request, count: Count { files: 7, dirs: 2, bytes: 99 } });
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert_eq!(confirm.count.map(|(_, count, done)| (count.files, done)), Some((7, false)));
    let text = confirm.lines.join("\n");
    for word in ["2 entries", "/home/me", "local disk", "d/", "f", "trash"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let sent = rig.effects.len();
    rig.keys("t");
    assert_eq!(rig.effects.len(), sent, "a small letter destroys nothing");
    rig.keys("Enter");
    let (change, op) = rig.asked();
    let BrowseOp::Remove { guard, entries, how } = op else { panic!("{op:?}") };
    assert_eq!((guard.directory, guard.generation), (path("/home/me"), rig.pane(Left).generation));
    assert_eq!((entries.len(), how), (2, RemoveHow::Trash));
    assert!(rig.commands().iter().any(|command| matches!(command, Command::CancelRequest { .. })), "the count is stopped");
    rig.answer(Left, change, Ok(Outcome::Done));
    assert!(matches!(rig.asked().1, BrowseOp::List { .. }));
}

#[test]
fn a_server_deletes_for_good_and_esc_deletes_nothing() {
    let mut rig = rig(&[], &["f"]);
    rig.keys("Tab End Delete");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert!(confirm.lines.join(" ").contains("for good"));
    rig.keys("Esc");
    assert!(rig.effects.is_empty());
    assert!(rig.app.requests.is_empty());
}

#[test]
fn a_new_directory_gets_the_cursor() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("F7");
    rig.type_text("new/inner");
    rig.keys("Enter");
    let (request, op) = rig.asked();
    assert_eq!(op, BrowseOp::MakeDir { path: path("/home/me/new/inner") });
    rig.answer(Left, request, Ok(Outcome::Done));
    rig.list(Left, &["a", "new/"]);
    assert_eq!(rig.under_cursor(), "new");
}

#[test]
fn renaming_is_guarded_by_what_was_seen() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End r Ctrl-U");
    rig.type_text("b");
    rig.keys("Enter");
    let (_, op) = rig.asked();
    let BrowseOp::Rename { guard, from, to } = op else { panic!("{op:?}") };
    assert_eq!((from, to, guard.generation), (path("/home/me/a"), path("/home/me/b"), rig.pane(Left).generation));
}

#[test]
fn permission_bits_are_octal() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab End Ctrl-X c Ctrl-U");
    rig.type_text("9");
    rig.keys("Enter Ctrl-U");
    rig.type_text("640");
    rig.keys("Enter");
    assert_eq!(rig.asked().1, BrowseOp::SetMode { path: path("/pub/a"), mode: 0o640 });
}

#[test]
fn what_landed_in_a_directory_that_is_being_left_does_not_show_in_the_next_one() {
    let mut rig = rig(&[], &["d/"]);
    rig.keys("Tab End Enter");
    let directory = Place { connection: rig.connection(Right), path: path("/pub") };
    rig.event(Event::Transfer(TransferEvent::Landed { directory, entry: entry("b=7") }));
    assert_eq!(rig.shown(Right), ["..", "d", "b"]);
    rig.list(Right, &["inner"]);
    assert_eq!(rig.shown(Right), ["..", "inner"]);
}

#[test]
fn a_refresh_that_is_stopped_does_not_lose_what_landed_meanwhile() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab Ctrl-R");
    let directory = Place { connection: rig.connection(Right), path: path("/pub") };
    rig.event(Event::Transfer(TransferEvent::Landed { directory, entry: entry("b=7") }));
    rig.keys("Ctrl-C");
    assert_eq!(rig.shown(Right), ["..", "a", "b"]);
}

#[test]
fn a_change_that_ends_does_not_hold_a_pane_on_its_way_elsewhere() {
    let mut rig = rig(&["d/"], &[]);
    rig.keys("F7");
    rig.type_text("new");
    rig.keys("Enter");
    let (request, _) = rig.asked();
    rig.keys("End Enter");
    rig.answer(Left, request, Ok(Outcome::Done));
    rig.list(Left, &["inner"]);
    assert_eq!(rig.pane(Left).path, path("/home/me/d"));
}

#[test]
fn what_is_preferred_for_existing_targets_holds_for_its_direction() {
    let preferences = Preferences { download: Existing::Newer, upload: Existing::Skip, ..Preferences::default() };
    let mut rig = rig_with(&["a"], &["b"], preferences);
    rig.keys("End F5 Tab End F5");
    let rules: Vec<_> =
        rig.commands().iter().filter_map(|c| if let Command::Enqueue(batch) = c { Some(batch.existing) } else { None }).collect();
    assert_eq!(rules, [Existing::Skip, Existing::Newer]);
}

#[test]
fn panes_begin_in_the_order_that_is_preferred() {
    let sort = Sort { key: SortKey::Size, reverse: false };
    let rig = rig_with(&[".b=9", "a=1", "c=5"], &[".x", "y"], Preferences { sort, hidden: true, ..Preferences::default() });
    assert_eq!(rig.shown(Left), ["..", ".b", "c", "a"]);
    assert_eq!(rig.shown(Right).len(), 3);
}
