//! How far a run's batches are, and what is said where a full target ends it.

use std::time::Instant;

use crate::bus::BatchSummary;
use crate::model::Failure;
use crate::model::figures;

use super::stop::{SOME_FAILED, Stop};

/// Batches while they are carried out.
#[derive(Default)]
pub struct Course {
    /// Batches that have not ended.
    pub open: usize,
    /// The sum of those that have.
    pub total: BatchSummary,
    /// Why batches are held, one for each: their targets are full.
    pub full: Vec<Failure>,
    /// All that has not ended is held.
    pub gave_up: bool,
    /// Since when a signal has asked for the end.
    pub interrupted: Option<Instant>,
}

impl Course {
    /// So many batches that have just begun.
    pub fn of(batches: usize) -> Self {
        Self { open: batches, ..Self::default() }
    }

    /// A batch has ended.
    pub fn ended(&mut self, one: BatchSummary) {
        self.open -= 1;
        let total = &mut self.total;
        total.done += one.done;
        total.before += one.before;
        total.skipped += one.skipped;
        total.failed += one.failed;
        total.cancelled += one.cancelled;
        total.deleted += one.deleted;
        total.bytes += one.bytes;
        if total.first_failure.is_none() {
            total.first_failure = one.first_failure;
        }
    }
}

/// The one sentence for all that a full target keeps from being copied.
pub fn out_of_room(failure: &Failure, left: u64, journalled: bool) -> Stop {
    let files = figures::count(left, "file is", "files are");
    let how = if journalled { "ftpane queue --resume goes on" } else { "the same command with -c goes on" };
    Stop::new(SOME_FAILED, format!("{failure}; {files} left: when there is room, {how}"))
}
