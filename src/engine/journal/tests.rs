//! The journal as a whole, on real files.

mod damage;
mod kill;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::Connection;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::engine::account::Account;
use crate::engine::ledger::{Origin, Partial, Spot};
use crate::model::journal::Unfinished;
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Item, Verb, Verified};
use crate::model::{
    BatchId, Direction, During, Existing, Failure, FailureKind, Kind, Manner, Reply, RequestId, Secret, Site, Timestamp, VPath,
};

/// A journal that has told nothing for so long will tell nothing.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A journal with who listens to it.
struct Open {
    journal: Journal,
    notes: UnboundedReceiver<Note>,
}

impl Open {
    fn at(dir: &Path) -> Self {
        let (send, notes) = unbounded_channel();
        Self { journal: Journal::open(dir.to_owned(), send).unwrap(), notes }
    }

    fn told(&mut self) -> Told {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let note = async { tokio::time::timeout(PATIENCE, self.notes.recv()).await };
        match runtime.block_on(note) {
            Ok(Some(Note::Journal(told))) => told,
            other => panic!("the journal tells no more: {other:?}"),
        }
    }

    /// The next word that `pick` is about.
    fn find<T>(&mut self, mut pick: impl FnMut(Told) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.told()) {
                return found;
            }
        }
    }

    fn unfinished(&mut self) -> Vec<Unfinished> {
        self.find(|told| if let Told::Unfinished(all) = told { Some(all) } else { None }).unwrap()
    }

    fn broken(&mut self) -> Failure {
        self.find(|told| if let Told::Broken(failure) = told { Some(failure) } else { None })
    }

    fn begun_anew(&mut self) -> Failure {
        self.find(|told| match told {
            Told::BegunAnew(failure) => Some(failure),
            Told::Broken(failure) => panic!("it is kept: {failure}"),
            _ => None,
        })
    }

    fn record(&mut self, batch: u64, kept: &Kept) {
        assert!(self.journal.write(Entry::Batch(BatchId(batch), Box::new(kept.clone()))));
        self.find(|told| matches!(told, Told::Recorded(id) if id == BatchId(batch)).then_some(()));
    }

    /// What is gone on with, or why it is not.
    fn restore(&mut self, journal: i64, batch: u64) -> Result<Box<Restored>, String> {
        assert!(self.journal.write(Entry::Restore(journal, BatchId(batch))));
        self.restored(batch)
    }

    fn restored(&mut self, batch: u64) -> Result<Box<Restored>, String> {
        self.find(|told| match told {
            Told::Restored(id, restored) if id == BatchId(batch) => Some(restored.map_err(|failure| failure.to_string())),
            Told::NotOurs(id, why) if id == BatchId(batch) => Some(Err(why.to_owned())),
            _ => None,
        })
    }

    fn past(&mut self, words: &str, limit: usize) -> Vec<crate::model::journal::Past> {
        self.past_or_why(words, limit).unwrap()
    }

    fn past_or_why(&mut self, words: &str, limit: usize) -> Result<Vec<crate::model::journal::Past>, Failure> {
        assert!(self.journal.write(Entry::History(RequestId(1), words.to_owned(), limit)));
        self.find(|told| if let Told::Past(_, rows) = told { Some(rows) } else { None })
    }

    fn close(mut self) {
        self.journal.close();
    }
}

fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

fn site() -> Site {
    Site { user: Some("alice".into()), ..Site::of_host("example.org") }
}

fn kept() -> Kept {
    let item = |name: &str| Item {
        source: path(&format!("/pub/{name}")),
        target: path(&format!("/home/a/{name}")),
        kind: Kind::Dir,
        size: Some(7),
        modified: Some(Timestamp::exact(99)),
        mode: Some(0o755),
    };
    Kept {
        verb: Verb::Copy,
        from: VolumeSpec::Ftp(Box::new(site()), None),
        to: VolumeSpec::Local,
        items: vec![item("one"), item("two"), Item { source: VPath::parse(b"/pub/\xff").unwrap(), ..item("three") }],
        existing: Existing::Ask,
        follow: true,
        manner: Manner { segments: Some(3), verify: true, ..Manner::default() },
    }
}

fn file(name: &str, end: FileEnd) -> FileRow {
    let (source, target) = (path(&format!("/pub/{name}")), path(&format!("/home/a/{name}")));
    FileRow { source, target, renamed: false, size: Some(5), modified: Some(Timestamp::exact(50)), end, at: 1_000 }
}

fn partial(name: &str) -> (Spot, Partial) {
    let spot = Spot { account: Account::Local, path: path(&format!("/home/a/{name}")) };
    let account = Account::of(&VolumeSpec::Ftp(Box::new(site()), None));
    let origin = Origin { account, path: path("/pub/x"), size: Some(100), modified: Some(Timestamp::exact(1)) };
    (spot, Partial { origin, beside: true, done: 40 })
}

fn db(dir: &Path) -> Connection {
    Connection::open(dir.join("journal.db")).unwrap()
}

/// What a run has left that ended with a batch unfinished.
fn left() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Open::at(dir.path());
    first.record(1, &kept());
    first.close();
    dir
}

