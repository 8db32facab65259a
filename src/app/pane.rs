//! One pane: a directory of some volume with cursor, marks, order and history; or the list of sites.

use std::collections::HashMap;

use crate::bus::event::Opened;
use crate::model::secret::Typed;
use crate::model::site::VolumeSpec;
use crate::model::{ConnectionId, Entry, Failure, Generation, Name, RequestId, SortKey, VPath};

use super::listing::Arrival;
use super::marked::{Marked, Marks};
use super::order::Keys;
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
    pub marks: Marks,
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
    /// Why what is shown is old: its listing failed, or the connection was lost.
    pub trouble: Option<Failure>,
    /// Why another directory than is shown could not be entered last.
    pub missed: Option<Failure>,
    /// The end of the listing that is on its way is to be told.
    pub tell: bool,
    /// Free bytes on the volume, where known.
    pub free: Option<u64>,
    /// Sizes of directories that were asked for.
    pub dir_sizes: HashMap<Name, u64>,
    /// What was opened, to open it once more for the other pane.
    pub spec: Option<VolumeSpec>,
    /// The directory to begin in, while the volume is being opened; `None` is where the volume says.
    pub begin: Option<VPath>,
    /// What was typed to open it, so that it is not lost where that fails.
    pub typed: Typed,
    /// What was typed is being made sense of, under this number.
    pub resolving: Option<RequestId>,
    /// The connection was lost; the next key in this pane asks for it anew.
    pub lost: bool,
    /// The listing that is on its way, as far as it came.
    pub(super) arrival: Option<Arrival>,
    /// The keys that the order is made by.
    pub(super) keys: Keys,
}

/// A pane with the sites, before anything was opened.
impl Default for Pane {
    fn default() -> Self {
        Self {
            content: Content::Sites(SiteList::default()),
            connection: None,
            opened: Opened::default(),
            path: VPath::root(),
            entries: Vec::new(),
            unparsed: Vec::new(),
            order: Vec::new(),
            marks: Marks::default(),
            cursor: 0,
            top: 0,
            sort: Sort::default(),
            show_hidden: false,
            filter: None,
            search: None,
            back: Vec::new(),
            forward: Vec::new(),
            remembered: HashMap::new(),
            aim: None,
            generation: Generation::default(),
            loading: None,
            trouble: None,
            missed: None,
            tell: false,
            free: None,
            dir_sizes: HashMap::new(),
            spec: None,
            begin: None,
            typed: Typed::default(),
            resolving: None,
            lost: false,
            arrival: None,
            keys: Keys::default(),
        }
    }
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

    /// Whether it shows a directory of an opened volume.
    pub fn is_directory(&self) -> bool {
        matches!(self.content, Content::Directory) && self.connection.is_some()
    }

    /// The marked entries in figures.
    pub fn marked(&self) -> Marked {
        if self.marks.is_empty() {
            return Marked::default();
        }
        self.marks.figures(|| {
            let marked = self.entries.iter().filter(|entry| self.marks.contains(&entry.name));
            // A server may say any size.
            let bytes = marked.filter_map(|entry| self.known_size(entry)).fold(0, u64::saturating_add);
            Marked { count: self.marks.len(), bytes }
        })
    }

    /// The bytes of a file, or of a directory that was added up.
    pub fn known_size(&self, entry: &Entry) -> Option<u64> {
        entry.file_size().or_else(|| self.dir_sizes.get(&entry.name).copied())
    }

    /// Keeps the size of a directory, or forgets it. One of another directory than is shown by now is of no use.
    pub(super) fn put_dir_size(&mut self, path: &VPath, bytes: Option<u64>) {
        let Some(name) = path.name().filter(|_| path.parent().as_ref() == Some(&self.path)) else { return };
        self.marks.changed();
        match bytes {
            Some(bytes) => drop(self.dir_sizes.insert(name, bytes)),
            None => drop(self.dir_sizes.remove(&name)),
        }
    }

    /// The marked entries, or the one under the cursor where none are marked, in the order shown.
    pub fn chosen(&self) -> Vec<&Entry> {
        if self.marks.is_empty() {
            return self.current().into_iter().collect();
        }
        self.order.iter().filter_map(|&i| self.entries.get(i as usize)).filter(|entry| self.marks.contains(&entry.name)).collect()
    }

    /// Puts the cursor on a row, or on the last one, and scrolls so that it shows on a page of `page` rows.
    pub fn put_cursor(&mut self, row: usize, page: usize) {
        self.cursor = row.min(self.row_count().saturating_sub(1));
        self.scroll_to_cursor(page);
    }

    /// Scrolls so that the cursor shows on a page of `page` rows.
    pub fn scroll_to_cursor(&mut self, page: usize) {
        let page = page.max(1);
        let last = self.row_count().saturating_sub(page);
        self.top = self.top.min(last).min(self.cursor).max((self.cursor + 1).saturating_sub(page));
    }

    /// The row that shows an entry of this name.
    pub fn row_of(&self, name: &Name) -> Option<usize> {
        let place = self.order.iter().position(|&i| self.entries.get(i as usize).is_some_and(|entry| entry.name == *name))?;
        Some(place + usize::from(self.has_parent_row()))
    }

    /// Whether this is the local disk.
    pub fn is_local(&self) -> bool {
        self.connection.is_some() && self.opened.site.is_none()
    }
}
