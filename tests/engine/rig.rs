//! An engine on a world in memory, and what was seen of it.

use std::collections::HashMap;
use std::time::Duration;

use ftpane::bus::{Answer, BatchSummary, BrowseOp, Command, ConnectionEvent, Event, Guard, Meters, Outcome, Question, TransferEvent};
use ftpane::engine::{Handle, Options, Spawner, start};
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::{Item, Verb};
use ftpane::model::{
    BatchId, BatchSpec, ConnectionId, During, Existing, Failure, FailureKind, Generation, Kind, RequestId, Site, Timestamp, Transfer,
    TransferId, TransferState, VPath,
};
use ftpane::volume::memory::{Host, World};

/// The local disk's connection.
pub const DISK: ConnectionId = ConnectionId(1);
/// The server's.
pub const SERVER: ConnectionId = ConnectionId(2);
/// Another server's.
pub const OTHER: ConnectionId = ConnectionId(3);
/// The name of the server's host.
pub const HOST: &str = "server";
/// The name of the local host.
pub const LOCAL: &str = "";

/// Paused time after which a test has waited for what will not come.
const PATIENCE: Duration = Duration::from_secs(600);

/// The engine, its world, and all that was seen.
pub struct Rig {
    pub world: World,
    pub handle: Handle,
    pub seen: Vec<Event>,
    pub next: u64,
}

pub fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

pub fn options() -> Options {
    Options { pause: Duration::from_millis(10), away: Duration::ZERO, ..Options::default() }
}

/// What a server says that is not there.
pub fn unreachable() -> Failure {
    Failure::new(FailureKind::Unreachable, During::Connect, "nobody listens there")
}

/// Bytes in which every block differs.
pub fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251 + n / 65_521) as u8).collect()
}

impl Rig {
    /// A running engine on an empty world.
    pub fn new(options: Options) -> Self {
        let world = World::default();
        let handle = start(world.clone(), options, Spawner::Runtime);
        Self { world, handle, seen: Vec::new(), next: 1 }
    }

    /// One with the disk and the server open.
    pub async fn open() -> Self {
        let mut rig = Self::new(options());
        rig.open_both().await;
        rig
    }

    pub async fn open_both(&mut self) {
        self.connect(DISK, VolumeSpec::Local).await;
        self.connect(SERVER, spec(HOST)).await;
    }

    pub fn host<T>(&self, host: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        self.world.with(host, act)
    }

    pub fn file(&self, host: &str, at: &str, content: &[u8]) {
        self.host(host, |host| host.tree.file(at, content));
    }

    pub fn content(&self, host: &str, at: &str) -> Option<Vec<u8>> {
        self.host(host, |host| host.tree.node(at).map(|node| node.bytes.clone()))
    }

    pub fn send(&self, command: Command) {
        self.handle.commands.send(command).unwrap();
    }

    /// The next event; panics with all that was seen where none comes.
    pub async fn event(&mut self) -> Event {
        match tokio::time::timeout(PATIENCE, self.handle.events.recv()).await {
            Ok(Some(event)) => {
                self.seen.push(event.clone());
                event
            }
            Ok(None) => panic!("the engine has ended; seen: {:#?}", self.seen),
            Err(_) => panic!("nothing comes; seen: {:#?}", self.seen),
        }
    }

