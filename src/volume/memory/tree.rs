//! A file system in memory.

use std::collections::BTreeMap;

use crate::model::fold::caseless;
use crate::model::{During, Entry, Failure, FailureKind, Kind, Timestamp, VPath};

use super::super::{Result, WriteFrom};

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file.
    pub bytes: Vec<u8>,
    /// Where a link leads.
    pub target: Option<VPath>,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub modified: i64,
    /// Permission bits.
    pub mode: u16,
}

/// All paths there are, the root left out.
#[derive(Debug, Default)]
pub struct Tree(BTreeMap<VPath, Node>, Rules);

/// Whose rules its names have.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Rules {
    /// Large and small letters are the same.
    folds: bool,
    /// Those of Windows.
    pub(super) windows: bool,
}

/// When things were made that nobody set a time for: 2020-01-01.
const MADE: i64 = 1_577_836_800;
const MAX_LINKS: usize = 8;

fn missing(during: During, path: &VPath) -> Failure {
    Failure::new(FailureKind::NotFound, during, "no such file or directory").about(path.as_bytes())
}

fn exists(during: During, path: &VPath) -> Failure {
    Failure::new(FailureKind::AlreadyExists, during, "it exists").about(path.as_bytes())
}

impl Tree {
    fn put(&mut self, path: &str, kind: Kind, bytes: &[u8], target: Option<VPath>) {
        let path = parse(path);
        let mut above = path.parent();
        while let Some(dir) = above.filter(|dir| !dir.is_root()) {
            self.0.entry(dir.clone()).or_insert_with(|| Node {
                kind: Kind::Dir,
                bytes: Vec::new(),
                target: None,
                modified: MADE,
                mode: 0o755,
            });
            above = dir.parent();
        }
        self.0.insert(path, Node { kind, bytes: bytes.to_vec(), target, modified: MADE, mode: 0o644 });
    }

    /// Puts a file, with the directories above it.
    pub fn file(&mut self, path: &str, bytes: &[u8]) {
        self.put(path, Kind::File, bytes, None);
    }

    /// Puts a directory.
    pub fn dir(&mut self, path: &str) {
        self.put(path, Kind::Dir, b"", None);
    }

    /// Puts a link.
    pub fn link(&mut self, path: &str, target: &str) {
        self.put(path, Kind::Link, b"", Some(parse(target)));
    }

    /// Puts something that is no regular file: it takes what is written and keeps it.
    pub fn device(&mut self, path: &str) {
        self.put(path, Kind::Other, b"", None);
    }

    /// What is at a path.
    pub fn node(&self, path: &str) -> Option<&Node> {
        self.0.get(&parse(path))
    }

    /// What is at a path, to change it.
    pub fn node_mut(&mut self, path: &str) -> Option<&mut Node> {
        self.0.get_mut(&parse(path))
    }

