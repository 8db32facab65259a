//! The transfers panel: every key, and what the engine tells.

use ftpane::app::action::{Action, Queue};
use ftpane::app::hit::Hit;
use ftpane::app::msg::MouseKind;
use ftpane::app::transfers::{Section, Tab, What};
use ftpane::app::{Content, Dialog, Effect, Msg, Panel, Preferences, Start};
use ftpane::bus::{Answer, BatchSummary, Command, Event, Meter, Meters, Question, QuestionKind, TransferEvent};
use ftpane::model::journal::{Begun, Past, Unfinished};
use ftpane::model::listing::Count;
use ftpane::model::transfer::{Retrying, Verb, Verified};
use ftpane::model::{
    Algorithm, BatchId, Direction, During, Existing, Failure, FailureKind, Limits, Place, Priority, QuestionId, Reply, Shift, Side,
    Transfer, TransferId, TransferState, Which,
};

use super::rig::*;

fn transfer(id: u64, state: TransferState) -> Transfer {
    let place = |connection, text: String| Place { connection, path: path(&text) };
    let (left, right) = (ftpane::model::ConnectionId(0), ftpane::model::ConnectionId(1));
    Transfer {
        id: TransferId(id),
        batch: BatchId(0),
        direction: Direction::Up,
        source: place(left, format!("/home/me/f{id}")),
        target: place(right, format!("/pub/f{id}")),
        size: Some(100),
        priority: Priority::Normal,
        state,
    }
}

fn queue(rig: &mut Rig, id: u64) {
    rig.event(Event::Transfer(TransferEvent::Queued(Box::new(transfer(id, TransferState::Queued)))));
}

fn change(rig: &mut Rig, id: u64, state: TransferState) {
    rig.event(Event::Transfer(TransferEvent::Changed { id: TransferId(id), state }));
}

fn refused() -> Failure {
    Failure::new(FailureKind::Denied, During::Write, "")
        .about(&b"/pub/f1"[..])
        .with_reply(Reply { code: 553, text: b"Could not\ncreate file.".to_vec().into() })
        .hint("ask its owner")
}

/// Four in the panel, which has the keys: 1 moves, 2 and 3 wait, 4 failed, 5 is done.
fn busy() -> Rig {
    let mut rig = rig(&[], &[]);
    for id in 1..=5 {
        queue(&mut rig, id);
    }
    change(&mut rig, 5, TransferState::Active);
    change(&mut rig, 5, TransferState::Done(Verified::Size));
    change(&mut rig, 4, TransferState::Failed(refused()));
    change(&mut rig, 1, TransferState::Active);
    rig.keys("w");
    rig.effects.clear();
    rig
}

/// The numbers of the transfers that the panel shows.
fn shown(rig: &Rig) -> Vec<u64> {
    let transfers = &rig.app.transfers;
    (0..transfers.row_count())
        .filter_map(|row| match &transfers.row(row)?.what {
            What::Transfer(job) => Some(job.transfer.id.0),
            What::Note(_) | What::Unfinished(_) => None,
        })
        .collect()
}

fn under_cursor(rig: &Rig) -> Option<u64> {
    match &rig.app.transfers.current()?.what {
        What::Transfer(job) => Some(job.transfer.id.0),
        What::Note(_) | What::Unfinished(_) => None,
    }
}

fn sent(rig: &mut Rig) -> Vec<Command> {
    let sent = rig.commands().into_iter().cloned().collect();
    rig.effects.clear();
    sent
}

fn one(id: u64) -> Which {
    Which::Transfer(TransferId(id))
}

#[test]
fn what_moves_waits_failed_and_is_done_stand_in_this_order_and_tabs_choose() {
    let mut rig = busy();
    assert_eq!(shown(&rig), [1, 2, 3, 4, 5]);
    for (key, tab, rows) in [
        ("2", Tab::Active, vec![1]),
        ("3", Tab::Queued, vec![2, 3]),
        ("4", Tab::Failed, vec![4]),
        ("5", Tab::Done, vec![5]),
        ("1", Tab::All, vec![1, 2, 3, 4, 5]),
        ("Right", Tab::Active, vec![1]),
        ("Left", Tab::All, vec![1, 2, 3, 4, 5]),
        ("[", Tab::Done, vec![5]),
    ] {
        rig.keys(key);
        assert_eq!((rig.app.transfers.tab, shown(&rig)), (tab, rows), "{key}");
    }
    assert!(rig.effects.is_empty());
}

#[test]
fn space_holds_what_is_under_the_cursor_and_lets_it_go_on() {
    let mut rig = busy();
    rig.keys("Space");
    assert_eq!(sent(&mut rig), [Command::Pause(one(1))]);
    change(&mut rig, 1, TransferState::Paused);
    assert_eq!(under_cursor(&rig), Some(1), "the cursor goes with the row that was paused");
    rig.keys("p");
    assert_eq!(sent(&mut rig), [Command::Resume(one(1))]);
    rig.keys("4 Space");
    assert!(sent(&mut rig).is_empty());
    assert!(rig.toast().contains("r tries it again"), "{}", rig.toast());
}

#[test]
fn all_are_held_while_something_moves_and_go_on_when_nothing_does() {
    let mut rig = busy();
    rig.keys("P");
    assert_eq!(sent(&mut rig), [Command::Pause(Which::All)]);
    for id in 1..=3 {
        change(&mut rig, id, TransferState::Paused);
    }
    assert!(rig.app.transfers.is_paused());
    rig.keys("P");
    assert_eq!(sent(&mut rig), [Command::Resume(Which::All)]);
    rig.keys("Tab C");
    assert_eq!(sent(&mut rig), [Command::Resume(Which::All)], "C goes on from the panes too");
}

