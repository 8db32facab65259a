//! The transfers and batches, as last told by the engine, in the order in which the panel shows them.
//!
//! Guarantee: no event costs more for a queue of many thousands than for one of ten; the cursor stays on the row that it was put on while
//! rows come and go around it, so that a key never hits another one.

mod line;
mod rows;
mod spark;
mod tally;

use std::collections::{BTreeMap, HashMap};

use crate::bus::event::{BatchSummary, Count};
use crate::model::journal::Unfinished;
use crate::model::transfer::Retrying;
use crate::model::{BatchId, Failure, Transfer, TransferId, TransferState, VPath};

pub use line::{Key, Line};
pub use rows::{Row, Section, TABS, Tab};
pub use spark::Spark;

/// How many ended rows of a kind are kept to be shown; [`Transfers::count`] counts all. Each of them can be tried again.
pub const KEPT: usize = crate::model::transfer::ENDED_KEPT;

/// Names a row, whatever happens around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// A transfer.
    Transfer(TransferId),
    /// Something that a batch passed over or could not do outside of a transfer, by its number.
    Note(u64),
    /// A batch that an earlier run has not finished, by its number in the journal.
    Unfinished(i64),
}

/// What is behind a row.
#[derive(Debug)]
pub enum What {
    /// A transfer.
    Transfer(Box<Job>),
    /// What a batch passed over or could not do outside of a transfer.
    Note(Box<Note>),
    /// What an earlier run has not finished.
    Unfinished(Box<Unfinished>),
}

/// A transfer and what was seen of it.
#[derive(Debug)]
pub struct Job {
    /// As last told.
    pub transfer: Transfer,
    /// How often it was tried and failed in a way that may pass.
    pub tried: u32,
    /// What it failed with the last time.
    pub trouble: Option<Failure>,
    /// [`crate::app::App::now`] of the next try, between two of them.
    pub again: Option<u64>,
    /// Bytes of it that were in place when it was last told, as it does where it stops.
    pub reached: u64,
    /// The most connections that it came over at once, where it has ended and there were several; else 0.
    pub connections: u16,
    /// Its place in the queue.
    place: u64,
}

impl Job {
    /// Seconds until it is tried again, between two tries.
    pub fn until_again(&self, now: u64) -> u64 {
        self.again.unwrap_or(0).saturating_sub(now).div_ceil(1000)
    }

    /// Why it waits to be tried again, where it does.
    pub fn retrying(&self) -> Option<&Retrying> {
        if let TransferState::Retrying(retrying) = &self.transfer.state { Some(retrying) } else { None }
    }
}

/// What a batch passed over or could not do outside of a transfer.
#[derive(Debug)]
pub struct Note {
    /// Of which batch.
    pub batch: BatchId,
    /// The source.
    pub path: VPath,
    /// Why.
    pub failure: Failure,
    /// Whether it counts as failed.
    pub failed: bool,
    /// Whether it can be tried again, with all that failed of its batch.
    pub again: bool,
}

/// The transfers.
#[derive(Debug, Default)]
pub struct Transfers {
    rows: HashMap<RowId, Row>,
    lines: rows::Lines,
    /// Batches of this run.
    pub batches: HashMap<BatchId, Batch>,
    /// Batches of which nothing is begun, and why where it was no person who held them.
    pub held: BTreeMap<BatchId, Option<Failure>>,
    /// What earlier runs have not finished is offered above the key bar.
    pub offered: bool,
    /// Why transfers will not survive the end of the program.
    pub no_journal: Option<Failure>,
    /// Which rows the panel shows.
    pub tab: Tab,
    /// Only rows that hold all of these words.
    pub filter: Option<String>,
    /// Which of the rows shown has the cursor.
    pub cursor: usize,
    /// The first row on the screen, before the layout moves it as far as the cursor needs.
    pub top: usize,
    /// A person, who looks at the panel, has put the cursor where it is.
    pub chosen: bool,
    /// The row under the cursor, and whether it had ended when the cursor came to it.
    picked: Option<(RowId, bool)>,
    /// The same of the row below.
    below: Option<(RowId, bool)>,
    /// The rate of the last minutes.
    pub spark: Spark,
    /// How many rows are paused.
    pub paused: usize,
    /// How many of the rows that failed were cancelled.
    pub cancelled: usize,
    /// How many ask about their targets.
    pub asking: usize,
    /// How many rows were passed over, and how many of those are not kept any more.
    passed: usize,
    passed_dropped: u64,
    /// The bytes that had gone through when what is under way was begun, of [`crate::bus::Meters::moved`].
    pub moved_before: u64,
    next_place: u64,
    next_note: u64,
}

