//! Counting what is below some entries, before they are deleted or to know the size of a directory.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bus::Event;
use crate::engine::outbox::Outbox;
use crate::engine::rows::rows;
use crate::model::listing::Count;
use crate::model::{During, Entry, Failure, Kind, Name, RequestId, VPath};
use crate::volume::Volume;

/// Time between two interim counts.
const INTERIM: Duration = Duration::from_millis(100);

/// Counts, telling how far it is now and then. Links count as files and are not entered.
pub(super) async fn count<V: Volume>(
    volume: &mut V,
    outbox: &Outbox,
    request: RequestId,
    (directory, entries): (&VPath, &[(Name, Kind)]),
    stop: &CancellationToken,
) -> Result<Count, Failure> {
    let mut total = Count::default();
    let mut open = Vec::new();
    if entries.iter().any(|(_, kind)| *kind != Kind::Dir) {
        // The sizes of the files come with one listing, whatever their number.
        let rows = rows(volume, directory, stop).await?;
        let wanted: std::collections::HashSet<&Name> = entries.iter().map(|(name, _)| name).collect();
        for row in rows.entries.into_iter().filter(|row| wanted.contains(&row.name)) {
            add(&mut total, &mut open, directory, &Entry::from(row));
        }
    } else {
        for (name, kind) in entries {
            add(&mut total, &mut open, directory, &Entry::new(name.clone(), *kind));
        }
    }
    let mut told = Instant::now();
    while let Some(path) = open.pop() {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::List));
        }
        for row in rows(volume, &path, stop).await?.entries {
            add(&mut total, &mut open, &path, &Entry::from(row));
        }
        if told.elapsed() >= INTERIM {
            told = Instant::now();
            outbox.emit(Event::Counted { request, count: total });
        }
    }
    Ok(total)
}

fn add(total: &mut Count, open: &mut Vec<VPath>, directory: &VPath, entry: &Entry) {
    if entry.kind == Kind::Dir {
        total.dirs += 1;
        open.push(directory.join(&entry.name));
    } else {
        total.files += 1;
        total.bytes = total.bytes.saturating_add(entry.file_size().unwrap_or(0));
    }
}
