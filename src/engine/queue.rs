//! What runs next, and on which lane. Pure: no task, no channel, no clock.
//!
//! A lane is tied to a pair of accounts and runs one thing at a time; it is reused for the next thing of the same pair. Walks go
//! before files until a few files wait, so that a tree is moved while it is still being walked. Where a server refuses another
//! connection, its account gets a cap; where the cap leaves no lane at all, work is lent to a browser of that account, which runs it
//! on its own connection.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::model::ConnectionId;

use super::account::{Account, Pair};

/// Files that wait before walking pauses for them.
const BACKLOG: usize = 64;

/// Who runs work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Runner {
    /// A lane, by its number.
    Lane(u64),
    /// A browser that stands in for a lane.
    Browser(ConnectionId),
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub(super) enum Step<W> {
    /// Give this to that runner, which was idle.
    Give(Runner, W),
    /// Open this lane for the pair and give it this.
    Open(Runner, Pair, W),
    /// Close that idle lane, to make room for another pair's on the same account.
    Close(Runner),
}

#[derive(Debug)]
struct Waiting<W> {
    plans: Vec<W>,
    files: VecDeque<(W, u64)>,
}

#[derive(Debug)]
struct Slot {
    pair: Pair,
    busy: bool,
    closing: bool,
}

#[derive(Debug)]
struct Lender {
    account: Account,
    busy: bool,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue<W> {
    /// Lanes for a pair that nothing else was said of.
    first: usize,
    /// Lanes for a pair.
    limits: HashMap<Pair, usize>,
    caps: HashMap<Account, usize>,
    /// Accounts whose cap is what was kept from another run, not what was seen in this one.
    kept: HashSet<Account>,
    waiting: BTreeMap<Pair, Waiting<W>>,
    lanes: BTreeMap<Runner, Slot>,
    lenders: BTreeMap<Runner, Lender>,
    next_lane: u64,
    bytes: u64,
}

impl<W> Queue<W> {
    /// An empty queue that opens up to `first` lanes for a pair, to begin with.
    pub(super) fn new(first: usize) -> Self {
        Self {
            first: first.max(1),
            limits: HashMap::new(),
            caps: HashMap::new(),
            kept: HashSet::new(),
            waiting: BTreeMap::new(),
            lanes: BTreeMap::new(),
            lenders: BTreeMap::new(),
            next_lane: 0,
            bytes: 0,
        }
    }

    fn waiting_of(&mut self, pair: &Pair) -> &mut Waiting<W> {
        self.waiting.entry(pair.clone()).or_insert_with(|| Waiting { plans: Vec::new(), files: VecDeque::new() })
    }

    /// Adds something to plan: the newest is taken first, which walks a tree in depth.
    pub(super) fn push_plan(&mut self, pair: &Pair, work: W) {
        self.waiting_of(pair).plans.push(work);
    }

    /// Adds a file of so many bytes.
    pub(super) fn push_file(&mut self, pair: &Pair, work: W, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.waiting_of(pair).files.push_back((work, bytes));
    }

    /// Puts a file back to where it came from.
    pub(super) fn return_file(&mut self, pair: &Pair, work: W, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.waiting_of(pair).files.push_front((work, bytes));
    }

    /// Lets so many lanes run for a pair from now on; the ones above that are closed as they become idle.
    pub(super) fn allow(&mut self, pair: &Pair, lanes: usize) {
        self.limits.insert(pair.clone(), lanes.max(1));
    }

    fn limit_of(&self, pair: &Pair) -> usize {
        self.limits.get(pair).copied().unwrap_or(self.first)
    }

    /// Whether work of the pair waits.
    pub(super) fn waits(&self, pair: &Pair) -> bool {
        self.waiting.contains_key(pair)
    }

    /// How many lanes the pair has.
    pub(super) fn lanes_of(&self, pair: &Pair) -> usize {
        self.lanes.values().filter(|slot| slot.pair == *pair).count()
    }

    /// Files that wait.
    pub(super) fn files(&self) -> usize {
        self.waiting.values().map(|waiting| waiting.files.len()).sum()
    }

    /// Bytes of the files that wait.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes out whatever `which` picks.
    pub(super) fn take_out(&mut self, mut which: impl FnMut(&W) -> bool) -> Vec<W> {
        let mut out = Vec::new();
        for waiting in self.waiting.values_mut() {
            out.extend(waiting.plans.extract_if(.., |work| which(work)));
            let files = std::mem::take(&mut waiting.files);
            for (work, bytes) in files {
                if which(&work) {
                    self.bytes = self.bytes.saturating_sub(bytes);
                    out.push(work);
                } else {
                    waiting.files.push_back((work, bytes));
                }
            }
        }
        self.waiting.retain(|_, waiting| !waiting.plans.is_empty() || !waiting.files.is_empty());
        out
    }

