//! The journal's thread: takes entries, writes them in groups, answers.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use crate::engine::ledger::{Partial, Spot};
use crate::model::{BatchId, Failure};

use super::batches::Adopted;
use super::entry::{Entry, FileEnd, Restored, Told};
use super::group::Group;
use super::store::{Cannot, Store};
use super::{batches, files, partials};

/// Runs until nothing can come any more, and all is written.
pub(super) fn run(dir: &Path, queue: &Receiver<Entry>, tell: &dyn Fn(Told)) {
    let mut keeper = match Keeper::open(dir, tell) {
        Ok(keeper) => keeper,
        Err(cannot) => return without(queue, &cannot.failure(dir), tell),
    };
    let mut group = Group::default();
    loop {
        let next = match group.wait(Instant::now()) {
            Some(wait) => queue.recv_timeout(wait),
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(entry) => group.add(entry, Instant::now()),
            Err(RecvTimeoutError::Timeout) => keeper.write(&mut group),
            Err(RecvTimeoutError::Disconnected) => {
                keeper.write(&mut group);
                return;
            }
        }
    }
}

/// Lets everything go on that waits for a journal that cannot be kept.
fn without(queue: &Receiver<Entry>, failure: &Failure, tell: &dyn Fn(Told)) {
    tell(Told::Opened(Vec::new()));
    tell(Told::Broken(lasting_no_longer(failure.clone())));
    tell(Told::Unfinished(Err(failure.clone())));
    while let Ok(entry) = queue.recv() {
        answer_without(entry, failure, tell);
    }
}

fn answer_without(entry: Entry, failure: &Failure, tell: &dyn Fn(Told)) {
    match entry {
        Entry::Batch(batch, _) => tell(Told::Recorded(batch)),
        Entry::Restore(_, batch) => tell(Told::Restored(batch, Err(failure.clone()))),
        Entry::History(request, ..) => tell(Told::Past(request, Err(failure.clone()))),
        Entry::Partials(batch) => tell(Told::Partials(batch, None)),
        Entry::Discard(_) => tell(Told::Unfinished(Err(failure.clone()))),
        Entry::Rule(..) | Entry::File(..) | Entry::Partial(_) | Entry::NoPartial(_) => {}
        Entry::Over(_) | Entry::Again(_) => {}
    }
}

/// What it means for transfers that the journal cannot be written.
fn lasting_no_longer(failure: Failure) -> Failure {
    failure.hint("transfers go on, but what is unfinished when ftpane ends will not be offered again")
}

/// The database with who listens to it.
struct Keeper<'a> {
    store: Store,
    tell: &'a dyn Fn(Told),
    /// It could not be written, which was told.
    broken: bool,
}

impl<'a> Keeper<'a> {
    fn open(dir: &Path, tell: &'a dyn Fn(Told)) -> Result<Self, Cannot> {
        let now = now();
        let (mut store, note) = Store::open(dir, now)?;
        partials::expire(&mut store, now)?;
        files::trim(&mut store)?;
        tell(Told::Opened(partials::load(&store)?));
        if let Some(note) = note {
            tell(Told::BegunAnew(note));
        }
        let keeper = Self { store, tell, broken: false };
        keeper.tell_unfinished()?;
        Ok(keeper)
    }

    fn tell_unfinished(&self) -> Result<(), Cannot> {
        let others = batches::others(&self.store)?;
        if !others.elsewhere.is_empty() {
            (self.tell)(Told::Elsewhere(others.elsewhere));
        }
        (self.tell)(Told::Unfinished(Ok(others.unfinished)));
        Ok(())
    }