/// A batch of this run.
#[derive(Debug, Default)]
pub struct Batch {
    /// What was found so far, and whether that is all.
    pub found: Count,
    /// Whether the walk is complete.
    pub planned: bool,
    /// An earlier run began it, and no pane asked for it: what it brings is shown when it ends.
    pub restored: bool,
    /// Copy or move, for the notice at its end.
    pub is_move: bool,
    /// Downloads that were stopped or failed with a part of the file here already.
    pub kept: u64,
    /// Something of it failed that can be tried again.
    pub again: bool,
    /// Transfers of it that have not ended, as far as they were told.
    pub open: usize,
    /// Transfers of it that have ended.
    pub ended: u64,
    /// [`crate::app::App::now`] when it was asked for.
    pub begun: u64,
    /// How it ended.
    pub summary: Option<BatchSummary>,
}

impl Transfers {
    /// Whether anything waits, asks or moves.
    pub fn is_busy(&self) -> bool {
        self.open_count() > 0 || self.batches.values().any(|batch| batch.summary.is_none())
    }

    /// Whether all that is under way was found.
    pub fn is_planned(&self) -> bool {
        self.batches.values().all(|batch| batch.planned || batch.summary.is_some())
    }

    /// How many wait, ask or move, as far as they were told.
    pub fn open_count(&self) -> usize {
        self.len(Section::Active) + self.len(Section::Queued)
    }

    /// Files of open batches that were found and not told of one by one.
    pub fn untold(&self) -> u64 {
        let open = self.batches.values().filter(|batch| batch.summary.is_none());
        open.map(|batch| batch.found.files.saturating_sub(batch.ended + batch.open as u64)).sum()
    }

    /// Files that were cancelled with their batch before they were told of one by one. Trying all again brings them back.
    pub fn cancelled_untold(&self) -> u64 {
        let untold = |batch: &Batch| Some(batch.summary.as_ref()?.cancelled.min(batch.found.files.saturating_sub(batch.ended)));
        self.batches.values().filter_map(untold).sum()
    }

    /// What has ended can be tried again no more.
    pub fn forget_ended(&mut self) {
        self.batches.retain(|_, batch| batch.summary.is_none());
    }

    /// Whether something waits, and all that does is held: nothing goes on by itself.
    pub fn is_paused(&self) -> bool {
        let waits = self.len(Section::Queued);
        self.len(Section::Active) == 0 && (!self.held.is_empty() || (waits > 0 && self.paused == waits))
    }

    /// Why a batch is held, where it was no person who held it.
    pub fn held_by(&self) -> Option<(BatchId, &Failure)> {
        self.held.iter().find_map(|(batch, failure)| Some((*batch, failure.as_ref()?)))
    }

    /// A transfer by its number.
    pub fn job(&self, id: TransferId) -> Option<&Job> {
        match &self.rows.get(&RowId::Transfer(id))?.what {
            What::Transfer(job) => Some(job),
            What::Note(_) | What::Unfinished(_) => None,
        }
    }

    /// A transfer came into the queue, for the first time or again.
    pub fn queued(&mut self, transfer: Transfer, now: u64) {
        let id = RowId::Transfer(transfer.id);
        let (tried, reached) = self.job(transfer.id).map_or((0, 0), |job| (job.tried, job.reached));
        let known = self.job(transfer.id).map(|job| (job.transfer.state.has_ended(), job.place));
        let place = match known {
            Some((false, place)) => place,
            Some((true, ..)) | None => self.give_place(),
        };
        let was_open = matches!(known, Some((false, ..)));
        self.take_out(id);
        let batch = self.batches.entry(transfer.batch).or_insert_with(|| Batch { begun: now, ..Batch::default() });
        if batch.summary.take().is_some() {
            (batch.begun, batch.kept) = (now, 0);
        }
        if !was_open && !transfer.state.has_ended() {
            batch.open += 1;
        }
        if let Some((true, ..)) = known {
            // Tried again: it has not ended any more.
            batch.ended = batch.ended.saturating_sub(1);
        }
        self.put_in(id, What::Transfer(Box::new(Job { transfer, tried, trouble: None, again: None, reached, connections: 0, place })));
    }

    /// A download came over so many connections at once, at most.
    pub fn came_in_parts(&mut self, id: TransferId, connections: u16) {
        if let Some(job) = self.job_mut(id) {
            job.connections = connections;
        }
    }

    /// So much of a transfer is in place.
    pub fn reached(&mut self, id: TransferId, done: u64) {
        if let Some(job) = self.job_mut(id) {
            job.reached = done;
        }
    }

    fn job_mut(&mut self, id: TransferId) -> Option<&mut Job> {
        match self.rows.get_mut(&RowId::Transfer(id)).map(|row| &mut row.what) {
            Some(What::Transfer(job)) => Some(job),
            _ => None,
        }
    }

