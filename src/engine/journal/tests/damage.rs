//! Files that are damaged, newer, locked, or edited by somebody else.

use super::*;

#[test]
fn a_damaged_file_is_kept_under_another_name_and_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let garbage = b"this is no database, but it was long enough to be taken for one at first sight".repeat(20);
    fs::write(dir.path().join("journal.db"), &garbage).unwrap();
    let mut open = Open::at(dir.path());
    assert!(open.begun_anew().to_string().contains("journal.damaged-"));
    open.record(1, &kept());
    open.close();
    let kept = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let damaged: Vec<_> = kept.filter(|path| path.to_string_lossy().contains("damaged")).collect();
    assert_eq!(damaged.len(), 1);
    assert_eq!(fs::read(&damaged[0]).unwrap(), garbage);
    assert_eq!(Open::at(dir.path()).unfinished().len(), 1);
}

#[test]
fn a_database_of_something_else_is_set_aside_too() {
    let dir = tempfile::tempdir().unwrap();
    db(dir.path()).execute_batch("CREATE TABLE batches (id INTEGER); PRAGMA user_version = 1").unwrap();
    let mut open = Open::at(dir.path());
    open.begun_anew();
    open.record(1, &kept());
}

#[test]
fn what_a_newer_version_wrote_is_left_alone_and_nothing_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    db(dir.path()).execute_batch("CREATE TABLE future (x); PRAGMA user_version = 99").unwrap();
    let before = fs::read(dir.path().join("journal.db")).unwrap();
    let mut open = Open::at(dir.path());
    assert!(open.broken().to_string().contains("newer"));
    let answer = |told| if let Told::Unfinished(answer) = told { Some(answer.unwrap_err().to_string()) } else { None };
    assert!(open.find(answer).contains("newer"), "what is not known is not nothing");
    open.record(1, &kept());
    assert!(open.restore(1, 2).is_err());
    assert!(open.past_or_why("", 10).unwrap_err().to_string().contains("newer"));
    open.journal.write(Entry::Discard(1));
    assert!(open.find(answer).contains("newer"));
    open.close();
    assert_eq!(fs::read(dir.path().join("journal.db")).unwrap(), before);
}

#[test]
fn a_journal_of_the_first_version_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = Open::at(dir.path());
    open.record(1, &kept());
    open.journal.write(Entry::Partial(Box::new(partial("x"))));
    open.close();
    let first = "ALTER TABLE partials ADD COLUMN ranges BLOB NOT NULL DEFAULT x''; PRAGMA user_version = 1";
    db(dir.path()).execute_batch(first).unwrap();
    for _ in 0..2 {
        let mut open = Open::at(dir.path());
        let partials = open.find(|told| if let Told::Opened(partials) = told { Some(partials) } else { None });
        assert_eq!(partials, [partial("x")]);
        assert_eq!(open.unfinished().len(), 1);
        open.journal.write(Entry::Partial(Box::new(partial("x"))));
        open.close();
    }
}

#[test]
fn where_no_directory_can_be_made_transfers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let mut open = Open::at(&dir.path().join("file/state"));
    open.broken();
    open.record(1, &kept());
}

#[test]
fn what_could_not_be_written_is_written_once_it_can_be() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = Open::at(dir.path());
    open.unfinished();
    let mut other = db(dir.path());
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).unwrap();
    // It begins all the same.
    assert!(open.journal.write(Entry::Batch(BatchId(1), Box::new(kept()))));
    assert!(open.broken().to_string().contains("locked"));
    open.find(|told| matches!(told, Told::Recorded(_)).then_some(()));
    open.journal.write(Entry::File(BatchId(1), Box::new(file("a", FileEnd::Done(Verified::Size)))));
    held.rollback().unwrap();
    // Nothing more has to come for that.
    open.find(|told| matches!(told, Told::Kept).then_some(()));
    open.close();
    let offered = Open::at(dir.path()).unfinished();
    assert_eq!(offered.iter().map(|one| one.done).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_could_not_be_given_up_is_said_and_nobody_waits_for_it() {
    let dir = left();
    let mut open = Open::at(dir.path());
    let id = open.unfinished()[0].id;
    let mut other = db(dir.path());
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).unwrap();
    open.journal.write(Entry::Discard(id));
    let failure = open.find(|told| match told {
        Told::Unfinished(answer) => Some(answer.unwrap_err()),
        Told::Broken(failure) => panic!("what transfers tell can be written: {failure}"),
        _ => None,
    });
    assert!(failure.to_string().contains("locked"), "{failure}");
    drop(held);
    assert_eq!(Open::at(dir.path()).unfinished().len(), 1);
}

#[test]
fn what_a_stranger_wrote_into_it_is_refused_and_harms_nothing() {
    let edits = [
        "UPDATE items SET target = CAST('/home/a/../../../etc/passwd' AS BLOB)",
        "UPDATE items SET source = CAST('relative' AS BLOB)",
        "UPDATE items SET target = x'2f61002f62'",
        "UPDATE items SET source = x'2f610d0a44454c45'",
        "UPDATE items SET target = 'text', size = 'text'",
        "UPDATE items SET size = -1",
        "UPDATE items SET mode = 99999",
        "UPDATE items SET kind = 'fifo'",
        "UPDATE items SET precision = NULL",
        "UPDATE batches SET verb = 'delete'",
        "UPDATE batches SET from_end = '{}'",
        "UPDATE batches SET from_end = 17",
        "UPDATE batches SET manner = '[' ",
        "UPDATE batches SET existing = 'burn'",
        "DELETE FROM items; INSERT INTO items (batch, n, source, target, kind) VALUES (1, 0, 1, 2, 3)",
    ];
    for edit in edits {
        let dir = left();
        db(dir.path()).execute_batch(edit).unwrap();
        let mut next = Open::at(dir.path());
        next.unfinished();
        assert!(next.restore(1, 1).is_err(), "{edit}");
    }
}

#[test]
fn rows_of_files_and_partials_that_make_no_sense_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Open::at(dir.path());
    first.record(1, &kept());
    for name in ["a", "b"] {
        first.journal.write(Entry::File(BatchId(1), Box::new(file(name, FileEnd::Done(Verified::Size)))));
        first.journal.write(Entry::Partial(Box::new(partial(name))));
    }
    first.close();
    db(dir.path())
        .execute_batch(
            "UPDATE files SET source = x'00' WHERE id = 1; UPDATE partials SET done = -5 WHERE path = CAST('/home/a/a' AS BLOB);
             INSERT INTO files (batch, at, source, target, renamed, outcome) VALUES ('x', 'x', 5, 5, 'x', 'nonsense');
             CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM batches; END;",
        )
        .unwrap();
    let mut next = Open::at(dir.path());
    let partials = next.find(|told| if let Told::Opened(partials) = told { Some(partials) } else { None });
    assert_eq!(partials, [partial("b")]);
    assert_eq!(next.past("", 10).len(), 1);
    next.restore(1, 4).unwrap();
    // The file does nothing by itself.
    next.journal.write(Entry::File(BatchId(4), Box::new(file("c", FileEnd::Done(Verified::Size)))));
    next.close();
    assert_eq!(Open::at(dir.path()).unfinished().len(), 1);
}
