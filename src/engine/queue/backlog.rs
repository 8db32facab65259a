//! Files that were found and wait to become transfers, packed: a million of them must fit beside everything else.
//!
//! The files of one directory share its two paths; a name is kept once, and what few files have is kept beside for those alone.
//! Taken out in the order in which they went in.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::engine::work::FoundFile;
use crate::model::{Entry, Kind, Name, Precision, Timestamp, VPath, limits};

const NO_SIZE: u64 = u64::MAX;
const NO_TIME: i64 = i64::MIN;
const NO_MODE: u16 = u16::MAX;

/// The facts of a file, in as few bytes as they take.
#[derive(Debug, Clone, Copy)]
struct Facts {
    size: u64,
    seconds: i64,
    mode: u16,
    precision: Precision,
    kind: Kind,
}

impl Facts {
    fn new(size: Option<u64>, modified: Option<Timestamp>, mode: Option<u16>, kind: Kind) -> Self {
        Self {
            size: size.unwrap_or(NO_SIZE),
            seconds: modified.map_or(NO_TIME, |time| time.seconds),
            mode: mode.unwrap_or(NO_MODE),
            precision: modified.map_or(Precision::Second, |time| time.precision),
            kind,
        }
    }

    fn size(self) -> Option<u64> {
        (self.size != NO_SIZE).then_some(self.size)
    }

    fn modified(self) -> Option<Timestamp> {
        (self.seconds != NO_TIME).then_some(Timestamp { seconds: self.seconds, precision: self.precision })
    }

    fn mode(self) -> Option<u16> {
        (self.mode != NO_MODE).then_some(self.mode)
    }
}

#[derive(Debug, Clone, Copy)]
struct Packed {
    facts: Facts,
    /// Where its name ends in the names of the chunk.
    name_end: u32,
}

/// What only some files of a chunk have, by their place in it, in order.
#[derive(Debug)]
struct Few<T>(VecDeque<(u32, T)>);

impl<T> Few<T> {
    fn put(&mut self, at: u32, value: Option<T>) {
        if let Some(value) = value {
            self.0.push_back((at, value));
        }
    }

    fn take(&mut self, at: u32) -> Option<T> {
        self.0.pop_front_if(|(place, _)| *place == at).map(|(_, value)| value)
    }
}

/// Files of one directory.
#[derive(Debug)]
struct Chunk {
    source: VPath,
    target: VPath,
    taken: Option<Arc<HashSet<Name>>>,
    names: Vec<u8>,
    files: Vec<Packed>,
    /// How many were taken out, and where their names end.
    next: u32,
    names_at: u32,
    existing: Few<Facts>,
    partials: Few<u64>,
    /// Targets that are called otherwise than their source.
    renamed: Few<Name>,
}

/// Bytes of names in a chunk at most, so that a place in them fits four bytes.
const NAMES: usize = 1 << 30;

impl Chunk {
    fn new(source: &[u8], target: &[u8]) -> Option<Self> {
        Some(Self {
            source: VPath::parse(source).ok()?,
            target: VPath::parse(target).ok()?,
            taken: None,
            names: Vec::new(),
            files: Vec::new(),
            next: 0,
            names_at: 0,
            existing: Few(VecDeque::new()),
            partials: Few(VecDeque::new()),
            renamed: Few(VecDeque::new()),
        })
    }

    /// What it takes up besides its files.
    fn own_bytes(&self) -> usize {
        size_of::<Self>() + self.source.as_bytes().len() + self.target.as_bytes().len()
    }

    fn takes(&self, source: &[u8], target: &[u8]) -> bool {
        self.names.len() < NAMES && self.source.as_bytes() == source && self.target.as_bytes() == target
    }

    fn push(&mut self, file: FoundFile, source: &[u8], target: &[u8]) {
        let at = self.files.len() as u32;
        self.names.extend_from_slice(source);
        let facts = Facts::new(file.size, file.modified, file.mode, Kind::File);
        self.files.push(Packed { facts, name_end: self.names.len() as u32 });
        self.existing.put(at, file.existing.map(|entry| Facts::new(entry.size, entry.modified, entry.mode, entry.kind)));
        self.partials.put(at, file.partial);
        self.renamed.put(at, if source == target { None } else { Name::new(target).ok() });
        self.taken = file.taken.or(self.taken.take());
    }

