//! Owns the queue, the batches and the map from connections to what they are connections to.
//!
//! Guarantee: does no I/O and waits for nothing but its next message, so that no pane stalls another. Whoever needs a connection opens it
//! in a task of its own. State changes here and nowhere else; every handler is a plain function from a message to events and tasks.

mod admission;
mod amending;
mod anew;
mod batch;
mod batches;
mod connections;
mod endings;
mod examine;
mod growing;
mod handing;
mod helping;
mod holds;
mod learning;
mod logins;
mod mirror;
mod moving;
mod questions;
mod record;
mod recording;
mod restore;
mod retries;
mod schedule;
mod transfers;
mod trusts;
mod twins;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::bus::{Command, Meters};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{BatchId, ConnectionId, Priority, QuestionId, RequestId, Site, TransferId, VPath};
use crate::volume::Connector;

use super::account::{Account, Pair};
use super::again::Patience;
use super::browser::Ask;
use super::dial::Dialer;
use super::growth::Growth;
use super::limit::Speed;
use super::meter::{Meter, Sample, Totals};
use super::note::Note;
use super::outbox::Outbox;
use super::queue::{Queue, Runner};
use super::work::{Given, Work};
use super::{Options, Spawner};

use batch::Batch;
use growing::Pace;
use helping::Shared;
use logins::Logins;
use questions::Asked;
use record::Record;
use recording::Recorder;
use retries::Endings;
use trusts::Trusts;
use twins::Sums;

/// Log numbers of lanes begin here, far from those that panes choose.
const LANE_CONNECTIONS: u64 = 1 << 32;

/// A pane's volume, as the supervisor knows it.
struct Known {
    spec: VolumeSpec,
    account: Account,
    asks: mpsc::UnboundedSender<Ask>,
    stop: CancellationToken,
    requests: HashMap<RequestId, CancellationToken>,
    alive: bool,
}

/// How long found files wait for a watcher that is slow before a few more become transfers.
const BREATH: Duration = Duration::from_millis(10);
/// Notes that are read before it is looked at what can be started.
const NOTES: usize = 64;

/// What a runner is at.
#[derive(Debug, Default)]
struct Running {
    /// It plans for this batch.
    plan: Option<BatchId>,
    /// It has these files, the first of which it is at.
    files: VecDeque<TransferId>,
}

impl Running {
    fn files(&self) -> impl Iterator<Item = &TransferId> {
        self.files.iter()
    }

    fn remove(&mut self, id: TransferId) -> bool {
        let place = self.files.iter().position(|other| *other == id);
        place.is_some_and(|place| self.files.remove(place).is_some())
    }

    fn is_idle(&self) -> bool {
        self.plan.is_none() && self.files.is_empty()
    }
}

/// The supervisor.
pub(super) struct Supervisor<C: Connector> {
    dialer: Dialer<C>,
    outbox: Outbox,
    notes: mpsc::UnboundedReceiver<Note>,
    options: Options,
    spawner: Spawner,
    stop: CancellationToken,
    known: HashMap<ConnectionId, Known>,
    logins: Logins,
    trusts: Trusts,
    learnt: HashMap<Account, Learnt>,
    /// Accounts that had a batch: whether they allow more than was kept may be tried.
    tried: HashSet<Account>,
    batches: BTreeMap<BatchId, Batch>,
    records: HashMap<TransferId, Record>,
    claims: HashMap<(Account, VPath), TransferId>,
    /// Sums of what batches were asked for.
    sums: Sums,
    active: Vec<TransferId>,
    /// Bytes that went through of transfers that have ended.
    moved: u64,
    queue: Queue<Box<Work>>,
    /// Batches with files that are to become transfers.
    hungry: BTreeSet<(Reverse<Priority>, BatchId)>,
    /// More of them could become transfers at once.
    unsated: bool,
    past: Endings,
    /// The saved sites, as they were told last.
    saved: Vec<Site>,
    lanes: HashMap<Runner, mpsc::UnboundedSender<Given>>,
    /// Lanes that have not ended, told to or not.
    alive: usize,
    running: HashMap<Runner, Running>,
    refusals: HashMap<Account, u32>,
    asked: BTreeMap<QuestionId, Asked>,
    next_question: QuestionId,
    next_transfer: TransferId,
    next_lane_connection: ConnectionId,
    /// Lanes that are still connecting, by the connection that is waited for.
    connecting: HashMap<ConnectionId, Runner>,
    paces: HashMap<Pair, Pace>,
    /// Downloads that others may help with.
    shared: HashMap<TransferId, Shared>,
    /// How far servers are.
    round_trips: HashMap<Account, Duration>,
    /// What stops the examinations that are under way.
    examinations: HashMap<RequestId, CancellationToken>,
    speed: Speed,
    meter: Meter,
    recorder: Recorder,
}

