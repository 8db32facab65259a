//! The engine from the command line's side: opens, looks, copies, and meanwhile logs, answers the password question, shows progress and
//! minds signals.
//!
//! Guarantee: everything goes by the bus, as from the panes; a signal stops what moves, keeps the partial files and ends with 130.

mod answers;
mod examine;
mod next;

use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use crate::bus::event::TransferEvent;
use crate::bus::{BatchSummary, BrowseOp, Command, ConnectionEvent, Event, Outcome};
use crate::config::KnownServers;
use crate::engine::retry::Schedule;
use crate::engine::{self, Options, Spawner};
use crate::logging::WireLog;
use crate::model::journal::{Past, Unfinished};
use crate::model::listing::ListingPart;
use crate::model::opened::Opened;
use crate::model::site::VolumeSpec;
use crate::model::{
    BatchId, BatchSpec, ConnectionId, During, Entry, Failure, FailureKind, Generation, Name, RequestId, Secret, Site, VPath,
};
use crate::volume::Connector;

use self::next::Next;
use super::asker::Asker;
use super::course::{self, Course};
use super::keys::Keys;
use super::options::Context;
use super::report::Reporter;
use super::run;
use super::signals::Signals;
use super::stop::{INTERRUPTED, SOME_FAILED, Stop, eprintln_quietly};

/// How long transfers may take to stop before the end is forced.
const GRACE: Duration = Duration::from_secs(5);
const JOURNAL_KEPT: &str = "the journal is written again: what is unfinished when ftpane ends will be offered";
/// How often progress is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Why something could not be done.
#[derive(Debug)]
pub enum Trouble {
    /// The run ends.
    Stop(Stop),
    /// This failed; others may go on.
    Failed(Failure),
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// The engine with who talks to it.
pub struct Driver {
    engine: engine::Handle,
    signals: Signals,
    log: Option<WireLog>,
    asker: Asker,
    /// Why a login was given up, which says more than the engine can know.
    gave_up: Option<Stop>,
    /// A password that was given, and the account that it is for.
    given: Option<(Site, Secret)>,
    /// Where passwords are kept, for logins that nobody named on the command line.
    keys: Option<Keys>,
    /// The same for proxies, which nobody was asked about before.
    proxy_keys: Option<Keys>,
    /// What earlier runs have not finished, as it was told last.
    unfinished: Option<Result<Vec<Unfinished>, Failure>>,
    /// What other running ftpanes are at.
    elsewhere: Vec<Unfinished>,
    /// Whether what is left could be gone on with by `ftpane queue`.
    journalled: bool,
    /// What is found out about servers is kept there.
    servers: Option<KnownServers>,
    /// That the journal cannot be kept is said by who asks it.
    about_journal: bool,
    retries: u32,
    pause: Duration,
    connections: ConnectionId,
    requests: RequestId,
    batches: BatchId,
    /// See [`Driver::next`].
    in_a_row: u32,
}

impl Driver {
    /// Starts the engine.
    pub fn start<C: Connector>(connector: C, options: Options, log: Option<WireLog>, signals: Signals) -> Self {
        let options = Options { wire_log: log.is_some(), ..options };
        Self {
            retries: options.retries,
            journalled: options.journal.is_some(),
            pause: options.pause,
            engine: engine::start(connector, options, Spawner::Threads),
            signals,
            log,
            asker: Asker::default(),
            gave_up: None,
            given: None,
            keys: None,
            proxy_keys: None,
            unfinished: None,
            elsewhere: Vec::new(),
            about_journal: false,
            servers: None,
            connections: ConnectionId(1),
            requests: RequestId(1),
            batches: BatchId(1),
            in_a_row: 0,
        }
    }

    /// Keeps what is found out about servers, and looks for a proxy's password where passwords are kept.
    pub fn keeping(mut self, context: &Context) -> Self {
        self.servers = Some(context.servers.clone());
        self.proxy_keys = Some(context.passwords.keys().clone());
        self
    }

    /// A password for every login of an account, until a server refuses it; and where those of others are kept.
    pub fn give(&mut self, given: Option<(Site, Secret)>, keys: &Keys) {
        self.given = given;
        self.keys = Some(keys.clone());
    }

    /// What was given is for none of the logins: who is asked for a password is told of other ways.
    pub fn is_for_several_logins(&mut self) {
        self.asker.goes_on_with_several();
    }

    /// The exit code of a login that was given up while something was carried out, because nobody could be asked or what was given is wrong.
    pub fn gave_up_code(&self) -> Option<u8> {
        self.gave_up.as_ref().map(|stop| stop.code)
    }

    /// The run is about the journal: without one nothing goes on.
    pub fn about_journal(&mut self) {
        self.about_journal = true;
    }

