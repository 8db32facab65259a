//! The links of a directory whose MLSD does not tell of them: pyftpdlib 2.2.0 says what a link leads to as if that were there, so that a tree
//! would be copied through it and a move delete what is behind it, and says nothing of a link that leads nowhere. Its LIST tells of both.

//!
//! Guarantee: no more links are held than [`limits::LINKS`], and of each only what MLSD cannot tell.

use std::collections::HashMap;

use super::limits;
use crate::model::listing::ListingPart;
use crate::model::{Entry, Kind, Name, Timestamp};

/// The links that a LIST told of, until MLSD tells of them too.
#[derive(Default)]
pub struct Links {
    listed: HashMap<Name, Link>,
    /// There were more: the ones that are held are no help, for another may be taken for what it leads to.
    overflows: bool,
}

/// What is held of one.
struct Link {
    target: Option<Box<[u8]>>,
    size: Option<u64>,
    modified: Option<Timestamp>,
}

impl Link {
    fn entry(self, name: Name, leads_to: Option<Kind>) -> Entry {
        let Self { target, size, modified } = self;
        Entry { target, size, modified, leads_to, ..Entry::new(name, Kind::Link) }
    }
}

impl Links {
    /// Takes the links out of a part of a LIST.
    pub fn note(&mut self, part: ListingPart) {
        let ListingPart::Rows(rows) = part else { return };
        for Entry { name, target, size, modified, .. } in rows.into_iter().filter(|entry| entry.kind == Kind::Link) {
            if self.overflows {
                return;
            }
            self.listed.insert(name, Link { target, size, modified });
            if self.listed.len() > limits::LINKS {
                *self = Self { overflows: true, ..Self::default() };
            }
        }
    }

    /// Whether the directory has more links than are held.
    pub fn is_too_many(&self) -> bool {
        self.overflows
    }

    /// A part of the MLSD, its links told from what they lead to.
    pub fn mend(&mut self, part: ListingPart) -> ListingPart {
        match part {
            ListingPart::Rows(mut rows) if !self.listed.is_empty() => {
                for entry in &mut rows {
                    if let Some(link) = self.listed.remove(&entry.name) {
                        let leads_to = Some(entry.kind).filter(|kind| *kind != Kind::Link);
                        *entry = link.entry(entry.name.clone(), leads_to);
                    }
                }
                ListingPart::Rows(rows)
            }
            part => part,
        }
    }

    /// Those that MLSD said nothing of: they lead nowhere.
    pub fn broken(self) -> Vec<Entry> {
        self.listed.into_iter().map(|(name, link)| link.entry(name, Some(Kind::Link))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: Kind) -> Entry {
        Entry::new(Name::new(name.as_bytes()).unwrap(), kind)
    }

    #[test]
    fn links_are_told_from_what_they_lead_to_and_those_that_lead_nowhere_are_kept() {
        let mut links = Links::default();
        let listed = [entry("dir", Kind::Dir), entry("to-dir", Kind::Link), entry("to-file", Kind::Link), entry("dead", Kind::Link)];
        links.note(ListingPart::Rows(listed.to_vec()));
        let told = vec![entry("dir", Kind::Dir), entry("to-dir", Kind::Dir), entry("to-file", Kind::File)];
        let ListingPart::Rows(rows) = links.mend(ListingPart::Rows(told)) else { panic!() };
        let kinds: Vec<_> = rows.iter().map(|entry| (entry.kind, entry.leads_to)).collect();
        assert_eq!(kinds, [(Kind::Dir, None), (Kind::Link, Some(Kind::Dir)), (Kind::Link, Some(Kind::File))]);
        let broken = links.broken();
        assert_eq!((broken.len(), broken[0].name.as_bytes(), broken[0].leads_to), (1, &b"dead"[..], Some(Kind::Link)));
    }
    #[test]
    fn more_links_than_may_be_held_are_let_go_of_together() {
        let mut links = Links::default();
        let rows = |from: usize, to: usize| (from..to).map(|number| entry(&format!("l{number}"), Kind::Link)).collect();
        links.note(ListingPart::Rows(rows(0, limits::LINKS)));
        assert!(!links.is_too_many());
        links.note(ListingPart::Rows(rows(limits::LINKS, limits::LINKS + 2)));
        assert!(links.is_too_many() && links.listed.capacity() == 0);
    }
}
