//! Sessions, listings, transfers, behind two channels and a meter.
//!
//! Job: does what [`Command`]s ask and tells by [`Event`]s what became of it. The supervisor owns the queue and does no I/O; each
//! connection is owned by the task that opened it: a browser for each pane, lanes for transfers. Guarantee: no command waits for
//! another, a watcher that reads slowly stops nothing, and nothing that was not checked is called done. Generic over
//! [`Connector`]: knows no kind of volume by name, and nothing of screens.

mod account;
mod again;
pub mod attempts;
mod browser;
mod clear;
mod connected;
mod copy;
mod copy_state;
mod dial;
mod doctor;
mod existing;
mod finish;
mod growth;
mod journal;
mod lane;
mod ledger;
mod limit;
mod meter;
mod mirror;
mod note;
mod outbox;
mod partial;
mod plan;
mod progress;
mod pump;
mod queue;
mod resume;
pub mod retry;
mod rows;
mod seen;
mod segments;
mod spawner;
mod spelling;
mod supervisor;
mod targets;
mod unchanged;
mod verify;
mod work;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::bus::{Command, Event, Meters};
use crate::model::Limits;
use crate::volume::Connector;

pub use spawner::Spawner;

/// Events that wait for the watcher before the engine queues them itself.
const EVENTS: usize = 1024;

/// So long a server is waited for that went away: what a service or a small machine takes to start anew.
pub const AWAY: Duration = Duration::from_secs(120);

/// How the engine works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Lanes between two accounts at most; a server may allow fewer.
    pub lanes: usize,
    /// Whether all lanes are opened at once, as `-j` asks; else two are, and more while that makes it faster.
    pub at_once: bool,
    /// How fast transfers may be, to begin with.
    pub limits: Limits,
    /// The directory that the journal is kept in, made where it is missing; `None` keeps none.
    pub journal: Option<PathBuf>,
    /// How often what may pass (a lost connection, a 4xx) is tried again.
    pub retries: u32,
    /// How long a server that cannot be reached any more is tried before its transfers fail, with nothing counted as a retry.
    pub away: Duration,
    /// The pause before the first retry; each further one doubles it.
    pub pause: Duration,
    /// Idle time after which a pane's connection is kept alive.
    pub keep_alive: Duration,
    /// Idle time after which a lane closes its connections.
    pub lane_idle: Duration,
    /// How long an end waits for servers to say goodbye.
    pub farewell: Duration,
    /// Whether a connection that was opened for a look becomes a lane for the first batch that is asked for with it. For who asks nothing of it
    /// afterwards: what is asked all the same waits until there is no more work, and is answered on a new connection.
    pub hand_over: bool,
    /// Whether the lines of the protocol are told. Making them costs as much as moving a small file.
    pub wire_log: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lanes: 10,
            at_once: false,
            limits: Limits::default(),
            journal: None,
            retries: 3,
            away: AWAY,
            pause: Duration::from_millis(500),
            keep_alive: Duration::from_secs(30),
            lane_idle: Duration::from_secs(10),
            farewell: Duration::from_secs(3),
            hand_over: false,
            wire_log: true,
        }
    }
}

/// The engine, from outside.
#[derive(Debug)]
pub struct Handle {
    /// What is to be done. Dropping it ends the engine as [`Command::Shutdown`] does.
    pub commands: mpsc::UnboundedSender<Command>,
    /// What happened. Ends when the engine has.
    pub events: mpsc::Receiver<Event>,
    /// How far transfers are.
    pub meters: watch::Receiver<Meters>,
}

/// Starts the engine; its tasks run where `spawner` says.
pub fn start<C: Connector>(connector: C, options: Options, spawner: Spawner) -> Handle {
    let (commands, command_queue) = mpsc::unbounded_channel();
    let (event_sender, events) = mpsc::channel(EVENTS);
    let (figures, meters) = watch::channel(Meters::default());
    let farewell = options.farewell;
    spawner.spawn("ftpane-engine", async move {
        let (last, is_last) = watch::channel(false);
        let (mut outbox, carrier) = outbox::outbox(event_sender, is_last);
        outbox.wire_log = options.wire_log;
        let carried = tokio::spawn(carrier.run());
        let mut supervisor = supervisor::Supervisor::new(connector, options, spawner, outbox, figures);
        supervisor.run(command_queue).await;
        // The receiver lives in the carrier; if that has ended, so have the events.
        let _ = last.send(true);
        // A watcher that neither reads nor goes must not keep the engine.
        let _ = tokio::time::timeout(farewell, carried).await;
    });
    Handle { commands, events, meters }
}