impl<C: Connector> Supervisor<C> {
    /// A supervisor that knows nothing yet.
    pub(super) fn new(connector: C, options: Options, spawner: Spawner, outbox: Outbox, figures: watch::Sender<Meters>) -> Self {
        let (send, notes) = mpsc::unbounded_channel();
        let recorder = Recorder::open(options.journal.clone(), &send);
        Self {
            dialer: Dialer { connector, outbox: outbox.clone(), notes: send, is_discreet: false, hurry: Arc::default() },
            outbox,
            notes,
            queue: Queue::new(Growth::new(options.lanes, options.at_once).lanes()),
            examinations: HashMap::new(),
            speed: Speed::new(options.limits),
            options,
            spawner,
            stop: CancellationToken::new(),
            known: HashMap::new(),
            logins: Logins::default(),
            trusts: Trusts::default(),
            learnt: HashMap::new(),
            tried: HashSet::new(),
            batches: BTreeMap::new(),
            records: HashMap::new(),
            claims: HashMap::new(),
            sums: Sums::default(),
            active: Vec::new(),
            moved: 0,
            hungry: BTreeSet::new(),
            unsated: false,
            past: Endings::default(),
            saved: Vec::new(),
            lanes: HashMap::new(),
            alive: 0,
            running: HashMap::new(),
            refusals: HashMap::new(),
            asked: BTreeMap::new(),
            next_question: QuestionId(1),
            next_transfer: TransferId(1),
            next_lane_connection: ConnectionId(LANE_CONNECTIONS),
            connecting: HashMap::new(),
            paces: HashMap::new(),
            shared: HashMap::new(),
            round_trips: HashMap::new(),
            meter: Meter::new(figures),
            recorder,
        }
    }

    /// Serves until it is told to shut down, or nobody can tell it anything any more.
    pub(super) async fn run(&mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        loop {
            let moving = !self.running.is_empty();
            let tick = self.meter.next();
            tokio::select! {
                biased;
                Some(note) = self.notes.recv() => self.notes_from(note),
                command = commands.recv() => match command {
                    None | Some(Command::Shutdown) => break,
                    Some(command) => self.command(command),
                },
                () = tokio::time::sleep_until(tick), if moving => self.sample(),
                () = breathe(&self.outbox), if self.unsated => {}
            }
            self.schedule();
            if self.running.is_empty() && self.meter.is_moving() {
                self.rest();
            }
        }
        self.shut_down().await;
    }

