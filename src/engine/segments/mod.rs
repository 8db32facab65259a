//! One big download over several connections.
//!
//! The lane that has the file owns it; helpers, lanes of their own, claim parts from a shared table and write them where they belong in the
//! one partial. It begins with one connection or with as many as are asked for, and others may join and leave while it goes on. Guarantee: the
//! owner alone can always finish it all; a helper that fails takes nothing with it but time. Nothing counts as there that was not written, and
//! the file is only taken for whole where every part began with the bytes that the part before it ends with, and the last one ended where
//! the file does. Where a server does not keep to that, the file is begun anew over one connection.

mod first;
mod head;
mod kept;
mod pace;
mod part;
mod table;
mod trailer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{During, Entry, Failure, FailureKind, TransferId, VPath};
use crate::volume::Volume;

use super::copy::look;
use super::limit::Throttle;
use super::progress::Progress;
use super::work::{FileJob, How};

pub(super) use first::{first, may};
use head::Head;
use kept::Kept;
pub(super) use pace::JOINING;
use pace::Pace;
use part::Holder;
use table::{Claim, Table};
use trailer::Subject;

/// How long the owner waits at a time for helpers that are at the last parts.
const TURN: Duration = Duration::from_secs(1);
/// After so many turns without a byte the owner takes a part from its helper.
const PATIENCE: u32 = 5;
#[derive(Default)]
struct State {
    /// Not before the owner has opened it.
    table: Option<Table>,
    /// What is to be compared once all is there.
    heads: Vec<Head>,
    kept: Kept,
    pace: Pace,
    /// Helpers that are at it, those of them that are about to go, and how many may be.
    helping: usize,
    going: usize,
    allowed: Option<usize>,
    /// It goes on over one connection.
    alone: bool,
    distrusted: bool,
}

/// A download that several lanes share.
pub(super) struct Spread {
    id: TransferId,
    source: VPath,
    partial: VPath,
    size: u64,
    modified: Option<i64>,
    /// Over how many connections, where that was asked for.
    asked: Option<u16>,
    /// So much of what is at the partial may be gone on with.
    goes_on: Option<u64>,
    progress: Arc<Progress>,
    throttle: Throttle,
    stop: CancellationToken,
    state: Mutex<State>,
    changed: Notify,
}

impl std::fmt::Debug for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spread").field("source", &self.source).field("size", &self.size).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// The partial is the whole file.
    Whole,
    /// This server or this file is not to be had in parts.
    NotSo,
}

impl Spread {
    /// For a download from a server to a local file that is kept at `partial` until it is whole; `None` where its size is not known.
    pub(super) fn new(job: &FileJob, partial: VPath, asked: Option<u16>) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            id: job.id,
            source: job.source.clone(),
            partial,
            size: job.size?,
            modified: job.modified.map(|time| time.seconds),
            asked,
            goes_on: if let How::Partial(there) = job.how { Some(there) } else { None },
            progress: job.progress.clone(),
            throttle: job.facts.throttle.clone(),
            stop: job.stop.child_token(),
            state: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Whose bytes they are.
    pub(super) fn id(&self) -> TransferId {
        self.id
    }

    /// Over how many connections, where that was asked for.
    pub(super) fn asked(&self) -> Option<u16> {
        self.asked
    }

    /// Over how many connections to begin with, from a server so far away.
    pub(super) fn first(&self, round_trip: Option<Duration>) -> u16 {
        first(self.asked, self.size, round_trip)
    }

    /// Ends who helps.
    pub(super) fn end(&self) {
        self.stop.cancel();
        self.changed.notify_waiters();
    }

    /// Whether there is nothing to help with any more.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends helpers' waiting.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Lets so many help from now on; others go as soon as they can.
    pub(super) fn allow(&self, helpers: usize) {
        self.state().allowed = Some(helpers);
    }

    /// A helper joins, where it may.
    fn join(&self) -> Option<Seat<'_>> {
        let mut state = self.state();
        if state.allowed.is_some_and(|allowed| state.helping - state.going >= allowed) {
            return None;
        }
        state.helping += 1;
        Some(Seat(self))
    }

    /// Whether another connection may make it faster: the file is being fetched, and enough of it will be left for one more when that has
    /// logged in. Where bytes are not let through as fast as they come, none does.
    pub(super) fn has_room(&self) -> bool {
        let mut state = self.state();
        let may = !state.alone && state.kept.is_open() && !self.is_over() && self.throttle.step().is_none();
        let State { table, pace, .. } = &mut *state;
        may && pace.is_steady() && table.as_ref().is_some_and(|table| table.largest() >= pace.worth_joining(table.holders()))
    }

    /// Bytes a second of each of them lately, once that is known.
    pub(super) fn each(&self) -> Option<f64> {
        let state = self.state();
        let holders = state.table.as_ref().map_or(0, Table::holders).max(1);
        state.pace.lately(Instant::now()).map(|rate| rate / holders as f64)
    }

    /// Whether it is known what is there, and the partial made where nothing was.
    pub(super) fn is_open(&self) -> bool {
        self.state().table.is_some()
    }

    /// Bytes that are there.
    pub(super) fn done(&self) -> u64 {
        self.table(|table| table.done())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks or changes the table; the default before it is open.
    fn table<T: Default>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        self.state().table.as_mut().map(act).unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.table(|table| table.is_done())
    }

    fn claim(&self, last: bool) -> Option<Claim> {
        let mut state = self.state();
        let State { table, pace, .. } = &mut *state;
        let table = table.as_mut()?;
        let claim = table.claim(last, pace.worth(table.holders()));
        self.progress.comes_over(table.holders());
        claim
    }

    fn release(&self, claim: Claim) {
        self.table(|table| {
            table.release(claim.id);
            self.progress.comes_over(table.holders());
        });
        self.changed.notify_waiters();
    }

    /// So many bytes of a part were written.
    fn advance(&self, claim: Claim, bytes: u64) {
        let mut state = self.state();
        if let Some(table) = &mut state.table {
            table.advance(claim.id, bytes);
        }
        state.pace.came(bytes, Instant::now());
        drop(state);
        self.progress.add(bytes);
    }

    /// Whether one of the helpers is to go; whoever asks goes.
    fn is_one_too_many(&self) -> bool {
        let mut state = self.state();
        let goes = state.alone || state.allowed.is_some_and(|allowed| state.helping - state.going > allowed);
        state.going += usize::from(goes);
        goes
    }

    /// The server gives the file from its beginning only: who is at it goes on, and nobody joins.
    fn leave_alone(&self) {
        self.state().alone = true;
    }

    /// The server cannot be believed about parts of this file.
    fn distrust(&self) {
        self.state().distrusted = true;
        self.end();
    }

    fn is_distrusted(&self) -> bool {
        self.state().distrusted
    }

    fn subject(&self) -> Subject {
        Subject { size: self.size, modified: self.modified }
    }

    /// Waits until the table has changed, a while, or all is stopped.
    async fn wait(&self) {
        let changed = self.changed.notified();
        tokio::select! {
            () = changed => {}
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(TURN) => self.table(|table| table.turn()),
        }
    }
}

