//! What is kept of a file in parts on the disk: its bytes, and behind them which of them are there, and what they are to be compared with.
//!
//! Guarantee: before anybody writes a byte that does not follow the ones before it, a trailer says so; from then on there is one until all
//! is there. A part's bytes are written before a trailer counts them.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{During, Entry, Failure};
use crate::volume::{Sink, Source, Volume, WriteFrom};

use super::super::copy::look;
use super::super::pump::{broken, read_up_to};
use super::Spread;
use super::table::{Range, Table};
use super::trailer::{self, Told};

/// How often it is written down what is there.
pub(super) const MARK: Duration = Duration::from_secs(1);

/// What was written down.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The number of the newest trailer.
    number: u64,
    /// When it was last begun with, and how many bytes were there then.
    last: Option<(Instant, u64)>,
    /// The space for the whole file is still to be kept.
    lacks_space: bool,
    /// A trailer is there.
    is_marked: bool,
    /// One is there or about to be.
    is_begun: bool,
    /// Nobody may begin with one: the file breaks off as it is.
    is_closed: bool,
    /// How many have it open to write.
    writing: usize,
    /// Nobody may write into it any more.
    is_shut: bool,
}

impl Kept {
    /// Whether helpers may join.
    pub(super) fn is_open(&self) -> bool {
        !self.is_closed
    }
}

/// Somebody who has the partial open to write.
pub(super) struct Writing<'a>(&'a Spread);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.state().kept.writing -= 1;
        self.0.changed.notify_waiters();
    }
}

