//! What is to be moved, and how far it is.

use super::conflict::Existing;
use super::digest::Algorithm;
use super::entry::{Kind, Timestamp};
use super::failure::Failure;
use super::id::{BatchId, ConnectionId, TransferId};
use super::path::VPath;

/// Transfers that failed or were cancelled and can be tried again: the oldest make room. No fewer than are shown.
pub const ENDED_KEPT: usize = 20_000;

/// The end of a partial's name, which begins with a dot: `.name.ftpane-part`.
pub const PARTIAL_END: &[u8] = b".ftpane-part";

/// A path on an opened volume.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The volume, by the connection that opened it.
    pub connection: ConnectionId,
    /// The path there.
    pub path: VPath,
}

/// Which way bytes go, for the arrow in the strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Server to disk.
    Down,
    /// Disk to server.
    Up,
    /// Disk to disk.
    Local,
    /// Server to server, through us.
    Across,
}

/// Copy, or copy and then delete the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// The source stays.
    Copy,
    /// The source goes: by a rename on the same volume, else deleted after the copy is verified.
    Move,
}

/// One thing that a batch begins with: a file, or a directory with all that is in it. Its facts are from the listing that the person
/// saw, so that no command is spent on asking again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is now.
    pub source: VPath,
    /// What it is to become: the full path of the copy itself, not of the directory it goes into.
    pub target: VPath,
    /// What the source is.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// Last modification of the source.
    pub modified: Option<Timestamp>,
    /// Permission bits of the source.
    pub mode: Option<u16>,
}

/// What one copy or move command asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSpec {
    /// Chosen by who asks.
    pub id: BatchId,
    /// Copy or move.
    pub verb: Verb,
    /// The volume of every source.
    pub from: ConnectionId,
    /// The volume of every target.
    pub to: ConnectionId,
    /// What to copy; a directory's contents are found by walking it.
    pub items: Vec<Item>,
    /// What to do about existing targets, to begin with.
    pub existing: Existing,
    /// Whether links to directories are entered.
    pub follow: bool,
    /// How it is carried out.
    pub manner: Manner,
}

/// How a batch is carried out, beyond what goes where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Manner {
    /// What goes first.
    pub priority: Priority,
    /// Over how many connections one big download is spread: `None` as many as make it faster, 1 never more than one.
    pub segments: Option<u16>,
    /// Whether checksums of both sides are compared, where the server offers them.
    pub verify: bool,
    /// Whether permission bits are kept, where they are known and can be set.
    pub modes: bool,
    /// Whether the targets are to become what the sources are.
    pub mirror: Option<Mirror>,
}

/// A copy that makes a directory like another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mirror {
    /// What becomes of targets that have no source.
    pub extras: Extras,
    /// Only tell what would be done.
    pub dry_run: bool,
}

/// What becomes of targets that have no source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Extras {
    /// They stay.
    #[default]
    Keep,
    /// They are deleted, after the walk was complete and nothing of it failed.
    Delete,
}

/// What goes first among what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// After everything else.
    Low,
    /// In its turn.
    #[default]
    Normal,
    /// Before everything else.
    High,
}

/// Which transfers a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// All of them.
    All,
    /// Those of a batch.
    Batch(BatchId),
    /// One.
    Transfer(TransferId),
}

/// Where in the queue a waiting transfer is moved to, among those of its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Before the one before it.
    Up,
    /// Behind the one behind it.
    Down,
    /// Before all.
    Top,
    /// Behind all.
    Bottom,
}

/// How fast transfers may be, in bytes a second; `None` is as fast as they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Limits {
    /// All together.
    pub total: Option<u64>,
    /// From servers.
    pub down: Option<u64>,
    /// To servers.
    pub up: Option<u64>,
}

/// How it is known that a copy is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verified {
    /// The completion reply (226 or 250) and the size agree, or the volume is local.
    Size,
    /// Only the completion reply: the size is not to be had.
    Reply,
    /// The completion reply was lost, and the size was asked on a fresh connection.
    SizeAfterLoss,
    /// The checksums of both sides agree.
    Checksum(Algorithm),
}

/// Where a transfer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferState {
    /// Waits for a lane.
    Queued,
    /// Waits for an answer about its existing target.
    Asking,
    /// Held by the person, or with its batch: waits until it may go on.
    Paused,
    /// Moves.
    Active,
    /// Failed in a way that may pass, and is tried again by itself soon.
    Retrying(Retrying),
    /// Complete and checked.
    Done(Verified),
    /// Not copied, by a rule or because it is a directory link; says why.
    Skipped(String),
    /// Failed; a partial stays for a resume.
    Failed(Failure),
    /// Stopped by the person; a partial stays for a resume.
    Cancelled,
}

/// A transfer between two tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrying {
    /// What the last try failed with.
    pub failure: Failure,
    /// How many tries there were.
    pub tried: u32,
    /// How many there may be; 0 where that goes by time, as with a server that cannot be reached.
    pub of: u32,
    /// Seconds until the next.
    pub seconds: u64,
}

impl Retrying {
    /// When it is tried again, how often it was, and why: `retry in 4 s (2 of 5): 421 Too many connections`. Safe for the screen.
    pub fn words(&self, seconds_left: u64) -> String {
        let Self { tried, of, failure, .. } = self;
        let count = if *of == 0 { format!("{tried} so far") } else { format!("{tried} of {}", of.max(tried)) };
        format!("retry in {} ({count}): {}", super::figures::pause(seconds_left), failure.why())
    }
}

/// One file on its way, as the app and the command line see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its number.
    pub id: TransferId,
    /// The batch it belongs to.
    pub batch: BatchId,
    /// Which way.
    pub direction: Direction,
    /// From where.
    pub source: Place,
    /// To where.
    pub target: Place,
    /// Bytes of the source, where known.
    pub size: Option<u64>,
    /// What goes first.
    pub priority: Priority,
    /// How far.
    pub state: TransferState,
}