#[test]
fn a_batch_is_offered_once_its_run_has_ended_and_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Open::at(dir.path());
    first.record(1, &kept());
    assert_eq!(Open::at(dir.path()).unfinished(), [], "its run lives");
    first.journal.write(Entry::Rule(BatchId(1), Existing::Skip));
    first.journal.write(Entry::File(BatchId(1), Box::new(file("one/a", FileEnd::Done(Verified::Size)))));
    first.close();

    let mut next = Open::at(dir.path());
    let offered = next.unfinished();
    assert_eq!(offered.len(), 1);
    let one = &offered[0];
    assert_eq!((one.items, one.done, one.failed, one.direction), (3, 1, 0, Direction::Down));
    assert_eq!((one.from.as_str(), one.to.as_str()), ("ftp://alice@example.org//pub", "/home/a"));
    let restored = next.restore(one.id, 9).unwrap();
    assert_eq!(restored.kept, Kept { existing: Existing::Skip, ..kept() });
    let was = |name: &str| {
        restored.before.was(&path(&format!("/pub/{name}")), &path(&format!("/home/a/{name}")), Some(5), Some(Timestamp::exact(50)))
    };
    assert_eq!((was("one/a"), was("one/b")), (Some(WasDone::Done), None));
    assert_eq!(next.unfinished(), [], "it is ours now");
    // What is restored goes on under its new number.
    next.journal.write(Entry::Over(BatchId(9)));
    next.close();
    assert_eq!(Open::at(dir.path()).unfinished(), []);
}

#[test]
fn of_two_that_want_a_batch_one_gets_it() {
    let dir = left();
    let (mut one, mut other) = (Open::at(dir.path()), Open::at(dir.path()));
    let id = one.unfinished()[0].id;
    assert_eq!(other.unfinished()[0].id, id);
    one.journal.write(Entry::Restore(id, BatchId(1)));
    other.journal.write(Entry::Restore(id, BatchId(1)));
    let got = [one.restored(1), other.restored(1)];
    assert_eq!(got.iter().filter(|restored| restored.is_ok()).count(), 1, "{got:?}");
    // Nobody gives up what another is at.
    let (mut third, holder) = (Open::at(dir.path()), if got[0].is_ok() { one } else { other });
    third.journal.write(Entry::Discard(id));
    assert_eq!((third.unfinished(), third.unfinished()), (vec![], vec![]));
    holder.close();
    assert_eq!(Open::at(dir.path()).unfinished().len(), 1);
}

#[test]
fn what_is_given_up_is_offered_no_more() {
    let dir = left();
    let mut next = Open::at(dir.path());
    let id = next.unfinished()[0].id;
    next.journal.write(Entry::Discard(id));
    assert_eq!(next.unfinished(), []);
    assert!(next.restore(id, 1).is_err());
}

#[test]
fn partials_come_back_to_the_next_run_and_go_when_they_are_complete() {
    let dir = tempfile::tempdir().unwrap();
    let first = Open::at(dir.path());
    for name in ["x", "y"] {
        first.journal.write(Entry::Partial(Box::new(partial(name))));
    }
    first.journal.write(Entry::NoPartial(Box::new(partial("y").0)));
    first.close();
    let opened = |open: &mut Open| open.find(|told| if let Told::Opened(partials) = told { Some(partials) } else { None });
    let mut next = Open::at(dir.path());
    assert_eq!(opened(&mut next), [partial("x")]);
    // It belongs to a run that has ended: another one may have it just as well, until somebody goes on with it.
    next.journal.write(Entry::Partial(Box::new(partial("x"))));
    next.record(1, &kept());
    assert_eq!(opened(&mut Open::at(dir.path())), []);
}

#[test]
fn files_are_for_their_owner_only_and_hold_no_password() {
    let base = tempfile::tempdir().unwrap();
    let dir = base.path().join("state/ftpane");
    let mut open = Open::at(&dir);
    let spec = VolumeSpec::Ftp(Box::new(site()), Some(Secret::new("xyzzy-sesame")));
    open.record(1, &Kept { from: spec, ..kept() });
    open.close();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"xyzzy-sesame"), "{}", path.display());
    }
    // What was opened to others meanwhile is closed again.
    fs::set_permissions(dir.join("journal.db"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    Open::at(&dir).unfinished();
    assert_eq!((mode(&dir), mode(&dir.join("journal.db"))), (0o700, 0o600));
}

#[test]
fn the_history_is_searched_by_all_words_whatever_their_case_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = Open::at(dir.path());
    open.record(1, &kept());
    let refused =
        Failure::new(FailureKind::Refused, During::Read, "").with_reply(Reply { code: 550, text: b"Quota is odd".to_vec().into() });
    for (name, end) in [
        ("Report-1.pdf", FileEnd::Done(Verified::Size)),
        ("report-2.pdf", FileEnd::Failed(refused.clone())),
        ("photo.jpg", FileEnd::Skipped),
        ("notes.txt", FileEnd::Done(Verified::Reply)),
    ] {
        open.journal.write(Entry::File(BatchId(1), Box::new(file(name, end))));
    }
    let all = open.past("", 10);
    assert_eq!(all.len(), 3, "what was left by rule is no history: {all:?}");
    assert_eq!(all[0].source, "ftp://alice@example.org//pub/notes.txt");
    assert_eq!(all[1].outcome, Err(refused));
    assert_eq!(open.past("PDF report", 10).len(), 2);
    assert_eq!(open.past("PDF report", 1).len(), 1);
    assert_eq!(open.past("quota pdf", 10).len(), 1);
    assert_eq!(open.past("photo", 10), []);
}

#[test]
fn runs_that_left_nothing_leave_no_files() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let mut open = Open::at(dir.path());
        open.unfinished();
        open.close();
    }
    let locks = fs::read_dir(dir.path()).unwrap().filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("run-"));
    assert_eq!(locks.count(), 1, "the last one is cleared by the next");
}
