//! Sentences for a person: names, counts and places, safe for the screen.

use bytesize::ByteSize;

use crate::model::text::printable;
use crate::model::{Entry, Kind, VPath};

use super::super::pane::Pane;

/// A size as `12.4K` is said: short, in steps of 1024.
pub(super) fn size(bytes: u64) -> String {
    ByteSize::b(bytes).display().iec_short().to_string()
}

/// `1 file`, `3 files`.
pub(super) fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
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