#[test]
fn a_failed_one_is_tried_again_and_the_cursor_stays_for_the_next() {
    let mut rig = busy();
    change(&mut rig, 3, TransferState::Failed(refused()));
    rig.keys("4");
    assert_eq!(shown(&rig), [3, 4], "the newest first");
    rig.keys("r");
    assert_eq!(sent(&mut rig), [Command::Retry(one(3))]);
    queue(&mut rig, 3);
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![4], Some(4)));
    rig.keys("R");
    assert_eq!(sent(&mut rig), [Command::Retry(Which::All)]);
    rig.keys("1");
    assert_eq!(shown(&rig), [1, 2, 3, 4, 5], "what is tried again waits behind the others");
    rig.keys("r");
    assert!(sent(&mut rig).is_empty());
    assert!(rig.toast().contains("still under way"), "{}", rig.toast());
}

#[test]
fn what_was_never_found_for_want_of_a_server_is_tried_again_by_the_same_keys() {
    let mut rig = rig(&[], &[]);
    rig.app.transfers.batches.insert(BatchId(7), Default::default());
    let noted = |again| {
        let (batch, path, failure) = (BatchId(7), path("/dir"), refused());
        Event::Transfer(TransferEvent::Noted { batch, path, failure, failed: true, again })
    };
    let ended = || {
        let summary = BatchSummary { batch: BatchId(7), failed: 1, first_failure: Some(refused()), ..BatchSummary::default() };
        Event::Transfer(TransferEvent::BatchEnded(summary))
    };
    rig.event(noted(true));
    rig.event(ended());
    assert!(rig.toast().contains("r tries again"), "{}", rig.toast());
    rig.keys("w r");
    assert_eq!(sent(&mut rig), [Command::Retry(Which::Batch(BatchId(7)))]);
    assert_eq!(rig.app.transfers.row_count(), 0, "it is told anew if it fails again");
    rig.event(noted(true));
    rig.keys("R");
    assert_eq!(sent(&mut rig), [Command::Retry(Which::All)]);
    rig.event(Event::Transfer(TransferEvent::Forgotten(Which::All)));
    assert!(rig.toast().contains("not known any more"), "{}", rig.toast());
    // What trying again does not help is not said to be helped by it.
    rig.app.transfers.batches.insert(BatchId(7), Default::default());
    rig.event(noted(false));
    rig.event(ended());
    assert!(!rig.toast().contains("tries again"), "{}", rig.toast());
    rig.keys("r");
    assert!(sent(&mut rig).is_empty() && rig.toast().contains("copy it again"), "{}", rig.toast());
    rig.keys("R");
    assert!(sent(&mut rig).is_empty() && rig.toast().contains("nothing failed"), "{}", rig.toast());
    rig.keys("i");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    assert!(!lines.iter().any(|line| line.contains("tries it again")), "{lines:?}");
}

#[test]
fn what_is_tried_again_counts_once() {
    let mut rig = rig(&[], &[]);
    for id in 1..=3 {
        queue(&mut rig, id);
        change(&mut rig, id, TransferState::Failed(refused()));
    }
    queue(&mut rig, 2);
    let batch = &rig.app.transfers.batches[&BatchId(0)];
    assert_eq!((batch.ended, batch.open), (2, 1), "two of three, not three of four");
}

#[test]
fn trying_all_again_brings_back_what_failed_and_what_was_cancelled() {
    let mut rig = busy();
    change(&mut rig, 2, TransferState::Cancelled);
    rig.keys("R");
    assert_eq!(sent(&mut rig), [Command::Retry(Which::All)]);
    assert!(rig.toast().ends_with("1 failed, 1 cancelled"), "{}", rig.toast());
    queue(&mut rig, 2);
    queue(&mut rig, 4);
    rig.keys("R");
    assert!(sent(&mut rig).is_empty());
    assert!(rig.toast().contains("nothing failed or was cancelled"), "{}", rig.toast());
}

#[test]
fn trying_all_again_keeps_to_the_filter_which_knows_states_by_their_words() {
    let mut rig = busy();
    change(&mut rig, 2, TransferState::Cancelled);
    rig.keys("f");
    rig.type_text("cancelled");
    rig.keys("Enter");
    assert_eq!(shown(&rig), [2]);
    rig.keys("R");
    assert_eq!(sent(&mut rig), [Command::Retry(one(2))]);
    queue(&mut rig, 2);
    assert_eq!(shown(&rig), [] as [u64; 0], "it is not cancelled any more");
    rig.keys("R");
    assert!(sent(&mut rig).is_empty());
    assert!(rig.toast().contains("of what the filter leaves"), "{}", rig.toast());
    rig.keys("Esc f");
    rig.type_text("failed f4");
    rig.keys("Enter R");
    assert_eq!(sent(&mut rig), [Command::Retry(one(4))]);
}

#[test]
fn a_batch_that_was_cancelled_says_how_to_bring_it_back() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End F5");
    queue(&mut rig, 1);
    change(&mut rig, 1, TransferState::Cancelled);
    rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { cancelled: 1, ..BatchSummary::default() })));
    assert!(rig.toast().contains("1 cancelled (w shows, R goes on)"), "{}", rig.toast());
}

#[test]
fn the_row_below_comes_under_the_cursor_where_its_own_goes_above_it() {
    let mut rig = busy();
    change(&mut rig, 3, TransferState::Failed(refused()));
    assert_eq!(shown(&rig), [1, 2, 3, 4, 5]);
    rig.keys("j j");
    assert_eq!(under_cursor(&rig), Some(3));
    rig.keys("r");
    queue(&mut rig, 3);
    assert_eq!(shown(&rig), [1, 2, 3, 4, 5], "it waits again");
    assert_eq!(under_cursor(&rig), Some(4), "the next one that failed is under the cursor");
    // Rows that end above it carry the cursor along with its row.
    change(&mut rig, 1, TransferState::Cancelled);
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![2, 3, 1, 4, 5], Some(4)));
    change(&mut rig, 2, TransferState::Active);
    change(&mut rig, 2, TransferState::Done(Verified::Size));
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![3, 1, 4, 2, 5], Some(4)));
    rig.keys("1 G k k");
    assert_eq!(under_cursor(&rig), Some(4));
    rig.keys("c");
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![3, 1, 4], Some(4)));
}

