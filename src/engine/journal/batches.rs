//! Batches in the journal: written before they begin, offered where their run has ended without them, taken over by one run.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::engine::account::{Account, Pair};
use crate::model::journal::{Unfinished, place_text};
use crate::model::site::VolumeSpec;
use crate::model::transfer::Item;
use crate::model::words::Word as _;
use crate::model::{During, Existing, Failure, FailureKind, VPath};

use super::codec;
use super::entry::Kept;
use super::store::{Cannot, Store};
use super::{lock, partials};

/// Something of it is left to be done.
pub(super) const UNFINISHED: i64 = 0;
/// It came to its end, and that was told.
pub(super) const OVER: i64 = 1;
/// A person gave it up.
pub(super) const GIVEN_UP: i64 = 2;

/// Items of a batch that are read: each costs memory, and nobody marks as many.
const MOST_ITEMS: i64 = 10_000_000;

/// Writes a batch; answers with its number.
pub(super) fn insert(change: &Transaction<'_>, run: i64, kept: &Kept, now: i64) -> Result<i64, Cannot> {
    change
        .prepare_cached(
            "INSERT INTO batches (run, asked, state, verb, from_end, to_end, existing, follow, manner, items)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            run,
            now,
            UNFINISHED,
            codec::verb_word(kept.verb),
            codec::end_text(&kept.from),
            codec::end_text(&kept.to),
            kept.existing.word(),
            kept.follow,
            codec::manner_text(&kept.manner),
            i64::try_from(kept.items.len()).unwrap_or(i64::MAX),
        ])?;
    let id = change.last_insert_rowid();
    let mut insert = change.prepare_cached(
        "INSERT INTO items (batch, n, source, target, kind, size, time, precision, mode) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (n, item) in (0i64..).zip(&kept.items) {
        let (time, precision) = codec::time_columns(item.modified);
        let (source, target, size) = (item.source.as_bytes(), item.target.as_bytes(), codec::size_column(item.size));
        insert.execute(params![id, n, source, target, codec::kind_word(item.kind), size, time, precision, item.mode])?;
    }
    Ok(id)
}

/// Sets where a batch stands.
pub(super) fn set_state(change: &Transaction<'_>, id: i64, state: i64) -> Result<(), Cannot> {
    change.prepare_cached("UPDATE batches SET state = ?2 WHERE id = ?1")?.execute(params![id, state])?;
    Ok(())
}

/// Sets what is done about existing targets from now on.
pub(super) fn set_rule(change: &Transaction<'_>, id: i64, existing: Existing) -> Result<(), Cannot> {
    change.prepare_cached("UPDATE batches SET existing = ?2 WHERE id = ?1")?.execute(params![id, existing.word()])?;
    Ok(())
}

/// Batches that have not ended and that this run is not at.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Those that nobody is at.
    pub(super) unfinished: Vec<Unfinished>,
    /// Those that another run is at.
    pub(super) elsewhere: Vec<Unfinished>,
}