    /// Writes a group as one transaction, then answers who waits for something of it.
    fn write(&mut self, group: &mut Group) {
        let entries = group.take();
        let (mut wrote, mut asks) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Restore(..) | Entry::Discard(_) | Entry::Partials(_) | Entry::History(..) => asks.push(entry),
                entry => wrote.push(entry),
            }
        }
        let waiting: Vec<BatchId> =
            wrote.iter().filter_map(|entry| if let Entry::Batch(batch, _) = entry { Some(*batch) } else { None }).collect();
        match write_all(&mut self.store, &wrote) {
            Ok(()) => self.tell_kept(wrote.is_empty()),
            Err(cannot) => {
                self.tell_broken(&cannot);
                group.put_back(wrote, Instant::now());
            }
        }
        for batch in waiting {
            (self.tell)(Told::Recorded(batch));
        }
        let newest = asks.iter().rposition(|ask| matches!(ask, Entry::History(..)));
        for (index, ask) in asks.into_iter().enumerate() {
            if let Entry::History(request, ..) = &ask
                && Some(index) != newest
            {
                // It was typed over before it was begun; who asked waits for the newest.
                (self.tell)(Told::Past(*request, Ok(Vec::new())));
                continue;
            }
            if let Err((cannot, ask)) = self.answer(ask) {
                answer_without(ask, &cannot.failure(&self.store.dir), self.tell);
            }
        }
    }

    fn tell_broken(&mut self, cannot: &Cannot) {
        if !std::mem::replace(&mut self.broken, true) {
            (self.tell)(Told::Broken(lasting_no_longer(cannot.failure(&self.store.dir))));
        }
    }

    /// What could not be written before is written now, unless there was nothing to write.
    fn tell_kept(&mut self, nothing: bool) {
        if !nothing && std::mem::replace(&mut self.broken, false) {
            (self.tell)(Told::Kept);
        }
    }

    fn answer(&mut self, ask: Entry) -> Result<(), (Cannot, Entry)> {
        let answered = match &ask {
            Entry::Restore(journal, batch) => self.restore(*journal, *batch),
            Entry::Discard(journal) => batches::discard(&mut self.store, *journal).and_then(|()| self.tell_unfinished()),
            Entry::Partials(batch) => partials::spots(&self.store).map(|spots| (self.tell)(Told::Partials(*batch, Some(spots)))),
            Entry::History(request, words, limit) => {
                files::past(&self.store, words, *limit).map(|rows| (self.tell)(Told::Past(*request, Ok(rows))))
            }
            _ => Ok(()),
        };
        answered.map_err(|cannot| (cannot, ask))
    }

    fn restore(&mut self, journal: i64, batch: BatchId) -> Result<(), Cannot> {
        let kept = match batches::adopt(&mut self.store, journal)? {
            Adopted::Ours(kept) => *kept,
            Adopted::NotOurs(why) => {
                (self.tell)(Told::NotOurs(batch, why));
                return Ok(());
            }
            Adopted::Unreadable(failure) => {
                (self.tell)(Told::Restored(batch, Err(failure)));
                return Ok(());
            }
        };
        self.store.ids.insert(batch, journal);
        let (before, partials) = (files::before(&self.store, journal)?, partials::load(&self.store)?);
        (self.tell)(Told::Restored(batch, Ok(Box::new(Restored { kept, before, partials }))));
        self.tell_unfinished()
    }
}

/// Writes entries in one transaction: all of them or none.
fn write_all(store: &mut Store, entries: &[Entry]) -> Result<(), Cannot> {
    if entries.is_empty() {
        return Ok(());
    }
    let (run, now) = (store.run, now());
    let mut ids = std::mem::take(&mut store.ids);
    let before = ids.clone();
    let written = write_within(store, (run, now), entries, &mut ids);
    store.ids = if written.is_ok() { ids } else { before };
    store.commits += u64::from(written.is_ok());
    written
}

fn write_within(store: &mut Store, (run, now): (i64, i64), entries: &[Entry], ids: &mut HashMap<BatchId, i64>) -> Result<(), Cannot> {
    let change = store.write()?;
    let mut counts: HashMap<i64, (i64, i64)> = HashMap::new();
    // Of a partial only the last word counts: most come and go within one group.
    let mut last: HashMap<&Spot, Option<&(Spot, Partial)>> = HashMap::new();
    for entry in entries {
        match entry {
            Entry::Batch(batch, kept) => drop(ids.insert(*batch, batches::insert(&change, run, kept, now)?)),
            Entry::Partial(partial) => drop(last.insert(&partial.0, Some(partial))),
            Entry::NoPartial(spot) => drop(last.insert(spot, None)),
            Entry::Rule(batch, _) | Entry::File(batch, _) | Entry::Over(batch) | Entry::Again(batch) => {
                let Some(id) = ids.get(batch) else { continue };
                let counted = counts.entry(*id).or_default();
                of_batch(&change, *id, entry, counted)?;
            }
            Entry::Restore(..) | Entry::Discard(_) | Entry::Partials(_) | Entry::History(..) => {}
        }
    }
    for (id, (done, failed)) in counts.into_iter().filter(|(_, counted)| *counted != (0, 0)) {
        files::count(&change, id, done, failed)?;
    }
    for (spot, partial) in last {
        match partial {
            Some(partial) => partials::keep(&change, run, partial, now)?,
            None => partials::forget(&change, spot)?,
        }
    }
    Ok(change.commit()?)
}