#[test]
fn del_and_f8_stop_what_is_under_the_cursor_and_nothing_that_took_its_place() {
    let mut rig = busy();
    rig.keys("j");
    assert_eq!(under_cursor(&rig), Some(2));
    change(&mut rig, 1, TransferState::Done(Verified::Size));
    assert_eq!(under_cursor(&rig), Some(2), "rows above come and go, the cursor stays on its row");
    rig.keys("Delete F8");
    assert_eq!(sent(&mut rig), [Command::CancelTransfer(TransferId(2)), Command::CancelTransfer(TransferId(2))]);
    change(&mut rig, 2, TransferState::Cancelled);
    assert_eq!(under_cursor(&rig), Some(3), "the next one is under the cursor");
    rig.keys("5 Delete");
    assert!(sent(&mut rig).is_empty());
}

#[test]
fn waiting_ones_are_moved_by_the_engine_and_shown_where_it_put_them() {
    let mut rig = busy();
    rig.keys("3 j");
    for (keys, to) in
        [("K Shift-Up", Shift::Up), ("J Shift-Down", Shift::Down), ("T Shift-Home", Shift::Top), ("B Shift-End", Shift::Bottom)]
    {
        rig.keys(keys);
        let command = Command::Shift { transfer: TransferId(3), to };
        assert_eq!(sent(&mut rig), [command.clone(), command], "{keys}");
    }
    rig.event(Event::Transfer(TransferEvent::Shifted { id: TransferId(3), before: Some(TransferId(2)) }));
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![3, 2], Some(3)));
    rig.event(Event::Transfer(TransferEvent::Shifted { id: TransferId(3), before: None }));
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![2, 3], Some(3)));
    rig.keys("2 K");
    assert!(sent(&mut rig).is_empty(), "what moves already is not moved in the queue");
}

#[test]
fn rows_are_moved_to_the_same_place_as_often_as_one_likes() {
    let mut rig = rig(&[], &[]);
    for id in 0..200 {
        queue(&mut rig, id);
    }
    for id in (1..200).rev() {
        rig.event(Event::Transfer(TransferEvent::Shifted { id: TransferId(id), before: Some(TransferId(0)) }));
    }
    let expected: Vec<u64> = (1..200).rev().chain([0]).collect();
    assert_eq!(shown(&rig), expected);
}

#[test]
fn priorities_go_up_and_down_and_order_the_queue() {
    let mut rig = busy();
    rig.keys("3 j +");
    assert_eq!(sent(&mut rig), [Command::Prioritize(one(3), Priority::High)]);
    rig.event(Event::Transfer(TransferEvent::Prioritized { id: TransferId(3), priority: Priority::High }));
    assert_eq!((shown(&rig), under_cursor(&rig)), (vec![3, 2], Some(3)));
    rig.keys("+");
    assert!(sent(&mut rig).is_empty());
    rig.keys("-");
    assert_eq!(sent(&mut rig), [Command::Prioritize(one(3), Priority::Normal)]);
    rig.event(Event::Transfer(TransferEvent::Prioritized { id: TransferId(3), priority: Priority::Low }));
    queue(&mut rig, 9);
    assert_eq!(shown(&rig), [2, 9, 3]);
}

#[test]
fn clearing_takes_what_is_done_first_and_the_failed_only_when_asked_again() {
    let mut rig = busy();
    rig.keys("c");
    assert_eq!(shown(&rig), [1, 2, 3, 4]);
    assert!(sent(&mut rig).is_empty(), "what failed can still be tried again");
    assert!(rig.toast().contains("1 failed or cancelled stay"), "{}", rig.toast());
    rig.keys("c");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert!(confirm.lines[0].starts_with("1 row is failed"), "{:?}", confirm.lines);
    rig.keys("c Enter");
    assert_eq!(shown(&rig), [1, 2, 3, 4], "neither the same key again nor Enter destroys anything");
    assert!(sent(&mut rig).is_empty());
    rig.keys("4 c C 1");
    assert_eq!(shown(&rig), [1, 2, 3]);
    assert_eq!(sent(&mut rig), [Command::Forget(Which::All)]);
    rig.keys("c");
    assert!(rig.toast().contains("nothing to clear"));
}

#[test]
fn the_filter_leaves_rows_that_hold_all_words_also_those_that_come_later() {
    let mut rig = busy();
    rig.keys("f");
    rig.type_text("F3 home");
    rig.keys("Enter");
    assert_eq!(shown(&rig), [3]);
    queue(&mut rig, 33);
    queue(&mut rig, 44);
    assert_eq!(shown(&rig), [3, 33]);
    change(&mut rig, 33, TransferState::Failed(refused()));
    assert_eq!(shown(&rig), [3, 33]);
    rig.keys("Esc");
    assert_eq!(shown(&rig).len(), 7, "Esc shows all again");
    assert_eq!(rig.app.panel, Some(Panel::Transfers));
    rig.keys("/");
    rig.type_text("create");
    rig.keys("Enter");
    assert_eq!(shown(&rig), [33, 4], "the server's words are searched too");
    rig.keys("Esc Esc");
    assert_eq!(rig.app.panel, None);
}

#[test]
fn details_tell_both_ends_the_servers_words_the_tries_and_what_to_do() {
    let mut rig = busy();
    let retrying = Retrying { failure: refused(), tried: 2, of: 4, seconds: 3 };
    change(&mut rig, 2, TransferState::Retrying(retrying));
    change(&mut rig, 2, TransferState::Active);
    change(&mut rig, 2, TransferState::Failed(refused()));
    rig.keys("4 Enter");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    let text = lines.join("\n");
    for word in ["/home/me/f2", "example.org", "/pub/f2", "100 bytes", "3 times", "553 Could not", "create file.", "ask its owner"] {
        assert!(text.contains(word), "{word} in\n{text}");
    }
    rig.keys("Esc 5 i");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    assert!(lines.join("\n").contains("size and the server's confirmation agree"));
    rig.keys("Esc");
    change(&mut rig, 1, TransferState::Done(Verified::Checksum(Algorithm::Sha256)));
    rig.keys("Home i");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    assert!(lines.join("\n").contains("SHA-256 of both sides is the same"));
}

