//! One pane: a directory of some volume with cursor, marks, order and history; or the list of sites.

use std::collections::{HashMap, HashSet};

use crate::bus::event::Opened;
use crate::model::{ConnectionId, Entry, Failure, Generation, Name, RequestId, VPath};

use super::sites::SiteList;

/// What a pane shows.
#[derive(Debug)]
pub enum Content {
    /// Saved and recent sites and a line to type a URL in.
    Sites(SiteList),
    /// A volume is being opened; the phrase says how far it is.
    Opening(String),
    /// A directory.
    Directory,
}

/// By what the entries are sorted, directories always first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "each is its own word")]
pub enum SortKey {
    #[default]
    Name,
    Size,
    Time,
    Extension,
}

/// The order of a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Backwards.
    pub reverse: bool,
}

/// Search as you type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// Where the cursor was before, for Esc.
    pub origin: usize,
}

/// One of the two panes.
#[derive(Debug)]
pub struct Pane {
    /// What it shows.
    pub content: Content,
    /// Its volume; none while it shows sites.
    pub connection: Option<ConnectionId>,
    /// What is known of the volume, once open. A local volume has no site.
    pub opened: Opened,
    /// The directory.
    pub path: VPath,
    /// Its entries, in the volume's order; `order` is what is shown.
    pub entries: Vec<Entry>,
    /// Rows that could not be read.
    pub unparsed: Vec<Box<[u8]>>,
    /// Indices into `entries`, sorted, filtered, without what is hidden.
    pub order: Vec<u32>,
    /// The names that are marked.
    pub marks: HashSet<Name>,
    /// Row under the cursor, counting `..` where it is shown.
    pub cursor: usize,
    /// First row on the screen.
    pub top: usize,
    /// The order.
    pub sort: Sort,
    /// Whether dot files are shown.
    pub show_hidden: bool,
    /// Shown are only names that match this mask or hold this text.
    pub filter: Option<String>,
    /// Search as you type, while it is on.
    pub search: Option<Search>,
    /// Directories before this one, oldest first.
    pub back: Vec<VPath>,
    /// Directories that Back left, nearest last.
    pub forward: Vec<VPath>,
    /// The name the cursor stood on in each directory that was left.
    pub remembered: HashMap<VPath, Name>,
    /// The name to put the cursor on when the listing that is awaited arrives.
    pub aim: Option<Name>,
    /// The listing shown.
    pub generation: Generation,
    /// The listing that is on its way.
    pub loading: Option<RequestId>,
    /// Why the last listing failed, or the connection was lost.
    pub trouble: Option<Failure>,
    /// Free bytes on the volume, where known.
    pub free: Option<u64>,
    /// Sizes of directories that were asked for.
    pub dir_sizes: HashMap<Name, u64>,
}

/// One row of a pane as it is shown.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// `..`
    Parent,
    /// An entry.
    Entry(&'a Entry),
    /// A row of the listing that could not be read, raw.
    Unparsed(&'a [u8]),
}

/// The marked entries in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marked {
    /// How many.
    pub count: usize,
    /// Bytes of the files among them.
    pub bytes: u64,
}

impl Pane {
    /// Whether the first row is `..`.
    pub fn has_parent_row(&self) -> bool {
        !self.path.is_root()
    }

    /// How many rows there are, `..` and unreadable ones counted.
    pub fn row_count(&self) -> usize {
        usize::from(self.has_parent_row()) + self.order.len() + self.unparsed.len()
    }

    /// The row at `index`.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let Some(index) = index.checked_sub(usize::from(self.has_parent_row())) else { return Some(Row::Parent) };
        match self.order.get(index) {
            Some(&entry) => self.entries.get(entry as usize).map(Row::Entry),
            None => self.unparsed.get(index - self.order.len()).map(|raw| Row::Unparsed(raw)),
        }
    }

    /// The entry under the cursor; none on `..` and on unreadable rows.
    pub fn current(&self) -> Option<&Entry> {
        match self.row(self.cursor)? {
            Row::Entry(entry) => Some(entry),
            Row::Parent | Row::Unparsed(_) => None,
        }
    }

    /// Whether this is the local disk.
    pub fn is_local(&self) -> bool {
        self.connection.is_some() && self.opened.site.is_none()
    }
}
