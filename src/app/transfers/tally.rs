//! How many rows are in a state that is told by itself: counted as rows come and go, never by a walk over them.

use crate::model::TransferState;

use super::rows::Section;
use super::{Transfers, What};

impl Transfers {
    /// A row came, or went.
    pub(super) fn tally(&mut self, what: &What, came: bool) {
        let (paused, asking, cancelled) = match what {
            What::Transfer(job) => {
                let is = |state| usize::from(job.transfer.state == state);
                (is(TransferState::Paused), is(TransferState::Asking), is(TransferState::Cancelled))
            }
            What::Note(_) | What::Unfinished(_) => (0, 0, 0),
        };
        let passed = usize::from(is_passed_over(what));
        let counts = [(&mut self.paused, paused), (&mut self.asking, asking), (&mut self.cancelled, cancelled), (&mut self.passed, passed)];
        for (count, one) in counts {
            *count = if came { *count + one } else { count.saturating_sub(one) };
        }
    }

    /// Whether something of what is under way has ended, so that it is on its way also in a moment in which nothing is on a meter.
    pub fn has_begun(&self) -> bool {
        self.batches.values().any(|batch| batch.summary.is_none() && batch.ended > 0)
    }

    /// How many are done, those included that are not kept any more.
    pub fn done(&self) -> u64 {
        self.count(Section::Done).saturating_sub(self.passed_over())
    }

    /// How many were passed over by rule, or told without being a transfer, and did not fail.
    pub fn passed_over(&self) -> u64 {
        self.passed as u64 + self.passed_dropped
    }
}

/// Whether nothing was copied, and nothing failed.
pub(super) fn is_passed_over(what: &What) -> bool {
    match what {
        What::Transfer(job) => matches!(job.transfer.state, TransferState::Skipped(_)),
        What::Note(note) => !note.failed,
        What::Unfinished(_) => false,
    }
}
