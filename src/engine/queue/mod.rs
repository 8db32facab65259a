//! What runs next, and on which lane. Pure: no task, no channel, no clock.
//!
//! Transfers wait in a line for each pair of accounts: by priority, then in the order in which they came, unless a person has moved
//! one. Held ones keep their place. Small files are given to a lane by the handful, and the next handful before it is done with the last,
//! but no more than leaves the other lanes their share. A walk goes before files until a few files wait; from then on one lane
//! at most walks while the others move files, so that totals are known early and nothing waits for them. Guarantee: whatever joined
//! is either in its line or with a runner until it is forgotten, and every step costs no more than the logarithm of what waits.

mod backlog;
mod lanes;
mod line;
mod order;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{BatchId, ConnectionId, Priority, TransferId, limits};

use super::account::{Account, Pair};

pub(super) use backlog::{Backlog, Stock};
pub(super) use lanes::LOW;
use lanes::{Lanes, Room};
use line::{Line, Part, Rank};

/// Files that wait before one lane at most goes on walking.
const BACKLOG: usize = 64;
/// Files that are given to a lane at once, at most.
const RUN: usize = 16;
/// A file is small up to so many bytes.
pub(super) const SMALL: u64 = 256 << 10;
/// Bytes that are given to a lane at once, at most, except for a single file.
const RUN_BYTES: u64 = 1 << 20;

/// Who runs work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Runner {
    /// A lane, by its number.
    Lane(u64),
    /// A browser that stands in for a lane.
    Browser(ConnectionId),
}

/// What a runner is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task<W> {
    /// Something to plan.
    Plan(W),
    /// Transfers, one after another.
    Files(Vec<TransferId>),
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<W> {
    /// Give this to that runner, which is idle or soon will be.
    Give(Runner, Task<W>),
    /// Open this lane for the pair and give it this.
    Open(Runner, Pair, Task<W>),
    /// Close that idle lane, to make room for another pair's on the same account.
    Close(Runner),
}

/// A transfer that joined.
#[derive(Debug)]
struct Entry {
    pair: Pair,
    batch: BatchId,
    rank: Rank,
    bytes: Option<u64>,
    /// Held by itself.
    paused: bool,
    /// With a runner.
    out: bool,
}

impl Entry {
    fn is_small(&self) -> bool {
        self.bytes.is_some_and(|bytes| bytes <= SMALL)
    }
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue<W> {
    lanes: Lanes,
    lines: BTreeMap<Pair, Line<W>>,
    entries: HashMap<TransferId, Entry>,
    held: HashSet<BatchId>,
    /// Plans of held batches.
    shelved: HashMap<BatchId, Vec<(Pair, Priority, W)>>,
    /// The next number of who joins behind, and of who is put before all.
    back: i64,
    front: i64,
    files: usize,
    bytes: u64,
    /// What was found before walking pauses for it.
    most: Stock,
}

impl<W> Queue<W> {
    /// An empty queue that opens up to `first` lanes for a pair, to begin with.
    pub(super) fn new(first: usize) -> Self {
        Self {
            lanes: Lanes::new(first),
            lines: BTreeMap::new(),
            entries: HashMap::new(),
            held: HashSet::new(),
            shelved: HashMap::new(),
            back: 0,
            front: -1,
            files: 0,
            bytes: 0,
            most: Stock { files: limits::FOUND, bytes: limits::FOUND_BYTES },
        }
    }

    fn line(&mut self, pair: &Pair) -> &mut Line<W> {
        if !self.lines.contains_key(pair) {
            self.lines.insert(pair.clone(), Line::default());
        }
        self.lines.entry(pair.clone()).or_default()
    }

    /// Adds something to plan: the newest of a batch is taken first, which walks a tree in depth.
    pub(super) fn push_plan(&mut self, pair: &Pair, batch: BatchId, priority: Priority, work: W) {
        if self.held.contains(&batch) {
            self.shelved.entry(batch).or_default().push((pair.clone(), priority, work));
        } else {
            self.line(pair).plan(priority, batch, work);
        }
    }

    /// Takes out all that is to be planned for a batch.
    pub(super) fn take_plans(&mut self, pair: &Pair, batch: BatchId) -> Vec<W> {
        let mut plans = self.lines.get_mut(pair).map(|line| line.plans_of(batch)).unwrap_or_default();
        plans.extend(self.shelved.remove(&batch).unwrap_or_default().into_iter().map(|(_, _, work)| work));
        self.tidy(pair);
        plans
    }

    /// A transfer of so many bytes, where known, joins behind the others of its priority.
    pub(super) fn join(&mut self, (pair, batch): (&Pair, BatchId), id: TransferId, priority: Priority, bytes: Option<u64>) {
        let rank = self.next_rank(priority);
        self.entries.insert(id, Entry { pair: pair.clone(), batch, rank, bytes, paused: false, out: true });
        self.put_back(id);
    }

