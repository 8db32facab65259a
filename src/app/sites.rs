//! The saved and the recent sites, as they were loaded, and a list of them to choose from.

use std::collections::BTreeMap;

use tui_input::Input;

use crate::model::secret::Typed;
use crate::model::{Fingerprint, Site};

/// All sites that are known.
#[derive(Debug, Default)]
pub struct Sites {
    /// Saved under a name, in the order of their file.
    pub saved: Vec<Site>,
    /// Used lately, newest first; not saved.
    pub recent: Vec<Site>,
    /// The certificates that are trusted for good, by the address of their server (see [`Site::address`]).
    pub trusted: BTreeMap<String, Vec<Fingerprint>>,
    /// Why the file could not be read: it is not written until that is mended.
    pub broken: Option<String>,
    /// The name of the one that is being written, until it is known to be or that it could not be.
    pub saving: Option<String>,
}

/// A list to choose a site from: as a pane's content and as the sites dialog.
#[derive(Default)]
pub struct SiteList {
    /// The line to type a URL, a host or a part of a name in.
    pub input: Input,
    /// The row of [`SiteList::rows`] that is chosen; `None` is the input line.
    pub selected: Option<usize>,
    /// What is shown, in order; rebuilt from [`Sites`] and the input.
    pub rows: Vec<SiteRow>,
    /// First row on the screen.
    pub top: usize,
    /// Why what was typed could not be opened, safe for the screen.
    pub message: Option<String>,
}

impl std::fmt::Debug for SiteList {
    /// What is typed may be a URL with a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { input, selected, rows, top, message } = self;
        let input = Typed::new(input.value());
        f.debug_struct("SiteList")
            .field("input", &input)
            .field("selected", selected)
            .field("rows", rows)
            .field("top", top)
            .field("message", message)
            .finish()
    }
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteRow {
    /// A heading: a folder's name, or `Recent`.
    Heading(String),
    /// A saved site, by its place in [`Sites::saved`].
    Saved(usize),
    /// A recent one, by its place in [`Sites::recent`].
    Recent(usize),
}