    /// Every path there is.
    pub fn paths(&self) -> Vec<String> {
        self.0.keys().map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned()).collect()
    }

    /// What a path is called without the links in it.
    pub(super) fn real(&self, path: &VPath) -> VPath {
        self.resolve(path, true)
    }

    /// The path with the links on the way resolved; the last one only with `last`.
    fn resolve(&self, path: &VPath, last: bool) -> VPath {
        let mut real = if self.1.folds { self.spelled(path) } else { path.clone() };
        for _ in 0..MAX_LINKS {
            let Some((link, target)) = self.first_link(&real, last) else { break };
            let rest = real.as_bytes().get(link.as_bytes().len() + 1..).unwrap_or_default().to_vec();
            real = target.resolve(&rest).unwrap_or(target);
        }
        real
    }

    /// From now on large and small letters are the same, as on FAT and NTFS.
    pub fn fold_case(&mut self) {
        self.1.folds = true;
    }

    /// From now on its names are made by the rules of Windows.
    pub fn like_windows(&mut self) {
        self.1.windows = true;
    }

    pub(super) fn rules(&self) -> Rules {
        self.1
    }

    /// The path as what is there of it is spelled.
    fn spelled(&self, path: &VPath) -> VPath {
        let wanted = caseless(path.as_bytes());
        let whole = self.0.keys().find(|there| caseless(there.as_bytes()) == wanted).cloned();
        whole.unwrap_or_else(|| match (path.parent(), path.name()) {
            (Some(parent), Some(name)) => self.spelled(&parent).join(&name),
            _ => path.clone(),
        })
    }

    fn first_link(&self, path: &VPath, last: bool) -> Option<(VPath, VPath)> {
        let mut at = VPath::root();
        for part in path.parts() {
            at = at.resolve(part).ok()?;
            if let Some(target) = self.0.get(&at).and_then(|node| node.target.clone())
                && (last || at != *path)
            {
                return Some((at, target));
            }
        }
        None
    }

    fn entry(&self, path: &VPath, node: &Node) -> Option<Entry> {
        let mut entry = Entry::new(path.name()?, node.kind);
        entry.size = Some(node.bytes.len() as u64);
        entry.modified = Some(Timestamp::exact(node.modified));
        entry.mode = Some(node.mode);
        if let Some(target) = &node.target {
            entry.target = Some(target.as_bytes().into());
            let real = self.resolve(path, true);
            entry.leads_to = Some(if real.is_root() { Kind::Dir } else { self.0.get(&real).map_or(Kind::Link, |node| node.kind) });
        }
        Some(entry)
    }

    pub(super) fn list(&self, path: &VPath) -> Result<Vec<Entry>> {
        let path = self.resolve(path, true);
        if !path.is_root() && self.0.get(&path).is_none_or(|node| node.kind != Kind::Dir) {
            return Err(missing(During::List, &path));
        }
        Ok(self.0.iter().filter(|(at, _)| at.parent().as_ref() == Some(&path)).filter_map(|(at, node)| self.entry(at, node)).collect())
    }

    pub(super) fn stat(&self, path: &VPath) -> Option<Entry> {
        let real = self.resolve(path, true);
        if real.is_root() {
            return crate::model::Name::new(&b"root"[..]).ok().map(|name| Entry::new(name, Kind::Dir));
        }
        self.0.get(&real).and_then(|node| self.entry(&real, node))
    }

    pub(super) fn read(&self, path: &VPath) -> Result<Vec<u8>> {
        match self.0.get(&self.resolve(path, true)) {
            Some(node) if node.kind != Kind::Dir => Ok(node.bytes.clone()),
            _ => Err(missing(During::Read, path)),
        }
    }

    pub(super) fn open(&mut self, path: &VPath, from: WriteFrom) -> Result<()> {
        let path = self.resolve(path, false);
        self.check_parent(During::Write, &path)?;
        let node = self.0.entry(path.clone()).or_insert_with(|| Node {
            kind: Kind::File,
            bytes: Vec::new(),
            target: None,
            modified: MADE,
            mode: 0o644,
        });
        match (node.kind, from) {
            (Kind::Dir | Kind::Link, _) => return Err(exists(During::Write, &path)),
            (Kind::Other, _) => {}
            (Kind::File, WriteFrom::Start) => node.bytes.clear(),
            (Kind::File, WriteFrom::Within(_)) => {}
            (Kind::File, WriteFrom::Offset(offset)) => node.bytes.truncate(usize::try_from(offset).unwrap_or(usize::MAX)),
        }
        Ok(())
    }

    /// Writes at `at`; `None` is the end.
    pub(super) fn put_bytes(&mut self, path: &VPath, at: Option<u64>, bytes: &[u8]) -> Result<()> {
        let path = self.resolve(path, false);
        let node = self.0.get_mut(&path).ok_or_else(|| missing(During::Write, &path))?;
        let at = at.map_or(node.bytes.len(), |at| usize::try_from(at).unwrap_or(usize::MAX));
        let end = at.saturating_add(bytes.len());
        if node.bytes.len() < end {
            node.bytes.resize(end, 0);
        }
        if let Some(room) = node.bytes.get_mut(at..end) {
            room.copy_from_slice(bytes);
        }
        Ok(())
    }

    /// Changes the first byte of a file.
    pub(super) fn spoil(&mut self, path: &VPath) {
        let path = self.resolve(path, false);
        if let Some(byte) = self.0.get_mut(&path).and_then(|node| node.bytes.first_mut()) {
            *byte = !*byte;
        }
    }

    fn check_parent(&self, during: During, path: &VPath) -> Result<()> {
        match path.parent() {
            Some(dir) if dir.is_root() || self.0.get(&dir).is_some_and(|node| node.kind == Kind::Dir) => Ok(()),
            _ => Err(missing(during, path)),
        }
    }

    pub(super) fn make_dir(&mut self, path: &VPath) -> Result<()> {
        let path = self.resolve(path, false);
        self.check_parent(During::MakeDir, &path)?;
        if self.0.contains_key(&path) {
            return Err(exists(During::MakeDir, &path));
        }
        self.0.insert(path, Node { kind: Kind::Dir, bytes: Vec::new(), target: None, modified: MADE, mode: 0o755 });
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        let (from, to) = (self.resolve(from, false), self.resolve(to, false));
        self.check_parent(During::Rename, &to)?;
        if !self.0.contains_key(&from) {
            return Err(missing(During::Rename, &from));
        }
        if self.0.get(&to).is_some_and(|node| !replace || node.kind == Kind::Dir) {
            return Err(exists(During::Rename, &to));
        }
        // Nothing is within a file, and of files there may be very many.
        let is_dir = self.0.get(&from).is_some_and(|node| node.kind == Kind::Dir);
        let within = self.0.range(&from..).map(|(path, _)| path).take(if is_dir { usize::MAX } else { 1 });
        let moved: Vec<VPath> = within.filter(|path| path.is_within(&from)).cloned().collect();
        for old in moved {
            let rest = old.as_bytes().get(from.as_bytes().len()..).unwrap_or_default();
            let new = VPath::parse(&[to.as_bytes(), rest].concat()).unwrap_or_else(|_| to.clone());
            if let Some(node) = self.0.remove(&old) {
                self.0.insert(new, node);
            }
        }
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &VPath) -> Result<()> {
        let path = self.resolve(path, false);
        match self.0.get(&path) {
            Some(node) if node.kind != Kind::Dir => {
                self.0.remove(&path);
                Ok(())
            }
            _ => Err(missing(During::Remove, &path)),
        }
    }

    pub(super) fn remove_dir(&mut self, path: &VPath, deep: bool) -> Result<()> {
        let path = self.resolve(path, false);
        if self.0.get(&path).is_none_or(|node| node.kind != Kind::Dir) {
            return Err(missing(During::Remove, &path));
        }
        if !deep && self.0.keys().any(|at| at.parent().as_ref() == Some(&path)) {
            return Err(exists(During::Remove, &path));
        }
        self.0.retain(|at, _| !at.is_within(&path));
        Ok(())
    }

    pub(super) fn change(&mut self, path: &VPath, during: During, act: impl FnOnce(&mut Node)) -> Result<()> {
        let path = self.resolve(path, true);
        act(self.0.get_mut(&path).ok_or_else(|| missing(during, &path))?);
        Ok(())
    }
}

/// A path of a test: one that cannot be one stands for the root.
fn parse(path: &str) -> VPath {
    VPath::parse(path.as_bytes()).unwrap_or_else(|_| VPath::root())
}
