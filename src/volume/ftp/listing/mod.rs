//! Reads listings: bytes in, rows out.
//!
//! Guarantee: any bytes give rows and never a panic; the rows are the same wherever the blocks were cut; a row that cannot be read, or
//! whose name must not be used, comes out raw as unparsed; `.`, `..`, headings and totals do not come out. Must not know connections or replies.
//!
//! Each dialect has its file. MLSD (RFC 3659 §7) announces itself; what LIST answers is anybody's (RFC 959 §4.1.3), so the dialect that
//! understands most of the first rows reads the listing (see `choose`). A new dialect is a file with a `Dialect` and a line in `DIALECTS`.

mod as400;
mod choose;
mod dialect;
mod dos;
mod eplf;
mod fields;
mod jes;
mod lines;
mod mlsd;
mod months;
mod mvs;
mod mvs_members;
mod netware;
mod nonstop;
mod os2;
mod other;
mod scan;
mod time;
mod unix;
mod unix_date;
mod vms;
mod zvm;

use std::fmt;

use crate::model::{Entry, ListingStyle, limits};

use choose::Reading;
use dialect::{Row, Shared};
use lines::{Line, Lines};

pub use choose::said;
pub use mlsd::parse_mlst_facts;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Facts and names, RFC 3659 §7.
    Mlsd,
    /// Whatever the server answers to LIST.
    List,
}

/// What is known of a server before its listing comes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    /// Seconds since 1970 by our clock: it tells which year a date without one is of.
    pub now: i64,
    /// The dialect of LIST that a person has set.
    pub style: ListingStyle,
    /// The dialect that is likely by what the server says it is: see [`said`].
    pub system: Option<ListingStyle>,
    /// How many seconds the server's clock on the wall, which LIST tells times by, is ahead of UTC.
    pub clock_offset: i64,
}

/// What came of the bytes so far. The reader adds to it; its user takes from it at leisure.
#[derive(Debug, Default)]
pub struct Rows {
    /// Entries, in the server's order.
    pub entries: Vec<Entry>,
    /// Rows that could not be read or name something that must not be touched: raw, without the line break.
    pub unparsed: Vec<Box<[u8]>>,
}

/// Reads one listing as it arrives.
pub struct ListingReader {
    format: Format,
    lines: Lines,
    rows: RowReader,
}

impl ListingReader {
    /// A reader for what was asked for; `now`, in seconds since 1970, tells which year a date without one is of.
    pub fn new(format: Format, now: i64) -> Self {
        Self::told(format, Told { now, ..Told::default() })
    }

    /// A reader for what was asked for, with what is known of the server.
    pub fn told(format: Format, told: Told) -> Self {
        let reading: Option<Reading> = match format {
            Format::Mlsd => Some(Reading::of(Box::new(mlsd::Mlsd))),
            Format::List => choose::set(told.style).map(Reading::of),
        };
        // MLSD tells UTC.
        let offset = if format == Format::Mlsd { 0 } else { told.clock_offset };
        let shared = Shared { system: told.system, ..Shared::by_clock(told.now, offset) };
        Self { format, lines: Lines::default(), rows: RowReader { reading, sample: Vec::new(), shared } }
    }

    /// A reader of one dialect of LIST, by its place in the table, whatever the rows look like.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn in_dialect(index: usize, now: i64) -> Self {
        let style = choose::DIALECTS.get(index).map(|(style, _)| *style).unwrap_or_default();
        Self::told(Format::List, Told { now, style, ..Told::default() })
    }

    /// The names of the dialects, in the order of the table.
    #[cfg(test)]
    pub(crate) fn dialects() -> Vec<&'static str> {
        use crate::model::words::Word as _;
        choose::DIALECTS.iter().map(|(style, _)| style.word()).collect()
    }

    /// Reads the rows that end in `block`. Rows that began in it wait for their end, the first few for enough to choose a dialect.
    pub fn feed(&mut self, block: &[u8], rows: &mut Rows) {
        let reader = &mut self.rows;
        self.lines.feed(block, |line| reader.line(line, rows));
    }

    /// Reads what waits: the listing has ended. Answers whether it ended in the middle of a row: in MLSD every row has its line break
    /// (RFC 3659 §7.2); some servers leave the last one of a LIST out, so there it must be a row that cannot be read.
    pub fn end(&mut self, rows: &mut Rows) -> bool {
        let begun: Box<[u8]> = self.lines.begun().into();
        let reader = &mut self.rows;
        self.lines.end(|line| reader.line(line, rows));
        reader.end(rows);
        !begun.is_empty() && (self.format == Format::Mlsd || rows.unparsed.last() == Some(&begun))
    }
}

impl fmt::Debug for ListingReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListingReader").field("chosen", &self.rows.reading.is_some()).finish_non_exhaustive()
    }
}

/// Reads rows, once it is known in which dialect.
struct RowReader {
    reading: Option<Reading>,
    /// The first rows, while no dialect is chosen.
    sample: Vec<Box<[u8]>>,
    shared: Shared,
}

impl RowReader {
    fn line(&mut self, line: Line<'_>, rows: &mut Rows) {
        match line {
            Line::Cut(start) => rows.unparsed.push(start.into()),
            Line::Whole(b"") => {}
            Line::Whole(row) => match &mut self.reading {
                Some(reading) => reading.line(row, &mut self.shared, |read, raw| rows.take(read, raw)),
                None => self.collect(row, rows),
            },
        }
    }

    fn collect(&mut self, row: &[u8], rows: &mut Rows) {
        self.sample.push(row.into());
        if self.sample.len() >= limits::SAMPLE_ROWS {
            self.choose(rows);
        }
    }

    /// Chooses by the sample and reads it. Rows that no dialect understands choose none: the next ones may.
    fn choose(&mut self, rows: &mut Rows) {
        let sample = std::mem::take(&mut self.sample);
        if sample.is_empty() {
            return;
        }
        let Some(mut reading) = Reading::best(&sample, &mut self.shared) else {
            rows.unparsed.extend(sample);
            return;
        };
        for row in &sample {
            reading.line(row, &mut self.shared, |read, raw| rows.take(read, raw));
        }
        self.reading = Some(reading);
    }

    fn end(&mut self, rows: &mut Rows) {
        self.choose(rows);
        if let Some(reading) = &mut self.reading {
            reading.end(|read, raw| rows.take(read, raw));
        }
    }
}

impl Rows {
    fn take(&mut self, read: Row, raw: &[u8]) {
        match read {
            Row::Entry(entry) => self.entries.push(entry),
            Row::Nothing => {}
            Row::Refused | Row::Unknown | Row::Begun => self.unparsed.push(raw.into()),
        }
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