    /// The state of a transfer changed. Tells whether the transfer is known.
    pub fn changed(&mut self, id: TransferId, state: TransferState, now: u64) -> bool {
        let row = RowId::Transfer(id);
        let Some(What::Transfer(mut job)) = self.take_out(row) else { return false };
        let had_ended = job.transfer.state.has_ended();
        match &state {
            TransferState::Retrying(retrying) => {
                job.tried = retrying.tried;
                job.trouble = Some(retrying.failure.clone());
                job.again = Some(now.saturating_add(retrying.seconds.saturating_mul(1000)));
            }
            TransferState::Failed(failure) => {
                (job.tried, job.again) = (job.tried + 1, None);
                job.trouble = Some(failure.clone());
            }
            _ => job.again = None,
        }
        job.transfer.state = state;
        if let Some(batch) = self.batches.get_mut(&job.transfer.batch)
            && !had_ended
            && job.transfer.state.has_ended()
        {
            batch.open = batch.open.saturating_sub(1);
            batch.ended += 1;
        }
        self.put_in(row, What::Transfer(job));
        true
    }

    /// A waiting transfer stands before another one now, or behind all.
    pub fn shifted(&mut self, id: TransferId, before: Option<TransferId>) {
        let row = RowId::Transfer(id);
        let Some(What::Transfer(mut job)) = self.take_out(row) else { return };
        job.place = before.and_then(|before| self.place_before(before)).unwrap_or_else(|| self.give_place());
        self.put_in(row, What::Transfer(job));
    }

    /// What goes first has changed.
    pub fn prioritized(&mut self, id: TransferId, priority: crate::model::Priority) {
        let row = RowId::Transfer(id);
        let Some(What::Transfer(mut job)) = self.take_out(row) else { return };
        job.transfer.priority = priority;
        self.put_in(row, What::Transfer(job));
    }

    /// Something was passed over, or failed, without becoming a transfer.
    pub fn noted(&mut self, note: Note) {
        let id = RowId::Note(self.next_note);
        self.next_note += 1;
        self.put_in(id, What::Note(Box::new(note)));
    }

    /// What could be tried again of these is tried again: it is told anew if it fails again.
    pub fn notes_again(&mut self, of: Option<BatchId>) {
        let is_one = |row: &&Row| matches!(&row.what, What::Note(note) if note.again && of.is_none_or(|of| of == note.batch));
        let notes: Vec<RowId> = self.rows.values().filter(is_one).map(|row| row.id).collect();
        for id in notes {
            self.take_out(id);
        }
    }

    /// What earlier runs have not finished is this now.
    pub fn unfinished(&mut self, batches: Vec<Unfinished>) {
        for id in self.lines.all(Section::Unfinished).iter().collect::<Vec<_>>() {
            self.take_out(id);
        }
        for batch in batches {
            self.put_in(RowId::Unfinished(batch.id), What::Unfinished(Box::new(batch)));
        }
    }

    /// A batch that ended has no transfers under way: an end that was not told is an end all the same.
    pub fn close(&mut self, batch: BatchId) {
        self.held.remove(&batch);
        if self.batches.get(&batch).is_none_or(|batch| batch.open == 0) {
            return;
        }
        let of_batch = |row: &&Row| matches!(&row.what, What::Transfer(job) if job.transfer.batch == batch && row.section.is_open());
        let left: Vec<RowId> = self.rows.values().filter(of_batch).map(|row| row.id).collect();
        for id in left {
            self.take_out(id);
        }
        if let Some(batch) = self.batches.get_mut(&batch) {
            batch.open = 0;
        }
    }

    /// A place right before a transfer, however little room there is.
    fn place_before(&mut self, id: TransferId) -> Option<u64> {
        let key = rows::queue_key(self.job(id)?);
        if let Some(place) = self.lines.all(Section::Queued).place_before(key) {
            return Some(place);
        }
        self.spread();
        self.lines.all(Section::Queued).place_before(rows::queue_key(self.job(id)?))
    }

    fn give_place(&mut self) -> u64 {
        self.next_place += line::GAP;
        self.next_place
    }

    /// Makes room between all rows of the queue; needed after many rows were moved to the same place.
    fn spread(&mut self) {
        for id in self.lines.all(Section::Queued).iter().collect::<Vec<_>>() {
            let Some(What::Transfer(mut job)) = self.take_out(id) else { continue };
            job.place = self.give_place();
            self.put_in(id, What::Transfer(job));
        }
    }
}

/// Whether a state is an end.
pub trait HasEnded {
    /// Whether nothing more comes of it by itself.
    fn has_ended(&self) -> bool;
}

impl HasEnded for TransferState {
    fn has_ended(&self) -> bool {
        match self {
            Self::Queued | Self::Asking | Self::Paused | Self::Active | Self::Retrying(_) => false,
            Self::Done(_) | Self::Skipped(_) | Self::Failed(_) | Self::Cancelled => true,
        }
    }
}
