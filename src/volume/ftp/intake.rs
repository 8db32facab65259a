//! Takes in a listing as it arrives, and hands its rows on in chunks.
//!
//! Guarantee: what is held is bounded, whatever the server sends. Where the server's clock is still to be found out, rows are held back for as
//! long as a person hardly waits, so that they can come with the right time.

use tokio::time::Instant;

use super::limits;
use super::list::Taker;
use super::listing::{ListingReader, Rows};
use crate::model::listing::ListingPart;
use crate::model::{Entry, Kind, Name, Precision, Timestamp};

/// Bytes of an owner's or a group's name that do not count: as long as that systems make them.
const PERSON: usize = 32;

/// What one listing came to.
pub struct Outcome {
    /// Entries that were handed on.
    pub entries: usize,
    /// Rows that could not be read.
    pub unparsed: usize,
    /// Bytes in all.
    pub bytes: u64,
}

impl Outcome {
    /// Rows of which none can be read are no MLSD listing.
    pub fn is_plausible(&self) -> bool {
        self.entries > 0 || self.unparsed == 0
    }
}

/// Bytes of the texts that an entry holds. Owners and groups are shared as long as they are the same; one that differs from row to row is not.
fn text_of(entry: &Entry) -> usize {
    let people = [&entry.owner, &entry.group].into_iter().flatten().map(|name| name.len().saturating_sub(PERSON)).sum::<usize>();
    entry.name.as_bytes().len() + entry.target.as_ref().map_or(0, |target| target.len()) + people
}

/// Parses what arrives and hands it on in chunks.
pub struct Intake<'a> {
    reader: ListingReader,
    rows: Taker<'a>,
    pending: Rows,
    given: usize,
    /// Bytes of the texts that the entries hold.
    text: usize,
    bytes: u64,
    handed_on: Instant,
    /// Rows wait for the server's clock.
    is_held: bool,
}

impl<'a> Intake<'a> {
    /// What `reader` reads goes to `rows`, and waits for the server's clock where that may be learnt.
    pub fn new(reader: ListingReader, rows: Taker<'a>, is_held: bool) -> Self {
        Self { reader, rows, pending: Rows::default(), given: 0, text: 0, bytes: 0, handed_on: Instant::now(), is_held }
    }

    /// Reads a block.
    pub fn feed(&mut self, block: &[u8]) {
        self.bytes += block.len() as u64;
        self.reader.feed(block, &mut self.pending);
        // What is noise must not pile up.
        self.pending.unparsed.truncate(limits::UNPARSED);
        let count = self.pending.entries.len();
        if self.is_held && count < limits::CHUNK && self.handed_on.elapsed() < limits::CLOCK_WAIT {
            return;
        }
        self.is_held = false;
        let wanted = if self.given == 0 { limits::FIRST_CHUNK } else { limits::CHUNK };
        if count >= wanted || (count > 0 && self.handed_on.elapsed() >= limits::CHUNK_WAIT) {
            self.hand_on();
        }
    }

    /// Whether so much came that is no entry that no more is worth waiting for.
    pub fn is_noise(&self) -> bool {
        let entries = (self.given + self.pending.entries.len()) as u64;
        self.bytes > limits::LIST_NOISE + entries * limits::ROW_BYTES
    }

    /// Why no more of it can be held.
    pub fn is_too_much(&self) -> Option<String> {
        if self.given > limits::ROWS {
            return Some(format!("the directory has more than {} entries", limits::ROWS));
        }
        (self.text > limits::LIST_TEXT).then(|| format!("the names in the directory have more than {} bytes", limits::LIST_TEXT))
    }

    /// Whether rows were handed on.
    pub fn has_given(&self) -> bool {
        self.given > 0
    }

    /// Whether it was cut off.
    pub fn end(&mut self) -> bool {
        let cut = self.reader.end(&mut self.pending);
        if !self.is_held {
            self.hand_on();
        }
        cut
    }

    /// The file that was changed last, of those whose time is told to the minute, where rows wait for the clock: what was changed lately is told
    /// by the clock as it goes now.
    pub fn dated(&self) -> Option<(Name, Timestamp)> {
        let files = self.pending.entries.iter().filter(|entry| self.is_held && entry.kind == Kind::File);
        let dated = files.filter_map(|entry| Some((entry, entry.modified.filter(|time| time.precision != Precision::Day)?)));
        dated.max_by_key(|(_, time)| time.seconds).map(|(entry, time)| (entry.name.clone(), time))
    }

    /// Tells the times of the rows that waited by a clock that is `offset` seconds further ahead than it was thought to be.
    pub fn shift(&mut self, offset: i64) {
        if offset == 0 {
            return;
        }
        for time in self.pending.entries.iter_mut().filter_map(|entry| entry.modified.as_mut()) {
            if time.precision != Precision::Day {
                time.seconds = time.seconds.saturating_sub(offset);
            }
        }
    }

    fn hand_on(&mut self) {
        self.handed_on = Instant::now();
        let mut entries = std::mem::take(&mut self.pending.entries);
        self.given += entries.len();
        self.text += entries.iter().map(text_of).sum::<usize>();
        while !entries.is_empty() {
            let rest = entries.split_off(entries.len().min(limits::CHUNK));
            (self.rows)(ListingPart::Rows(entries));
            entries = rest;
        }
    }

    /// Hands on what could not be read; where nothing could, only if there is no other form that may do better.
    pub fn close(mut self, is_last: bool) -> Outcome {
        self.hand_on();
        let unparsed = std::mem::take(&mut self.pending.unparsed);
        let outcome = Outcome { entries: self.given, unparsed: unparsed.len(), bytes: self.bytes };
        if !unparsed.is_empty() && (outcome.is_plausible() || is_last) {
            (self.rows)(ListingPart::Unparsed(unparsed));
        }
        outcome
    }
}