    /// A browser is connected: it can stand in where no lane can be had.
    pub(super) fn add_lender(&mut self, connection: ConnectionId, account: Account) {
        self.lenders.entry(Runner::Browser(connection)).or_insert(Lender { account, busy: false });
    }

    /// A browser is about to end: nothing more is lent to it.
    pub(super) fn withhold(&mut self, connection: ConnectionId) {
        if let Some(lender) = self.lenders.get_mut(&Runner::Browser(connection)) {
            lender.busy = true;
        }
    }

    /// A browser has ended: its connection is free for a lane.
    pub(super) fn remove_lender(&mut self, connection: ConnectionId) {
        if let Some(lender) = self.lenders.remove(&Runner::Browser(connection)) {
            self.caps.remove(&lender.account);
        }
    }

    /// A runner is done with what it had.
    pub(super) fn idle(&mut self, runner: Runner) {
        if let Some(slot) = self.lanes.get_mut(&runner) {
            slot.busy = false;
        }
        if let Some(lender) = self.lenders.get_mut(&runner) {
            lender.busy = false;
        }
    }

    /// A lane has ended.
    pub(super) fn ended(&mut self, runner: Runner) {
        self.lanes.remove(&runner);
    }

    /// A lane has ended because `account` gave it no connection: no more than the others hold are tried from now on. Answers with
    /// how many that is.
    pub(super) fn refused(&mut self, runner: Runner, account: &Account) -> usize {
        self.lanes.remove(&runner);
        let held = self.held(account);
        self.caps.insert(account.clone(), held);
        self.kept.remove(account);
        held
    }

    /// `account` is known to allow so many connections in all. What was seen in this run counts more.
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

    /// Lets more lanes to `account` be tried, where only what was kept stands against it.
    pub(super) fn uncap_kept(&mut self, account: &Account) {
        if self.kept.remove(account) {
            self.caps.remove(account);
        }
    }

    /// Whether `account` gives no lane any connection, so that only a browser can work for it.
    pub(super) fn has_lender(&self, account: &Account) -> bool {
        self.lenders.values().any(|lender| lender.account == *account)
    }

    /// Lets one more connection to `account` be tried than it gave when this run last asked.
    pub(super) fn lift(&mut self, account: &Account) {
        if let Some(cap) = self.caps.get_mut(account).filter(|_| !self.kept.contains(account)) {
            *cap += 1;
        }
    }

    /// Lets lanes to `account` be tried again.
    pub(super) fn uncap(&mut self, account: &Account) {
        self.caps.remove(account);
    }

    fn held(&self, account: &Account) -> usize {
        self.lanes.values().map(|slot| slot.pair.connections_to(account)).sum()
    }

    /// What to do next, if anything; ask again until nothing is left.
    pub(super) fn next(&mut self) -> Option<Step<W>> {
        let pairs: Vec<Pair> = self.waiting.keys().cloned().collect();
        pairs.iter().find_map(|pair| self.next_of(pair))
    }

    fn next_of(&mut self, pair: &Pair) -> Option<Step<W>> {
        let limit = self.limit_of(pair);
        let open = self.lanes.values().filter(|slot| slot.pair == *pair && !slot.closing).count();
        if let Some((runner, slot)) = self.lanes.iter_mut().find(|(_, slot)| slot.pair == *pair && !slot.busy && !slot.closing) {
            let runner = *runner;
            if limit < open {
                slot.closing = true;
                return Some(Step::Close(runner));
            }
            slot.busy = true;
            return self.take(pair).map(|work| Step::Give(runner, work));
        }
        let lanes = self.lanes_of(pair);
        if lanes >= limit {
            return None;
        }
        let Some(full) = self.full(pair).cloned() else { return self.open(pair) };
        let idle = |slot: &Slot| !slot.busy && !slot.closing && slot.pair.connections_to(&full) > 0;
        if lanes == 0
            && let Some((runner, slot)) = self.lanes.iter_mut().find(|(_, slot)| idle(slot))
        {
            slot.closing = true;
            return Some(Step::Close(*runner));
        }
        if self.held(&full) > 0 {
            return None;
        }
        self.lend(pair, &full)
    }

    fn open(&mut self, pair: &Pair) -> Option<Step<W>> {
        let work = self.take(pair)?;
        let runner = Runner::Lane(self.next_lane);
        self.next_lane += 1;
        self.lanes.insert(runner, Slot { pair: pair.clone(), busy: true, closing: false });
        Some(Step::Open(runner, pair.clone(), work))
    }

    fn lend(&mut self, pair: &Pair, account: &Account) -> Option<Step<W>> {
        let (runner, lender) = self.lenders.iter_mut().find(|(_, lender)| lender.account == *account && !lender.busy)?;
        lender.busy = true;
        let runner = *runner;
        self.take(pair).map(|work| Step::Give(runner, work))
    }

