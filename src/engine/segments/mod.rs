//! One big download over several connections.
//!
//! The lane that has the file owns it; helpers, lanes of their own, claim parts from a shared table and write them where they belong in the
//! one partial. Guarantee: the owner alone can always finish it all; a helper that fails takes nothing with it but time. Nothing counts as
//! there that was not written, and the file is only taken for whole where every part began with the bytes that the part before it ends
//! with, the last one ended where the file does, and the source still is what it was. Where a server does not keep to that, the file is
//! begun anew over one connection.

mod part;
mod table;
mod trailer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{During, Entry, Failure, FailureKind, VPath};
use crate::volume::{Sink, Source, Volume, WriteFrom};

use super::copy::look;
use super::limit::Throttle;
use super::pump::read_up_to;
use super::work::{FileJob, How, Progress};

use table::{Claim, Range, Table};
use trailer::Subject;

pub(super) use table::WORTH;

/// How often it is written down what is there.
const MARK: Duration = Duration::from_secs(1);
/// How long the owner waits at a time for helpers that are at the last parts.
const TURN: Duration = Duration::from_secs(1);

/// Bytes before a part, as its own connection gave them.
struct Head {
    at: u64,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    /// Not before the owner has opened it.
    table: Option<Table>,
    /// What is still to be compared.
    heads: Vec<Head>,
    /// The source as it was found at the beginning.
    before: Option<Entry>,
    /// When it was last written down what is there.
    marked: Option<Instant>,
    distrusted: bool,
}

/// A download that several lanes share.
pub(super) struct Spread {
    source: VPath,
    partial: VPath,
    size: u64,
    modified: Option<i64>,
    /// Over so many connections.
    count: u16,
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

/// Whether and over how many connections a download of so many bytes is spread.
pub(super) fn worth(asked: Option<u16>, size: Option<u64>) -> Option<u16> {
    asked.filter(|count| *count > 1 && size.is_some_and(|size| size >= 2 * WORTH))
}

impl Spread {
    /// For a download from a server to a local file that is kept at `partial` until it is whole, over so many connections; `None` where its
    /// size is not known.
    pub(super) fn new(job: &FileJob, partial: VPath, count: u16) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            source: job.source.clone(),
            partial,
            size: job.size?,
            modified: job.modified.map(|time| time.seconds),
            count,
            goes_on: if let How::Partial(there) = job.how { Some(there) } else { None },
            progress: job.progress.clone(),
            throttle: job.facts.throttle.clone(),
            stop: job.stop.child_token(),
            state: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Over how many connections.
    pub(super) fn count(&self) -> u16 {
        self.count
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks or changes the table; the default before it is open.
    fn table<T: Default>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        self.state().table.as_mut().map(act).unwrap_or_default()
    }

    /// Bytes that are there.
    pub(super) fn done(&self) -> u64 {
        self.table(|table| table.done())
    }

    fn is_done(&self) -> bool {
        self.table(|table| table.is_done())
    }

    fn claim(&self, last: bool) -> Option<Claim> {
        self.table(|table| table.claim(last))
    }

    fn release(&self, claim: Claim) {
        self.table(|table| table.release(claim.id));
        self.changed.notify_waiters();
    }

    /// The server cannot be believed about parts of this file.
    fn distrust(&self) {
        self.state().distrusted = true;
        self.end();
    }

    fn is_distrusted(&self) -> bool {
        self.state().distrusted
    }

    /// Whether it is time to write down what is there; true for one of all.
    fn is_due(&self) -> bool {
        let mut state = self.state();
        let due = state.table.as_ref().is_some_and(Table::is_sparse) && state.marked.is_none_or(|last| last.elapsed() >= MARK);
        if due {
            state.marked = Some(Instant::now());
        }
        due
    }

    /// Writes down what is there, behind the last byte of the file.
    async fn mark<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        let ranges = self.table(|table| table.ranges());
        let mut sink = b.write(&self.partial, WriteFrom::Within(self.size), None, &CancellationToken::new()).await?;
        if let Err(error) = sink.write(&trailer::encode(self.subject(), &ranges)).await {
            sink.abandon().await;
            return Err(super::pump::broken(&error, During::Write).about(self.partial.as_bytes()));
        }
        sink.finish(false).await
    }

