//! What can be asked of the engine.

use crate::model::checkup::Extent;
use crate::model::explain::Fix;
use crate::model::site::VolumeSpec;
use crate::model::{
    Ascii, BatchId, BatchSpec, ConnectionId, Fingerprint, Generation, Kind, Limits, Name, Priority, QuestionId, RequestId, Shift, Site,
    TransferId, VPath, Which,
};

use super::question::Answer;

/// One thing to do. Nothing here waits: answers come as events.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open a volume under a number of the asker's choice. Answered by connection events.
    Open {
        /// The number, never used before.
        connection: ConnectionId,
        /// What to open.
        spec: VolumeSpec,
    },
    /// Close a volume: QUIT on a server. Transfers that were queued from it go on, on their own connections.
    Close {
        /// Which.
        connection: ConnectionId,
    },
    /// Do something on a pane's volume. Answered by [`super::Event::Answered`], listings by [`super::Event::Listed`] before it.
    Browse {
        /// On which volume.
        connection: ConnectionId,
        /// By which number it will be answered.
        request: RequestId,
        /// What to do.
        op: BrowseOp,
    },
    /// Stop a browse request: it is answered with a cancelled failure.
    CancelRequest {
        /// On which volume.
        connection: ConnectionId,
        /// Which.
        request: RequestId,
    },
    /// Trust these certificates of the site's server from now on, and forget what was trusted of it in this run.
    Pin {
        /// Whose server.
        site: Box<Site>,
        /// Which.
        pins: Vec<Fingerprint>,
    },
    /// Change one thing about how the account of this site is met. All else stays as each pane and each batch of it was opened.
    Amend(Box<Site>, Amendment),
    /// Copy or move.
    Enqueue(BatchSpec),
    /// Stop one transfer.
    CancelTransfer(TransferId),
    /// Stop a batch: what moves and what waits.
    CancelBatch(BatchId),
    /// Stop every transfer.
    CancelAll,
    /// Hold what waits, and stop what moves so that it can go on where it is.
    Pause(Which),
    /// Let what was held go on; also a batch that the engine has held because a disk or server is full.
    Resume(Which),
    /// Try again, from where it is, what failed or was cancelled: one transfer, all of a batch, or everything. Where nothing is known of it,
    /// [`super::TransferEvent::Forgotten`] says so.
    Retry(Which),
    /// Forget what has ended: it can be retried no more.
    Forget(Which),
    /// Move a waiting transfer in the queue. Answered by [`super::TransferEvent::Shifted`].
    Shift {
        /// Which.
        transfer: TransferId,
        /// Where to.
        to: Shift,
    },
    /// What goes first.
    Prioritize(Which, Priority),
    /// From now on transfers are as fast as this, together.
    Limit(Limits),
    /// The sites that are saved now: what an earlier run had begun by one of their names goes by it where it asks for more protection than then.
    Saved(Vec<Site>),
    /// Go on with what an earlier run has not finished: by its number in the journal, under a number of the asker's choice.
    Restore {
        /// In the journal.
        journal: i64,
        /// The number of the batch from now on.
        batch: BatchId,
    },
    /// Give up what an earlier run has not finished; partials stay.
    Discard(i64),
    /// Search what was done before. Answered by [`super::Event::Past`].
    History {
        /// By which number it will be answered.
        request: RequestId,
        /// What source, target or message must contain, all of the words; empty for all.
        words: String,
        /// So many of the newest.
        limit: usize,
    },
    /// Find out what a server can. Answered by [`super::Event::Found`] for each step, and [`super::Event::Examined`].
    Examine {
        /// By which number it will be answered.
        request: RequestId,
        /// Which server.
        spec: VolumeSpec,
        /// How far.
        extent: Extent,
    },
    /// Stop an examination: it is answered with a cancelled failure.
    CancelExamine(RequestId),
    /// Answer a question.
    Answer {
        /// Which.
        question: QuestionId,
        /// What the person said.
        answer: Answer,
    },
    /// Stop everything, say QUIT to every server, end. The event channel closes when it is done.
    Shutdown,
}

/// What the person saw when a destructive command was given; it is refused where this no longer matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The directory that was shown.
    pub directory: VPath,
    /// The listing of it that was shown: the newest that this connection was asked for.
    pub generation: Generation,
}

/// How something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemoveHow {
    /// Into the system's trash; only where the volume has one.
    Trash,
    /// For good.
    ForGood,
}

/// What is changed about how a server is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// What mends a failure, for further connections; those of batches that were asked for already as well.
    Fix(Fix),
    /// Which files move as text, in batches that are asked for from now on.
    Ascii(Ascii),
    /// A person has edited the saved site, which is this by now. What is open or waits of it follows where that asks for more protection.
    Edited(Box<Site>),
}

/// What a pane can do on its volume, on the pane's own connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowseOp {
    /// List a directory. Rows stream as [`super::Event::Listed`]; the answer is [`super::Outcome::Listed`].
    List {
        /// Which; a link to a directory is entered.
        path: VPath,
        /// The number of this listing, for the guard of later commands; 0 for one that no pane shows (a completion): it leaves the
        /// guard as it is.
        generation: Generation,
    },
    /// Look at one path. [`super::Outcome::Stat`].
    Stat {
        /// Which; a link is followed.
        path: VPath,
    },
    /// Make a directory, with the ones above it that are missing.
    MakeDir {
        /// Which.
        path: VPath,
    },
    /// Rename or move on the same volume. An existing target is refused.
    Rename {
        /// What the person saw.
        guard: Guard,
        /// From.
        from: VPath,
        /// To.
        to: VPath,
    },
    /// Delete entries of the guard's directory, directories with all that is in them; links themselves, never what they lead to.
    Remove {
        /// What the person saw.
        guard: Guard,
        /// The entries.
        entries: Vec<(Name, Kind)>,
        /// Trash or for good.
        how: RemoveHow,
    },
    /// Count files, directories and bytes below entries of a directory. Interim [`super::Event::Counted`]; [`super::Outcome::Counted`].
    Count {
        /// The directory.
        directory: VPath,
        /// The entries.
        entries: Vec<(Name, Kind)>,
    },
    /// Set permission bits.
    SetMode {
        /// Of what.
        path: VPath,
        /// `0o7777` at most.
        mode: u16,
    },
    /// Read a window of a file. [`super::Outcome::Window`].
    Read {
        /// Which.
        path: VPath,
        /// From which byte.
        offset: u64,
        /// How many bytes at most.
        length: usize,
    },
    /// Copy a file into a private local one, to be edited. [`super::Outcome::Fetched`].
    Fetch {
        /// Which.
        path: VPath,
        /// The local file, absolute; made or replaced.
        to: std::path::PathBuf,
    },
    /// Put an edited file back in place of the old one, keeping its mode. [`super::Outcome::Stored`].
    Store {
        /// The local file.
        from: std::path::PathBuf,
        /// What it replaces.
        path: VPath,
    },
    /// Send a line as it is and show the reply. [`super::Outcome::Replied`].
    Raw {
        /// The line, without CR, LF and NUL.
        line: Vec<u8>,
    },
}
