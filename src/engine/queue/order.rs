//! What a person does to the order: holding, moving, priorities; and how much was found that is to join it.

use crate::engine::account::Pair;
use crate::model::{BatchId, Priority, Shift, TransferId};

use super::line::{Part, Rank};
use super::{Queue, Stock};

impl<W> Queue<W> {
    /// So many more files were found for the pair that have not joined, or fewer.
    pub(in crate::engine) fn stock(&mut self, pair: &Pair, found: Stock, gone: Stock) {
        let line = self.line(pair);
        line.stock = line.stock.changed(found, gone);
        self.tidy(pair);
    }

    /// So many more were put aside until somebody answers, or fewer: they could not begin, and take room all the same.
    pub(in crate::engine) fn put_aside(&mut self, pair: &Pair, more: Stock, fewer: Stock) {
        let line = self.line(pair);
        line.aside = line.aside.changed(more, fewer);
        self.tidy(pair);
    }

    /// Nothing of the batch is begun until it is released.
    pub(in crate::engine) fn hold(&mut self, pair: &Pair, batch: BatchId, priority: Priority) {
        if !self.held.insert(batch) {
            return;
        }
        let Some(line) = self.lines.get_mut(pair) else { return };
        let plans = line.plans_of(batch);
        for entry in self.entries.values().filter(|entry| entry.batch == batch && !entry.out) {
            line.hold(entry.rank);
        }
        if !plans.is_empty() {
            self.shelved.entry(batch).or_default().extend(plans.into_iter().map(|work| (pair.clone(), priority, work)));
        }
    }

    /// What of the batch waits, except for its plans, waits for lanes of another pair from now on, in the same order; so does what is with a runner,
    /// should it come back.
    pub(in crate::engine) fn reassign(&mut self, batch: BatchId, from: &Pair, to: &Pair) {
        let mut moved: Vec<(Rank, TransferId, bool)> = Vec::new();
        for (id, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.batch == batch) {
            entry.pair = to.clone();
            if !entry.out {
                moved.push((entry.rank, *id, !entry.paused && !self.held.contains(&batch)));
            }
        }
        for (rank, id, ready) in moved {
            if let Some(line) = self.lines.get_mut(from) {
                line.leave(rank);
            }
            self.line(to).join(rank, id, ready);
        }
        self.tidy(from);
    }

    /// What was held of the batch may begin, except for what is held by itself.
    pub(in crate::engine) fn release(&mut self, batch: BatchId) {
        if !self.held.remove(&batch) {
            return;
        }
        for (pair, priority, work) in self.shelved.remove(&batch).unwrap_or_default() {
            self.line(&pair).plan(priority, batch, work);
        }
        for (id, entry) in self.entries.iter().filter(|(_, entry)| entry.batch == batch && !entry.out && !entry.paused) {
            if let Some(line) = self.lines.get_mut(&entry.pair) {
                line.join(entry.rank, *id, true);
            }
        }
    }

    /// Holds one transfer, or lets it go on.
    pub(in crate::engine) fn pause(&mut self, id: TransferId, paused: bool) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.paused = paused;
        if entry.out {
            return;
        }
        let ready = !paused && !self.held.contains(&entry.batch);
        if let Some(line) = self.lines.get_mut(&entry.pair) {
            if ready { line.join(entry.rank, id, true) } else { line.hold(entry.rank) }
        }
    }

    /// Moves a waiting transfer among those of its priority. Answers with who stands behind it then; `None` where nothing has moved.
    pub(in crate::engine) fn shift(&mut self, id: TransferId, to: Shift) -> Option<Option<TransferId>> {
        let entry = self.entries.get(&id).filter(|entry| !entry.out)?;
        let (rank, pair) = (entry.rank, entry.pair.clone());
        let line = self.lines.get(&pair)?;
        match to {
            Shift::Up => {
                let (_, before) = line.before(rank)?;
                self.swap(id, before);
                Some(Some(before))
            }
            Shift::Down => {
                let (other, behind) = line.behind(rank)?;
                self.swap(id, behind);
                Some(self.lines.get(&pair)?.behind(other).map(|(_, id)| id))
            }
            Shift::Top => {
                let first = line.first_of(rank.priority).filter(|first| *first != id)?;
                self.front -= 1;
                self.rerank(id, Rank { part: Part::Front, number: self.front, ..rank });
                Some(Some(first))
            }
            Shift::Bottom => {
                self.back += 1;
                self.rerank(id, Rank { part: Part::Back, number: self.back, ..rank });
                Some(None)
            }
        }
    }

    /// What goes first. Answers whether that is something new.
    pub(in crate::engine) fn prioritize(&mut self, id: TransferId, priority: Priority) -> bool {
        if self.priority(id).is_none_or(|old| old == priority) {
            return false;
        }
        let rank = self.next_rank(priority);
        self.rerank(id, rank);
        true
    }

    /// The plans of a batch go by another priority.
    pub(in crate::engine) fn prioritize_plans(&mut self, pair: &Pair, batch: BatchId, priority: Priority) {
        for (_, of, _) in self.shelved.get_mut(&batch).into_iter().flatten() {
            *of = priority;
        }
        if let Some(line) = self.lines.get_mut(pair) {
            for work in line.plans_of(batch) {
                line.plan(priority, batch, work);
            }
        }
    }

    fn swap(&mut self, one: TransferId, other: TransferId) {
        let ranks = (self.entries.get(&one).map(|entry| entry.rank), self.entries.get(&other).map(|entry| entry.rank));
        if let (Some(rank), Some(other_rank)) = ranks {
            self.leave(one);
            self.rerank(other, rank);
            self.rerank(one, other_rank);
        }
    }

    fn rerank(&mut self, id: TransferId, rank: Rank) {
        self.leave(id);
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.rank = rank;
        if entry.out {
            return;
        }
        let ready = !entry.paused && !self.held.contains(&entry.batch);
        if let Some(line) = self.lines.get_mut(&entry.pair) {
            line.join(rank, id, ready);
        }
    }

    /// Out of its line, for a moment.
    fn leave(&mut self, id: TransferId) {
        if let Some(entry) = self.entries.get(&id).filter(|entry| !entry.out)
            && let Some(line) = self.lines.get_mut(&entry.pair)
            && line.is_at(entry.rank, id)
        {
            line.leave(entry.rank);
        }
    }
}
