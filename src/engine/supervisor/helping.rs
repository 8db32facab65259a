//! Lanes that help others with one big file: as many as were asked for, or as many as make it faster.
//!
//! Helpers take lanes like everything else does, within what the server and the options allow. What they bring is measured as it is for lanes;
//! files that wait go before them. Guarantee: a batch neither waits for its helpers nor fails by one, and a file that one connection brings as
//! fast as a machine can take it is left to that one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::account::{Account, Pair};
use crate::engine::growth::Sample;
use crate::engine::segments::{self, JOINING, Spread};
use crate::engine::work::{BatchFacts, HelpJob, Work};
use crate::model::transfer::Item;
use crate::model::{BatchId, Direction, Kind, TransferId};
use crate::volume::Connector;

use super::Supervisor;

/// Bytes a second of one connection above which others are not tried: what bounds it is a machine's own work, not the way.
const FAST: f64 = 256.0 * 1024.0 * 1024.0;

/// Who has brought nothing at all after so long is not enough.
const SILENT: Duration = Duration::from_secs(1);

/// A download that others may help with.
pub(super) struct Shared {
    facts: Arc<BatchFacts>,
    spread: Arc<Spread>,
    pair: Pair,
    /// Helpers that were called and have not ended.
    helpers: usize,
    /// Helpers that were asked for, and are called once it shows that one connection is not enough; and since when they wait.
    held_back: usize,
    since: Instant,
}

impl<C: Connector> Supervisor<C> {
    /// A connection was made to a server that is so far away.
    pub(super) fn seen_from(&mut self, account: &Account, round_trip: Option<Duration>) {
        if let Some(round_trip) = round_trip {
            // The shortest is the way; what is above it is waiting.
            let known = self.round_trips.entry(account.clone()).or_insert(round_trip);
            *known = round_trip.min(*known);
        }
    }

    /// A batch begins with directories, and so many lanes were asked for: they connect while the first directory is listed.
    pub(super) fn warm_up_for_trees(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get(&id).filter(|_| self.options.at_once) else { return };
        let (facts, pair) = (batch.facts.clone(), batch.pair.clone());
        for _ in 1..self.options.lanes {
            self.call(&pair, &facts, None);
        }
    }

    /// A batch begins with a big file: the lanes for it connect while it is still looked at.
    pub(super) fn warm_up(&mut self, id: BatchId, items: &[Item]) {
        let Some(batch) = self.batches.get(&id).filter(|batch| batch.pair.direction() == Direction::Down) else { return };
        let (facts, pair) = (batch.facts.clone(), batch.pair.clone());
        let (asked, round_trip) = (facts.manner.segments, self.round_trips.get(&pair.from).copied());
        let sizes = items.iter().filter(|item| item.kind == Kind::File && segments::may(asked, item.size)).filter_map(|item| item.size);
        let Some(count) = sizes.map(|size| segments::first(asked, size, round_trip)).max() else { return };
        let count = self.within(asked, count);
        self.want_lanes(&pair, count);
        for _ in 1..count {
            self.call(&pair, &facts, None);
        }
    }

    /// A lane has a big file that others may help with.
    pub(super) fn spreads(&mut self, facts: Arc<BatchFacts>, spread: Arc<Spread>) {
        let Some(pair) = self.batches.get(&facts.id).map(|batch| batch.pair.clone()) else { return };
        let count = self.within(spread.asked(), spread.first(self.round_trips.get(&pair.from).copied()));
        let held_back = spread.asked().map_or(0, usize::from).saturating_sub(count);
        let id = spread.id();
        self.shared.insert(id, Shared { facts, spread: spread.clone(), pair: pair.clone(), helpers: 0, held_back, since: Instant::now() });
        if spread.asked().is_some() {
            self.want_lanes(&pair, count);
        } else {
            spread.allow(count - 1);
            if self.queue.files_wait(&pair) > 0 {
                return;
            }
            self.want_parts(&pair, count);
        }
        self.call_for(id, count - 1);
    }

    /// What may be, of connections that are wanted: those that were asked for, else within the limit.
    fn within(&self, asked: Option<u16>, count: u16) -> usize {
        let count = usize::from(count).max(1);
        if asked.is_some() { count } else { count.min(self.options.lanes.max(1)) }
    }

    fn want_parts(&mut self, pair: &Pair, count: usize) {
        let pace = self.pace(pair);
        pace.parts.growth.at_least(count);
        let lanes = pace.lanes();
        self.queue.allow(pair, lanes);
    }

    /// Calls so many helpers for a download.
    fn call_for(&mut self, id: TransferId, count: usize) {
        let Some(shared) = self.shared.get_mut(&id) else { return };
        shared.helpers += count;
        let (pair, facts, spread) = (shared.pair.clone(), shared.facts.clone(), shared.spread.clone());
        for _ in 0..count {
            self.call(&pair, &facts, Some(&spread));
        }
    }

    fn call(&mut self, pair: &Pair, facts: &Arc<BatchFacts>, spread: Option<&Arc<Spread>>) {
        let Some(priority) = self.batches.get(&facts.id).map(|batch| batch.priority) else { return };
        let job = HelpJob { facts: facts.clone(), spread: spread.cloned() };
        self.queue.push_plan(pair, facts.id, priority, Box::new(Work::Help(Box::new(job))));
    }