impl Spread {
    /// To be held as long as the partial is open to write. `None` where it is the file by now, or none of this download's.
    pub(super) fn begin_writing(&self) -> Option<Writing<'_>> {
        let mut state = self.state();
        if state.kept.is_shut {
            return None;
        }
        state.kept.writing += 1;
        Some(Writing(self))
    }

    /// Ends all that is written into the partial, and waits until it has ended.
    pub(super) async fn shut(&self) {
        self.state().kept.is_shut = true;
        self.end();
        self.at_rest().await;
    }

    /// Its owner has failed, or was told to stop, after which nobody else goes on with it either.
    pub(super) async fn break_off<B: Volume>(&self, b: &mut B) {
        let is_over = self.is_over();
        if is_over {
            self.at_rest().await;
        }
        // What was fetched so far is worth something to the next try, and the failure that is told is the first one.
        let _ = self.keep(b).await;
        if is_over {
            self.shut().await;
        }
    }

    /// Waits until nobody has it open to write.
    async fn at_rest(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.state().kept.writing == 0 {
                return;
            }
            changed.await;
        }
    }

    /// A helper is about to join: sees to it that a trailer is there. False where nobody may.
    pub(super) async fn prepare<B: Volume>(&self, b: &mut B) -> Result<bool, Failure> {
        let is_marked = {
            let mut state = self.state();
            if !state.kept.is_open() || state.alone {
                return Ok(false);
            }
            state.kept.is_begun = true;
            state.kept.is_marked
        };
        if !is_marked {
            self.mark(b).await?;
        }
        Ok(true)
    }

    /// Whether it is time to write down what is there; true for one of all.
    pub(super) fn is_due(&self) -> bool {
        let mut state = self.state();
        let Some(done) = state.table.as_ref().map(Table::done) else { return false };
        let due = state.kept.is_marked && state.kept.last.is_none_or(|(last, then)| last.elapsed() >= MARK && done != then);
        if due {
            state.kept.last = Some((Instant::now(), done));
        }
        due
    }

    /// Writes down what is there.
    pub(super) async fn mark<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        let ranges = self.table(|table| table.ranges());
        self.mark_as(b, ranges).await
    }

    /// Writes down that these are there, behind the last byte of the file.
    async fn mark_as<B: Volume>(&self, b: &mut B, ranges: Vec<Range>) -> Result<(), Failure> {
        let Some(_writing) = self.begin_writing() else { return Ok(()) };
        let told = {
            let mut state = self.state();
            state.kept.number += 1;
            // A head is here before the first byte of its part counts, and stays: taken after the ranges, none of theirs is missing.
            Told { number: state.kept.number, ranges, heads: state.heads.clone() }
        };
        let at = trailer::place(self.subject(), told.number);
        let mut sink = b.write(&self.partial, WriteFrom::Within(at), None, &super::CancellationToken::new()).await?;
        if let Err(error) = sink.write(&trailer::encode(self.subject(), told)).await {
            sink.abandon().await;
            return Err(broken(&error, During::Write).about(self.partial.as_bytes()));
        }
        sink.finish(false).await?;
        self.state().kept.is_marked = true;
        Ok(())
    }

    /// Makes the table, cut for `count` connections: from what an earlier run has left, where that says what is there, else for a file that
    /// is begun anew.
    pub(super) async fn open<B: Volume>(&self, b: &mut B, count: u16) -> Result<(), Failure> {
        {
            let mut state = self.state();
            (state.kept.is_closed, state.kept.is_shut) = (false, false);
            if state.table.is_some() {
                return Ok(());
            }
        }
        let there = match self.goes_on {
            Some(most) => self.left(b, most).await?,
            None => None,
        };
        let mut table = Table::new(self.size, there.as_deref().unwrap_or_default());
        table.cut(u64::from(count));
        let from = match &there {
            None => WriteFrom::Start,
            // As it is: opening it as the one who writes it keeps other programs from doing so.
            Some(_) => WriteFrom::Offset(look(b, &self.partial).await?.as_ref().and_then(Entry::file_size).unwrap_or(0)),
        };
        b.write(&self.partial, from, None, &self.stop).await?.finish(false).await?;
        self.state().kept.lacks_space = true;
        if table.is_sparse() {
            self.state().kept.is_begun = true;
            self.mark_as(b, table.ranges()).await?;
        }
        self.progress.start_at(table.done());
        self.state().table = Some(table);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Keeps the space for the whole file, unless that is done. It takes a while for a large one: time in which a server's answer is on its way.
    pub(super) async fn reserve<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        if !std::mem::take(&mut self.state().kept.lacks_space) {
            return Ok(());
        }
        let Some(_writing) = self.begin_writing() else { return Ok(()) };
        b.write(&self.partial, WriteFrom::Within(0), Some(self.size), &self.stop).await?.finish(false).await
    }

    /// What an earlier run has left: what it has written down, or a beginning of `most` bytes at most.
    async fn left<B: Volume>(&self, b: &mut B, most: u64) -> Result<Option<Vec<Range>>, Failure> {
        let Some(length) = look(b, &self.partial).await?.as_ref().and_then(Entry::file_size) else { return Ok(None) };
        if length <= self.size {
            return Ok(Some(vec![(0, length.min(most))]));
        }
        let mut source = b.read(&self.partial, self.size, &self.stop).await?;
        let bytes = read_up_to(&mut source, trailer::ROOM, &self.stop).await;
        source.abandon().await;
        let told = trailer::newest(&bytes?, self.subject());
        let mut state = self.state();
        state.kept.number = told.as_ref().map_or(0, |told| told.number);
        (state.kept.is_begun, state.kept.is_marked) = (told.is_some(), told.is_some());
        Ok(told.map(|told| {
            state.heads = told.heads;
            told.ranges
        }))
    }

    /// Bytes of the partial.
    pub(super) async fn read_back<B: Volume>(&self, b: &mut B, at: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let mut source = b.read(&self.partial, at, &self.stop).await?;
        let bytes = read_up_to(&mut source, length, &self.stop).await;
        source.abandon().await;
        bytes
    }

    /// It breaks off: writes down what is there, or where that needs no words gives back the space that was kept.
    async fn keep<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        let is_begun = {
            let mut state = self.state();
            if state.table.is_none() {
                return Ok(());
            }
            state.kept.is_closed = !state.kept.is_begun;
            state.kept.is_begun
        };
        if is_begun {
            return self.mark(b).await;
        }
        b.write(&self.partial, WriteFrom::Offset(self.done()), None, &super::CancellationToken::new()).await?.finish(false).await
    }

    /// All is there: what was written down behind the end goes, and the rest is put on the disk.
    pub(super) async fn complete<B: Volume>(&self, b: &mut B) -> Result<(), Failure> {
        b.write(&self.partial, WriteFrom::Offset(self.size), None, &super::CancellationToken::new()).await?.finish(true).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;
    use crate::engine::limit::Throttle;
    use crate::model::{TransferId, VPath};

    fn spread() -> Spread {
        Spread {
            id: TransferId(1),
            source: VPath::root(),
            partial: VPath::root(),
            size: 10,
            modified: None,
            asked: None,
            goes_on: None,
            progress: Arc::default(),
            throttle: Throttle::default(),
            stop: super::super::CancellationToken::new(),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_who_still_writes_and_lets_nobody_begin() {
        let spread = spread();
        let writing = spread.begin_writing().unwrap();
        assert!(timeout(MARK, spread.shut()).await.is_err(), "somebody writes");
        assert!(spread.is_over() && spread.begin_writing().is_none());
        drop(writing);
        timeout(MARK, spread.shut()).await.unwrap();
    }
}