#[test]
fn who_has_not_chosen_a_row_finds_the_cursor_on_what_is_under_way() {
    let mut rig = rig(&[], &[]);
    for id in 1..=3 {
        queue(&mut rig, id);
        change(&mut rig, id, TransferState::Active);
        change(&mut rig, id, TransferState::Done(Verified::Size));
    }
    rig.keys("w");
    assert!(under_cursor(&rig).is_some_and(|id| id < 4));
    queue(&mut rig, 4);
    assert_eq!(under_cursor(&rig), Some(4), "it is what a key is meant for");
    rig.keys("j");
    let chosen = under_cursor(&rig);
    assert_ne!(chosen, Some(4));
    queue(&mut rig, 5);
    assert_eq!(under_cursor(&rig), chosen, "a row that was chosen stays chosen");
    rig.keys("w w");
    assert_eq!(under_cursor(&rig), Some(4), "until the panel is opened anew");
}

/// The text of the details of the row under the cursor.
fn details(rig: &mut Rig) -> String {
    rig.keys("i");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    let text = lines.join("\n");
    rig.keys("Esc");
    text
}

#[test]
fn details_tell_how_far_it_is_whatever_became_of_it() {
    let mut rig = busy();
    let reached = |id, done| Event::Transfer(TransferEvent::Reached { id: TransferId(id), done });
    rig.send(Msg::Meters(Meters {
        active: vec![Meter { id: TransferId(1), done: 30, size: Some(100), ..Meter::default() }],
        ..Meters::default()
    }));
    assert!(details(&mut rig).contains("30%, 30 of 100 bytes"));
    rig.event(reached(1, 43));
    change(&mut rig, 1, TransferState::Paused);
    rig.send(Msg::Meters(Meters::default()));
    let text = details(&mut rig);
    assert!(text.contains("43%, 43 of 100 bytes") && text.contains("paused"), "{text}");
    change(&mut rig, 1, TransferState::Active);
    let retrying = Retrying { failure: refused(), tried: 2, of: 4, seconds: 12 };
    rig.event(reached(1, 50));
    change(&mut rig, 1, TransferState::Retrying(retrying));
    rig.time(2_000);
    let text = details(&mut rig);
    for words in ["50%, 50 of 100 bytes", "next try  in 10 seconds", "2 of 4", "2 times"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    for state in [TransferState::Failed(refused()), TransferState::Cancelled] {
        rig.event(reached(2, 60));
        change(&mut rig, 2, state);
        rig.keys("4");
        let text = details(&mut rig);
        assert!(text.contains("60%, 60 of 100 bytes"), "{text}");
        rig.keys("1 g");
        queue(&mut rig, 2);
    }
}

#[test]
fn details_tell_over_how_many_connections_a_download_in_parts_comes_and_came() {
    let mut rig = busy();
    let meters = |connections| {
        let meter = Meter { id: TransferId(1), done: 30, size: Some(100), connections, ..Meter::default() };
        Msg::Meters(Meters { active: vec![meter], ..Meters::default() })
    };
    rig.send(meters(1));
    assert!(!details(&mut rig).contains("connection"));
    rig.send(meters(4));
    assert!(details(&mut rig).contains("over      4 connections at once"));
    rig.send(Msg::Meters(Meters::default()));
    rig.event(Event::Transfer(TransferEvent::InParts { id: TransferId(1), connections: 6 }));
    change(&mut rig, 1, TransferState::Done(Verified::Size));
    rig.keys("5");
    let text = details(&mut rig);
    assert!(text.contains("over      6 connections at once, at most"), "{text}");
}

#[test]
fn details_of_what_an_earlier_run_left_tell_how_far_it_came() {
    let mut rig = rig(&[], &[]);
    rig.event(Event::Unfinished(Ok(vec![unfinished(7)])));
    rig.keys("w");
    let text = details(&mut rig);
    for words in ["copy of 12 entries", "ftp://example.org/pub7", "3 files", "1 file in part: 43%, 4,300 of 10,000 bytes"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(sent(&mut rig).is_empty(), "to look is not to go on");
}

#[test]
fn limits_are_typed_as_people_write_them_and_hold_at_once() {
    let mut rig = rig_with(&[], &[], Preferences { limits: Limits { up: Some(1024), ..Limits::default() }, ..Preferences::default() });
    rig.keys("w l");
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert_eq!(form.fields[2].input.value(), "1K");
    rig.type_text("2M");
    rig.keys("Down");
    rig.type_text("fast");
    rig.keys("Enter");
    let Dialog::Form(form) = rig.dialog() else { panic!("the form stays") };
    assert!(form.error.as_ref().unwrap().contains("fast is no speed"), "{:?}", form.error);
    rig.keys("Ctrl-U");
    rig.type_text("500K");
    rig.keys("Down Ctrl-U Enter");
    let limits = Limits { total: Some(2 << 20), down: Some(512_000), up: None };
    assert_eq!(sent(&mut rig), [Command::Limit(limits)]);
    assert_eq!(rig.app.limits, limits);
}

#[test]
fn the_history_is_searched_as_you_type_and_late_answers_are_dropped() {
    let mut rig = busy();
    let past = |name: &str| Past {
        ended: 0,
        direction: Direction::Down,
        source: format!("ftp://h/{name}"),
        target: format!("/home/me/{name}"),
        size: Some(1),
        outcome: Ok(Verified::Size),
    };
    rig.keys("H");
    rig.type_text("a");
    let commands = sent(&mut rig);
    let [Command::History { request: first, words: none, .. }, Command::History { request: second, words, .. }] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!((none.as_str(), words.as_str()), ("", "a"));
    rig.event(Event::Past { request: *second, rows: Ok(vec![past("a"), past("ab")]) });
    rig.event(Event::Past { request: *first, rows: Ok(vec![past("old")]) });
    let Dialog::History(history) = rig.dialog() else { panic!("the history") };
    assert_eq!(history.rows.len(), 2);
    rig.keys("Down Enter");
    let Dialog::Message { lines, .. } = rig.dialog() else { panic!("details") };
    assert!(lines[0].contains("ftp://h/ab"), "{lines:?}");
    rig.keys("Esc Esc");
    assert!(rig.app.dialogs.is_empty());
}

fn unfinished(id: i64) -> Unfinished {
    Unfinished {
        id,
        asked: 0,
        verb: Verb::Copy,
        direction: Direction::Up,
        from: "/home/me".to_owned(),
        to: format!("ftp://example.org/pub{id}"),
        items: 12,
        done: 3,
        failed: 0,
        begun: Begun { files: 1, done: 4300, size: 10_000 },
    }
}

#[test]
fn what_an_earlier_run_left_is_offered_and_goes_on_by_one_key() {
    let mut rig = rig(&["a"], &[]);
    rig.event(Event::Unfinished(Ok(vec![unfinished(7), unfinished(8)])));
    assert!(rig.app.transfers.offered && rig.app.dialogs.is_empty() && rig.app.panel.is_none(), "it steals nothing");
    rig.keys("j");
    assert_eq!(rig.under_cursor(), "a");
    rig.keys("C");
    let commands = sent(&mut rig);
    let [Command::Restore { journal: 7, batch: first }, Command::Restore { journal: 8, batch: second }] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_ne!(first, second);
    assert!(!rig.app.transfers.offered);
    assert!(rig.app.transfers.is_busy());
    rig.keys("C");
    assert!(sent(&mut rig).iter().all(|command| !matches!(command, Command::Restore { .. })), "nothing is restored twice");
    // No pane asked for it in this run, so that what it brought is not known by name.
    rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { batch: *first, done: 1, ..BatchSummary::default() })));
    let listed = sent(&mut rig).iter().filter(|command| matches!(command, Command::Browse { .. })).count();
    assert_eq!(listed, 2, "both panes show what came");
}

