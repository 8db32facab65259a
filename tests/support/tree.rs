//! Trees of files as values: written to a directory, read back, compared byte by byte.
//!
//! ```ignore
//! let tree = Tree::new().file("a/b.txt", "text").dir("empty").link("l", "a/b.txt");
//! tree.write_to(local);
//! // … copy …
//! tree.assert_same(&Tree::read(copy));
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::{lchown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What stands at one path. Times are seconds since 1970 (UTC), which is as fine as FTP tells them.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// A regular file and, where a test sets or asks for it, its time.
    File { bytes: Vec<u8>, mtime: Option<u64> },
    /// A directory.
    Dir,
    /// A symbolic link and where it points.
    Link(PathBuf),
}

/// Files, directories and links by their path relative to a root.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<PathBuf, Node>,
}

impl Tree {
    /// A tree with nothing in it.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// With a file; its parents need not be named.
    pub fn file(self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Tree {
        let bytes = bytes.as_ref().to_vec();
        self.node(path, Node::File { bytes, mtime: None })
    }

    /// With a file last changed `mtime` seconds after 1970.
    pub fn file_at(self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>, mtime: u64) -> Tree {
        let bytes = bytes.as_ref().to_vec();
        self.node(path, Node::File { bytes, mtime: Some(mtime) })
    }

    /// With a directory, empty unless something else is put into it.
    pub fn dir(self, path: impl AsRef<Path>) -> Tree {
        self.node(path, Node::Dir)
    }

    /// With a symbolic link.
    pub fn link(self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> Tree {
        let target = target.as_ref().to_path_buf();
        self.node(path, Node::Link(target))
    }

    fn node(mut self, path: impl AsRef<Path>, node: Node) -> Tree {
        for parent in path.as_ref().ancestors().skip(1) {
            if !parent.as_os_str().is_empty() {
                self.nodes.entry(parent.to_path_buf()).or_insert(Node::Dir);
            }
        }
        self.nodes.insert(path.as_ref().to_path_buf(), node);
        self
    }

    /// The node at a path.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<&Node> {
        self.nodes.get(path.as_ref())
    }

    /// The bytes of the file at a path.
    ///
    /// # Panics
    /// When there is no file.
    pub fn bytes(&self, path: impl AsRef<Path>) -> &[u8] {
        match self.get(&path) {
            Some(Node::File { bytes, .. }) => bytes,
            _ => panic!("no file {} in:\n{}", path.as_ref().display(), self.table()),
        }
    }

    /// All paths, parents before what is in them.
    pub fn paths(&self) -> Vec<&Path> {
        self.nodes.keys().map(PathBuf::as_path).collect()
    }

    /// Writes the tree below `root`, which must exist; what else is there stays.
    pub fn write_to(&self, root: &Path) {
        for (path, node) in &self.nodes {
            let at = root.join(path);
            match node {
                Node::Dir => fs::create_dir_all(&at).unwrap(),
                Node::Link(target) => symlink(target, &at).unwrap(),
                Node::File { bytes, mtime } => {
                    fs::write(&at, bytes).unwrap();
                    if let Some(seconds) = mtime {
                        set_mtime(&at, *seconds);
                    }
                }
            }
        }
    }

    /// Reads all that is below `root`, with the files' times; links are not followed.
    pub fn read(root: &Path) -> Tree {
        let mut tree = Tree::new();
        tree.read_dir(root, Path::new(""));
        tree
    }

    fn read_dir(&mut self, root: &Path, below: &Path) {
        let mut entries: Vec<_> = fs::read_dir(root.join(below)).unwrap().map(Result::unwrap).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = below.join(entry.file_name());
            let node = match node_at(&entry) {
                // A partial that has just got its name: whoever waits for that looks again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                node => node.unwrap(),
            };
            if node == Node::Dir {
                self.read_dir(root, &path);
            }
            self.nodes.insert(path, node);
        }
    }

