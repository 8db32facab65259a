//! Files that have ended: what a batch need not do again, and the history.

use rusqlite::{Row, Transaction, params};

use crate::engine::account::Pair;
use crate::model::Direction;
use crate::model::journal::Past;
use crate::model::site::VolumeSpec;

use super::batches::{ends, shown};
use super::codec;
use super::entry::{Before, FileEnd, FileRow};
use super::store::{Cannot, Store};

/// Rows of the history that are kept.
const HISTORY: i64 = 100_000;
/// The word for a file that was to be left.
const SKIPPED: &str = "skipped";
/// The word for one that a person cancelled.
const CANCELLED: &str = "cancelled";
/// The word for one that is wanted after all.
const AGAIN: &str = "again";
/// The word for one that failed.
const FAILED: &str = "failed";

/// Writes how a file of a batch ended.
pub(super) fn insert(change: &Transaction<'_>, batch: i64, file: &FileRow) -> Result<(), Cannot> {
    let (outcome, failure) = match &file.end {
        FileEnd::Done(verified) => (codec::verified_word(*verified), None),
        FileEnd::Skipped => (SKIPPED, None),
        FileEnd::Cancelled => (CANCELLED, None),
        FileEnd::Again => (AGAIN, None),
        FileEnd::Failed(failure) => (FAILED, Some(codec::failure_text(failure))),
    };
    let (time, precision) = codec::time_columns(file.modified);
    let (source, target, size) = (file.source.as_bytes(), file.target.as_bytes(), codec::size_column(file.size));
    change
        .prepare_cached(
            "INSERT INTO files (batch, at, source, target, renamed, size, time, precision, outcome, failure)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![batch, file.at, source, target, file.renamed, size, time, precision, outcome, failure])?;
    Ok(())
}

/// Counts what ended of a batch.
pub(super) fn count(change: &Transaction<'_>, batch: i64, done: i64, failed: i64) -> Result<(), Cannot> {
    change
        .prepare_cached("UPDATE batches SET done = done + ?2, failed = failed + ?3 WHERE id = ?1")?
        .execute(params![batch, done, failed])?;
    Ok(())
}

/// What a batch need not do again. Rows that cannot be read are done again.
pub(super) fn before(store: &Store, batch: i64) -> Result<Before, Cannot> {
    let mut select = store.db().prepare("SELECT * FROM files WHERE batch = ?1 ORDER BY id")?;
    let mut rows = select.query([batch])?;
    let mut before = Before::default();
    while let Some(row) = rows.next()? {
        if let Some(file) = file(row) {
            before.add(&file);
        }
    }
    Ok(before)
}

fn file(row: &Row<'_>) -> Option<FileRow> {
    let outcome: String = codec::column(row, "outcome")?;
    let end = match outcome.as_str() {
        SKIPPED => FileEnd::Skipped,
        CANCELLED => FileEnd::Cancelled,
        AGAIN => FileEnd::Again,
        FAILED => FileEnd::Failed(codec::failure(&codec::column::<String>(row, "failure")?)?),
        word => FileEnd::Done(codec::verified(word)?),
    };
    Some(FileRow {
        source: codec::path(row, "source")?,
        target: codec::path(row, "target")?,
        renamed: codec::column(row, "renamed")?,
        size: codec::size(row, "size")?,
        modified: codec::time(row)?,
        end,
        at: codec::column(row, "at")?,
    })
}

/// The newest rows that hold all of the words, in upper or lower case, in source, target or message.
pub(super) fn past(store: &Store, words: &str, limit: usize) -> Result<Vec<Past>, Cannot> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let mut select = store
        .db()
        .prepare_cached("SELECT files.*, from_end, to_end FROM files JOIN batches ON batches.id = files.batch ORDER BY files.id DESC")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    // Many rows are of one batch: what that lies on is read once.
    let mut of: Option<(i64, Option<Ends>)> = None;
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let Some(batch) = codec::column::<i64>(row, "batch") else { continue };
        if of.as_ref().is_none_or(|(known, _)| *known != batch) {
            of = Some((batch, Ends::of(row)));
        }
        let Some((_, Some(ends))) = &of else { continue };
        if let Some(past) = one(row, ends)
            && holds(&past, &words)
        {
            found.push(past);
        }
    }
    Ok(found)
}

fn holds(past: &Past, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let message = past.outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let text = format!("{}\n{}\n{message}", past.source, past.target).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// What the files of a batch went from and to.
struct Ends {
    from: VolumeSpec,
    to: VolumeSpec,
    direction: Direction,
}

impl Ends {
    fn of(row: &Row<'_>) -> Option<Self> {
        let (from, to) = ends(row)?;
        let direction = Pair::of(&from, &to).direction();
        Some(Self { from, to, direction })
    }
}

fn one(row: &Row<'_>, ends: &Ends) -> Option<Past> {
    let file = file(row)?;
    let outcome = match file.end {
        FileEnd::Done(verified) => Ok(verified),
        FileEnd::Failed(failure) => Err(failure),
        FileEnd::Skipped | FileEnd::Cancelled | FileEnd::Again => return None,
    };
    let (source, target) = (shown(&ends.from, &file.source), shown(&ends.to, &file.target));
    Some(Past { ended: file.at, direction: ends.direction, source, target, size: file.size, outcome })
}

/// Lets go of what is older than the newest rows of the history, except of batches that are still to be finished.
pub(super) fn trim(store: &mut Store) -> Result<(), Cannot> {
    let change = store.write()?;
    change.execute(
        "DELETE FROM files WHERE id <= (SELECT max(id) FROM files) - ?1
         AND batch NOT IN (SELECT id FROM batches WHERE state = 0)",
        [HISTORY],
    )?;
    change.execute("DELETE FROM items WHERE batch NOT IN (SELECT id FROM batches WHERE state = 0)", [])?;
    change.execute(
        "DELETE FROM batches WHERE state <> 0 AND id < (SELECT coalesce(min(batch), (SELECT max(id) FROM batches)) FROM files)",
        [],
    )?;
    change.commit()?;
    Ok(())
}
