//! What waits for lanes of one pair of accounts, in its order. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use crate::model::{BatchId, Priority, TransferId};

use super::backlog::Stock;

/// Where a transfer stands: what sorts first goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) priority: Reverse<Priority>,
    pub(super) part: Part,
    pub(super) number: i64,
}

/// The parts of the queue within one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Moved to the front by a person.
    Front,
    /// As they came, and as they will.
    Turn,
    /// Moved behind all by a person, those included that are still to come.
    Back,
}

/// Counts of a priority each.
#[derive(Debug, Default)]
struct Counts {
    high: usize,
    normal: usize,
    low: usize,
}

impl Counts {
    fn of(&mut self, priority: Priority) -> &mut usize {
        match priority {
            Priority::High => &mut self.high,
            Priority::Normal => &mut self.normal,
            Priority::Low => &mut self.low,
        }
    }

    fn from(&self, priority: Priority) -> usize {
        match priority {
            Priority::High => self.high,
            Priority::Normal => self.high + self.normal,
            Priority::Low => self.high + self.normal + self.low,
        }
    }
}

/// The line of a pair.
#[derive(Debug)]
pub(super) struct Line<W> {
    /// All that wait, the held ones too.
    order: BTreeMap<Rank, TransferId>,
    /// Those that may begin.
    ready: BTreeMap<Rank, TransferId>,
    counts: Counts,
    plans: BTreeMap<(Reverse<Priority>, BatchId), Vec<W>>,
    /// Files that were found and have not joined yet.
    pub(super) stock: Stock,
    /// Files that were found and wait for an answer.
    pub(super) aside: Stock,
}

impl<W> Default for Line<W> {
    fn default() -> Self {
        Self {
            order: BTreeMap::new(),
            ready: BTreeMap::new(),
            counts: Counts::default(),
            plans: BTreeMap::new(),
            stock: Stock::default(),
            aside: Stock::default(),
        }
    }
}

impl<W> Line<W> {
    /// Whether nothing is here that could ever be taken.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.plans.is_empty() && self.stock.files + self.aside.files == 0
    }

    /// Whether as much was found as is kept: what joined already takes the same room, as far as its count tells.
    pub(super) fn is_full(&self, most: Stock) -> bool {
        let files = self.ready() + self.stock.files + self.aside.files;
        files >= most.files || self.stock.bytes.saturating_add(self.aside.bytes) >= most.bytes
    }

    pub(super) fn join(&mut self, rank: Rank, id: TransferId, ready: bool) {
        self.order.insert(rank, id);
        if ready && self.ready.insert(rank, id).is_none() {
            *self.counts.of(rank.priority.0) += 1;
        }
    }

    /// Stays in the order, but cannot begin.
    pub(super) fn hold(&mut self, rank: Rank) {
        if self.ready.remove(&rank).is_some() {
            *self.counts.of(rank.priority.0) -= 1;
        }
    }

    pub(super) fn leave(&mut self, rank: Rank) {
        self.order.remove(&rank);
        self.hold(rank);
    }

    /// Whether it is this one that stands at `rank`.
    pub(super) fn is_at(&self, rank: Rank, id: TransferId) -> bool {
        self.order.get(&rank) == Some(&id)
    }

    /// The first that may begin.
    pub(super) fn first(&self) -> Option<(Rank, TransferId)> {
        self.ready.first_key_value().map(|(rank, id)| (*rank, *id))
    }

    /// How many may begin.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// How many of a priority or a higher one may begin.
    pub(super) fn ready_from(&self, priority: Priority) -> usize {
        self.counts.from(priority)
    }

    /// Who stands before `rank` among those of its priority.
    pub(super) fn before(&self, rank: Rank) -> Option<(Rank, TransferId)> {
        self.order.range(..rank).next_back().filter(|(other, _)| other.priority == rank.priority).map(|(rank, id)| (*rank, *id))
    }

    /// Who stands behind `rank` among those of its priority.
    pub(super) fn behind(&self, rank: Rank) -> Option<(Rank, TransferId)> {
        let behind = self.order.range((Bound::Excluded(rank), Bound::Unbounded)).next();
        behind.filter(|(other, _)| other.priority == rank.priority).map(|(rank, id)| (*rank, *id))
    }

    /// The first of a priority.
    pub(super) fn first_of(&self, priority: Reverse<Priority>) -> Option<TransferId> {
        let from = Rank { priority, part: Part::Front, number: i64::MIN };
        self.order.range(from..).next().filter(|(rank, _)| rank.priority == priority).map(|(_, id)| *id)
    }

    /// Adds something to plan: the newest of a batch is taken first, which walks a tree in depth.
    pub(super) fn plan(&mut self, priority: Priority, batch: BatchId, work: W) {
        self.plans.entry((Reverse(priority), batch)).or_default().push(work);
    }

    /// Of which priority the next plan is.
    pub(super) fn planning(&self) -> Option<Priority> {
        self.plans.first_key_value().map(|((priority, _), _)| priority.0)
    }

    pub(super) fn take_plan(&mut self) -> Option<W> {
        let mut first = self.plans.first_entry()?;
        let work = first.get_mut().pop();
        if first.get().is_empty() {
            first.remove();
        }
        work
    }

    /// Takes out all plans of a batch, with their priority.
    pub(super) fn plans_of(&mut self, batch: BatchId) -> Vec<W> {
        let keys = [Priority::High, Priority::Normal, Priority::Low].map(|priority| (Reverse(priority), batch));
        keys.iter().filter_map(|key| self.plans.remove(key)).flatten().collect()
    }
}