/// The batches that this run is not at, the oldest first. Rows that cannot be read are passed over.
pub(super) fn others(store: &Store) -> Result<Others, Cannot> {
    let mut select = store.db().prepare_cached("SELECT * FROM batches WHERE state = 0 ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut found = Others::default();
    while let Some(row) = rows.next()? {
        let Some(run) = codec::column::<i64>(row, "run").filter(|run| *run != store.run) else { continue };
        let is_live = lock::is_live(&store.dir, run);
        let Some(one) = describe(store.db(), row, run) else { continue };
        if is_live { found.elsewhere.push(one) } else { found.unfinished.push(one) }
    }
    Ok(found)
}

fn describe(db: &Connection, row: &Row<'_>, run: i64) -> Option<Unfinished> {
    let id: i64 = codec::column(row, "id")?;
    let (from, to) = ends(row)?;
    let count = |name| codec::column::<i64>(row, name).and_then(|count| u64::try_from(count).ok());
    let items = count("items")?;
    let first = db
        .prepare_cached("SELECT * FROM items WHERE batch = ?1 ORDER BY n LIMIT 1")
        .and_then(|mut select| select.query_row([id], |row| Ok(codec::item(row))).optional())
        .ok()
        .flatten()
        .flatten()?;
    let place = |path: &VPath| if items == 1 { path.clone() } else { path.parent().unwrap_or_else(VPath::root) };
    Some(Unfinished {
        id,
        asked: codec::column(row, "asked")?,
        verb: codec::verb(row)?,
        direction: Pair::of(&from, &to).direction(),
        from: shown(&from, &place(&first.source)),
        to: shown(&to, &place(&first.target)),
        items,
        done: count("done")?,
        failed: count("failed")?,
        begun: partials::begun(db, run, (&Account::of(&to), &first.target), items == 1).unwrap_or_default(),
    })
}

/// Both ends of a batch.
pub(super) fn ends(row: &Row<'_>) -> Option<(VolumeSpec, VolumeSpec)> {
    let end = |name| codec::end(&codec::column::<String>(row, name)?);
    Some((end("from_end")?, end("to_end")?))
}

/// A place as a person knows it.
pub(super) fn shown(spec: &VolumeSpec, path: &VPath) -> String {
    match spec {
        VolumeSpec::Local => place_text(None, path),
        VolumeSpec::Ftp(site, _) => place_text(Some(site), path),
    }
}

/// What became of the wish to go on with a batch.
#[derive(Debug)]
pub(super) enum Adopted {
    /// It is ours.
    Ours(Box<Kept>),
    /// It is none of ours; why.
    NotOurs(&'static str),
    /// It cannot be gone on with.
    Unreadable(Failure),
}

/// Makes a batch that nobody is at ours.
pub(super) fn adopt(store: &mut Store, id: i64) -> Result<Adopted, Cannot> {
    let (run, dir) = (store.run, store.dir.clone());
    let change = store.write()?;
    let owner: Option<i64> = change.query_row("SELECT run FROM batches WHERE id = ?1 AND state = 0", [id], |row| row.get(0)).optional()?;
    let refused = match owner {
        None => Some("it is not among the unfinished ones any more"),
        Some(owner) if owner == run => Some("this run is at it already"),
        Some(owner) if lock::is_live(&dir, owner) => Some("another ftpane is at it"),
        Some(_) => None,
    };
    if let Some(why) = refused {
        return Ok(Adopted::NotOurs(why));
    }
    let Some(kept) = read(&change, id)? else {
        let unreadable = "what the journal says of it makes no sense";
        let failure = Failure::new(FailureKind::Invalid, During::Plan, unreadable);
        return Ok(Adopted::Unreadable(failure.hint("discard it, and copy what is missing anew")));
    };
    // What failed is tried again, and told anew.
    change.execute("UPDATE batches SET run = ?2, failed = 0 WHERE id = ?1", params![id, run])?;
    change.execute("UPDATE partials SET run = ?1 WHERE run = ?2", params![run, owner])?;
    change.commit()?;
    Ok(Adopted::Ours(Box::new(kept)))
}

/// Gives a batch up that nobody is at.
pub(super) fn discard(store: &mut Store, id: i64) -> Result<(), Cannot> {
    let (run, dir) = (store.run, store.dir.clone());
    let change = store.write()?;
    let owner: Option<i64> = change.query_row("SELECT run FROM batches WHERE id = ?1 AND state = 0", [id], |row| row.get(0)).optional()?;
    if owner.is_some_and(|owner| owner != run && !lock::is_live(&dir, owner)) {
        set_state(&change, id, GIVEN_UP)?;
        change.execute("DELETE FROM items WHERE batch = ?1", [id])?;
        change.commit()?;
    }
    Ok(())
}

fn read(change: &Transaction<'_>, id: i64) -> Result<Option<Kept>, Cannot> {
    let Some(mut kept) = change.query_row("SELECT * FROM batches WHERE id = ?1", [id], |row| Ok(batch(row)))? else { return Ok(None) };
    let mut select = change.prepare("SELECT * FROM items WHERE batch = ?1 ORDER BY n LIMIT ?2")?;
    let mut rows = select.query(params![id, MOST_ITEMS])?;
    while let Some(row) = rows.next()? {
        match codec::item(row) {
            Some(item) => kept.items.push(item),
            None => return Ok(None),
        }
    }
    Ok(Some(kept))
}

fn batch(row: &Row<'_>) -> Option<Kept> {
    let (from, to) = ends(row)?;
    Some(Kept {
        verb: codec::verb(row)?,
        from,
        to,
        items: Vec::<Item>::new(),
        existing: codec::setting(row, "existing")?,
        follow: codec::column(row, "follow")?,
        manner: codec::manner(row)?,
    })
}