/// Writes something about a batch that is known.
fn of_batch(change: &rusqlite::Transaction<'_>, id: i64, entry: &Entry, (done, failed): &mut (i64, i64)) -> Result<(), Cannot> {
    match entry {
        Entry::File(_, file) => {
            match &file.end {
                FileEnd::Done(_) => *done += 1,
                FileEnd::Failed(_) => *failed += 1,
                FileEnd::Skipped | FileEnd::Cancelled | FileEnd::Again => {}
            }
            files::insert(change, id, file)
        }
        Entry::Rule(_, existing) => batches::set_rule(change, id, *existing),
        Entry::Over(_) => batches::set_state(change, id, batches::OVER),
        Entry::Again(_) => batches::set_state(change, id, batches::UNFINISHED),
        _ => Ok(()),
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::account::Account;
    use crate::engine::journal::{FileRow, Kept};
    use crate::engine::ledger::Origin;
    use crate::model::site::VolumeSpec;
    use crate::model::transfer::{Verb, Verified};
    use crate::model::{Existing, Manner, VPath};

    fn kept() -> Kept {
        let (from, to, items) = (VolumeSpec::Local, VolumeSpec::Local, Vec::new());
        Kept { verb: Verb::Copy, from, to, items, existing: Existing::Ask, follow: false, manner: Manner::default() }
    }

    fn path(n: u32) -> VPath {
        VPath::parse(format!("/{n}").as_bytes()).unwrap()
    }

    fn file(n: u32) -> Entry {
        let (source, end) = (path(n), FileEnd::Done(Verified::Size));
        let row = FileRow { target: source.clone(), source, renamed: false, size: None, modified: None, end, at: 0 };
        Entry::File(BatchId(1), Box::new(row))
    }

    fn partial(n: u32) -> [Entry; 2] {
        let spot = Spot { account: Account::Local, path: path(n) };
        let origin = Origin { account: Account::Local, path: path(n), size: None, modified: None };
        let partial = Partial { origin, beside: true, done: 0 };
        [Entry::Partial(Box::new((spot.clone(), partial))), Entry::NoPartial(Box::new(spot))]
    }

    #[test]
    fn a_group_is_one_transaction_and_partials_that_come_and_go_in_it_are_never_written() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(dir.path(), 0).unwrap();
        let mut entries = vec![Entry::Batch(BatchId(1), Box::new(kept()))];
        entries.extend((0..1000).flat_map(|n| partial(n).into_iter().chain([file(n)])));
        write_all(&mut store, &entries).unwrap();
        assert_eq!(store.commits, 1);
        let count = |table: &str| -> i64 { store.db().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap() };
        assert_eq!((count("files"), count("partials"), count("batches")), (1000, 0, 1));
        let done: i64 = store.db().query_row("SELECT done FROM batches", [], |row| row.get(0)).unwrap();
        assert_eq!(done, 1000);
    }

    #[test]
    fn what_a_transaction_could_not_write_is_not_half_known() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(dir.path(), 0).unwrap();
        store.db().execute_batch("DROP TABLE files").unwrap();
        assert!(write_all(&mut store, &[Entry::Batch(BatchId(1), Box::new(kept())), file(1)]).is_err());
        assert!(store.ids.is_empty());
        assert_eq!(store.commits, 0);
    }

    #[test]
    fn the_history_keeps_its_newest_rows_and_all_of_what_is_unfinished() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(dir.path(), 0).unwrap();
        let batch = |n| Entry::Batch(BatchId(n), Box::new(kept()));
        write_all(&mut store, &[batch(2), Entry::Over(BatchId(2)), batch(1), file(1)]).unwrap();
        write_all(&mut store, &[batch(3)]).unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100500)
            INSERT INTO files (batch, at, source, target, renamed, outcome) SELECT 3, 0, x'2f61', x'2f61', 0, 'size' FROM n";
        store.db().execute_batch(fill).unwrap();
        write_all(&mut store, &[Entry::Over(BatchId(3))]).unwrap();
        files::trim(&mut store).unwrap();
        let count = |sql: &str| -> i64 { store.db().query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(count("SELECT count(*) FROM files WHERE batch = 3"), 100_000);
        assert_eq!(count("SELECT count(*) FROM files WHERE batch <> 3"), 1, "its batch is unfinished");
        assert_eq!(count("SELECT count(*) FROM batches"), 2, "the one that left nothing has gone");
    }
}
