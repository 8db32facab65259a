//! The partials of our own: which unfinished targets are ours, and of which source they are the beginning.
//!
//! Pure: the journal loads it at the start and keeps what changes. Guarantee: a partial is only trusted for the source that it was made
//! from, known by account, path, size and time; whoever goes on with it still compares the last bytes of both sides.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::model::{Timestamp, VPath};

use super::account::Account;

/// Where a file is to arrive: under its final name, wherever its bytes are kept until then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    pub(super) account: Account,
    pub(super) path: VPath,
}

/// What a partial is the beginning of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) account: Account,
    pub(super) path: VPath,
    pub(super) size: Option<u64>,
    pub(super) modified: Option<Timestamp>,
}

impl Origin {
    /// Whether it is the same file, unchanged. Where size or time are not known nobody can tell, and it counts as changed.
    fn is_still(&self, now: &Self) -> bool {
        let times = match (self.modified, now.modified) {
            (Some(then), Some(now)) => then.compare(now) == Ordering::Equal,
            _ => false,
        };
        times && self.size.is_some() && self.size == now.size && self.account == now.account && self.path == now.path
    }
}

/// An unfinished target of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial {
    pub(super) origin: Origin,
    /// Its bytes are in a file of their own beside the target; else the target itself is the partial.
    pub(super) beside: bool,
    /// Bytes from the start that were there when it was last looked at.
    pub(super) done: u64,
}

/// The partials, by where they are to arrive.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: HashMap<Spot, Partial>,
}

impl Ledger {
    /// Keeps what is known of a partial; what was known of it before is forgotten.
    pub(super) fn keep(&mut self, spot: Spot, partial: Partial) {
        self.entries.insert(spot, partial);
    }

    /// Forgets one; answers whether there was one.
    pub(super) fn forget(&mut self, spot: &Spot) -> bool {
        self.entries.remove(spot).is_some()
    }

    /// What is known of a partial.
    pub(super) fn get_mut(&mut self, spot: &Spot) -> Option<&mut Partial> {
        self.entries.get_mut(spot)
    }

    /// Whether anything unfinished lies on `account`: only then is it worth looking for partials there.
    pub(super) fn concerns(&self, account: &Account) -> bool {
        self.entries.keys().any(|spot| spot.account == *account)
    }

    /// The targets on `account` that something unfinished is to become.
    pub(super) fn targets_on(&self, account: &Account) -> impl Iterator<Item = VPath> {
        self.entries.keys().filter(move |spot| spot.account == *account).map(|spot| spot.path.clone())
    }

    /// The partial at `spot`, if it is the beginning of `origin` as that is now.
    pub(super) fn trusted(&self, spot: &Spot, origin: &Origin) -> Option<&Partial> {
        self.entries.get(spot).filter(|partial| partial.origin.is_still(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str) -> Account {
        Account::Server(name.into())
    }

    fn path(text: &str) -> VPath {
        VPath::parse(text.as_bytes()).unwrap()
    }

    fn origin() -> Origin {
        Origin { account: server("a"), path: path("/f"), size: Some(10), modified: Some(Timestamp::exact(1000)) }
    }

    #[test]
    fn a_partial_is_trusted_for_the_very_source_it_was_made_from() {
        let mut ledger = Ledger::default();
        let spot = Spot { account: Account::Local, path: path("/d/f") };
        ledger.keep(spot.clone(), Partial { origin: origin(), beside: true, done: 4 });
        assert!(ledger.trusted(&spot, &origin()).is_some());
        for changed in [
            Origin { size: Some(11), ..origin() },
            Origin { size: None, ..origin() },
            Origin { modified: Some(Timestamp::exact(1001)), ..origin() },
            Origin { modified: None, ..origin() },
            Origin { account: server("b"), ..origin() },
            Origin { path: path("/g"), ..origin() },
        ] {
            assert!(ledger.trusted(&spot, &changed).is_none(), "{changed:?}");
        }
        assert!(ledger.trusted(&Spot { account: Account::Local, path: path("/d/g") }, &origin()).is_none());
        assert!(ledger.concerns(&Account::Local) && !ledger.concerns(&server("a")));
        assert!(ledger.forget(&spot) && !ledger.forget(&spot));
    }

    #[test]
    fn a_source_whose_size_or_time_nobody_knows_is_never_trusted() {
        let mut ledger = Ledger::default();
        let spot = Spot { account: Account::Local, path: path("/d/f") };
        let unknown = Origin { modified: None, ..origin() };
        ledger.keep(spot.clone(), Partial { origin: unknown.clone(), beside: true, done: 4 });
        assert!(ledger.trusted(&spot, &unknown).is_none());
    }
}
