//! Sentences for a person: names, counts and places, safe for the screen.

use crate::model::figures::{self, size_in_words};
use crate::model::text::printable;
use crate::model::{Entry, Kind, VPath};

use super::super::pane::Pane;

/// A size where no column's head says that it is one.
pub(super) fn size(bytes: u64) -> String {
    size_in_words(bytes)
}

/// `1 file`, `3 files`.
pub(super) fn many(count: u64, one: &str, more: &str) -> String {
    figures::count(count, one, more)
}

/// Entries in a few words: a name, or how many.
pub(super) fn entries(entries: &[Entry]) -> String {
    match entries {
        [one] => name(one),
        all => many(all.len() as u64, "entry", "entries"),
    }
}

/// A name, with a slash behind a directory's.
pub(super) fn name(entry: &Entry) -> String {
    let slash = if entry.kind == Kind::Dir { "/" } else { "" };
    format!("{}{slash}", printable(entry.name.as_bytes()))
}

/// A path.
pub(super) fn path(path: &VPath) -> String {
    printable(path.as_bytes()).into_owned()
}

/// Which volume a pane shows: `the local disk`, or the site's title.
pub(super) fn volume(pane: &Pane) -> String {
    match &pane.opened.site {
        Some(site) => printable(site.title().as_bytes()).into_owned(),
        None => "the local disk".to_owned(),
    }
}