/// A helper's place.
struct Seat<'a>(&'a Spread);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.helping -= 1;
        state.going = state.going.saturating_sub(1).min(state.helping);
    }
}

/// Fetches the file as its owner, with whoever helps.
pub(super) async fn fetch<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<Fetched, Failure> {
    let fetched = own(a, b, spread, block).await;
    if spread.is_distrusted() {
        // It is begun anew in the same place.
        spread.shut().await;
        return Ok(Fetched::NotSo);
    }
    if fetched.is_err() {
        spread.break_off(b).await;
    }
    fetched
}

async fn own<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<Fetched, Failure> {
    let can_begin_anywhere = a.abilities().resume_read;
    let round_trip = a.opened().round_trip;
    spread.state().pace.learn_distance(round_trip.unwrap_or_default());
    spread.open(b, if can_begin_anywhere { spread.first(round_trip) } else { 1 }).await?;
    if !can_begin_anywhere {
        if spread.table(|table| table.is_sparse() || table.done() > 0) {
            spread.distrust();
            return Ok(Fetched::NotSo);
        }
        spread.leave_alone();
    }
    // The last part first: its connection ends by itself, and is in step when all is there.
    let mut last = true;
    // That nothing comes behind the last byte is part of it: else a server that sends from another place might not be found out.
    while !spread.is_done() || spread.table(|table| table.is_ending()) {
        if spread.is_over() {
            return Err(Failure::cancelled(During::Read));
        }
        let claim = spread.claim(last).or_else(|| spread.table(|table| table.take_over(PATIENCE)));
        last = false;
        match claim {
            Some(claim) => part::fetch(a, b, spread, Holder { claim, owns: true }, block).await?,
            None => spread.wait().await,
        }
        if spread.is_due() {
            spread.mark(b).await?;
        }
    }
    conclude(b, spread).await
}

/// All is there: whether it is the file. That the source is still what it was is seen to by who copies.
async fn conclude<B: Volume>(b: &mut B, spread: &Spread) -> Result<Fetched, Failure> {
    // They stay until all is there: should this fail, whoever goes on compares them.
    let heads = spread.state().heads.clone();
    for head in heads {
        if !head.is_of(&spread.read_back(b, head.at, head.length as usize).await?) {
            spread.distrust();
            return Ok(Fetched::NotSo);
        }
    }
    // A helper that is late must write nothing behind the end of the file, or into it once it has its name.
    spread.shut().await;
    spread.complete(b).await?;
    Ok(Fetched::Whole)
}

/// Helps as long as there is something worth it.
pub(super) async fn help<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<(), Failure> {
    while spread.state().table.is_none() && !spread.is_over() {
        spread.wait().await;
    }
    let Some(_seat) = spread.join() else { return Ok(()) };
    if spread.is_over() || !spread.prepare(b).await? {
        return Ok(());
    }
    while !spread.is_over() && !spread.is_one_too_many() {
        let Some(claim) = spread.claim(false) else { break };
        let fetched = match if spread.is_due() { spread.mark(b).await } else { Ok(()) } {
            Ok(()) => part::fetch(a, b, spread, Holder { claim, owns: false }, block).await,
            Err(failure) => {
                spread.release(claim);
                Err(failure)
            }
        };
        match fetched {
            Err(_) if spread.is_over() => break,
            fetched => fetched?,
        }
    }
    Ok(())
}

/// Whether an earlier run has left a partial in parts.
pub(super) async fn is_left<B: Volume>(b: &mut B, job: &FileJob, partial: &VPath) -> Result<bool, Failure> {
    let (How::Partial(_), Some(size)) = (job.how, job.size) else { return Ok(false) };
    Ok(look(b, partial).await?.as_ref().and_then(Entry::file_size).is_some_and(|length| length > size))
}

/// What ends helpers when their owner is done, however that comes.
#[derive(Debug)]
pub(super) struct Owned(pub(super) Arc<Spread>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A failure after which the same part is fetched once more.
fn early(spread: &Spread) -> Failure {
    Failure::new(FailureKind::Disconnected, During::Read, "the data ended before the part did").about(spread.source.as_bytes())
}
