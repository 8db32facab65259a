//! Owns the queue, the batches and the map from connections to what they are connections to.
//!
//! Guarantee: does no I/O and waits for nothing but its next message, so that no pane stalls another. Whoever needs a connection opens it
//! in a task of its own. State changes here and nowhere else; every handler is a plain function from a message to events and tasks.

mod batches;
mod connections;
mod growing;
mod learning;
mod logins;
mod mirror;
mod questions;
mod recording;
mod restore;
mod schedule;
mod transfers;

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::bus::{Command, Meters};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{BatchId, ConnectionId, QuestionId, RequestId, TransferId, VPath};
use crate::volume::Connector;

use super::account::{Account, Pair};
use super::browser::Ask;
use super::dial::Dialer;
use super::growth::Growth;
use super::limit::Speed;
use super::meter::{Meter, Sample};
use super::note::Note;
use super::outbox::Outbox;
use super::queue::{Queue, Runner};
use super::work::Work;
use super::worker::Patience;
use super::{Options, Spawner};

use batches::Batch;
use growing::Pace;
use logins::Logins;
use questions::Asked;
use recording::Recorder;
use transfers::Record;

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

/// What a runner is at.
struct Running {
    batch: BatchId,
    transfer: Option<TransferId>,
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
    learnt: HashMap<Account, Learnt>,
    /// Accounts that had a batch: whether they allow more than was kept may be tried.
    tried: HashSet<Account>,
    batches: BTreeMap<BatchId, Batch>,
    records: HashMap<TransferId, Record>,
    claims: HashMap<(Account, VPath), TransferId>,
    active: Vec<TransferId>,
    queue: Queue<Box<Work>>,
    lanes: HashMap<Runner, mpsc::UnboundedSender<Box<Work>>>,
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
            dialer: Dialer { connector, outbox: outbox.clone(), notes: send },
            outbox,
            notes,
            queue: Queue::new(Growth::new(options.lanes, options.at_once).lanes()),
            speed: Speed::new(options.limits),
            options,
            spawner,
            stop: CancellationToken::new(),
            known: HashMap::new(),
            logins: Logins::default(),
            learnt: HashMap::new(),
            tried: HashSet::new(),
            batches: BTreeMap::new(),
            records: HashMap::new(),
            claims: HashMap::new(),
            active: Vec::new(),
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
                Some(note) = self.notes.recv() => self.note(note),
                command = commands.recv() => match command {
                    None | Some(Command::Shutdown) => break,
                    Some(command) => self.command(command),
                },
                () = tokio::time::sleep_until(tick), if moving => self.sample(),
            }
            self.schedule();
            if self.running.is_empty() {
                self.meter.rest(self.queue.files() as u64, self.queue.bytes());
            }
        }
        self.shut_down().await;
    }

    fn patience(&self) -> Patience {
        Patience { retries: self.options.retries, pause: self.options.pause }
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
            Command::Pause(_) | Command::Resume(_) | Command::Retry(_) | Command::Forget(_) => {}
            Command::Shift { .. } | Command::Prioritize(..) => {}
            Command::Limit(limits) => self.speed.set(limits),
            Command::Restore { journal, batch } => self.restore(journal, batch),
            Command::Discard(journal) => self.discard(journal),
            Command::History { request, words, limit } => self.history(request, words, limit),
            // The loop ends at it.
            Command::Shutdown => {}
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Login(login, reply) => self.login(login, reply),
            Note::LoginUnwanted(account) => self.login_unwanted(&account),
            Note::Live(connection, account, secret) => {
                self.connecting.remove(&connection);
                self.live(account, secret);
            }
            Note::Gone(account) => self.logins.gone(&account),
            Note::BrowserOpen(connection) => self.browser_open(connection),
            Note::Answered(connection, request) => self.answered(connection, request),
            Note::BrowserEnded(connection) => self.browser_ended(connection),
            Note::LaneEnded(runner) => self.lane_ended(runner),
            Note::LaneRefused(runner, account, work, failure) => self.lane_refused(runner, &account, work, failure),
            Note::WorkEnded(runner, work, end) => self.work_ended(runner, *work, end),
            Note::Learnt(account, site, learnt) => self.learnt(account, site, *learnt),
            Note::TryAgain(account) => self.queue.uncap(&account),
            Note::Journal(told) => self.journal_told(told),
        }
    }

    fn sample(&mut self) {
        self.grow();
        let samples: Vec<Sample> = self.active.iter().filter_map(|id| self.records.get(id).map(|record| record.sample(*id))).collect();
        self.meter.sample(
            &samples,
            (self.queue.files() as u64, self.queue.bytes()),
            self.lanes.len() - self.connecting.len().min(self.lanes.len()),
        );
        self.record_progress();
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
        self.meter.rest(0, 0);
        self.recorder.close();
    }
}

/// What a lane's or browser's end says, however it comes.
fn farewell<C: Connector>(dialer: &Dialer<C>, note: Note) -> super::lane::Farewell {
    super::lane::Farewell { notes: dialer.notes.clone(), note: Some(note) }
}