    /// What earlier runs have not finished.
    ///
    /// # Errors
    /// Exit 1 where the journal does not tell, 130 after a signal.
    pub async fn unfinished(&mut self) -> Result<Vec<Unfinished>, Stop> {
        loop {
            match &self.unfinished {
                Some(Ok(all)) => return Ok(all.clone()),
                Some(Err(failure)) => return Err(Stop::new(SOME_FAILED, failure.to_string())),
                None => drop(self.event().await?),
            }
        }
    }

    /// What other running ftpanes were at when [`Driver::unfinished`] was answered.
    pub fn elsewhere(&self) -> &[Unfinished] {
        &self.elsewhere
    }

    /// Whether what this run does not finish could be gone on with.
    pub fn is_journalled(&self) -> bool {
        self.journalled
    }

    /// Gives up what an earlier run has not finished.
    ///
    /// # Errors
    /// Exit 1 where the journal does not take it, 130 after a signal.
    pub async fn discard(&mut self, journal: i64) -> Result<(), Stop> {
        self.unfinished = None;
        self.send(Command::Discard(journal));
        self.unfinished().await.map(drop)
    }

    /// Rows of the history.
    ///
    /// # Errors
    /// Exit 1 where the journal does not tell, 130 after a signal.
    pub async fn history(&mut self, words: String, limit: usize) -> Result<Vec<Past>, Stop> {
        let request = self.requests.advance();
        self.send(Command::History { request, words, limit });
        loop {
            match self.event().await? {
                Event::Past { request: at, rows } if at == request => {
                    return rows.map_err(|failure| Stop::new(SOME_FAILED, failure.to_string()));
                }
                _ => {}
            }
        }
    }

    /// A number for a batch.
    pub fn new_batch(&mut self) -> BatchId {
        self.batches.advance()
    }

    /// Opens a volume; tries again, as often as was asked for, where that can help.
    ///
    /// # Errors
    /// [`Trouble::Failed`] where it could not be opened.
    pub async fn open(&mut self, spec: VolumeSpec) -> Result<(ConnectionId, Opened), Trouble> {
        let mut schedule = Schedule::new(self.pause);
        loop {
            match self.open_once(spec.clone()).await {
                Err(Trouble::Failed(failure)) if run::may_open_later(&failure) => {
                    let Some(pause) = schedule.next(self.retries) else { return Err(Trouble::Failed(failure)) };
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = self.signals.next() => return Err(Trouble::Stop(Stop::silent(INTERRUPTED))),
                    }
                }
                result => return result,
            }
        }
    }

    async fn open_once(&mut self, spec: VolumeSpec) -> Result<(ConnectionId, Opened), Trouble> {
        let id = self.connections.advance();
        self.send(Command::Open { connection: id, spec });
        loop {
            match self.event().await? {
                Event::Connection(at, ConnectionEvent::Opened(opened)) if at == id => return Ok((id, *opened)),
                Event::Connection(at, ConnectionEvent::Refused(failure)) if at == id => {
                    return Err(self.gave_up.take().map_or(Trouble::Failed(failure), Trouble::Stop));
                }
                _ => {}
            }
        }
    }

    /// Looks at a path; `None` where nothing is there.
    ///
    /// # Errors
    /// [`Trouble::Failed`] where it could not be looked at.
    pub async fn stat(&mut self, connection: ConnectionId, path: &VPath) -> Result<Option<Entry>, Trouble> {
        let request = self.requests.advance();
        self.send(Command::Browse { connection, request, op: BrowseOp::Stat { path: path.clone() } });
        loop {
            let Event::Answered { request: at, outcome, .. } = self.event().await? else { continue };
            if at != request {
                continue;
            }
            return match outcome {
                Ok(Outcome::Stat(entry)) => Ok(entry),
                Ok(_) => Err(Trouble::Failed(Failure::new(FailureKind::Protocol, During::Stat, "another answer came than was asked for"))),
                Err(failure) => Err(Trouble::Failed(failure)),
            };
        }
    }

    /// The names in a directory; none where it cannot be listed.
    ///
    /// # Errors
    /// [`Trouble::Stop`] after a signal.
    pub async fn names(&mut self, connection: ConnectionId, path: &VPath) -> Result<Option<Vec<Name>>, Stop> {
        let request = self.requests.advance();
        let op = BrowseOp::List { path: path.clone(), generation: Generation(0) };
        self.send(Command::Browse { connection, request, op });
        let mut names = Vec::new();
        loop {
            match self.event().await? {
                Event::Listed { request: at, part: ListingPart::Rows(rows), .. } if at == request => {
                    names.extend(rows.into_iter().map(|entry| entry.name));
                }
                Event::Answered { request: at, outcome, .. } if at == request => return Ok(outcome.is_ok().then_some(names)),
                _ => {}
            }
        }
    }