    fn pop(&mut self) -> Option<FoundFile> {
        let packed = *self.files.get(self.next as usize)?;
        let name = Name::new(self.names.get(self.names_at as usize..packed.name_end as usize)?).ok()?;
        let at = self.next;
        self.next += 1;
        self.names_at = packed.name_end;
        let called = self.renamed.take(at).unwrap_or_else(|| name.clone());
        let existing = self.existing.take(at).map(|facts| Entry {
            size: facts.size(),
            modified: facts.modified(),
            mode: facts.mode(),
            ..Entry::new(called.clone(), facts.kind)
        });
        Some(FoundFile {
            source: self.source.join(&name),
            target: self.target.join(&called),
            size: packed.facts.size(),
            modified: packed.facts.modified(),
            mode: packed.facts.mode(),
            taken: existing.as_ref().and(self.taken.clone()),
            existing,
            partial: self.partials.take(at),
        })
    }

    fn settle(&mut self) {
        self.names.shrink_to_fit();
        self.files.shrink_to_fit();
        self.existing.0.shrink_to_fit();
        self.partials.0.shrink_to_fit();
        self.renamed.0.shrink_to_fit();
    }
}

/// So many files, and the memory that they take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Stock {
    pub(in crate::engine) files: usize,
    pub(in crate::engine) bytes: usize,
}

impl Stock {
    /// With some more, and some fewer.
    pub(super) fn changed(self, more: Self, fewer: Self) -> Self {
        let files = (self.files + more.files).saturating_sub(fewer.files);
        Self { files, bytes: (self.bytes + more.bytes).saturating_sub(fewer.bytes) }
    }

    /// What there was before and is not now.
    pub(in crate::engine) fn since(self, before: Self) -> Self {
        Self { files: before.files.saturating_sub(self.files), bytes: before.bytes.saturating_sub(self.bytes) }
    }
}

/// Packed files.
#[derive(Debug, Default)]
pub(in crate::engine) struct Backlog {
    chunks: VecDeque<Chunk>,
    files: usize,
    bytes: u64,
    /// Bytes of memory.
    held: usize,
}

impl Backlog {
    /// Nothing more is added to the last directory for now: gives back the room that was kept for it.
    pub(in crate::engine) fn settle(&mut self) {
        if let Some(last) = self.chunks.back_mut() {
            last.settle();
        }
    }

    /// Adds a file behind the others. One without a directory, which no walk finds, is left out and given back.
    pub(in crate::engine) fn push(&mut self, file: FoundFile) -> Option<FoundFile> {
        let (from, to) = (file.source.clone(), file.target.clone());
        let (Some((source, name)), Some((target, called))) = (split(&from), split(&to)) else { return Some(file) };
        if !self.chunks.back().is_some_and(|chunk| chunk.takes(source, target)) {
            let Some(chunk) = Chunk::new(source, target) else { return Some(file) };
            self.held += chunk.own_bytes();
            self.chunks.push_back(chunk);
        }
        self.files += 1;
        self.held += cost(&file, name);
        self.bytes = self.bytes.saturating_add(file.size.unwrap_or(0));
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.push(file, name, called);
        }
        None
    }

    /// Takes out the first.
    pub(in crate::engine) fn pop(&mut self) -> Option<FoundFile> {
        loop {
            let chunk = self.chunks.front_mut()?;
            if let Some(file) = chunk.pop() {
                self.files -= 1;
                self.bytes = self.bytes.saturating_sub(file.size.unwrap_or(0));
                let name = file.source.name();
                self.held = self.held.saturating_sub(cost(&file, name.as_ref().map_or(&[], |name| name.as_bytes())));
                return Some(file);
            }
            self.held = self.held.saturating_sub(chunk.own_bytes());
            self.chunks.pop_front();
        }
    }

    /// Puts all of another behind these.
    pub(in crate::engine) fn append(&mut self, mut other: Self) {
        self.files += other.files;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.held += other.held;
        self.chunks.append(&mut other.chunks);
    }

    /// How many there are.
    pub(in crate::engine) fn len(&self) -> usize {
        self.files
    }

    /// Whether none is left.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.files == 0
    }

    /// How many there are, and what they take up.
    pub(in crate::engine) fn stock(&self) -> Stock {
        Stock { files: self.files, bytes: self.held }
    }

    /// Bytes of them all, as far as known.
    pub(in crate::engine) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What a file takes up in its chunk, about.
