//! A directory as a plan needs it: listed as a whole, and of each row only what matters.

use tokio_util::sync::CancellationToken;

use crate::model::listing::ListingPart;
use crate::model::{Entry, Failure, Kind, Name, Timestamp, VPath};
use crate::volume::Volume;

/// A directory as it was listed.
pub(super) struct Rows {
    /// What it is called by its volume.
    pub(super) path: VPath,
    pub(super) entries: Vec<Row>,
    /// Rows that could not be read, or must not be touched.
    pub(super) unparsed: Vec<Box<[u8]>>,
}

/// What of an entry matters to a plan: of one directory there may be a million.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) name: Name,
    pub(super) kind: Kind,
    leads_to: Option<Kind>,
    mode: Option<u16>,
    size: Option<u64>,
    modified: Option<Timestamp>,
}

impl From<Entry> for Row {
    fn from(entry: Entry) -> Self {
        let Entry { name, kind, size, rounded, modified, mode, leads_to, .. } = entry;
        // Nothing is checked by a size that is not to the byte.
        let size = size.filter(|_| !rounded);
        Self { name, kind, leads_to, mode, size, modified }
    }
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        let Row { name, kind, leads_to, mode, size, modified } = row;
        Self { size, modified, mode, leads_to, ..Self::new(name, kind) }
    }
}

/// Lists a directory as a whole.
pub(super) async fn rows<V: Volume>(volume: &mut V, path: &VPath, stop: &CancellationToken) -> Result<Rows, Failure> {
    let mut entries = Vec::new();
    let mut unparsed = Vec::new();
    let path = volume
        .list(path, stop, &mut |part| match part {
            ListingPart::Rows(rows) => entries.extend(rows.into_iter().map(Row::from)),
            ListingPart::Unparsed(rows) => unparsed.extend(rows),
        })
        .await?;
    Ok(Rows { path, entries, unparsed })
}