    /// Copies, telling `report`. Gives the sum of all batches.
    ///
    /// # Errors
    /// Exit 130 after a signal.
    pub async fn copy(&mut self, batches: Vec<BatchSpec>, report: &mut Reporter) -> Result<BatchSummary, Stop> {
        self.carry_out(batches.into_iter().map(Command::Enqueue).collect(), report).await
    }

    /// Carries out commands that each begin a batch, telling `report`. Gives the sum of all batches.
    ///
    /// # Errors
    /// Exit 130 after a signal.
    pub async fn carry_out(&mut self, batches: Vec<Command>, report: &mut Reporter) -> Result<BatchSummary, Stop> {
        let mut course = Course::of(batches.len());
        for batch in batches {
            self.send(batch);
        }
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while course.open > 0 {
            if !course.gave_up && course.full.len() >= course.open {
                // Nobody is here to make room; what is left stays in the journal.
                course.gave_up = true;
                self.send(Command::Shutdown);
            }
            if course.interrupted.is_some_and(|since| since.elapsed() > GRACE) {
                break;
            }
            match self.next(Some(&mut tick)).await {
                Next::Tick => report.meters(&self.engine.meters.borrow_and_update()),
                Next::Signal if course.interrupted.is_some() => break,
                Next::Signal => {
                    course.interrupted = Some(Instant::now());
                    // Not a cancel: what is left stays in the journal.
                    self.send(Command::Shutdown);
                }
                Next::Ended if course.interrupted.is_some() || course.gave_up => break,
                Next::Ended => return Err(engine_ended()),
                Next::Event(event) => self.went_on(*event, &mut course, report).await,
            }
        }
        if let Some(failure) = course.full.first() {
            report.trouble(&course::out_of_room(failure, course.total.cancelled, self.journalled));
        }
        report.ended(&course.total, course.interrupted.is_some());
        if course.interrupted.is_some() { Err(Stop::silent(INTERRUPTED)) } else { Ok(course.total) }
    }

    /// Something happened while batches are carried out.
    async fn went_on(&mut self, event: Event, course: &mut Course, report: &mut Reporter) {
        match event {
            Event::Transfer(TransferEvent::BatchEnded(summary)) => course.ended(summary),
            Event::Transfer(TransferEvent::Held { failure: Some(failure), .. }) => course.full.push(failure),
            Event::Transfer(event) => report.transfer(event),
            Event::NoJournal(failure) => {
                self.journalled = false;
                report.trouble(&Stop::new(SOME_FAILED, failure.to_string()));
            }
            Event::JournalBegunAnew(failure) => report.trouble(&Stop::new(SOME_FAILED, failure.to_string())),
            Event::JournalKept => {
                self.journalled = true;
                report.trouble(&Stop::new(SOME_FAILED, JOURNAL_KEPT));
            }
            Event::Asked(question) => {
                // Who broke off at the question wants nothing more at all.
                let broke_off = self.answer_meanwhile(question, report).await;
                course.interrupted = course.interrupted.or_else(|| broke_off.then(Instant::now));
            }
            _ => {}
        }
    }

    /// Says goodbye to every server.
    pub async fn close(mut self) {
        self.send(Command::Shutdown);
        loop {
            match self.next(None).await {
                Next::Ended | Next::Signal => return,
                Next::Event(_) | Next::Tick => {}
            }
        }
    }

    pub(super) fn send(&self, command: Command) {
        // Where the engine has ended, the next event tells.
        let _ = self.engine.commands.send(command);
    }

    /// The next event that is not dealt with here.
    async fn event(&mut self) -> Result<Event, Stop> {
        loop {
            match self.next(None).await {
                Next::Event(event) => match *event {
                    Event::Asked(question) => self.answer_or_give_up(question).await?,
                    Event::NoJournal(failure) => {
                        self.journalled = false;
                        if !self.about_journal {
                            eprintln_quietly(&format!("ftpane: {failure}"));
                        }
                    }
                    Event::JournalBegunAnew(failure) => eprintln_quietly(&format!("ftpane: {failure}")),
                    Event::Elsewhere(others) => self.elsewhere = others,
                    Event::Unfinished(all) => {
                        self.unfinished = Some(all);
                        return Ok(Event::Unfinished(Ok(Vec::new())));
                    }
                    event => return Ok(event),
                },
                Next::Tick => {}
                Next::Signal => return Err(Stop::silent(INTERRUPTED)),
                Next::Ended => return Err(engine_ended()),
            }
        }
    }
}

fn engine_ended() -> Stop {
    Stop::new(SOME_FAILED, "the transfers ended unexpectedly; run the same command with -c to go on")
}
