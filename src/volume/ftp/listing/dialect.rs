//! What a dialect is: the seam between the reader and the ways servers write rows.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::limits;
use crate::model::path::BadName;
use crate::model::{Entry, Kind, ListingStyle, Name};

use super::time::Calendar;

/// What a dialect made of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// An entry.
    Entry(Entry),
    /// A row of this dialect that is no entry of the directory: `.`, `..`, a total.
    Nothing,
    /// A row of this dialect that names something that must not be touched.
    Refused,
    /// The beginning of a row that goes on in the next line.
    Begun,
    /// No row of this dialect.
    Unknown,
}

/// One way to write rows. May learn from the rows it reads: it then reads the first rows twice, to use what it learnt on them too.
pub(super) trait Dialect: Send {
    /// Reads `row`, which has no line break and is not empty.
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row;

    /// The rows that were read so far will come again: forgets where it stood, not what it learnt.
    fn again(&mut self) {}
}

/// What all rows of a listing share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The rules for times without a year.
    pub(super) calendar: Calendar,
    /// Owners and groups.
    pub(super) people: People,
    /// The dialect that is likely by what the server says it is.
    pub(super) system: Option<ListingStyle>,
}

impl Shared {
    /// For a listing that is read at `now`, in seconds since 1970, from a server whose clock shows UTC.
    pub(super) fn new(now: i64) -> Self {
        Self::by_clock(now, 0)
    }

    /// The same from a server whose clock is `offset` seconds ahead of UTC.
    pub(super) fn by_clock(now: i64, offset: i64) -> Self {
        Self { calendar: Calendar::by_clock(now, offset), people: People::default(), system: None }
    }
}

/// Owners and groups met so far, so that a name costs one allocation a listing rather than one a row.
#[derive(Debug, Default)]
pub(super) struct People {
    known: HashSet<Arc<str>>,
    last: [Option<Arc<str>>; 2],
}

impl People {
    /// The name as shared text, what is not UTF-8 replaced. `None` where it is empty.
    pub(super) fn share(&mut self, name: &[u8]) -> Option<Arc<str>> {
        if name.is_empty() {
            return None;
        }
        if let Some(same) = self.last.iter().flatten().find(|known| known.as_bytes() == name) {
            return Some(Arc::clone(same));
        }
        let text = String::from_utf8_lossy(name);
        let shared = if let Some(known) = self.known.get(text.as_ref()) {
            Arc::clone(known)
        } else {
            if self.known.len() >= limits::PEOPLE {
                self.known.clear();
            }
            let new: Arc<str> = Arc::from(text.as_ref());
            self.known.insert(Arc::clone(&new));
            new
        };
        self.last.swap(0, 1);
        self.last[0] = Some(Arc::clone(&shared));
        Some(shared)
    }
}

/// Makes the row of an entry that so far has a name and a kind. `fill` adds the rest and runs only where the name may be used.
pub(super) fn entry_row(name: &[u8], kind: Kind, fill: impl FnOnce(&mut Entry)) -> Row {
    // `ls -p` and `ls -F` mark directories; a slash is never a part of a name.
    let name = if kind == Kind::Dir { name.strip_suffix(b"/").unwrap_or(name) } else { name };
    if name.len() > limits::NAME {
        return Row::Refused;
    }
    match Name::new(name) {
        Ok(name) => {
            let mut entry = Entry::new(name, kind);
            fill(&mut entry);
            Row::Entry(entry)
        }
        Err(BadName::Dots) => Row::Nothing,
        Err(BadName::Empty | BadName::Slash | BadName::ControlByte) => Row::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_owner_is_one_text() {
        let mut people = People::default();
        let first = people.share(b"ftp").unwrap();
        people.share(b"a").unwrap();
        people.share(b"b").unwrap();
        assert!(Arc::ptr_eq(&first, &people.share(b"ftp").unwrap()));
        assert_eq!(people.share(b""), None);
        assert_eq!(people.share(b"\xe9ric").as_deref(), Some("\u{fffd}ric"));
    }

    #[test]
    fn made_up_owners_are_forgotten() {
        let mut people = People::default();
        for i in 0..3 * limits::PEOPLE {
            people.share(i.to_string().as_bytes()).unwrap();
        }
        assert!(people.known.len() <= limits::PEOPLE);
    }

    #[test]
    fn a_marked_directory_loses_its_mark_and_every_other_slash_refuses_the_row() {
        let row = |name: &[u8], kind| entry_row(name, kind, |_| {});
        assert!(matches!(row(b"sub/", Kind::Dir), Row::Entry(entry) if entry.name.as_bytes() == b"sub"));
        assert_eq!(row(b"./", Kind::Dir), Row::Nothing);
        for name in [&b"sub//"[..], b"a/b", b"/", b"", b"../x", b"a\0b", b"a\rb"] {
            assert_eq!(row(name, Kind::Dir), Row::Refused);
        }
        assert_eq!(row(b"file/", Kind::File), Row::Refused);
    }
}
