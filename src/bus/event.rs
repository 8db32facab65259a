//! What the engine tells.

use crate::model::checkup::Finding;
use crate::model::journal::{Past, Unfinished};
pub use crate::model::listing::{Count, ListingPart};
pub use crate::model::opened::{Abilities, Encrypted, Opened};
use crate::model::site::{Learnt, Site};
use crate::model::{
    BatchId, ConnectionId, Entry, Failure, Generation, Kind, Priority, QuestionId, Reply, RequestId, Side, Transfer, TransferId,
    TransferState, VPath, Which, WireLine,
};

use super::question::Question;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A pane's volume was opened, lost, found again, closed.
    Connection(ConnectionId, ConnectionEvent),
    /// Rows of a listing arrived, in the server's order.
    Listed {
        /// Whose.
        connection: ConnectionId,
        /// Which request.
        request: RequestId,
        /// Of which directory.
        path: VPath,
        /// Which listing of it.
        generation: Generation,
        /// The rows.
        part: ListingPart,
    },
    /// A count went on.
    Counted {
        /// Which request.
        request: RequestId,
        /// So far.
        count: Count,
    },
    /// A request came to its end. Always the last event of a request.
    Answered {
        /// Whose.
        connection: ConnectionId,
        /// Which.
        request: RequestId,
        /// How it ended.
        outcome: Result<Outcome, Failure>,
    },
    /// The engine must ask before it can go on.
    Asked(Question),
    /// A question needs no answer any more.
    Withdrawn(QuestionId),
    /// A transfer or a batch went on.
    Transfer(TransferEvent),
    /// What earlier runs have not finished and nobody else is at; comes once after the start, and when it has changed. Or why the journal
    /// does not tell, or would not give up what was to be.
    Unfinished(Result<Vec<Unfinished>, Failure>),
    /// What other running ftpanes are at; comes before [`Event::Unfinished`], where there is any.
    Elsewhere(Vec<Unfinished>),
    /// Rows of the history, the newest first; or why the journal does not tell.
    Past {
        /// Which request.
        request: RequestId,
        /// The rows.
        rows: Result<Vec<Past>, Failure>,
    },
    /// The journal cannot be written: transfers go on, but will not survive the end of the program, unless [`Event::JournalKept`] comes.
    NoJournal(Failure),
    /// The journal is written again after [`Event::NoJournal`], with all that could not be written meanwhile.
    JournalKept,
    /// The journal was damaged, and another one was begun: what earlier runs had not finished is not known, what this one does is kept.
    JournalBegunAnew(Failure),
    /// A step of an examination has ended.
    Found {
        /// Which request.
        request: RequestId,
        /// What came of it.
        finding: Finding,
    },
    /// An examination has ended; the failure that made the server unusable, where one did.
    Examined {
        /// Which request.
        request: RequestId,
        /// How it ended.
        outcome: Result<(), Failure>,
    },
    /// A server has taken the password that this question was answered with.
    PasswordTaken(QuestionId),
    /// A line of the log.
    Wire(WireLine),
    /// Something was found out about a server that is worth keeping with its site.
    Learnt {
        /// The site as it was given.
        site: Box<Site>,
        /// All that is known now.
        learnt: Learnt,
    },
}

/// What became of a pane's volume.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEvent {
    /// It is being opened; a phrase for the title, such as `looking up example.org`.
    Connecting(String),
    /// It is open and can be browsed.
    Opened(Box<Opened>),
    /// It could not be opened, and nothing more will come of it: ask to open another.
    Refused(Failure),
    /// The connection was lost; the next request opens it anew.
    Lost(Failure),
    /// How it is encrypted has changed, or shows only now.
    Encrypted(Encrypted),
    /// It was opened anew after a loss.
    Reopened,
    /// It was closed as asked.
    Closed,
}

/// How a request ended well.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The listing is complete.
    Listed {
        /// Free bytes on the volume, where known.
        free: Option<u64>,
        /// The directory as the volume calls it; another than asked for where a link was entered. Rows came under the path asked for.
        path: VPath,
    },
    /// What is at the path; `None` where nothing is.
    Stat(Option<Entry>),
    /// Done: a directory made, a rename, a mode set, entries deleted.
    Done,
    /// The count is complete.
    Counted(Count),
    /// A window of a file.
    Window {
        /// From which byte.
        offset: u64,
        /// The bytes; fewer than asked for only at the end of the file.
        bytes: Vec<u8>,
        /// The size of the file, where known.
        size: Option<u64>,
    },
    /// The private copy is complete. The side tells what the original was when it was read.
    Fetched(Side),
    /// The edited file is in place. The side tells what is there now.
    Stored(Side),
    /// The reply to a raw line.
    Replied(Reply),
}

