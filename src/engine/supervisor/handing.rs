//! Connections that nobody has anything more to ask of work for the batch.
//!
//! Who looks at a source and then only copies would else keep a connection that does nothing, and wait for another login before the first
//! byte. Guarantee: a connection stays with the task that opened it; that task runs as a lane.

use tokio::sync::mpsc;

use crate::engine::account::Pair;
use crate::engine::browser::{Ask, Post};
use crate::engine::note::Note;
use crate::model::ConnectionId;
use crate::model::site::VolumeSpec;
use crate::volume::Connector;

use super::{Supervisor, farewell};

impl<C: Connector> Supervisor<C> {
    /// A batch between two volumes was asked for: where one of them is a server's, its connection is a lane for the batch.
    pub(super) fn hand_over(&mut self, (from, to): (ConnectionId, ConnectionId), ends: &(VolumeSpec, VolumeSpec), pair: &Pair) {
        let id = match (pair.from.is_local(), pair.to.is_local()) {
            (false, true) => from,
            (true, false) => to,
            // With two servers a lane needs two connections, of which the one would wait for the other.
            (true, true) | (false, false) => return,
        };
        if !self.options.hand_over || self.known.get(&id).is_none_or(|known| !known.requests.is_empty()) {
            return;
        }
        let Some(runner) = self.queue.hire(id, pair) else { return };
        let (send, work) = mpsc::unbounded_channel();
        let post = Post {
            runner,
            ends: (self.informed(&ends.0), self.informed(&ends.1)),
            other: self.next_lane_connection.advance(),
            work,
            ended: farewell(&self.dialer, Note::LaneEnded(runner)),
            idle: self.options.lane_idle,
            stop: self.stop.child_token(),
        };
        self.alive += 1;
        self.lanes.insert(runner, send);
        if let Some(known) = self.known.get(&id) {
            // Where the browser has just ended, the lane has as well, which is told as the post is dropped.
            let _ = known.asks.send(Ask::Serve(Box::new(post)));
        }
    }
}