#[test]
fn several_that_were_left_are_rows_of_the_panel_to_go_on_with_or_to_forget() {
    let mut rig = rig(&[], &[]);
    rig.event(Event::Unfinished(Ok(vec![unfinished(7), unfinished(8)])));
    rig.keys("w j Delete");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("it is asked first") };
    assert!(confirm.lines[0].contains("ftp://example.org/pub8"), "{:?}", confirm.lines);
    rig.keys("f");
    assert!(sent(&mut rig).is_empty(), "a small letter forgets nothing");
    rig.keys("F");
    assert_eq!(sent(&mut rig), [Command::Discard(8)]);
    assert_eq!(rig.app.transfers.len(Section::Unfinished), 1);
    rig.keys("Enter");
    assert!(matches!(sent(&mut rig)[..], [Command::Restore { journal: 7, .. }]));
    assert_eq!(rig.app.transfers.len(Section::Unfinished), 0);
}

#[test]
fn esc_sets_the_offer_aside_and_it_stays_in_the_panel() {
    let mut rig = rig(&[], &[]);
    rig.event(Event::Unfinished(Ok(vec![unfinished(7)])));
    rig.keys("Esc");
    assert!(!rig.app.transfers.offered);
    rig.time(5000);
    rig.event(Event::Unfinished(Ok(vec![unfinished(7)])));
    assert!(!rig.app.transfers.offered, "once is enough");
    rig.keys("D Esc");
    assert!(sent(&mut rig).is_empty());
    rig.keys("D F");
    assert_eq!(sent(&mut rig), [Command::Discard(7)]);
}

#[test]
fn the_keys_of_the_offer_work_while_sites_are_shown_as_long_as_nothing_is_typed() {
    let at_sites = || {
        let mut rig = start(Start::Sites, Start::Sites);
        rig.event(Event::Unfinished(Ok(vec![unfinished(7)])));
        rig
    };
    let typed = |rig: &Rig| match &rig.pane(rig.app.focus).content {
        Content::Sites(list) => list.input.value().to_owned(),
        other => panic!("{other:?}"),
    };
    let mut rig = at_sites();
    rig.keys("C");
    assert!(matches!(sent(&mut rig)[..], [Command::Restore { journal: 7, .. }]));
    let mut rig = at_sites();
    rig.keys("w");
    assert_eq!(rig.app.panel, Some(Panel::Transfers));
    rig.keys("w D");
    assert!(matches!(rig.dialog(), Dialog::Confirm(_)));
    let mut rig = at_sites();
    rig.type_text("aCDw");
    assert_eq!(typed(&rig), "aCDw", "what is being typed goes on");
    rig.keys("Esc Esc");
    assert!(!rig.app.transfers.offered, "Esc clears the line first, and then sets the offer aside");
    rig.type_text("wC");
    assert_eq!((typed(&rig).as_str(), rig.effects.len()), ("wC", 0), "nothing is offered any more");
}

#[test]
fn a_full_disk_is_said_once_and_space_goes_on_with_the_batch() {
    let mut rig = busy();
    let full = || Failure::new(FailureKind::Full, During::Write, "no space left on the disk");
    let held = |batch| Event::Transfer(TransferEvent::Held { batch: BatchId(batch), failure: Some(full()) });
    rig.event(held(0));
    assert!(rig.toast().contains("no space left") && rig.toast().contains("C goes on"), "{}", rig.toast());
    rig.app.toast = None;
    rig.event(held(1));
    assert_eq!(rig.toast(), "", "one message is enough");
    rig.keys("3 Space");
    assert_eq!(sent(&mut rig), [Command::Resume(Which::Batch(BatchId(0)))]);
    rig.event(Event::Transfer(TransferEvent::Released(BatchId(0))));
    rig.event(Event::Transfer(TransferEvent::Released(BatchId(1))));
    assert!(rig.app.transfers.held.is_empty());
}

