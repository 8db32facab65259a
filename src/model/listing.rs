//! What a listing is handed on in.

use super::entry::Entry;

/// A part of a listing.
#[derive(Debug, Clone, PartialEq)]
pub enum ListingPart {
    /// Entries.
    Rows(Vec<Entry>),
    /// Rows that could not be read, or that name something that must not be touched; raw, to be shown greyed.
    Unparsed(Vec<Box<[u8]>>),
}

/// Files, directories and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Files and whatever else is no directory.
    pub files: u64,
    /// Directories.
    pub dirs: u64,
    /// Bytes of the files.
    pub bytes: u64,
}
