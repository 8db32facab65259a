//! Local directories and what stands in them.

use std::collections::HashMap;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::listing::ListingPart;
use crate::model::{During, Entry, Failure, Kind, Name, Timestamp, VPath};

use super::super::Result;
use super::{attempt, to_path};

/// The first rows are shown early …
const FIRST_CHUNK: usize = 64;
/// … and the rest in chunks that cost little each.
const CHUNK: usize = 2_000;

/// Names of users and groups by their numbers, read once.
#[derive(Debug, Default)]
pub struct People {
    users: Option<HashMap<u32, Arc<str>>>,
    groups: Option<HashMap<u32, Arc<str>>>,
}

impl People {
    fn user(&mut self, id: u32) -> Arc<str> {
        named(self.users.get_or_insert_with(|| read_names("/etc/passwd")), id)
    }

    fn group(&mut self, id: u32) -> Arc<str> {
        named(self.groups.get_or_insert_with(|| read_names("/etc/group")), id)
    }
}

fn named(names: &mut HashMap<u32, Arc<str>>, id: u32) -> Arc<str> {
    names.entry(id).or_insert_with(|| id.to_string().into()).clone()
}

/// `name:x:number:…`, the form of both files.
fn read_names(path: &str) -> HashMap<u32, Arc<str>> {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .filter_map(|line| {
            let mut parts = line.split(':');
            let name = parts.next()?;
            Some((parts.nth(1)?.parse().ok()?, name.into()))
        })
        .collect()
}

pub(super) fn list(
    people: &mut People,
    path: &VPath,
    stop: &CancellationToken,
    rows: &mut (dyn FnMut(ListingPart) + Send),
) -> Result<VPath> {
    let dir = to_path(path);
    let mut chunk = Vec::with_capacity(FIRST_CHUNK);
    let mut limit = FIRST_CHUNK;
    for found in attempt(During::List, &dir, fs::read_dir(&dir))? {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::List));
        }
        let found = attempt(During::List, &dir, found)?;
        let raw = found.file_name();
        let Ok(name) = Name::new(raw.as_bytes()) else {
            rows(ListingPart::Unparsed(vec![raw.as_bytes().into()]));
            continue;
        };
        let Some(entry) = row(people, name, &found.path(), found.metadata(), found.file_type()) else { continue };
        chunk.push(entry);
        if chunk.len() == limit {
            rows(ListingPart::Rows(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))));
            limit = CHUNK;
        }
    }
    if !chunk.is_empty() {
        rows(ListingPart::Rows(chunk));
    }
    Ok(path.clone())
}

pub(super) fn stat(people: &mut People, path: &VPath) -> Result<Option<Entry>> {
    let local = to_path(path);
    let facts = match fs::metadata(&local) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        outcome => attempt(During::Stat, &local, outcome)?,
    };
    // The root has no name; it goes by a stand-in that nobody joins to anything.
    let name = path.name().or_else(|| Name::new(&b"root"[..]).ok());
    Ok(name.map(|name| entry(people, name, &local, &facts)))
}

/// A row of a listing. An entry that went away since is left out; one that may be seen but not looked at (a directory that can be read
/// and not searched) has its name and kind.
fn row(people: &mut People, name: Name, path: &Path, facts: io::Result<Metadata>, kind: io::Result<FileType>) -> Option<Entry> {
    match facts {
        Ok(facts) => Some(entry(people, name, path, &facts)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => Some(Entry::new(name, kind.map_or(Kind::Other, kind_of))),
    }
}

fn entry(people: &mut People, name: Name, path: &Path, facts: &Metadata) -> Entry {
    let kind = kind_of(facts.file_type());
    let (target, leads_to) = if kind == Kind::Link { link(path) } else { (None, None) };
    Entry {
        name,
        kind,
        size: Some(facts.len()),
        rounded: false,
        modified: Some(Timestamp::exact(facts.mtime())),
        mode: u16::try_from(facts.mode() & 0o7777).ok(),
        owner: Some(people.user(facts.uid())),
        group: Some(people.group(facts.gid())),
        target,
        perms: None,
        leads_to,
    }
}

fn link(path: &Path) -> (Option<Box<[u8]>>, Option<Kind>) {
    let target = fs::read_link(path).ok().map(|target| target.as_os_str().as_bytes().into());
    let leads_to = fs::metadata(path).map_or(Kind::Link, |facts| kind_of(facts.file_type()));
    (target, Some(leads_to))
}

fn kind_of(kind: FileType) -> Kind {
    if kind.is_dir() {
        Kind::Dir
    } else if kind.is_file() {
        Kind::File
    } else if kind.is_symlink() {
        Kind::Link
    } else {
        debug_assert!(kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device());
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_seen_but_not_looked_at_is_listed_and_what_went_away_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (mut people, name) = (People::default(), Name::new(&b"shut"[..]).unwrap());
        let mut row_of = |error: io::ErrorKind, kind| row(&mut people, name.clone(), dir.path(), Err(error.into()), kind);
        let kind = || Ok(fs::metadata(dir.path()).unwrap().file_type());
        assert_eq!(row_of(io::ErrorKind::PermissionDenied, kind()), Some(Entry::new(name.clone(), Kind::Dir)));
        assert_eq!(row_of(io::ErrorKind::NotFound, kind()), None);
    }
}