fn cost(file: &FoundFile, name: &[u8]) -> usize {
    let there = if file.existing.is_some() { size_of::<(u32, Facts)>() } else { 0 };
    let partial = if file.partial.is_some() { size_of::<(u32, u64)>() } else { 0 };
    let (source, target) = (file.source.as_bytes(), file.target.as_bytes());
    let is_renamed = !target.ends_with(name) || source.len() < name.len();
    let renamed = if is_renamed { size_of::<(u32, Name)>() + limits::NAME.min(target.len()) } else { 0 };
    size_of::<Packed>() + name.len() + there + partial + renamed
}

/// Directory and name of a path; the root has none.
fn split(path: &VPath) -> Option<(&[u8], &[u8])> {
    let bytes = path.as_bytes();
    let slash = bytes.iter().rposition(|byte| *byte == b'/')?;
    let name = bytes.get(slash + 1..).filter(|name| !name.is_empty())?;
    Some((bytes.get(..slash.max(1))?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> VPath {
        VPath::parse(text.as_bytes()).unwrap()
    }

    fn file(source: &str, target: &str) -> FoundFile {
        FoundFile {
            source: path(source),
            target: path(target),
            size: Some(7),
            modified: Some(Timestamp { seconds: -5, precision: Precision::Minute }),
            mode: Some(0o640),
            existing: None,
            partial: None,
            taken: None,
        }
    }

    #[test]
    fn files_come_out_as_they_went_in_and_in_their_order() {
        let mut backlog = Backlog::default();
        let taken = Arc::new(HashSet::from([Name::new(&b"b"[..]).unwrap()]));
        let there = Entry { size: Some(3), mode: Some(0o600), ..Entry::new(Name::new(&b"b"[..]).unwrap(), Kind::File) };
        let plain = FoundFile { size: None, modified: None, mode: None, ..file("/s/c", "/t/c") };
        let all = || {
            vec![
                file("/s/a", "/t/a"),
                FoundFile { existing: Some(there.clone()), taken: Some(taken.clone()), ..file("/s/b", "/t/b") },
                FoundFile { size: plain.size, modified: plain.modified, mode: plain.mode, ..file("/s/c", "/t/c") },
                FoundFile { partial: Some(2), ..file("/s/d", "/t/e") },
                file("/x", "/y"),
            ]
        };
        all().into_iter().for_each(|file| drop(backlog.push(file)));
        assert_eq!((backlog.len(), backlog.bytes()), (5, 28));
        for expected in all() {
            let came = backlog.pop().unwrap();
            assert_eq!(format!("{came:?}"), format!("{expected:?}"));
        }
        assert!(backlog.is_empty() && backlog.pop().is_none());
        assert_eq!(backlog.stock(), Stock::default(), "nothing is counted twice, or not taken back");
    }

    #[test]
    fn two_hundred_thousand_waiting_files_take_less_than_ninety_bytes_each() {
        let mut backlog = Backlog::default();
        for dir in 0..200 {
            let names =
                (0..1000).map(|n| (format!("/srv/data/{dir:03}/picture-{n:06}.jpeg"), format!("/home/me/{dir:03}/picture-{n:06}.jpeg")));
            names.for_each(|(from, to)| drop(backlog.push(file(&from, &to))));
            backlog.settle();
        }
        let held: usize = backlog
            .chunks
            .iter()
            .map(|chunk| {
                size_of::<Chunk>()
                    + chunk.source.as_bytes().len()
                    + chunk.target.as_bytes().len()
                    + chunk.names.capacity()
                    + chunk.files.capacity() * size_of::<Packed>()
                    + chunk.existing.0.capacity() * size_of::<(u32, Facts)>()
                    + chunk.partials.0.capacity() * size_of::<(u32, u64)>()
                    + chunk.renamed.0.capacity() * size_of::<(u32, Name)>()
            })
            .sum();
        assert_eq!(backlog.len(), 200_000);
        let told = backlog.stock().bytes;
        assert!(told >= held && told < held * 5 / 4, "{told} for {held}");
        assert!(held < 200_000 * 90, "{} bytes a file", held / 200_000);
    }
}
