//! Which names of a directory were seen, in little room: of one directory there may be a million.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::model::Name;
use crate::model::fold::caseless;

/// Which names were seen, eight bytes each: keyed with a secret, so that nobody can choose two names that count as one.
pub(super) struct NamesSeen {
    keys: RandomState,
    seen: HashSet<u64>,
    /// The same without the difference of large and small letters, where that matters.
    folded: Option<HashSet<u64>>,
}

impl NamesSeen {
    /// None yet; `folds` where names are to be found whatever the size of their letters.
    pub(super) fn new(folds: bool) -> Self {
        Self { keys: RandomState::new(), seen: HashSet::new(), folded: folds.then(HashSet::new) }
    }

    /// Adds a name; false where it was there.
    pub(super) fn insert(&mut self, name: &Name) -> bool {
        if let Some(folded) = &mut self.folded {
            folded.insert(self.keys.hash_one(caseless(name.as_bytes())));
        }
        self.seen.insert(self.keys.hash_one(name))
    }

    /// Whether a name was added that differs from this one in large and small letters at most.
    pub(super) fn holds_like(&self, name: &Name) -> bool {
        self.folded.as_ref().is_some_and(|folded| folded.contains(&self.keys.hash_one(caseless(name.as_bytes()))))
    }

    /// Whether a name was added.
    pub(super) fn holds(&self, name: &Name) -> bool {
        self.seen.contains(&self.keys.hash_one(name))
    }
}
