//! Who can run work: lanes of pairs of accounts, and browsers that can stand in for one. Pure.
//!
//! A lane is tied to a pair of accounts and is used again for the next thing of the same pair. Where a server refuses another
//! connection, its account gets a cap; where the cap leaves no lane at all, work is lent to a browser of that account.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::engine::account::{Account, Pair};
use crate::model::ConnectionId;

use super::{Queue, Runner};

/// So many transfers or fewer are left with a lane when it is given more ahead, so that it need not wait for them.
pub(in crate::engine) const LOW: usize = 2;

#[derive(Debug)]
struct Slot {
    pair: Pair,
    /// Pieces of work that it was given and has not ended.
    load: usize,
    walking: bool,
    /// Was given small files only.
    small: bool,
    closing: bool,
}

#[derive(Debug)]
struct Lender {
    account: Account,
    busy: bool,
    /// It is about to end.
    leaving: bool,
}

/// What can be done for a pair that has no idle lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Open another lane.
    Open,
    /// Close this idle lane of another pair, for the account is full.
    Close(Runner),
    /// Lend the work to this browser.
    Lend(Runner),
    /// Nothing, until somebody is done.
    None,
}

/// All that can run work.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Lanes for a pair that nothing else was said of.
    first: usize,
    /// Lanes for a pair.
    limits: HashMap<Pair, usize>,
    caps: HashMap<Account, usize>,
    /// Accounts whose cap is what was kept from another run, not what was seen in this one.
    kept: HashSet<Account>,
    slots: BTreeMap<Runner, Slot>,
    lenders: BTreeMap<Runner, Lender>,
    next: u64,
}

impl<W> Queue<W> {
    /// Makes a lane of a browser that has nothing to do, where it is connected; it is idle.
    pub(in crate::engine) fn hire(&mut self, connection: ConnectionId, pair: &Pair) -> Option<Runner> {
        self.lanes.hire(connection, pair)
    }
}

