//! The transfers and batches, as last told by the engine.

use std::collections::{HashMap, VecDeque};

use crate::bus::event::{BatchSummary, Count};
use crate::model::{BatchId, Failure, Transfer, TransferId, VPath};

/// How many finished transfers are kept to be shown.
pub const KEPT: usize = 1000;

/// The transfers.
#[derive(Debug, Default)]
pub struct Transfers {
    /// Those that wait, ask or move.
    pub open: HashMap<TransferId, Transfer>,
    /// Those that wait, ask or move, in the order they were queued.
    pub order: VecDeque<TransferId>,
    /// Ended ones, newest last, at most [`KEPT`].
    pub ended: VecDeque<Transfer>,
    /// Batches under way.
    pub batches: HashMap<BatchId, Batch>,
    /// Which row of the panel has the cursor.
    pub selected: usize,
    /// First row on the screen.
    pub top: usize,
}

/// A batch under way.
#[derive(Debug, Default)]
pub struct Batch {
    /// What was found so far, and whether that is all.
    pub found: Count,
    /// Whether the walk is complete.
    pub planned: bool,
    /// What was passed over or failed outside of a transfer.
    pub notes: Vec<(VPath, Failure)>,
    /// How it ended.
    pub summary: Option<BatchSummary>,
}