#[test]
fn leaving_while_something_moves_offers_to_go_on_next_time() {
    let mut rig = busy();
    rig.keys("F10");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    let labels: Vec<_> = confirm.buttons.iter().map(|button| button.label.as_str()).collect();
    assert_eq!(labels, ["Go on next time", "Cancel them and quit", "Stay"]);
    assert!(confirm.lines[0].starts_with("3 transfers are"), "{:?}", confirm.lines);
    rig.keys("s");
    assert!(rig.app.dialogs.is_empty() && !rig.app.quitting);
    rig.keys("F10 c");
    assert!(!rig.app.quitting, "a small letter cancels nothing");
    rig.keys("Enter");
    assert_eq!(rig.effects, [Effect::Quit], "the journal keeps them: nothing is cancelled");
    let mut rig = busy();
    rig.keys("q F10 C");
    assert_eq!(rig.effects, [Effect::Engine(Command::CancelAll), Effect::Quit]);
}

#[test]
fn without_a_journal_nothing_is_promised() {
    let mut rig = busy();
    rig.event(Event::NoJournal(Failure::new(FailureKind::Local, During::Plan, "read-only file system")));
    assert!(rig.toast().contains("will not survive") && rig.toast().contains("read-only"), "{}", rig.toast());
    rig.keys("F10");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert_eq!(confirm.buttons.len(), 2);
    assert!(confirm.lines[1].contains("end with ftpane"), "{:?}", confirm.lines);
    rig.keys("Enter");
    assert!(!rig.app.quitting, "staying is what Enter does");
}

#[test]
fn where_nothing_is_kept_nothing_is_promised() {
    let mut rig = rig_with(&[], &[], Preferences { passing: true, ..Preferences::default() });
    queue(&mut rig, 1);
    rig.keys("F10");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    let labels: Vec<_> = confirm.buttons.iter().map(|button| button.label.as_str()).collect();
    assert_eq!(labels, ["Cancel them and quit", "Stay"]);
    assert!(confirm.lines[1].contains("The demo keeps nothing"), "{:?}", confirm.lines);
    rig.keys("Ctrl-C");
    assert!(!rig.app.quitting && rig.app.dialogs.is_empty(), "where something would be lost Ctrl-C stays, as Enter does");
}

#[test]
fn ctrl_c_where_nothing_is_to_be_stopped_asks_and_again_quits() {
    let mut rig = rig(&[], &[]);
    rig.keys("Ctrl-C");
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("a question") };
    assert!(confirm.lines[0].contains("Ctrl-C again quits, Esc stays"), "{:?}", confirm.lines);
    rig.keys("Esc Ctrl-C Ctrl-C");
    assert_eq!(rig.effects, [Effect::Quit]);
    let mut rig = busy();
    rig.keys("Tab Ctrl-C Ctrl-C Ctrl-C");
    assert_eq!(rig.effects, [Effect::Engine(Command::CancelAll), Effect::Quit], "first the transfers, then the question, then the end");
}

#[test]
fn a_journal_that_is_written_again_is_trusted_again() {
    let mut rig = busy();
    rig.event(Event::NoJournal(Failure::new(FailureKind::Local, During::Plan, "no space left on device")));
    rig.event(Event::JournalKept);
    assert!(rig.toast().contains("written again"), "{}", rig.toast());
    rig.keys("F10 Enter");
    assert_eq!(rig.effects, [Effect::Quit], "going on next time is offered first, and nothing is cancelled");
}

#[test]
fn a_journal_that_was_begun_anew_is_kept_like_any_other() {
    let mut rig = busy();
    rig.event(Event::JournalBegunAnew(Failure::new(FailureKind::Local, During::Read, "the journal was damaged")));
    assert!(rig.toast().contains("was damaged") && !rig.toast().contains("will not survive"), "{}", rig.toast());
    rig.keys("F10 Enter");
    assert_eq!(rig.effects, [Effect::Quit]);
}

#[test]
fn the_rate_is_kept_a_value_a_second_while_something_moves() {
    let mut rig = rig(&[], &[]);
    assert_eq!(rig.app.needs_tick(), None);
    queue(&mut rig, 1);
    rig.time(100);
    assert_eq!(rig.app.needs_tick(), Some(1100));
    rig.send(Msg::Meters(Meters { moved: 700, ..Meters::default() }));
    rig.time(1100);
    assert_eq!(rig.app.transfers.spark.values().collect::<Vec<_>>(), [700]);
    change(&mut rig, 1, TransferState::Done(Verified::Size));
    rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { done: 1, ..BatchSummary::default() })));
    rig.time(60_000);
    rig.time(120_000);
    assert_eq!(rig.app.needs_tick(), None, "nothing wakes a program in which nothing moves");
}

#[test]
fn the_end_of_a_long_batch_is_told_unless_the_person_looks() {
    let told = |seconds: u64, focus: Option<bool>, after| {
        let mut rig = rig_with(&["a"], &[], Preferences { notify_after: after, ..Preferences::default() });
        rig.keys("End F5");
        rig.effects.clear();
        if let Some(focus) = focus {
            rig.send(Msg::Focus(focus));
        }
        rig.time(seconds * 1000);
        rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { done: 2, bytes: 9, ..BatchSummary::default() })));
        rig.effects.iter().any(|effect| *effect == Effect::Notify("2 files copied, 9 bytes".to_owned()))
    };
    assert!(told(12, None, Some(10_000)));
    assert!(told(12, Some(false), Some(10_000)));
    assert!(!told(12, Some(true), Some(10_000)), "who looks needs no bell");
    assert!(!told(3, None, Some(10_000)), "a short one is no news");
    assert!(!told(99, None, None));
}

