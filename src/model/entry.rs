//! A row of a listing, as much of it as the volume told.

use std::cmp::Ordering;
use std::sync::Arc;

use super::path::Name;
use super::perms::Perms;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link; what it leads to is in [`Entry::leads_to`] once known.
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// How exactly a time is known: servers round differently, and a comparison uses the coarser of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the second: MLSD, MDTM (RFC 3659 §2.3), the local disk.
    Second,
    /// To the minute: LIST of files younger than half a year.
    Minute,
    /// To the day: LIST of older files.
    Day,
}

impl Precision {
    /// The length of one step, in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Day => 86_400,
        }
    }
}

/// A point in time with what is known of its precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z; rounded down to `precision`.
    pub seconds: i64,
    /// How exactly `seconds` is known.
    pub precision: Precision,
}

impl Timestamp {
    /// A time known to the second.
    pub fn exact(seconds: i64) -> Self {
        Self { seconds, precision: Precision::Second }
    }

    /// Compares by the coarser precision of the two: times within one step of it count as equal.
    pub fn compare(self, other: Self) -> Ordering {
        let step = self.precision.max(other.precision).seconds();
        let apart = self.seconds.saturating_sub(other.seconds);
        if apart.abs() < step || (step > 1 && apart.abs() == step) { Ordering::Equal } else { self.seconds.cmp(&other.seconds) }
    }
}

/// One entry of a directory. Whatever the volume did not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, as the bytes the volume knows it by.
    pub name: Name,
    /// What it is.
    pub kind: Kind,
    /// Bytes; of a directory or link what the volume says, which is of no use but to show.
    pub size: Option<u64>,
    /// The size is not to the byte, as where a server counts blocks: good to show, and nothing to check a copy by.
    pub rounded: bool,
    /// Last modification.
    pub modified: Option<Timestamp>,
    /// Permission bits, `0o7777` at most.
    pub mode: Option<u16>,
    /// Owner, shared between the rows of a listing.
    pub owner: Option<Arc<str>>,
    /// Group, shared between the rows of a listing.
    pub group: Option<Arc<str>>,
    /// Where a link points, as the server wrote it.
    pub target: Option<Box<[u8]>>,
    /// What the server says may be done with it.
    pub perms: Option<Perms>,
    /// What a link leads to, once resolved: `Some(Link)` is a broken one.
    pub leads_to: Option<Kind>,
}

impl Entry {
    /// An entry of which nothing but name and kind is known.
    pub fn new(name: Name, kind: Kind) -> Self {
        Self {
            name,
            kind,
            size: None,
            rounded: false,
            modified: None,
            mode: None,
            owner: None,
            group: None,
            target: None,
            perms: None,
            leads_to: None,
        }
    }

    /// Whether it can be entered: a directory, or a link that is not known to lead to anything else.
    pub fn is_enterable(&self) -> bool {
        match self.kind {
            Kind::Dir => true,
            Kind::Link => matches!(self.leads_to, None | Some(Kind::Dir)),
            Kind::File | Kind::Other => false,
        }
    }

    /// Whether it sorts and shows with the directories.
    pub fn is_dir_like(&self) -> bool {
        self.kind == Kind::Dir || (self.kind == Kind::Link && self.leads_to == Some(Kind::Dir))
    }

    /// The size where it means the bytes of a file, all of them and no more.
    pub fn file_size(&self) -> Option<u64> {
        if self.rounded { None } else { self.shown_size() }
    }

    /// The size of a file as it may be shown: about so many bytes where it is [`rounded`](Self::rounded).
    pub fn shown_size(&self) -> Option<u64> {
        if self.kind == Kind::File { self.size } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_compare_by_the_coarser_precision() {
        let exact = Timestamp::exact(1_000_059);
        let minute = Timestamp { seconds: 1_000_020, precision: Precision::Minute };
        assert_eq!(exact.compare(minute), Ordering::Equal);
        assert_eq!(Timestamp::exact(1_000_081).compare(minute), Ordering::Greater);
        assert_eq!(Timestamp::exact(5).compare(Timestamp::exact(6)), Ordering::Less);
        assert_eq!(Timestamp::exact(5).compare(Timestamp::exact(5)), Ordering::Equal);
    }

    #[test]
    fn an_unresolved_link_may_be_entered_and_a_known_file_link_not() {
        let mut link = Entry::new(Name::new(&b"l"[..]).unwrap(), Kind::Link);
        assert!(link.is_enterable());
        link.leads_to = Some(Kind::File);
        assert!(!link.is_enterable());
    }
}