    /// The account of the pair that gives no further connection, if there is one.
    fn full<'p>(&self, pair: &'p Pair) -> Option<&'p Account> {
        [&pair.from, &pair.to]
            .into_iter()
            .find(|account| self.caps.get(*account).is_some_and(|cap| self.held(account) + pair.connections_to(account) > *cap))
    }

    fn take(&mut self, pair: &Pair) -> Option<W> {
        let waiting = self.waiting.get_mut(pair)?;
        let work = if waiting.files.len() < BACKLOG { waiting.plans.pop() } else { None };
        let work = match work {
            Some(work) => Some(work),
            None => match waiting.files.pop_front() {
                Some((work, bytes)) => {
                    self.bytes = self.bytes.saturating_sub(bytes);
                    Some(work)
                }
                None => waiting.plans.pop(),
            },
        };
        if waiting.plans.is_empty() && waiting.files.is_empty() {
            self.waiting.remove(pair);
        }
        work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str) -> Account {
        Account::Server(name.into())
    }

    fn down() -> Pair {
        Pair { from: server("s"), to: Account::Local }
    }

    fn up() -> Pair {
        Pair { from: Account::Local, to: server("s") }
    }

    fn steps(queue: &mut Queue<u32>) -> Vec<Step<u32>> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn as_many_lanes_open_as_the_limit_allows_and_are_used_again() {
        let mut queue = Queue::new(2);
        for n in 0..3 {
            queue.push_file(&down(), n, 10);
        }
        assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(0), down(), 0), Step::Open(Runner::Lane(1), down(), 1)]);
        assert_eq!((queue.files(), queue.bytes()), (1, 10));
        queue.idle(Runner::Lane(1));
        assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(1), 2)]);
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn walks_go_before_files_until_enough_files_wait() {
        let mut queue = Queue::new(1);
        queue.push_file(&down(), 1, 0);
        queue.push_plan(&down(), 100);
        assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(0), down(), 100)]);
        for n in 2..100 {
            queue.push_file(&down(), n, 0);
        }
        queue.push_plan(&down(), 101);
        queue.idle(Runner::Lane(0));
        assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), 1)]);
    }

    #[test]
    fn a_refused_lane_lowers_the_number_and_the_rest_go_on() {
        let mut queue = Queue::new(3);
        for n in 0..3 {
            queue.push_file(&down(), n, 0);
        }
        assert_eq!(steps(&mut queue).len(), 3);
        assert_eq!(queue.refused(Runner::Lane(2), &server("s")), 2);
        queue.return_file(&down(), 2, 0);
        assert_eq!(steps(&mut queue), []);
        queue.idle(Runner::Lane(0));
        assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), 2)]);
    }

    #[test]
    fn without_any_lane_the_browser_works_one_thing_at_a_time() {
        let mut queue = Queue::new(2);
        let browser = Runner::Browser(ConnectionId(7));
        queue.add_lender(ConnectionId(7), server("s"));
        queue.push_file(&down(), 0, 0);
        queue.push_file(&down(), 1, 0);
        assert_eq!(steps(&mut queue).len(), 2);
        assert_eq!(queue.refused(Runner::Lane(1), &server("s")), 1);
        assert_eq!(queue.refused(Runner::Lane(0), &server("s")), 0);
        queue.return_file(&down(), 1, 0);
        queue.return_file(&down(), 0, 0);
        assert_eq!(steps(&mut queue), [Step::Give(browser, 0)]);
        queue.idle(browser);
        assert_eq!(steps(&mut queue), [Step::Give(browser, 1)]);
    }

    #[test]
    fn an_idle_lane_of_another_pair_makes_room_on_a_full_account() {
        let mut queue = Queue::new(2);
        queue.push_file(&down(), 0, 0);
        assert_eq!(steps(&mut queue).len(), 1);
        queue.push_file(&up(), 1, 0);
        assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(1), up(), 1)]);
        queue.refused(Runner::Lane(1), &server("s"));
        queue.return_file(&up(), 1, 0);
        assert_eq!(steps(&mut queue), []);
        queue.idle(Runner::Lane(0));
        assert_eq!(steps(&mut queue), [Step::Close(Runner::Lane(0))]);
        queue.ended(Runner::Lane(0));
        assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(2), up(), 1)]);
    }

    #[test]
    fn what_is_taken_out_no_longer_counts() {
        let mut queue = Queue::new(1);
        queue.push_file(&down(), 1, 5);
        queue.push_file(&down(), 2, 6);
        queue.push_plan(&down(), 3);
        assert_eq!(queue.take_out(|work| *work != 2), [3, 1]);
        assert_eq!((queue.files(), queue.bytes()), (1, 6));
    }
}