#[test]
fn details_follow_their_row_while_they_are_open() {
    let mut rig = busy();
    let lines = |rig: &Rig| match rig.dialog() {
        Dialog::Message { lines, .. } => lines.join("\n"),
        other => panic!("details: {other:?}"),
    };
    rig.mouse(MouseKind::Press, Hit::Panel(2), (4, 15));
    let id = under_cursor(&rig).unwrap();
    rig.keys("i");
    assert!(lines(&rig).contains("waits"), "{}", lines(&rig));
    change(&mut rig, id, TransferState::Active);
    let meter = Meter { id: TransferId(id), batch: BatchId(1), done: 25, size: Some(100), rate: 1.0, connections: 3 };
    rig.send(Msg::Meters(Meters { active: vec![meter], ..Meters::default() }));
    assert!(lines(&rig).contains("25%") && lines(&rig).contains("moves") && lines(&rig).contains("3 connections"), "{}", lines(&rig));
    change(&mut rig, id, TransferState::Done(Verified::Size));
    assert!(lines(&rig).contains("done: size"), "{}", lines(&rig));
    rig.keys("Esc c");
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn a_click_chooses_a_double_one_tells_more_and_tabs_and_hints_do_what_they_say() {
    let mut rig = busy();
    rig.mouse(MouseKind::Press, Hit::Panel(2), (4, 15));
    assert_eq!(under_cursor(&rig), Some(3));
    rig.mouse(MouseKind::Press, Hit::Panel(2), (4, 15));
    assert!(matches!(rig.dialog(), Dialog::Message { .. }));
    rig.keys("Esc");
    rig.mouse(MouseKind::RightPress, Hit::Panel(1), (4, 14));
    assert_eq!(sent(&mut rig), [Command::Pause(one(2))], "the right button holds, or lets go on");
    rig.mouse(MouseKind::Press, Hit::Do(Action::Queue(Queue::Failed)), (40, 11));
    assert_eq!(shown(&rig), [4]);
    rig.mouse(MouseKind::Press, Hit::Do(Action::Queue(Queue::Retry)), (4, 20));
    assert_eq!(sent(&mut rig), [Command::Retry(one(4))]);
    rig.mouse(MouseKind::Press, Hit::Do(Action::Queue(Queue::All)), (4, 11));
    rig.mouse(MouseKind::WheelDown, Hit::Panel(0), (4, 13));
    assert_eq!(rig.app.transfers.cursor, 3);
    rig.mouse(MouseKind::Press, Hit::Panel(40), (4, 19));
    assert_eq!(rig.app.transfers.cursor, 4, "below the last row is the last row");
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn an_action_about_a_row_that_is_chosen_from_the_palette_shows_the_rows_first() {
    let mut rig = busy();
    rig.keys("w Ctrl-P");
    rig.type_text("cancel transfer");
    rig.keys("Enter");
    assert!(sent(&mut rig).is_empty());
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), true));
    rig.keys("w Ctrl-P");
    rig.type_text("speed limits");
    rig.keys("Enter");
    assert!(matches!(rig.dialog(), Dialog::Form(_)));
}

#[test]
fn keys_of_the_panel_do_nothing_to_the_pane_below() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("w F5 F6 F8 F3 F4 F7 x a e");
    assert!(rig.effects.is_empty() && rig.app.dialogs.is_empty());
    rig.keys("F5");
    assert_eq!(rig.toast(), "F5 (Copy) is for the panes: Tab leads back to them");
}

#[test]
fn w_opens_and_closes_the_panel_whoever_has_the_keys() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("w");
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), true));
    rig.keys("w");
    assert_eq!(rig.app.panel, None);
    rig.keys("w Tab");
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), false));
    rig.keys("w");
    assert_eq!(rig.app.panel, None, "also where a pane has them");
    rig.keys("Shift-Tab");
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), true), "the way in where letters are text");
    rig.keys("w w Tab Shift-Tab");
    assert!(rig.app.panel_focus);
    rig.keys("Shift-Tab");
    assert!(!rig.app.panel_focus && rig.app.panel.is_some());
    rig.keys("w");
    rig.keys("w L w");
    assert_eq!((rig.app.panel, rig.app.panel_focus), (Some(Panel::Transfers), true), "the other panel makes room");
}

#[test]
fn the_answer_to_a_conflict_reaches_one_all_or_every_copy_that_way() {
    let mut rig = rig(&["a"], &[]);
    queue(&mut rig, 1);
    let side = |text: &str| Side { path: path(text), size: Some(1), modified: None };
    let asked = |id| {
        let kind = QuestionKind::Existing {
            transfer: TransferId(1),
            batch: BatchId(0),
            source: side("/home/me/f1"),
            target: side("/pub/f1"),
            can_resume: true,
            free: None,
        };
        Event::Asked(Question { id: QuestionId(id), kind })
    };
    for (id, keys, rule, all) in
        [(1, "d", Existing::Differs, false), (2, "a s", Existing::Size, true), (3, "a a d", Existing::Differs, true)]
    {
        rig.event(asked(id));
        rig.keys(keys);
        let answer = Answer::Existing { rule, all, name: None };
        assert_eq!(sent(&mut rig), [Command::Answer { question: QuestionId(id), answer }], "{keys}");
    }
    assert_eq!(rig.app.preferences.upload, Existing::Differs);
    assert_eq!(rig.app.preferences.download, Existing::Ask);
    rig.keys("End F5");
    let commands = sent(&mut rig);
    assert!(matches!(&commands[..], [Command::Enqueue(batch)] if batch.existing == Existing::Differs), "{commands:?}");
    rig.keys("Ctrl-X a");
    assert!(rig.toast().contains("ask"), "{}", rig.toast());
    rig.keys("F5");
    let commands = sent(&mut rig);
    assert!(matches!(&commands[..], [Command::Enqueue(batch)] if batch.existing == Existing::Ask), "{commands:?}");
}

#[test]
fn what_is_about_to_be_tried_again_cannot_be_moved_and_that_is_said() {
    let mut rig = busy();
    change(&mut rig, 2, TransferState::Retrying(Retrying { failure: refused(), tried: 1, of: 4, seconds: 3 }));
    rig.keys("3 K");
    assert!(sent(&mut rig).is_empty());
    assert!(rig.toast().contains("tried again soon"), "{}", rig.toast());
}

#[test]
fn a_copy_to_a_typed_target_has_a_rule_of_its_own() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End Shift-F5 Down Right Right Right Enter");
    let commands = sent(&mut rig);
    let [Command::Enqueue(batch)] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(batch.existing, Existing::Newer);
}

