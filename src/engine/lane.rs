//! A lane: a worker with a channel, tied to one pair of accounts.
//!
//! It ends by itself after a while without work, and says goodbye to its servers.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::volume::Connector;

use super::note::Note;
use super::queue::Runner;
use super::work::Work;
use super::worker::Worker;

/// What a lane is made of.
pub(super) struct Lane<C: Connector> {
    pub(super) runner: Runner,
    pub(super) worker: Worker<C>,
    pub(super) work: mpsc::UnboundedReceiver<Box<Work>>,
    pub(super) ended: Farewell,
    /// Without work for so long it ends.
    pub(super) idle: Duration,
    pub(super) stop: CancellationToken,
}

/// Tells the supervisor, however a task ends, that it has.
pub(super) struct Farewell {
    pub(super) notes: mpsc::UnboundedSender<Note>,
    pub(super) note: Option<Note>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if let Some(note) = self.note.take() {
            // Nobody listens only when the engine has ended.
            let _ = self.notes.send(note);
        }
    }
}

/// Runs a lane until it has been without work for long, its channel closes, or no connection can be had.
pub(super) async fn run<C: Connector>(mut lane: Lane<C>) {
    loop {
        let work = tokio::select! {
            biased;
            () = lane.stop.cancelled() => None,
            work = lane.work.recv() => work,
            () = tokio::time::sleep(lane.idle) => {
                // Work that was sent in this very moment is still taken.
                lane.work.close();
                lane.work.recv().await
            }
        };
        let Some(work) = work else { break };
        let ran = lane.worker.run(&work).await;
        let (note, refused) = match ran {
            Ok(end) => (Note::WorkEnded(lane.runner, work, end), false),
            Err(why) => (Note::LaneRefused(lane.runner, why.account, work, why.failure), true),
        };
        if lane.ended.notes.send(note).is_err() || refused {
            break;
        }
    }
    lane.worker.close().await;
    drop(lane.ended);
}