    /// The differences, a line each; empty when both are the same. Times count where both sides have one
    /// and `times` is set.
    pub fn difference(&self, other: &Tree, times: bool) -> String {
        let mut out = String::new();
        for (path, left) in &self.nodes {
            let name = path.display();
            match other.nodes.get(path) {
                None => writeln!(out, "missing    {name}: {}", describe(left)).unwrap(),
                Some(right) => {
                    if let Some(why) = differs(left, right, times) {
                        writeln!(out, "different  {name}: {why}").unwrap();
                    }
                }
            }
        }
        for (path, right) in &other.nodes {
            if !self.nodes.contains_key(path) {
                writeln!(out, "unexpected {}: {}", path.display(), describe(right)).unwrap();
            }
        }
        out
    }

    /// # Panics
    /// When `other` has other paths, kinds, bytes or link targets.
    pub fn assert_same(&self, other: &Tree) {
        let difference = self.difference(other, false);
        assert!(difference.is_empty(), "the trees differ:\n{difference}");
    }

    /// As [`Tree::assert_same`], with the times of files.
    pub fn assert_same_times(&self, other: &Tree) {
        let difference = self.difference(other, true);
        assert!(difference.is_empty(), "the trees differ:\n{difference}");
    }

    fn table(&self) -> String {
        let rows = self.nodes.iter();
        rows.map(|(path, node)| format!("{}: {}\n", path.display(), describe(node))).collect()
    }
}

fn node_at(entry: &fs::DirEntry) -> io::Result<Node> {
    let meta = entry.metadata()?;
    if meta.is_dir() {
        Ok(Node::Dir)
    } else if meta.is_symlink() {
        fs::read_link(entry.path()).map(Node::Link)
    } else {
        let seconds = meta.modified()?.duration_since(UNIX_EPOCH).unwrap().as_secs();
        Ok(Node::File { bytes: fs::read(entry.path())?, mtime: Some(seconds) })
    }
}

fn describe(node: &Node) -> String {
    match node {
        Node::Dir => "directory".to_owned(),
        Node::Link(target) => format!("link to {}", target.display()),
        Node::File { bytes, .. } => format!("file of {} bytes {}", bytes.len(), glimpse(bytes, 0)),
    }
}

fn differs(left: &Node, right: &Node, times: bool) -> Option<String> {
    match (left, right) {
        (Node::File { bytes: a, mtime: t }, Node::File { bytes: b, mtime: u }) => {
            if a != b {
                let at = a.iter().zip(b).take_while(|(x, y)| x == y).count();
                let (shown_a, shown_b) = (glimpse(a, at), glimpse(b, at));
                let (len_a, len_b) = (a.len(), b.len());
                return Some(format!("{len_a} and {len_b} bytes, from byte {at} on: {shown_a} and {shown_b}"));
            }
            let told = times && t.is_some() && u.is_some();
            (told && t != u).then(|| format!("times {t:?} and {u:?}"))
        }
        _ if left == right => None,
        _ => Some(format!("{} and {}", describe(left), describe(right))),
    }
}

/// A few bytes from `at` on, printable.
fn glimpse(bytes: &[u8], at: usize) -> String {
    let end = bytes.len().min(at + 24);
    let more = if end < bytes.len() { "…" } else { "" };
    format!("\"{}\"{more}", bytes[at..end].escape_ascii())
}

/// A file's time in seconds since 1970.
pub fn mtime(path: &Path) -> u64 {
    let time = fs::symlink_metadata(path).unwrap().modified().unwrap();
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Sets a file's time to `seconds` after 1970.
pub fn set_mtime(path: &Path, seconds: u64) {
    let time: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// `len` bytes that repeat only after 16 million, so that a lost or doubled block shows; another `seed`,
/// other bytes.
pub fn pattern(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut bytes = Vec::with_capacity(len + 4);
    while bytes.len() < len {
        // xorshift32
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Gives `path` and all below it to a user and the group of the same number.
pub fn give_to(path: &Path, uid: u32, gid: u32) {
    lchown(path, Some(uid), Some(gid)).unwrap();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_to(&entry.unwrap().path(), uid, gid);
        }
    }
}