    fn next_rank(&mut self, priority: Priority) -> Rank {
        self.back += 1;
        Rank { priority: Reverse(priority), part: Part::Turn, number: self.back }
    }

    /// A transfer that was with a runner goes back to its place.
    pub(super) fn put_back(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if !std::mem::take(&mut entry.out) {
            return;
        }
        self.files += 1;
        self.bytes = self.bytes.saturating_add(entry.bytes.unwrap_or(0));
        let ready = !entry.paused && !self.held.contains(&entry.batch);
        let (pair, rank) = (entry.pair.clone(), entry.rank);
        self.line(&pair).join(rank, id, ready);
    }

    /// A transfer has come to its end.
    pub(super) fn forget(&mut self, id: TransferId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        if !entry.out {
            self.files -= 1;
            self.bytes = self.bytes.saturating_sub(entry.bytes.unwrap_or(0));
            self.line(&entry.pair).leave(entry.rank);
            self.tidy(&entry.pair);
        }
    }

    fn tidy(&mut self, pair: &Pair) {
        if self.lines.get(pair).is_some_and(Line::is_empty) {
            self.lines.remove(pair);
        }
    }

    /// How many of a priority or a higher one wait for lanes of the pair and may begin.
    pub(super) fn ready_from(&self, pair: &Pair, priority: Priority) -> usize {
        self.lines.get(pair).map_or(0, |line| line.ready_from(priority))
    }

    /// Transfers that joined and wait.
    pub(super) fn files(&self) -> usize {
        self.files
    }

    /// Their bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The priority of a transfer that joined.
    pub(super) fn priority(&self, id: TransferId) -> Option<Priority> {
        self.entries.get(&id).map(|entry| entry.rank.priority.0)
    }

    /// A browser is connected: it can stand in where no lane can be had.
    pub(super) fn add_lender(&mut self, connection: ConnectionId, account: Account) {
        self.lanes.add_lender(connection, account);
    }

    /// A browser is about to end: nothing more is lent to it.
    pub(super) fn withhold(&mut self, connection: ConnectionId) {
        self.lanes.withhold(connection);
    }

    /// A browser has ended: its connection is free for a lane.
    pub(super) fn remove_lender(&mut self, connection: ConnectionId) {
        self.lanes.remove_lender(connection);
    }

    /// A runner is done with so many pieces of what it had, or they were taken back.
    pub(super) fn done(&mut self, runner: Runner, pieces: usize) {
        self.lanes.done(runner, pieces);
    }

    /// A lane has ended.
    pub(super) fn ended(&mut self, runner: Runner) {
        self.lanes.ended(runner);
    }

    /// A lane has ended because `account` gave it no connection: no more than the others hold are tried from now on. Answers with
    /// how many that is.
    pub(super) fn refused(&mut self, runner: Runner, account: &Account) -> usize {
        self.lanes.refused(runner, account)
    }

    /// `account` is known to allow so many connections in all. What was seen in this run counts more.
    pub(super) fn cap(&mut self, account: &Account, limit: usize) {
        self.lanes.cap(account, limit);
    }

    /// Lets more lanes to `account` be tried, where only what was kept stands against it.
    pub(super) fn uncap_kept(&mut self, account: &Account) {
        self.lanes.uncap_kept(account);
    }

    /// Whether `account` gives no lane any connection, so that only a browser can work for it.
    pub(super) fn has_lender(&self, account: &Account) -> bool {
        self.lanes.has_lender(account)
    }

    /// Lets so many lanes run for a pair from now on; the ones above that are closed as they become idle.
    pub(super) fn allow(&mut self, pair: &Pair, lanes: usize) {
        self.lanes.allow(pair, lanes);
    }

    /// Whether work of the pair waits that may begin.
    pub(super) fn waits(&self, pair: &Pair) -> bool {
        self.lines.get(pair).is_some_and(|line| line.ready() + line.stock.files > 0 || line.planning().is_some())
    }

    /// How many files wait for the pair and may begin.
    pub(super) fn files_wait(&self, pair: &Pair) -> usize {
        self.lines.get(pair).map_or(0, |line| line.ready() + line.stock.files)
    }

    /// How many lanes the pair has.
    pub(super) fn lanes_of(&self, pair: &Pair) -> usize {
        self.lanes.count(pair)
    }

    /// Lets one more connection to `account` be tried than it gave when this run last asked.
    pub(super) fn lift(&mut self, account: &Account) {
        self.lanes.lift(account);
    }

    /// Lets lanes to `account` be tried again.
    pub(super) fn uncap(&mut self, account: &Account) {
        self.lanes.uncap(account);
    }

