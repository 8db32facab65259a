//! Panes' connections: opening, closing, handing requests on.

use std::collections::HashMap;

use tokio::sync::mpsc;

use crate::bus::{BrowseOp, ConnectionEvent, Event};
use crate::engine::account::Account;
use crate::engine::browser::{Ask, Browser};
use crate::engine::note::Note;
use crate::engine::queue::Runner;
use crate::model::site::VolumeSpec;
use crate::model::{ConnectionId, During, Failure, FailureKind, RequestId};
use crate::volume::Connector;

use super::record::{Record, Then};
use super::{Known, Supervisor, farewell};

impl<C: Connector> Supervisor<C> {
    pub(super) fn open(&mut self, id: ConnectionId, spec: VolumeSpec) {
        if self.known.contains_key(&id) {
            let failure = Failure::new(FailureKind::Invalid, During::Connect, "the connection's number is in use");
            self.outbox.connection(id, ConnectionEvent::Refused(failure));
            return;
        }
        let account = Account::of(&spec);
        if self.is_met_otherwise(&account, &spec) {
            self.dismiss_idle();
        }
        let (asks, queue) = mpsc::unbounded_channel();
        let stop = self.stop.child_token();
        let browser = Browser::new(id, spec.clone(), self.dialer.clone(), stop.clone(), (self.options.keep_alive, self.patience()));
        let farewell = farewell(&self.dialer, Note::BrowserEnded(id));
        self.spawner.spawn("ftpane-pane", browser.run(queue, farewell));
        self.known.insert(id, Known { spec, account, asks, stop, requests: HashMap::new(), alive: true });
    }

    pub(super) fn close(&mut self, id: ConnectionId) {
        if let Some(known) = self.known.get_mut(&id) {
            for stop in known.requests.values() {
                stop.cancel();
            }
            known.stop.cancel();
            self.queue.withhold(id);
            self.call_back_lent(id);
        }
    }

    pub(super) fn browse(&mut self, id: ConnectionId, request: RequestId, op: BrowseOp) {
        let Some(known) = self.known.get_mut(&id) else { return self.not_open(id, request) };
        let stop = known.stop.child_token();
        if known.asks.send(Ask::Op { request, op: Box::new(op), stop: stop.clone() }).is_err() {
            return self.not_open(id, request);
        }
        known.requests.insert(request, stop);
        self.call_back_lent(id);
    }

    /// A pane waits for its connection: a file that is moved on it makes way, and goes on at the byte afterwards.
    fn call_back_lent(&mut self, id: ConnectionId) {
        let lent = self.running.get(&Runner::Browser(id)).and_then(|running| running.files().next().copied());
        if let Some(transfer) = lent
            && self.records.get(&transfer).is_some_and(Record::may_make_way)
        {
            self.stop_moving(transfer, Then::Back);
        }
    }

    fn not_open(&self, connection: ConnectionId, request: RequestId) {
        let failure = Failure::new(FailureKind::Invalid, During::Command, "the volume is not open").hint("open it again");
        self.outbox.emit(Event::Answered { connection, request, outcome: Err(failure) });
    }

    pub(super) fn cancel_request(&mut self, id: ConnectionId, request: RequestId) {
        if let Some(stop) = self.known.get(&id).and_then(|known| known.requests.get(&request)) {
            stop.cancel();
        }
    }

    pub(super) fn answered(&mut self, id: ConnectionId, request: RequestId) {
        if let Some(known) = self.known.get_mut(&id) {
            known.requests.remove(&request);
        }
    }

    pub(super) fn browser_open(&mut self, id: ConnectionId) {
        if let Some(known) = self.known.get(&id)
            && !known.account.is_local()
            && !known.stop.is_cancelled()
        {
            self.queue.add_lender(id, known.account.clone());
        }
    }

    /// The entry stays: transfers may be queued from a volume that was closed.
    pub(super) fn browser_ended(&mut self, id: ConnectionId) {
        if let Some(known) = self.known.get_mut(&id) {
            known.alive = false;
        }
        self.queue.remove_lender(id);
        self.abandoned(Runner::Browser(id));
    }
}