impl Lanes {
    pub(super) fn new(first: usize) -> Self {
        Self {
            first: first.max(1),
            limits: HashMap::new(),
            caps: HashMap::new(),
            kept: HashSet::new(),
            slots: BTreeMap::new(),
            lenders: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn allow(&mut self, pair: &Pair, lanes: usize) {
        self.limits.insert(pair.clone(), lanes.max(1));
    }

    /// How many lanes a pair may have.
    pub(super) fn limit(&self, pair: &Pair) -> usize {
        self.limits.get(pair).copied().unwrap_or(self.first)
    }

    pub(super) fn add_lender(&mut self, connection: ConnectionId, account: Account) {
        self.lenders.entry(Runner::Browser(connection)).or_insert(Lender { account, busy: false, leaving: false });
    }

    pub(super) fn withhold(&mut self, connection: ConnectionId) {
        if let Some(lender) = self.lenders.get_mut(&Runner::Browser(connection)) {
            lender.leaving = true;
        }
    }

    pub(super) fn remove_lender(&mut self, connection: ConnectionId) {
        if let Some(lender) = self.lenders.remove(&Runner::Browser(connection)) {
            self.caps.remove(&lender.account);
        }
    }

    fn hire(&mut self, connection: ConnectionId, pair: &Pair) -> Option<Runner> {
        let lender = Runner::Browser(connection);
        self.lenders.get(&lender).filter(|lender| !lender.busy && !lender.leaving)?;
        let account = self.lenders.remove(&lender)?.account;
        if let Some(cap) = self.caps.get_mut(&account) {
            // Its connection is one of the lanes' from now on.
            *cap += 1;
        }
        Some(self.open(pair))
    }

    pub(super) fn has_lender(&self, account: &Account) -> bool {
        self.lenders.values().any(|lender| lender.account == *account)
    }

    /// A runner is done with so many pieces, or they were taken from it.
    pub(super) fn done(&mut self, runner: Runner, pieces: usize) {
        if let Some(slot) = self.slots.get_mut(&runner) {
            slot.load = slot.load.saturating_sub(pieces);
            slot.walking &= slot.load > 0;
        }
        if let Some(lender) = self.lenders.get_mut(&runner) {
            lender.busy = false;
        }
    }

    /// A runner was given so many pieces.
    pub(super) fn given(&mut self, runner: Runner, pieces: usize, walking: bool, small: bool) {
        if let Some(slot) = self.slots.get_mut(&runner) {
            slot.small = small && (slot.small || slot.load == 0);
            slot.load += pieces;
            slot.walking |= walking;
        }
        if let Some(lender) = self.lenders.get_mut(&runner) {
            lender.busy = true;
        }
    }

    pub(super) fn ended(&mut self, runner: Runner) {
        self.slots.remove(&runner);
    }

    pub(super) fn refused(&mut self, runner: Runner, account: &Account) -> usize {
        self.slots.remove(&runner);
        let held = self.held(account);
        self.caps.insert(account.clone(), held);
        self.kept.remove(account);
        held
    }

    pub(super) fn cap(&mut self, account: &Account, limit: usize) {
        if self.caps.contains_key(account) {
            return;
        }
        let lenders = self.lenders.values().filter(|lender| lender.account == *account).count();
        // Without a browser that could stand in, there must be a lane.
        let lanes = limit.saturating_sub(lenders).max(usize::from(lenders == 0));
        self.caps.insert(account.clone(), lanes);
        self.kept.insert(account.clone());
    }

    pub(super) fn uncap_kept(&mut self, account: &Account) {
        if self.kept.remove(account) {
            self.caps.remove(account);
        }
    }

    pub(super) fn lift(&mut self, account: &Account) {
        if let Some(cap) = self.caps.get_mut(account).filter(|_| !self.kept.contains(account)) {
            *cap += 1;
        }
    }

    pub(super) fn uncap(&mut self, account: &Account) {
        self.caps.remove(account);
    }

    fn held(&self, account: &Account) -> usize {
        self.slots.values().map(|slot| slot.pair.connections_to(account)).sum()
    }

    fn of<'a>(&'a self, pair: &'a Pair) -> impl Iterator<Item = (Runner, &'a Slot)> {
        self.slots.iter().filter(move |(_, slot)| slot.pair == *pair).map(|(runner, slot)| (*runner, slot))
    }

    /// How many lanes a pair has.
    pub(super) fn count(&self, pair: &Pair) -> usize {
        self.of(pair).count()
    }

    /// How many of them walk.
    pub(super) fn walking(&self, pair: &Pair) -> usize {
        self.of(pair).filter(|(_, slot)| slot.walking).count()
    }

    /// A lane of the pair that has nothing to do.
    pub(super) fn idle(&self, pair: &Pair) -> Option<Runner> {
        self.of(pair).find(|(_, slot)| slot.load == 0 && !slot.closing).map(|(runner, _)| runner)
    }

    /// Closes an idle lane of a pair that has more than it may.
    pub(super) fn spare(&mut self, pair: &Pair) -> Option<Runner> {
        let open = self.of(pair).filter(|(_, slot)| !slot.closing).count();
        let runner = self.idle(pair).filter(|_| open > self.limit(pair))?;
        if let Some(slot) = self.slots.get_mut(&runner) {
            slot.closing = true;
        }
        Some(runner)
    }

    /// The lane of the pair that will soon be done with its small files.
    pub(super) fn low(&self, pair: &Pair) -> Option<Runner> {
        let low = |slot: &Slot| (1..=LOW).contains(&slot.load) && slot.small && !slot.walking && !slot.closing;
        self.of(pair).filter(|(_, slot)| low(slot)).min_by_key(|(_, slot)| slot.load).map(|(runner, _)| runner)
    }

    /// The lane of the pair that has most before it, where that is more than what it is at.
    pub(super) fn loaded(&self, pair: &Pair) -> Option<Runner> {
        self.of(pair).filter(|(_, slot)| slot.load > 1).max_by_key(|(_, slot)| slot.load).map(|(runner, _)| runner)
    }

    /// The pairs that have a lane with nothing to do.
    pub(super) fn idle_pairs(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> =
            self.slots.values().filter(|slot| slot.load == 0 && !slot.closing).map(|slot| slot.pair.clone()).collect();
        pairs.sort();
        pairs.dedup();
        pairs
    }

    /// Whether the account is full with lanes of other pairs only.
    pub(super) fn is_shut_out(&self, pair: &Pair) -> bool {
        self.count(pair) == 0 && self.full(pair).is_some()
    }

    /// What can be done for a pair without an idle lane.
    pub(super) fn room(&mut self, pair: &Pair) -> Room {
        let lanes = self.count(pair);
        if lanes >= self.limit(pair) {
            return Room::None;
        }
        let Some(full) = self.full(pair).cloned() else { return Room::Open };
        let idle = |slot: &Slot| slot.load == 0 && !slot.closing && slot.pair.connections_to(&full) > 0;
        if lanes == 0
            && let Some((runner, slot)) = self.slots.iter_mut().find(|(_, slot)| idle(slot))
        {
            slot.closing = true;
            return Room::Close(*runner);
        }
        if self.held(&full) > 0 {
            return Room::None;
        }
        let free = self.lenders.iter().find(|(_, lender)| lender.account == full && !lender.busy && !lender.leaving);
        free.map_or(Room::None, |(runner, _)| Room::Lend(*runner))
    }

    /// The number of a new lane.
    pub(super) fn open(&mut self, pair: &Pair) -> Runner {
        let runner = Runner::Lane(self.next);
        self.next += 1;
        self.slots.insert(runner, Slot { pair: pair.clone(), load: 0, walking: false, small: true, closing: false });
        runner
    }

    /// The account of the pair that gives no further connection, if there is one.
    fn full<'p>(&self, pair: &'p Pair) -> Option<&'p Account> {
        [&pair.from, &pair.to]
            .into_iter()
            .find(|account| self.caps.get(*account).is_some_and(|cap| self.held(account) + pair.connections_to(account) > *cap))
    }
}