    /// The big files of a batch are helped with over lanes of another pair from now on.
    pub(super) fn share_otherwise(&mut self, id: BatchId, pair: &Pair, facts: &Arc<BatchFacts>) {
        for shared in self.shared.values_mut().filter(|shared| shared.facts.id == id) {
            (shared.pair, shared.facts) = (pair.clone(), facts.clone());
        }
    }

    /// A helper is done, or could not help.
    pub(super) fn helped(&mut self, job: &HelpJob) {
        let id = job.spread.as_ref().map(|spread| spread.id());
        if let Some(shared) = id.and_then(|id| self.shared.get_mut(&id)) {
            shared.helpers = shared.helpers.saturating_sub(1);
        }
    }

    /// The batch is over, and so is all help with it.
    pub(super) fn dismiss_helpers(&mut self, pair: &Pair, id: BatchId) {
        // All else that was to be planned has ended before.
        drop(self.queue.take_plans(pair, id));
    }

    /// Sends helpers to downloads where one connection is not enough, or calls off those that nobody asked for. Called on the meter's tick.
    pub(super) fn send_helpers(&mut self) {
        self.shared.retain(|_, shared| !shared.spread.is_over());
        self.send_those_held_back();
        let mut pairs: Vec<Pair> =
            self.shared.values().filter(|shared| shared.spread.asked().is_none()).map(|shared| shared.pair.clone()).collect();
        pairs.sort();
        pairs.dedup();
        for pair in pairs {
            self.help_out(&pair);
        }
    }

    fn send_those_held_back(&mut self) {
        let is_enough = |shared: &Shared| shared.spread.each().map_or(shared.since.elapsed() < SILENT, |each| each >= FAST);
        let is_slow = |shared: &Shared| shared.held_back > 0 && !is_enough(shared);
        let slow: Vec<TransferId> = self.shared.iter().filter(|(_, shared)| is_slow(shared)).map(|(id, _)| *id).collect();
        for id in slow {
            let Some(shared) = self.shared.get_mut(&id) else { continue };
            let (count, pair) = (std::mem::take(&mut shared.held_back), shared.pair.clone());
            self.want_lanes(&pair, count + 1);
            self.call_for(id, count);
        }
    }

    fn help_out(&mut self, pair: &Pair) {
        let mut ids: Vec<TransferId> =
            self.shared.iter().filter(|(_, shared)| shared.pair == *pair && shared.spread.asked().is_none()).map(|(id, _)| *id).collect();
        ids.sort();
        let of = |id: &TransferId| self.shared.get(id).map(|shared| (shared.spread.clone(), shared.helpers));
        let shared: Vec<(Arc<Spread>, usize)> = ids.iter().filter_map(of).collect();
        let used = shared.len() + shared.iter().map(|(_, helpers)| helpers).sum::<usize>();
        let waiting = self.queue.files_wait(pair);
        let may = |spread: &Spread| spread.has_room() && spread.each().is_some_and(|each| each < FAST);
        let roomy: Vec<usize> = (0..shared.len()).filter(|place| shared.get(*place).is_some_and(|(spread, _)| may(spread))).collect();
        let wanted = if waiting > 0 { used.saturating_sub(waiting) } else { self.wanted_parts(pair, !roomy.is_empty()) };
        let wanted = wanted.max(shared.len());
        if wanted > used && !roomy.is_empty() {
            self.join_in(pair, &ids, (&roomy, wanted - used));
        } else if wanted < used {
            call_off(&shared, used - wanted);
        }
    }

    /// How many connections the big files of a pair are to have, by what the ones that they have bring.
    fn wanted_parts(&mut self, pair: &Pair, wanting: bool) -> usize {
        let round_trip = self.round_trips.get(&pair.from).copied().unwrap_or_default();
        let moved = self.moving().get(pair).copied().unwrap_or(0);
        let is_connected = self.connecting.is_empty();
        let pace = self.pace(pair);
        let moved = pace.ended_bytes().saturating_add(moved);
        let now = Instant::now();
        let told = pace.parts.told.replace((moved, now));
        let Some((before, last)) = told else { return pace.parts.growth.lanes() };
        let seconds = (now - last).as_secs_f64();
        let has_joined = pace.parts.joined.is_none_or(|joined| joined.elapsed() >= round_trip * JOINING);
        let connected = is_connected && has_joined;
        pace.parts.growth.feed(Sample { seconds, bytes: moved.saturating_sub(before), files: 0, connected, wanting })
    }

    /// So many more help, where the fewest do.
    fn join_in(&mut self, pair: &Pair, ids: &[TransferId], (roomy, count): (&[usize], usize)) {
        self.pace(pair).parts.joined = Some(Instant::now());
        let lanes = self.pace(pair).lanes();
        self.queue.allow(pair, lanes);
        for _ in 0..count {
            let fewest = roomy.iter().filter_map(|place| ids.get(*place)).min_by_key(|id| self.shared.get(id).map(|shared| shared.helpers));
            let Some(id) = fewest.copied() else { return };
            if let Some(shared) = self.shared.get(&id) {
                shared.spread.allow(shared.helpers + 1);
            }
            self.call_for(id, 1);
        }
    }
}

/// Lets so many go, where the most help.
fn call_off(shared: &[(Arc<Spread>, usize)], count: usize) {
    let mut helpers: Vec<usize> = shared.iter().map(|(_, helpers)| *helpers).collect();
    for _ in 0..count {
        if let Some(most) = helpers.iter_mut().max() {
            *most = most.saturating_sub(1);
        }
    }
    for ((spread, _), helpers) in shared.iter().zip(helpers) {
        spread.allow(helpers);
    }
}
