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
    /// What batches passed over or failed outside of a transfer, newest last, at most [`KEPT`].
    pub noted: VecDeque<(VPath, Failure)>,
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
    /// Copy or move, for the notice at its end.
    pub is_move: bool,
    /// Downloads that were stopped or failed with a part of the file here already.
    pub kept: u64,
    /// How it ended.
    pub summary: Option<BatchSummary>,
}

/// One row of the transfers panel.
#[derive(Debug, Clone, Copy)]
pub enum TransferRow<'a> {
    /// A transfer, under way or ended.
    Transfer(&'a Transfer),
    /// What a batch passed over or could not do outside of a transfer.
    Note(&'a VPath, &'a Failure),
}

impl Transfers {
    /// How many rows the panel has.
    pub fn row_count(&self) -> usize {
        self.order.len() + self.noted.len() + self.ended.len()
    }

    /// A row of the panel: first what is under way in its order, then notes and ended transfers, each newest first.
    pub fn row(&self, index: usize) -> Option<TransferRow<'_>> {
        if let Some(id) = self.order.get(index) {
            return self.open.get(id).map(TransferRow::Transfer);
        }
        let index = index - self.order.len();
        if let Some((path, failure)) = self.noted.len().checked_sub(index + 1).and_then(|i| self.noted.get(i)) {
            return Some(TransferRow::Note(path, failure));
        }
        let index = index - self.noted.len();
        self.ended.len().checked_sub(index + 1).and_then(|i| self.ended.get(i)).map(TransferRow::Transfer)
    }

    /// Whether anything waits, asks or moves.
    pub fn is_busy(&self) -> bool {
        !self.open.is_empty() || self.batches.values().any(|batch| batch.summary.is_none())
    }
}
