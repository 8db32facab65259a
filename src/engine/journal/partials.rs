//! The ledger of partials on the disk.

use rusqlite::{Connection, Row, Transaction, params};

use crate::engine::account::Account;
use crate::engine::ledger::{Origin, Partial, Spot};
use crate::model::VPath;
use crate::model::journal::Begun;

use super::codec;
use super::lock;
use super::store::{Cannot, Store};

/// After so many seconds nobody comes back for a partial.
const EXPIRES: i64 = 60 * 24 * 60 * 60;

fn account_text(account: &Account) -> &str {
    match account {
        Account::Local => "",
        Account::Server(name) => name,
    }
}

fn account(text: String) -> Account {
    if text.is_empty() { Account::Local } else { Account::Server(text.into()) }
}

/// Writes what is known of a partial.
pub(super) fn keep(change: &Transaction<'_>, run: i64, (spot, partial): &(Spot, Partial), now: i64) -> Result<(), Cannot> {
    let (time, precision) = codec::time_columns(partial.origin.modified);
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO partials
             (account, path, from_account, from_path, size, time, precision, beside, done, run, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            account_text(&spot.account),
            spot.path.as_bytes(),
            account_text(&partial.origin.account),
            partial.origin.path.as_bytes(),
            codec::size_column(partial.origin.size),
            time,
            precision,
            partial.beside,
            codec::size_column(Some(partial.done)),
            run,
            now,
        ])?;
    Ok(())
}

/// Forgets a partial.
pub(super) fn forget(change: &Transaction<'_>, spot: &Spot) -> Result<(), Cannot> {
    change
        .prepare_cached("DELETE FROM partials WHERE account = ?1 AND path = ?2")?
        .execute(params![account_text(&spot.account), spot.path.as_bytes()])?;
    Ok(())
}

/// The partials that no other run is at. Rows that cannot be read are passed over.
pub(super) fn load(store: &Store) -> Result<Vec<(Spot, Partial)>, Cannot> {
    let mut select = store.db().prepare("SELECT * FROM partials")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let free = codec::column::<i64>(row, "run").is_some_and(|run| run == store.run || !lock::is_live(&store.dir, run));
        if free && let Some(one) = one(row) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Where partials are to arrive, those of runs that live included.
pub(super) fn spots(store: &Store) -> Result<Vec<Spot>, Cannot> {
    let mut select = store.db().prepare("SELECT account, path FROM partials")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let spot = codec::column(row, "account").zip(codec::path(row, "path"));
        found.extend(spot.map(|(text, path)| Spot { account: account(text), path }));
    }
    Ok(found)
}

fn one(row: &Row<'_>) -> Option<(Spot, Partial)> {
    let spot = Spot { account: account(codec::column(row, "account")?), path: codec::path(row, "path")? };
    let size = codec::size(row, "size")?;
    let done = codec::size(row, "done")??;
    let origin = Origin {
        account: account(codec::column(row, "from_account")?),
        path: codec::path(row, "from_path")?,
        size,
        modified: codec::time(row)?,
    };
    if size.is_some_and(|size| done > size) {
        return None;
    }
    Some((spot, Partial { origin, beside: codec::column(row, "beside")?, done }))
}

/// What a run has left in part of what was to go to `target`, or beside it where that is not all of the batch.
pub(super) fn begun(db: &Connection, run: i64, (account, target): (&Account, &VPath), is_all: bool) -> Result<Begun, Cannot> {
    let root = if is_all { target.clone() } else { target.parent().unwrap_or_else(VPath::root) };
    let mut select = db.prepare_cached("SELECT * FROM partials WHERE run = ?1 AND account = ?2 AND done > 0")?;
    let mut rows = select.query(params![run, account_text(account)])?;
    let mut begun = Begun::default();
    while let Some(row) = rows.next()? {
        let Some((spot, partial)) = one(row).filter(|(spot, _)| spot.path == root || spot.path.is_within(&root)) else { continue };
        debug_assert_eq!(spot.account, *account);
        begun.files += 1;
        begun.done = begun.done.saturating_add(partial.done);
        begun.size = begun.size.saturating_add(partial.origin.size.unwrap_or(partial.done));
    }
    Ok(begun)
}

/// Lets go of what is old.
pub(super) fn expire(store: &mut Store, now: i64) -> Result<(), Cannot> {
    let change = store.write()?;
    change.execute("DELETE FROM partials WHERE at < ?1", [now.saturating_sub(EXPIRES)])?;
    change.commit()?;
    Ok(())
}