    fn patience(&self) -> Patience {
        Patience { retries: self.options.retries, pause: self.options.pause, away: self.options.away }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Open { connection, spec } => self.open(connection, spec),
            Command::Close { connection } => self.close(connection),
            Command::Browse { connection, request, op } => self.browse(connection, request, op),
            Command::CancelRequest { connection, request } => self.cancel_request(connection, request),
            Command::Enqueue(spec) => self.enqueue(spec),
            Command::CancelTransfer(id) => self.cancel_transfer(id),
            Command::CancelBatch(id) => self.cancel_batch(id),
            Command::CancelAll => self.cancel_all(),
            Command::Answer { question, answer } => self.answer(question, answer),
            Command::Amend(site, amendment) => self.amend(site, amendment),
            Command::Pin { site, pins } => self.trusts.pin(&site, &pins),
            Command::Pause(which) => self.pause(which),
            Command::Resume(which) => self.resume(which),
            Command::Retry(which) => self.retry(which),
            Command::Forget(which) => self.forget(which),
            Command::Shift { transfer, to } => self.shift(transfer, to),
            Command::Prioritize(which, priority) => self.prioritize(which, priority),
            Command::Limit(limits) => self.speed.set(limits),
            Command::Saved(sites) => self.saved = sites,
            Command::Restore { journal, batch } => self.restore(journal, batch),
            Command::Discard(journal) => self.discard(journal),
            Command::Examine { request, spec, extent } => self.examine(request, spec, extent),
            Command::CancelExamine(request) => self.cancel_examination(request),
            Command::History { request, words, limit } => self.history(request, words, limit),
            // The loop ends at it.
            Command::Shutdown => {}
        }
    }

    /// Reads a note, and what else there is.
    fn notes_from(&mut self, first: Note) {
        self.note(first);
        for _ in 0..NOTES {
            let Ok(note) = self.notes.try_recv() else { break };
            self.note(note);
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Login(login, reply) => self.login(login, reply),
            Note::LoginUnwanted(account) => self.login_unwanted(&account),
            Note::Trust(trusting, reply) => self.trusting(trusting, reply),
            Note::TrustUnwanted(account) => self.trust_unwanted(&account),
            Note::Live(connection, account, secret, round_trip) => {
                self.connecting.remove(&connection);
                self.seen_from(&account, round_trip);
                self.live(account, secret);
            }
            Note::Gone(account) => self.logins.gone(&account),
            Note::BrowserOpen(connection) => self.browser_open(connection),
            Note::Answered(connection, request) => self.answered(connection, request),
            Note::BrowserEnded(connection) => self.browser_ended(connection),
            Note::Examined(request) => drop(self.examinations.remove(&request)),
            Note::LaneEnded(runner) => self.lane_ended(runner),
            Note::LaneRefused(runner, account, work, failure) => self.lane_refused(runner, &account, work, failure),
            Note::LaneOutdated(runner, work) => self.lane_outdated(runner, work),
            Note::WorkEnded(runner, work, end) => self.work_ended(runner, *work, end),
            Note::Ran(runner, told) => self.ran(runner, told),
            Note::Learnt(account, site, learnt) => self.learnt(account, site, *learnt),
            Note::Help(facts, spread) => self.spreads(facts, spread),
            Note::TryAgain(account) => self.queue.uncap(&account),
            Note::Journal(told) => self.journal_told(told),
        }
    }

    fn sample(&mut self) {
        self.grow();
        self.send_helpers();
        let samples: Vec<Sample> = self.active.iter().filter_map(|id| self.records.get(id).map(|record| record.sample(*id))).collect();
        let totals = self.totals();
        self.meter.sample(&samples, totals);
        self.record_progress();
    }

    fn rest(&mut self) {
        let totals = self.totals();
        self.meter.rest(totals);
    }

    fn totals(&self) -> Totals {
        let (queued, bytes) = self.waiting();
        let moving = self.running.values().flat_map(Running::files).filter_map(|id| self.records.get(id));
        let moved = moving.fold(self.moved, |sum, record| sum.saturating_add(record.uncounted()));
        let lanes = self.lanes.len() - self.connecting.len().min(self.lanes.len());
        Totals { queued, bytes, moved, lanes }
    }

    /// Stops everything and waits a while for the goodbyes.
    async fn shut_down(&mut self) {
        self.keep_for_next_run();
        self.cancel_all();
        self.withdraw_all();
        self.stop.cancel();
        self.lanes.clear();
        let until = tokio::time::Instant::now() + self.options.farewell;
        while self.alive > 0 || self.known.values().any(|known| known.alive) {
            match tokio::time::timeout_at(until, self.notes.recv()).await {
                Ok(Some(note)) => self.note(note),
                Ok(None) | Err(_) => break,
            }
        }
        // What did not end in time is called what it is.
        for id in self.records.keys().copied().collect::<Vec<_>>() {
            self.finish(id, crate::model::TransferState::Cancelled);
        }
        self.rest();
        self.recorder.close();
    }
}

/// Lets the watcher catch up, for a moment at most.
async fn breathe(outbox: &Outbox) {
    tokio::task::yield_now().await;
    if !outbox.has_room() {
        // A watcher that does not read must not keep lanes from what was found.
        let _ = tokio::time::timeout(BREATH, outbox.room()).await;
    }
}

/// What a lane's or browser's end says, however it comes.
fn farewell<C: Connector>(dialer: &Dialer<C>, note: Note) -> super::lane::Farewell {
    super::lane::Farewell { notes: dialer.notes.clone(), note: Some(note) }
}
