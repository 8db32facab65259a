//! The way out: events on their way to who watches.
//!
//! Job: takes events from any task without waiting and hands them on, in order, over the bounded channel. Guarantee: a watcher that is
//! slow, or gone, stops no task; what produces in bulk asks for [`Outbox::room`] first, so that the queue in between stays small.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc, watch};

use crate::bus::event::TransferEvent;
use crate::bus::{ConnectionEvent, Event};
use crate::model::{ConnectionId, WireKind, WireLine};
use crate::volume::WireSink;

/// Events that may wait before a bulk producer is held up.
const ROOM: usize = 2_000;

struct Depth {
    waiting: AtomicUsize,
    sunk: Notify,
}

/// A handle to send events by; cheap to clone.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::UnboundedSender<Event>,
    depth: Arc<Depth>,
    /// Whether anybody reads the lines of the protocol.
    pub(super) wire_log: bool,
}

/// The end that carries events on; one task runs it.
pub(super) struct Carrier {
    queue: mpsc::UnboundedReceiver<Event>,
    depth: Arc<Depth>,
    events: mpsc::Sender<Event>,
    last: watch::Receiver<bool>,
}

/// Makes both ends. Once `last` turns true the carrier delivers what it holds and closes the channel.
pub(super) fn outbox(events: mpsc::Sender<Event>, last: watch::Receiver<bool>) -> (Outbox, Carrier) {
    let (send, receive) = mpsc::unbounded_channel();
    let depth = Arc::new(Depth { waiting: AtomicUsize::new(0), sunk: Notify::new() });
    (Outbox { queue: send, depth: depth.clone(), wire_log: true }, Carrier { queue: receive, depth, events, last })
}

impl Outbox {
    /// Sends an event.
    pub(super) fn emit(&self, event: Event) {
        self.depth.waiting.fetch_add(1, Ordering::Relaxed);
        if self.queue.send(event).is_err() {
            self.depth.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Sends what became of a connection.
    pub(super) fn connection(&self, id: ConnectionId, event: ConnectionEvent) {
        self.emit(Event::Connection(id, event));
    }

    /// Sends what became of a transfer.
    pub(super) fn transfer(&self, event: TransferEvent) {
        self.emit(Event::Transfer(event));
    }

    /// Writes a step of the engine's own into the log.
    pub(super) fn step(&self, connection: ConnectionId, kind: WireKind, text: &str) {
        let at = jiff::Timestamp::now().as_microsecond();
        self.emit(Event::Wire(WireLine { at, connection, kind, text: text.as_bytes().into() }));
    }

    /// Whether few events are under way.
    pub(super) fn has_room(&self) -> bool {
        self.depth.waiting.load(Ordering::Relaxed) < ROOM || self.queue.is_closed()
    }

    /// Waits until few events are under way.
    pub(super) async fn room(&self) {
        loop {
            let sunk = self.depth.sunk.notified();
            if self.has_room() {
                return;
            }
            sunk.await;
        }
    }

    /// Where a session sends its log lines, if anybody reads them.
    pub(super) fn wire(&self) -> Option<WireSink> {
        let outbox = self.clone();
        self.wire_log.then(|| Arc::new(move |line| outbox.emit(Event::Wire(line))) as WireSink)
    }
}

impl Carrier {
    /// Hands events on until told that the last one is in, or nobody watches any more.
    pub(super) async fn run(mut self) {
        loop {
            let next = tokio::select! {
                biased;
                next = self.queue.recv() => next,
                _ = self.last.wait_for(|last| *last) => None,
            };
            let Some(event) = next else { break };
            let delivered = self.events.send(event).await;
            self.depth.waiting.fetch_sub(1, Ordering::Relaxed);
            self.depth.sunk.notify_waiters();
            if delivered.is_err() {
                break;
            }
        }
        self.queue.close();
        self.depth.sunk.notify_waiters();
    }
}
