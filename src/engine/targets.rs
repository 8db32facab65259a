//! What is at the targets, before anything is copied there: by one listing of their directory, or by a look at few of them.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::transfer::Item;
use crate::model::{Entry, Failure, Kind, Name, VPath};
use crate::volume::{Connector, Volume};

use super::partial::{partial_name, partial_of};
use super::plan::hopeless;
use super::rows::{Row, Rows, rows};
use super::work::{BatchFacts, FoundFile};
use super::worker::Worker;

/// So many single files of one directory are looked at one by one rather than by listing it: it may be huge.
const FEW: usize = 2;

/// What is known of a target directory.
pub(super) struct Targets {
    /// In the order of their names: of one directory there may be a million, and a table of them would take four times as much.
    entries: Vec<Row>,
    /// All names there are, where they are known.
    names: Option<Arc<HashSet<Name>>>,
    pub(super) path: Option<VPath>,
}

impl Targets {
    pub(super) fn empty() -> Self {
        Self { entries: Vec::new(), names: None, path: None }
    }

    /// A mirror gives nothing another name, and needs none.
    pub(super) fn of(rows: Rows, facts: &BatchFacts) -> Self {
        let names = || Arc::new(rows.entries.iter().map(|row| row.name.clone()).collect());
        let names = facts.mirror().is_none().then(names);
        let mut entries = rows.entries;
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self { entries, names, path: Some(rows.path) }
    }

    fn put(&mut self, name: Name, entry: Entry) {
        let at = self.entries.partition_point(|row| row.name < name);
        self.entries.insert(at, Row::from(Entry { name, ..entry }));
    }

    fn row(&self, name: &Name) -> Option<&Row> {
        let at = self.entries.binary_search_by(|row| row.name.cmp(name)).ok()?;
        self.entries.get(at)
    }

    /// All that is there, in the order of its names.
    pub(super) fn rows(&self) -> &[Row] {
        &self.entries
    }

    /// What kind of thing is there under a name.
    pub(super) fn kind(&self, name: &Name) -> Option<Kind> {
        self.row(name).map(|row| row.kind)
    }

    /// All that is there.
    pub(super) fn into_rows(self) -> impl Iterator<Item = Row> {
        self.entries.into_iter()
    }

    pub(super) fn has(&self, item: &Item) -> bool {
        item.target.name().is_some_and(|name| self.row(&name).is_some())
    }

    /// Puts what is known of the target into a found file.
    pub(super) fn fill(&self, file: &mut FoundFile, facts: &BatchFacts) {
        let Some(name) = file.target.name() else { return };
        file.existing = self.row(&name).cloned().map(Entry::from);
        if facts.partials {
            file.partial = partial_name(&name).and_then(|name| self.row(&name).cloned()).and_then(|row| Entry::from(row).file_size());
        }
        if file.existing.is_some() {
            file.taken.clone_from(&self.names);
        }
    }
}

/// What is there where the items go.
pub(super) async fn targets_of<C: Connector>(
    worker: &mut Worker<C>,
    facts: &BatchFacts,
    parent: &VPath,
    items: &[&Item],
) -> Result<Targets, Failure> {
    // A name beyond ASCII may be there in another form.
    let is_plain = |item: &Item| item.target.name().is_none_or(|name| name.as_bytes().is_ascii());
    let few = items.len() <= FEW && items.iter().all(|item| matches!(item.kind, Kind::File | Kind::Other) && is_plain(item));
    if few && let Some(targets) = look_at(worker, facts, items).await? {
        return Ok(targets);
    }
    // What lies beside a mirror's target does not matter.
    let listed = if facts.mirror().is_some() { None } else { Some(rows(worker.target().await?, parent, &facts.stop).await) };
    match listed {
        Some(Ok(rows)) => return Ok(Targets::of(rows, facts)),
        Some(Err(failure)) if hopeless(&failure) => return Err(failure),
        // A drop box cannot be listed, but its names can be looked at; a directory that is not there will be named by who writes.
        Some(Err(_)) | None => {}
    }
    let mut targets = Targets::empty();
    for item in items {
        if let Some(name) = item.target.name()
            && let Some(entry) = look(worker.target().await?, &item.target).await?
        {
            targets.put(name, entry);
        }
    }
    Ok(targets)
}

/// Looks at single targets; `None` where one is there, so that its directory must be listed for the names that are free.
async fn look_at<C: Connector>(worker: &mut Worker<C>, facts: &BatchFacts, items: &[&Item]) -> Result<Option<Targets>, Failure> {
    let mut targets = Targets::empty();
    for item in items {
        let Some(name) = item.target.name() else { continue };
        let volume = worker.target().await?;
        match look(volume, &item.target).await? {
            Some(entry) if entry.kind == Kind::Other => targets.put(name, entry),
            Some(_) => return Ok(None),
            None => {}
        }
        if facts.partials
            && let Some(partial) = partial_of(&item.target)
            && let (Some(entry), Some(name)) = (look(volume, &partial).await?, partial.name())
        {
            targets.put(name, entry);
        }
    }
    Ok(Some(targets))
}

async fn look<V: Volume>(volume: &mut V, path: &VPath) -> Result<Option<Entry>, Failure> {
    match volume.stat(path).await {
        Ok(entry) => Ok(entry),
        Err(failure) if hopeless(&failure) || volume.is_lost() => Err(failure),
        Err(_) => Ok(None),
    }
}