#[test]
fn a_batch_that_is_tried_again_is_under_way_again_and_told_again_at_its_end() {
    let mut rig = rig(&["a"], &[]);
    rig.keys("End F5");
    queue(&mut rig, 1);
    change(&mut rig, 1, TransferState::Failed(refused()));
    let failed = BatchSummary { failed: 1, first_failure: Some(refused()), ..BatchSummary::default() };
    rig.event(Event::Transfer(TransferEvent::BatchEnded(failed)));
    assert!(rig.toast().contains("(w shows, there r tries again)"), "{}", rig.toast());
    assert!(!rig.app.transfers.is_busy());
    queue(&mut rig, 1);
    assert!(rig.app.transfers.is_busy());
    change(&mut rig, 1, TransferState::Done(Verified::Size));
    rig.event(Event::Transfer(TransferEvent::BatchEnded(BatchSummary { done: 1, bytes: 100, ..BatchSummary::default() })));
    assert!(rig.toast().starts_with("1 file copied"), "{}", rig.toast());
}

/// How long it takes that so many transfers come, move and end.
fn time_of(rig: &mut Rig, first: u64, many: u64) -> std::time::Duration {
    let meter = |id| Meter { id: TransferId(id), ..Meter::default() };
    let begun = std::time::Instant::now();
    for id in first..first + many {
        queue(rig, id);
    }
    for id in first..first + many {
        change(rig, id, TransferState::Active);
        rig.app.meters.active = vec![meter(id)];
        change(rig, id, if id % 2 == 0 { TransferState::Done(Verified::Size) } else { TransferState::Failed(refused()) });
    }
    begun.elapsed()
}

#[test]
fn a_queue_of_many_thousands_costs_no_more_an_event_than_one_of_hundreds() {
    let few = time_of(&mut busy(), 100, 1000);
    let mut rig = busy();
    let many = 50_000;
    let took = time_of(&mut rig, 100, many);
    // Fifty times as many: if an event looked at every row, it would take 2500 times as long.
    assert!(took < few * 1500, "{took:?} for 50,000, {few:?} for 1,000");
    assert_eq!(rig.app.transfers.count(Section::Done), many / 2 + 1, "those that are not listed any more are counted");
    assert!(rig.app.transfers.len(Section::Done) <= 20_000);
    assert_eq!(under_cursor(&rig), Some(1));
}

#[test]
fn what_failed_beside_transfers_goes_from_the_list_when_all_is_tried_again() {
    let mut rig = busy();
    let lost = Failure::new(FailureKind::Unreachable, During::Connect, "nobody listens there; 951 more files were not begun");
    let noted = |failure, again| TransferEvent::Noted { batch: BatchId(0), path: path("/pub/tree"), failure, failed: true, again };
    rig.event(Event::Transfer(noted(lost, true)));
    rig.event(Event::Transfer(noted(refused(), false)));
    assert_eq!(rig.app.transfers.count(Section::Failed), 3);
    rig.keys("R");
    assert!(sent(&mut rig).contains(&Command::Retry(Which::All)));
    assert_eq!(rig.app.transfers.count(Section::Failed), 2, "what cannot be tried again stays");
}

#[test]
fn what_waits_is_counted_from_what_was_told_and_not_from_older_figures() {
    let mut rig = rig(&[], &[]);
    let found = |files| Count { files, dirs: 1, bytes: files };
    rig.event(Event::Transfer(TransferEvent::Planned { batch: BatchId(0), found: found(9), complete: false }));
    rig.app.transfers.batches.insert(BatchId(0), Default::default());
    rig.event(Event::Transfer(TransferEvent::Planned { batch: BatchId(0), found: found(5000), complete: true }));
    for id in 0..2000 {
        queue(&mut rig, id);
    }
    rig.send(Msg::Meters(Meters { queued: 5000, ..Meters::default() }));
    for id in 0..60 {
        change(&mut rig, id, TransferState::Active);
        change(&mut rig, id, TransferState::Done(Verified::Size));
    }
    change(&mut rig, 60, TransferState::Active);
    let all = |rig: &Rig| rig.app.waiting() + rig.app.transfers.count(Section::Active) + rig.app.transfers.count(Section::Done);
    assert_eq!((rig.app.waiting(), all(&rig)), (4939, 5000));
    // Of a copy that goes on from an earlier run, some turn out to be there already.
    rig.event(Event::Transfer(TransferEvent::Planned { batch: BatchId(0), found: found(4000), complete: true }));
    assert_eq!(all(&rig), 4000);
}

#[test]
fn what_was_cancelled_before_it_had_a_row_counts_and_comes_back_too() {
    let mut rig = busy();
    let found = Count { files: 5000, dirs: 1, bytes: 5000 };
    rig.event(Event::Transfer(TransferEvent::Planned { batch: BatchId(0), found, complete: true }));
    assert_eq!(rig.app.waiting(), 4997);
    (1..=3).for_each(|id| change(&mut rig, id, TransferState::Cancelled));
    let summary = BatchSummary { done: 1, failed: 1, cancelled: 4998, ..BatchSummary::default() };
    rig.event(Event::Transfer(TransferEvent::BatchEnded(summary)));
    assert_eq!((rig.app.waiting(), rig.app.transfers.count(Section::Failed), rig.app.transfers.count(Section::Done)), (0, 4999, 1));
    rig.keys("R");
    assert_eq!(sent(&mut rig), [Command::Retry(Which::All)]);
    assert!(rig.toast().contains("1 failed, 4,998 cancelled"), "{}", rig.toast());
    queue(&mut rig, 1);
    assert_eq!((rig.app.waiting(), rig.app.transfers.count(Section::Failed)), (4996, 3));
    rig.keys("c 4 c C");
    assert_eq!(rig.app.transfers.count(Section::Failed), 0);
}

#[test]
fn what_was_cancelled_is_not_counted_as_failed() {
    let mut rig = busy();
    change(&mut rig, 1, TransferState::Cancelled);
    assert_eq!((rig.app.transfers.cancelled, rig.app.transfers.count(Section::Failed)), (1, 2));
    queue(&mut rig, 1);
    assert_eq!(rig.app.transfers.cancelled, 0);
}
