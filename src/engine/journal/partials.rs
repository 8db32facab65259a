//! The ledger of partials on the disk.

use rusqlite::{Row, Transaction, params};

use crate::engine::account::Account;
use crate::engine::ledger::{Origin, Partial, Range, Spot};

use super::codec;
use super::lock;
use super::store::{Cannot, Store};

/// After so many seconds nobody comes back for a partial.
const EXPIRES: i64 = 60 * 24 * 60 * 60;
/// Ranges of a partial that are believed.
const MOST_RANGES: usize = 4096;

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
    let ranges: Vec<u8> = partial.ranges.iter().flat_map(|(from, to)| [from.to_le_bytes(), to.to_le_bytes()]).flatten().collect();
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO partials
             (account, path, from_account, from_path, size, time, precision, beside, done, ranges, run, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
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
            ranges,
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
    let ranges = ranges(&codec::column::<Vec<u8>>(row, "ranges")?, size)?;
    if size.is_some_and(|size| done > size) {
        return None;
    }
    Some((spot, Partial { origin, beside: codec::column(row, "beside")?, done, ranges }))
}

/// Ranges in order, apart from each other and within the file.
fn ranges(bytes: &[u8], size: Option<u64>) -> Option<Vec<Range>> {
    let (pairs, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() || pairs.len() > MOST_RANGES || (!pairs.is_empty() && size.is_none()) {
        return None;
    }
    let mut ranges = Vec::with_capacity(pairs.len());
    let mut behind = 0;
    for pair in pairs {
        let (from, to) = pair.split_first_chunk::<8>()?;
        let (from, to) = (u64::from_le_bytes(*from), u64::from_le_bytes(to.try_into().ok()?));
        if from < behind || to <= from || size.is_some_and(|size| to > size) {
            return None;
        }
        behind = to;
        ranges.push((from, to));
    }
    Some(ranges)
}

/// Lets go of what is old.
pub(super) fn expire(store: &mut Store, now: i64) -> Result<(), Cannot> {
    let change = store.write()?;
    change.execute("DELETE FROM partials WHERE at < ?1", [now.saturating_sub(EXPIRES)])?;
    change.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(ranges: &[Range]) -> Vec<u8> {
        ranges.iter().flat_map(|(from, to)| [from.to_le_bytes(), to.to_le_bytes()]).flatten().collect()
    }

    #[test]
    fn ranges_are_only_believed_in_order_and_within_the_file() {
        let good = [(0, 4), (4, 6), (8, 10)];
        assert_eq!(ranges(&bytes(&good), Some(10)), Some(good.to_vec()));
        assert_eq!(ranges(&[], None), Some(Vec::new()));
        for bad in [&[(0, 4), (3, 6)][..], &[(4, 4)], &[(5, 4)], &[(0, 11)], &[(8, 9), (0, 1)]] {
            assert_eq!(ranges(&bytes(bad), Some(10)), None, "{bad:?}");
        }
        assert_eq!(ranges(&bytes(&good), None), None);
        assert_eq!(ranges(&[0; 15], Some(10)), None);
    }
}