    /// Makes the table: from what an earlier run has left, where that says what is there, else for a file that is begun anew.
    async fn open<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        if self.state().table.is_some() {
            return Ok(());
        }
        let there = match self.goes_on {
            Some(most) => self.left(b, most).await?,
            None => None,
        };
        let mut table = Table::new(self.size, there.as_deref().unwrap_or_default());
        table.cut(u64::from(self.count));
        if there.is_none() {
            b.write(&self.partial, WriteFrom::Start, None, &self.stop).await?.finish(false).await?;
        }
        let is_sparse = table.is_sparse();
        self.progress.start_at(table.done());
        if is_sparse {
            // Whoever finds it from here on knows that it has holes.
            b.write(&self.partial, WriteFrom::Within(0), Some(self.size), &self.stop).await?.finish(false).await?;
        }
        self.state().table = Some(table);
        if is_sparse && self.is_due() {
            self.mark(b).await?;
        }
        self.changed.notify_waiters();
        Ok(())
    }

    fn subject(&self) -> Subject {
        Subject { size: self.size, modified: self.modified }
    }

    /// What an earlier run has left: what it has written down, or a beginning of `most` bytes at most.
    async fn left<B: Volume>(&self, b: &mut B, most: u64) -> Result<Option<Vec<Range>>, Failure> {
        let Some(length) = look(b, &self.partial).await?.as_ref().and_then(Entry::file_size) else { return Ok(None) };
        if length <= self.size {
            return Ok(Some(vec![(0, length.min(most))]));
        }
        let mut source = b.read(&self.partial, self.size, &self.stop).await?;
        let bytes = read_up_to(&mut source, trailer::LONGEST, &self.stop).await;
        source.abandon().await;
        Ok(trailer::decode(&bytes?, self.subject()))
    }

    /// Bytes of the partial.
    async fn read_back<B: Volume>(&self, b: &mut B, at: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let mut source = b.read(&self.partial, at, &self.stop).await?;
        let bytes = read_up_to(&mut source, length, &self.stop).await;
        source.abandon().await;
        bytes
    }

    /// Waits until the table has changed, a while, or all is stopped.
    async fn wait(&self) {
        let changed = self.changed.notified();
        tokio::select! {
            () = changed => {}
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(TURN) => {}
        }
    }
}

/// Fetches the file as its owner, with whoever helps.
pub(super) async fn fetch<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<Fetched, Failure> {
    let fetched = own(a, b, spread, block).await;
    if spread.is_distrusted() {
        return Ok(Fetched::NotSo);
    }
    if fetched.is_err() && spread.table(|table| table.is_sparse()) {
        // What was fetched so far is worth something to the next try, and the failure that is told is the first one.
        let _ = spread.mark(b).await;
    }
    fetched
}

async fn own<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<Fetched, Failure> {
    spread.open(b).await?;
    if spread.state().before.is_none() {
        let found = look(a, &spread.source).await?;
        if found.as_ref().and_then(Entry::file_size).is_some_and(|size| size != spread.size) || !a.abilities().resume_read {
            spread.distrust();
            return Ok(Fetched::NotSo);
        }
        spread.state().before = found;
    }
    // That nothing comes behind the last byte is part of it: else a server that sends from another place might not be found out.
    while !spread.is_done() || spread.table(|table| table.is_ending()) {
        if spread.is_over() {
            return Err(Failure::cancelled(During::Read));
        }
        match spread.claim(true) {
            Some(claim) => part::fetch(a, b, spread, (claim, true), block).await?,
            None => spread.wait().await,
        }
        if spread.is_due() {
            spread.mark(b).await?;
        }
    }
    conclude(a, b, spread).await
}

/// All is there: whether it is the file.
async fn conclude<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread) -> Result<Fetched, Failure> {
    let (heads, before) = {
        let mut state = spread.state();
        (std::mem::take(&mut state.heads), state.before.clone())
    };
    for head in heads {
        if spread.read_back(b, head.at, head.bytes.len()).await? != head.bytes {
            spread.distrust();
            return Ok(Fetched::NotSo);
        }
    }
    let after = look(a, &spread.source).await?;
    let same = match (&before, &after) {
        (Some(before), Some(after)) => before.size == after.size && before.modified == after.modified,
        (None, None) => true,
        _ => false,
    };
    if !same {
        spread.distrust();
        return Ok(Fetched::NotSo);
    }
    // What was written down behind the end goes.
    b.write(&spread.partial, WriteFrom::Offset(spread.size), None, &spread.stop).await?.finish(true).await?;
    spread.end();
    Ok(Fetched::Whole)
}

/// Helps as long as there is something worth it.
pub(super) async fn help<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, block: &mut [u8]) -> Result<(), Failure> {
    while spread.state().table.is_none() && !spread.is_over() {
        spread.wait().await;
    }
    while !spread.is_over() {
        let Some(claim) = spread.claim(false) else { break };
        let fetched = match if spread.is_due() { spread.mark(b).await } else { Ok(()) } {
            Ok(()) => part::fetch(a, b, spread, (claim, false), block).await,
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
