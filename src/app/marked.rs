//! The names that are marked in a pane, with the sum of what they are.
//!
//! Guarantee: the sum is made once for each change, not once for each frame: a directory may have a hundred thousand entries.

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::{Deref, DerefMut};

use crate::model::Name;

/// The marked entries in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marked {
    /// How many.
    pub count: usize,
    /// Bytes of the files among them.
    pub bytes: u64,
}

/// The names that are marked. Whoever changes them through here, or says that an entry [`changed`](Self::changed), has them added up anew.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    names: HashSet<Name>,
    sum: Cell<Option<Marked>>,
}

impl Marks {
    /// An entry is another than when it was added up, or its size became known.
    pub fn changed(&mut self) {
        self.sum.set(None);
    }

    /// The figures; `add_up` makes them where they are not known.
    pub(super) fn figures(&self, add_up: impl FnOnce() -> Marked) -> Marked {
        let figures = self.sum.get().unwrap_or_else(add_up);
        self.sum.set(Some(figures));
        figures
    }
}

impl Deref for Marks {
    type Target = HashSet<Name>;

    fn deref(&self) -> &Self::Target {
        &self.names
    }
}

impl DerefMut for Marks {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.sum.set(None);
        &mut self.names
    }
}

impl FromIterator<Name> for Marks {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        Self { names: names.into_iter().collect(), sum: Cell::default() }
    }
}

impl<const N: usize> From<[Name; N]> for Marks {
    fn from(names: [Name; N]) -> Self {
        names.into_iter().collect()
    }
}
