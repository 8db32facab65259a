//! The way out: events on their way to who watches.
//!
//! Job: takes events from any task without waiting and hands them on, in order, over the bounded channel. Guarantee: a watcher that is
//! slow, or gone, stops no task; what produces in bulk asks for [`Outbox::room`] first, so that the queue in between stays small. Lines of the
//! protocol are as many as a server likes: those that find too many waiting are left out, and the log says how many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc, watch};

use crate::bus::event::TransferEvent;
use crate::bus::{ConnectionEvent, Event};
use crate::model::figures;
use crate::model::{ConnectionId, WireKind, WireLine, limits};
use crate::volume::WireSink;

/// Listens to the lines of the protocol on their way: makes a sink that hands on to the one it is given.
pub(super) type Tap = Arc<dyn Fn(Option<WireSink>) -> WireSink + Send + Sync>;
/// Events that may wait before a bulk producer is held up.
const ROOM: usize = 2_000;

#[derive(Default)]
struct Depth {
    waiting: AtomicUsize,
    sunk: Notify,
    /// What the waiting lines of the protocol take up, in bytes.
    log_bytes: AtomicUsize,
    /// Lines left out since the last one that was not.
    left_out: AtomicUsize,
}

/// What a waiting line takes up, in bytes.
fn cost(line: &WireLine) -> usize {
    size_of::<Event>() + line.text.len()
}

/// The line that stands for those left out.
fn gap(connection: ConnectionId, lines: usize) -> WireLine {
    let lines = figures::count(lines as u64, "line is", "lines are");
    let text = format!("{lines} missing here: they came faster than they could be written");
    WireLine { at: jiff::Timestamp::now().as_microsecond(), connection, kind: WireKind::Trouble, text: text.into_bytes().into() }
}

/// A handle to send events by; cheap to clone.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::UnboundedSender<Event>,
    depth: Arc<Depth>,
    /// Whether anybody reads the lines of the protocol.
    pub(super) wire_log: bool,
    tap: Option<Tap>,
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
    let depth = Arc::new(Depth::default());
    (Outbox { queue: send, depth: depth.clone(), wire_log: true, tap: None }, Carrier { queue: receive, depth, events, last })
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
        self.line(WireLine { at, connection, kind, text: text.as_bytes().into() });
    }

    /// Sends a line of the protocol, unless too many wait.
    fn line(&self, line: WireLine) {
        let cost = cost(&line);
        if self.depth.log_bytes.fetch_add(cost, Ordering::Relaxed) + cost > limits::LOG_WAITING {
            self.depth.log_bytes.fetch_sub(cost, Ordering::Relaxed);
            self.depth.left_out.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let missing = self.depth.left_out.swap(0, Ordering::Relaxed);
        if missing > 0 {
            let gap = gap(line.connection, missing);
            self.depth.log_bytes.fetch_add(self::cost(&gap), Ordering::Relaxed);
            self.emit(Event::Wire(gap));
        }
        self.emit(Event::Wire(line));
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
        let sink = self.wire_log.then(|| Arc::new(move |line| outbox.line(line)) as WireSink);
        self.tap.as_ref().map_or(sink.clone(), |tap| Some(tap(sink)))
    }

    /// Lets somebody listen to the lines of the sessions that are opened with this handle.
    pub(super) fn tap(&mut self, tap: Tap) {
        self.tap = Some(tap);
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
            if let Event::Wire(line) = &event {
                self.depth.log_bytes.fetch_sub(cost(line), Ordering::Relaxed);
            }
            let delivered = self.events.send(event).await;
            self.depth.waiting.fetch_sub(1, Ordering::Relaxed);
            self.depth.sunk.notify_waiters();
            if delivered.is_err() {
                break;
            }
        }
        let missing = self.depth.left_out.swap(0, Ordering::Relaxed);
        if missing > 0 {
            // Who has stopped watching misses nothing by it.
            let _ = self.events.send(Event::Wire(gap(ConnectionId::default(), missing))).await;
        }
        self.queue.close();
        self.depth.sunk.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> WireLine {
        WireLine { at: 0, connection: ConnectionId(1), kind: WireKind::Received, text: vec![b'a'; 1_000].into() }
    }

    #[tokio::test]
    async fn lines_that_nobody_takes_are_left_out_and_counted() {
        const LINES: usize = 20_000;
        let (events, mut watcher) = mpsc::channel(1);
        let (end, last) = watch::channel(false);
        let (outbox, carrier) = outbox(events, last);
        let sink = outbox.wire().unwrap();
        for _ in 0..LINES {
            sink(line());
        }
        let carried = tokio::spawn(carrier.run());
        let (mut kept, mut bytes) = (0, 0);
        while outbox.depth.waiting.load(Ordering::Relaxed) > 0 {
            if let Some(Event::Wire(line)) = watcher.recv().await {
                kept += 1;
                bytes += line.text.len();
            }
        }
        assert!(kept > 1_000 && bytes <= limits::LOG_WAITING, "{kept} lines of {bytes} bytes");
        // There is room again: the next line comes, and before it what is missing.
        sink(line());
        let words = |event: Option<Event>| match event {
            Some(Event::Wire(line)) => String::from_utf8_lossy(&line.text).into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            words(watcher.recv().await),
            format!(
                "{} missing here: they came faster than they could be written",
                figures::count((LINES - kept) as u64, "line is", "lines are")
            )
        );
        assert_eq!(words(watcher.recv().await).len(), 1_000);
        assert_eq!(outbox.depth.log_bytes.load(Ordering::Relaxed), 0);
        end.send(true).unwrap();
        assert!(watcher.recv().await.is_none());
        carried.await.unwrap();
    }
}