/// What became of transfers.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferEvent {
    /// The walk of a batch went on: so much was found.
    Planned {
        /// Which batch.
        batch: BatchId,
        /// So far.
        found: Count,
        /// Whether that is all.
        complete: bool,
    },
    /// A file joined the queue, or comes near its front: of a very long queue only the first few thousand are told; [`super::Meters`]
    /// count all. Comes before anything else about a transfer, and again where a retry puts an ended one back, or where it gets another target.
    Queued(Box<Transfer>),
    /// A waiting transfer now stands before another one, or at the end.
    Shifted {
        /// Which.
        id: TransferId,
        /// The one it stands before.
        before: Option<TransferId>,
    },
    /// What goes first has changed.
    Prioritized {
        /// Which.
        id: TransferId,
        /// To what.
        priority: Priority,
    },
    /// A batch is held: nothing of it is begun until [`super::Command::Resume`].
    ///
    /// Told once for all that waits of it: those transfers are not told of one by one, only the ones that moved are, as `Paused`. Where
    /// the target is full the batch stays held, with the partials of what moved, until it is resumed, which tries again: whoever
    /// cannot wait for room, such as a run without a screen, ends then.
    Held {
        /// Which.
        batch: BatchId,
        /// Why, where not a person asked: the disk or the server is full.
        failure: Option<Failure>,
    },
    /// A held batch goes on.
    Released(BatchId),
    /// A mirror tells what it would do, or has done, beside copying.
    Mirrored {
        /// Which batch.
        batch: BatchId,
        /// What.
        step: MirrorStep,
        /// Only told, not done.
        dry_run: bool,
    },
    /// A transfer's state changed. `Active`, `Asking` and every end come here.
    Changed {
        /// Which.
        id: TransferId,
        /// To what.
        state: TransferState,
    },
    /// So many bytes of a transfer's file are in place. Comes before it waits again, fails or is cancelled, and where a retry goes on with them.
    Reached {
        /// Which.
        id: TransferId,
        /// Bytes from the beginning of the file.
        done: u64,
    },
    /// A download came in parts, over several connections. Comes right before its end.
    InParts {
        /// Which.
        id: TransferId,
        /// The most there were at once; two at least.
        connections: u16,
    },
    /// An entry came to be, or changed, in the directory a batch copies into: for panes that show it.
    Landed {
        /// On which volume and in which directory.
        directory: crate::model::Place,
        /// The entry as it is now.
        entry: Entry,
    },
    /// An entry went away from its directory because it was moved.
    Left {
        /// The directory.
        directory: crate::model::Place,
        /// The name.
        name: crate::model::Name,
    },
    /// Something of a batch was passed over or failed without becoming a transfer: a directory that could not be made or listed, a
    /// link to a directory.
    Noted {
        /// Which batch.
        batch: BatchId,
        /// The source.
        path: VPath,
        /// Why; `Cancelled` never comes here.
        failure: Failure,
        /// Whether it counts as failed, or was passed over by rule.
        failed: bool,
        /// Whether [`super::Command::Retry`] of the batch tries it again.
        again: bool,
    },
    /// Nothing is known any more of what was to be tried again.
    Forgotten(Which),
    /// A batch came to its end.
    BatchEnded(BatchSummary),
}

/// One step of a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorStep {
    /// A file is copied; only told by a dry run.
    Copy {
        /// From.
        source: VPath,
        /// To.
        target: VPath,
        /// Bytes.
        size: Option<u64>,
    },
    /// A directory is made; only told by a dry run.
    MakeDir(VPath),
    /// A target that has no source is deleted.
    Delete(VPath, Kind),
}

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchSummary {
    /// Which.
    pub batch: BatchId,
    /// Files copied; in a dry run those that would be.
    pub done: u64,
    /// Files of the same copy that were there already: done by an earlier run, or before what failed was tried again.
    pub before: u64,
    /// Files skipped by rule.
    pub skipped: u64,
    /// Targets without a source that were deleted.
    pub deleted: u64,
    /// Files and directories that failed.
    pub failed: u64,
    /// Files not copied because the person stopped it.
    pub cancelled: u64,
    /// Bytes moved.
    pub bytes: u64,
    /// The first failure, for the notice.
    pub first_failure: Option<Failure>,
    /// Nothing was done, because the same was asked for before and has not ended: it is done there, or by another ftpane.
    pub joined: bool,
}
