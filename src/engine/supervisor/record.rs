//! What is known of a transfer that has not ended: where it stands, how far it is, what was told of it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::engine::account::Account;
use crate::engine::meter::Sample;
use crate::engine::progress::Progress;
use crate::engine::queue::Runner;
use crate::engine::work::{FoundFile, How};
use crate::model::{BatchId, TransferId, VPath};

/// A file of which no more than this is left is soon done.
const NEARLY: u64 = 64 << 10;

/// Where a transfer stands.
#[derive(Debug)]
pub(super) enum State {
    /// Waits for an answer.
    Asking,
    /// Is in the queue, held or not.
    Waiting,
    /// Is with a runner.
    Given(Given),
}

/// A transfer that is with a runner.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) runner: Runner,
    pub(super) stop: CancellationToken,
    /// Where it is stopped, this comes of it.
    pub(super) then: Then,
}

impl Given {
    /// Whether somebody said that it is to end.
    pub(super) fn is_cancelled(&self) -> bool {
        self.then == Then::End && self.stop.is_cancelled()
    }
}

/// What becomes of a transfer that was stopped while it moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is cancelled.
    End,
    /// It goes back to its place in the queue.
    Back,
}

/// What was told last of a transfer that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Queued,
    Asking,
    Paused,
    Active,
}

/// A transfer that has not ended.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) batch: BatchId,
    pub(super) file: FoundFile,
    /// How its target is dealt with, once that is decided.
    pub(super) how: Option<How>,
    pub(super) state: State,
    pub(super) shown: Shown,
    /// Held by itself.
    pub(super) paused: bool,
    pub(super) progress: Arc<Progress>,
    /// Bytes that went through in runs before this one.
    pub(super) moved: u64,
    /// Of all that went through, so much is in the totals already: what waits again is not asked any more.
    pub(super) counted: u64,
    /// Bytes that were in place when it was stopped last to go on later.
    pub(super) stopped_at: u64,
    pub(super) claim: Option<(Account, VPath)>,
    /// The target that the batch gives it, where it got another one because that is taken.
    pub(super) taken: Option<VPath>,
}

impl Record {
    /// How far it is.
    pub(super) fn sample(&self, id: TransferId) -> Sample {
        let (done, connections) = (self.progress.done(), self.progress.connections());
        Sample { id, batch: self.batch, done, moved: self.uncounted(), size: self.file.size, connections }
    }

    /// The bytes in place.
    pub(super) fn done(&self) -> u64 {
        self.progress.done()
    }

    /// Bytes that went through.
    pub(super) fn moved(&self) -> u64 {
        self.moved.saturating_add(self.progress.moved())
    }

    /// Bytes that went through and are not in the totals yet.
    pub(super) fn uncounted(&self) -> u64 {
        self.moved().saturating_sub(self.counted)
    }

    /// Whether it is worth stopping for somebody who waits: not where it is nearly there, and not where it had to begin anew last time.
    pub(super) fn may_make_way(&self) -> bool {
        let (State::Given(given), done) = (&self.state, self.progress.done()) else { return false };
        let left = self.file.size.map_or(u64::MAX, |size| size.saturating_sub(done));
        given.then == Then::End && left > NEARLY && (self.stopped_at == 0 || done >= self.stopped_at)
    }

    /// What is to be done with the target, going on at the byte where some are there already.
    pub(super) fn how(&self) -> How {
        match (self.how.unwrap_or(How::New), self.progress.done()) {
            (how, 0) => how,
            (How::Append(there), done) => How::Append(there.max(done)),
            (How::Own(there), done) => How::Own(there.max(done)),
            (How::New | How::Replace | How::Partial(_), done) => How::Partial(done),
        }
    }
}