    /// Reads events until `pick` takes one.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.event().await;
            if let Some(found) = pick(&event) {
                return found;
            }
        }
    }

    pub async fn connect(&mut self, id: ConnectionId, spec: VolumeSpec) {
        self.send(Command::Open { connection: id, spec });
        self.until(|event| match event {
            Event::Connection(of, ConnectionEvent::Opened(_)) if *of == id => Some(()),
            _ => None,
        })
        .await;
    }

    /// Asks a pane's volume and waits for the answer.
    pub async fn ask(&mut self, connection: ConnectionId, op: BrowseOp) -> Result<Outcome, Failure> {
        let request = self.begin(connection, op);
        self.answer_to(request).await
    }

    pub fn begin(&mut self, connection: ConnectionId, op: BrowseOp) -> RequestId {
        let request = RequestId(self.next);
        self.next += 1;
        self.send(Command::Browse { connection, request, op });
        request
    }

    pub async fn answer_to(&mut self, request: RequestId) -> Result<Outcome, Failure> {
        self.until(|event| match event {
            Event::Answered { request: of, outcome, .. } if *of == request => Some(outcome.clone()),
            _ => None,
        })
        .await
    }

    pub async fn list(&mut self, connection: ConnectionId, at: &str) -> Guard {
        let generation = Generation(self.next);
        self.ask(connection, BrowseOp::List { path: path(at), generation }).await.unwrap();
        Guard { directory: path(at), generation }
    }

    pub fn enqueue(&mut self, spec: BatchSpec) -> BatchId {
        let id = spec.id;
        self.send(Command::Enqueue(spec));
        id
    }

    pub async fn question(&mut self) -> Question {
        self.until(|event| match event {
            Event::Asked(question) => Some(question.clone()),
            _ => None,
        })
        .await
    }

    /// Why a volume could not be opened.
    pub async fn refusal(&mut self, connection: ConnectionId) -> Failure {
        self.until(|event| match event {
            Event::Connection(of, ConnectionEvent::Refused(failure)) if *of == connection => Some(failure.clone()),
            _ => None,
        })
        .await
    }

    pub fn reply(&self, question: &Question, answer: Answer) {
        self.send(Command::Answer { question: question.id, answer });
    }

    /// How a batch ended. A question that nobody is going to answer would keep it for ever.
    pub async fn summary(&mut self, batch: BatchId) -> BatchSummary {
        self.until(|event| match event {
            Event::Asked(question) => panic!("it asks: {question:#?}"),
            Event::Transfer(TransferEvent::BatchEnded(summary)) if summary.batch == batch => Some(summary.clone()),
            _ => None,
        })
        .await
    }

    /// Runs a batch to its end.
    pub async fn run(&mut self, spec: BatchSpec) -> BatchSummary {
        let id = self.enqueue(spec);
        self.summary(id).await
    }

    /// The newest state of each transfer, by its source.
    pub fn states(&self) -> HashMap<String, TransferState> {
        let mut names: HashMap<TransferId, String> = HashMap::new();
        let mut states = HashMap::new();
        for event in &self.seen {
            match event {
                Event::Transfer(TransferEvent::Queued(transfer)) => {
                    names.insert(transfer.id, String::from_utf8_lossy(transfer.source.path.as_bytes()).into_owned());
                }
                Event::Transfer(TransferEvent::Changed { id, state }) => {
                    states.insert(names[id].clone(), state.clone());
                }
                _ => {}
            }
        }
        states
    }

    /// All states that the transfer of a source went through.
    pub fn history(&self, source: &str) -> Vec<TransferState> {
        let of = self.queued().into_iter().find(|transfer| transfer.source.path == path(source)).map(|transfer| transfer.id);
        self.seen
            .iter()
            .filter_map(|event| match event {
                Event::Transfer(TransferEvent::Changed { id, state }) if Some(*id) == of => Some(state.clone()),
                _ => None,
            })
            .collect()
    }

    /// A transfer of the batch that has begun.
    pub async fn active(&mut self) -> TransferId {
        self.until(|event| match event {
            Event::Transfer(TransferEvent::Changed { id, state: TransferState::Active }) => Some(*id),
            _ => None,
        })
        .await
    }

    pub fn queued(&self) -> Vec<Transfer> {
        self.seen
            .iter()
            .filter_map(|event| match event {
                Event::Transfer(TransferEvent::Queued(transfer)) => Some((**transfer).clone()),
                _ => None,
            })
            .collect()
    }

    pub async fn meters_where(&mut self, good: impl FnMut(&Meters) -> bool) -> Meters {
        tokio::time::timeout(PATIENCE, self.handle.meters.wait_for(good)).await.expect("the meters never show it").unwrap().clone()
    }

    /// Waits until more than so many bytes of a transfer have moved.
    pub async fn until_moved(&mut self, bytes: u64) -> Meters {
        self.meters_where(|meters| meters.active.iter().any(|one| one.done > bytes)).await
    }

    /// Ends the engine in good order.
    pub async fn end(&mut self) {
        self.send(Command::Shutdown);
        while self.handle.events.recv().await.is_some() {}
    }

    /// A batch with the facts of its items as the source's host has them.
    pub fn batch(&mut self, (from, host): (ConnectionId, &str), to: ConnectionId, items: &[(&str, &str)]) -> BatchSpec {
        let id = BatchId(self.next);
        self.next += 1;
        let items = items.iter().map(|(source, target)| self.item(host, source, target)).collect();
        BatchSpec {
            id,
            verb: Verb::Copy,
            from,
            to,
            items,
            existing: Existing::Ask,
            follow: false,
            manner: ftpane::model::Manner::default(),
        }
    }

    fn item(&self, host: &str, source: &str, target: &str) -> Item {
        self.host(host, |host| {
            let node = host.tree.node(source);
            let kind = node.map_or(Kind::Dir, |node| node.kind);
            let size = node.filter(|node| node.kind == Kind::File).map(|node| node.bytes.len() as u64);
            let modified = node.map(|node| Timestamp::exact(node.modified));
            Item { source: path(source), target: path(target), kind, size, modified, mode: node.map(|node| node.mode) }
        })
    }

    pub fn down(&mut self, items: &[(&str, &str)]) -> BatchSpec {
        self.batch((SERVER, HOST), DISK, items)
    }

    pub fn up(&mut self, items: &[(&str, &str)]) -> BatchSpec {
        self.batch((DISK, LOCAL), SERVER, items)
    }

    pub fn paths(&self, host: &str) -> Vec<String> {
        self.host(host, |host| host.tree.paths())
    }
}

/// What opens a host of the world.
pub fn spec(host: &str) -> VolumeSpec {
    VolumeSpec::Ftp(Box::new(Site { user: Some("alice".into()), ..Site::of_host(host) }), None)
}
