//! Lanes that help others with one big file.
//!
//! Helpers take lanes like everything else does, within what the server and the options allow. Guarantee: a batch neither waits for its
//! helpers nor fails by one.

use std::sync::Arc;

use crate::engine::account::Pair;
use crate::engine::segments::{self, Spread};
use crate::engine::work::{BatchFacts, HelpJob, Work};
use crate::model::transfer::Item;
use crate::model::{BatchId, Direction, Kind};
use crate::volume::Connector;

use super::Supervisor;

impl<C: Connector> Supervisor<C> {
    /// A lane has a big file: as many others as were asked for help it.
    pub(super) fn help(&mut self, facts: &Arc<BatchFacts>, spread: &Arc<Spread>) {
        self.call_helpers(facts, Some(spread), spread.count());
    }

    /// A batch begins with a big file: the lanes for it connect while it is still looked at.
    pub(super) fn warm_up(&mut self, id: BatchId, items: &[Item]) {
        let Some(batch) = self.batches.get(&id).filter(|batch| batch.pair.direction() == Direction::Down) else { return };
        let facts = batch.facts.clone();
        let wanted =
            items.iter().filter(|item| item.kind == Kind::File).filter_map(|item| segments::worth(facts.manner.segments, item.size));
        if let Some(count) = wanted.max() {
            self.call_helpers(&facts, None, count);
        }
    }

    fn call_helpers(&mut self, facts: &Arc<BatchFacts>, spread: Option<&Arc<Spread>>, count: u16) {
        let Some((pair, priority)) = self.batches.get(&facts.id).map(|batch| (batch.pair.clone(), batch.priority)) else { return };
        self.want_lanes(&pair, usize::from(count));
        for _ in 1..count {
            let job = HelpJob { facts: facts.clone(), spread: spread.cloned() };
            self.queue.push_plan(&pair, facts.id, priority, Box::new(Work::Help(Box::new(job))));
        }
    }

    /// The batch is over, and so is all help with it.
    pub(super) fn dismiss_helpers(&mut self, pair: &Pair, id: BatchId) {
        // All else that was to be planned has ended before.
        drop(self.queue.take_plans(pair, id));
    }
}