    /// A lane that has more before it than it is at, while another one of its pair has nothing to do and nothing waits.
    pub(super) fn lopsided(&self) -> Option<Runner> {
        let nothing_waits = |pair: &Pair| self.lines.get(pair).is_none_or(|line| line.ready() == 0);
        self.lanes.idle_pairs().iter().filter(|pair| nothing_waits(pair)).find_map(|pair| self.lanes.loaded(pair))
    }

    /// What to do next, if anything; ask again until nothing is left.
    pub(super) fn next(&mut self) -> Option<Step<W>> {
        let mut pairs: Vec<(Reverse<Priority>, bool, Pair)> = self
            .lines
            .iter()
            .filter_map(|(pair, line)| {
                let first = line.first().map(|(rank, _)| rank.priority.0).max(line.planning())?;
                Some((Reverse(first), !self.lanes.is_shut_out(pair), pair.clone()))
            })
            .collect();
        pairs.sort();
        // Who has no lane while others have all of its account's gets the next that is free.
        let waits = pairs.iter().any(|(_, has_lane, _)| !has_lane);
        pairs.iter().find_map(|(_, _, pair)| self.next_of(pair, waits))
    }

    fn next_of(&mut self, pair: &Pair, others_wait: bool) -> Option<Step<W>> {
        if let Some(runner) = self.lanes.spare(pair) {
            return Some(Step::Close(runner));
        }
        if let Some(runner) = self.lanes.idle(pair) {
            return self.take(pair, RUN).map(|task| self.give(runner, task));
        }
        match self.lanes.room(pair) {
            Room::Open => {
                let task = self.take(pair, RUN)?;
                let runner = self.lanes.open(pair);
                self.note_given(runner, &task);
                Some(Step::Open(runner, pair.clone(), task))
            }
            Room::Close(runner) => Some(Step::Close(runner)),
            Room::Lend(runner) => self.take(pair, 1).map(|task| self.give(runner, task)),
            Room::None if others_wait => None,
            Room::None => {
                let line = self.lines.get(pair)?;
                let enough = line.ready() + line.stock.files > self.lanes.count(pair);
                let small = line.first().is_some_and(|(_, id)| self.entries.get(&id).is_some_and(Entry::is_small));
                let runner = self.lanes.low(pair).filter(|_| enough && small)?;
                let files = self.take_run(pair, RUN)?;
                Some(self.give(runner, Task::Files(files)))
            }
        }
    }

    fn give(&mut self, runner: Runner, task: Task<W>) -> Step<W> {
        self.note_given(runner, &task);
        Step::Give(runner, task)
    }

    fn note_given(&mut self, runner: Runner, task: &Task<W>) {
        match task {
            Task::Plan(_) => self.lanes.given(runner, 1, true, false),
            Task::Files(files) => {
                let small = files.iter().all(|id| self.entries.get(id).is_some_and(Entry::is_small));
                self.lanes.given(runner, files.len(), false, small);
            }
        }
    }

    fn take(&mut self, pair: &Pair, most: usize) -> Option<Task<W>> {
        let (lanes, walking) = (self.lanes.count(pair), self.lanes.walking(pair));
        let line = self.lines.get_mut(pair)?;
        let waiting = line.ready() + line.stock.files;
        let is_full = line.is_full(self.most);
        let plan = match (line.planning(), line.first()) {
            (None, _) => false,
            (Some(_), None) => !is_full,
            (Some(plan), Some((rank, _))) if plan != rank.priority.0 => plan > rank.priority.0,
            (Some(_), Some(_)) => waiting < BACKLOG || (walking == 0 && lanes > 1 && !is_full),
        };
        if plan {
            let work = line.take_plan()?;
            self.tidy(pair);
            return Some(Task::Plan(work));
        }
        self.take_run(pair, most).map(Task::Files)
    }

    /// The next transfers, as many as a lane is given at once.
    fn take_run(&mut self, pair: &Pair, most: usize) -> Option<Vec<TransferId>> {
        let line = self.lines.get_mut(pair)?;
        let share = (line.ready() + line.stock.files) / (2 * self.lanes.limit(pair));
        let most = share.clamp(1, most);
        let (mut run, mut bytes, mut of) = (Vec::new(), 0, None);
        while run.len() < most
            && let Some((rank, id)) = line.first()
            && let Some(entry) = self.entries.get_mut(&id)
        {
            let alone = !entry.is_small();
            bytes += entry.bytes.unwrap_or(0).min(RUN_BYTES);
            let fits = run.is_empty() || (!alone && bytes <= RUN_BYTES && of == Some(rank.priority));
            if !fits {
                break;
            }
            entry.out = true;
            self.files -= 1;
            self.bytes = self.bytes.saturating_sub(entry.bytes.unwrap_or(0));
            line.leave(rank);
            of = Some(rank.priority);
            run.push(id);
            if alone {
                break;
            }
        }
        self.tidy(pair);
        (!run.is_empty()).then_some(run)
    }
}

#[cfg(test)]
mod tests;
