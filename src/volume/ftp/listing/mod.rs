//! Reads listings: bytes in, rows out.
//!
//! Guarantee: any bytes give rows and never a panic; the rows are the same wherever the blocks were cut; a row that cannot be read, or
//! whose name must not be used, comes out raw as unparsed; `.`, `..` and totals do not come out. Must not know connections or replies.
//!
//! Each dialect has its file. MLSD (RFC 3659 §7) announces itself; what LIST answers is anybody's (RFC 959 §4.1.3), so the dialect that
//! understands most of the first rows reads the listing. A new dialect is a file with a `Dialect` and a line in `LIST_DIALECTS`.

mod dialect;
mod dos;
mod lines;
mod mlsd;
mod months;
mod scan;
mod time;
mod unix;
mod unix_date;

use std::cmp::Reverse;
use std::fmt;

use crate::model::{Entry, limits};

use dialect::{Dialect, Row, Shared};
use lines::{Line, Lines};

pub use mlsd::parse_mlst_facts;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Facts and names, RFC 3659 §7.
    Mlsd,
    /// Whatever the server answers to LIST.
    List,
}

/// What came of the bytes so far. The reader adds to it; its user takes from it at leisure.
#[derive(Debug, Default)]
pub struct Rows {
    /// Entries, in the server's order.
    pub entries: Vec<Entry>,
    /// Rows that could not be read or name something that must not be touched: raw, without the line break.
    pub unparsed: Vec<Box<[u8]>>,
}

/// The dialects of LIST. Of those that understand as much, the first reads the listing.
const LIST_DIALECTS: &[fn() -> Box<dyn Dialect>] = &[|| Box::<unix::Unix>::default(), || Box::<dos::Dos>::default()];

/// Reads one listing as it arrives.
pub struct ListingReader {
    format: Format,
    lines: Lines,
    rows: RowReader,
}

impl ListingReader {
    /// A reader for what was asked for; `now`, in seconds since 1970, tells which year a date without one is of.
    pub fn new(format: Format, now: i64) -> Self {
        let dialect: Option<Box<dyn Dialect>> = match format {
            Format::Mlsd => Some(Box::new(mlsd::Mlsd)),
            Format::List => None,
        };
        Self { format, lines: Lines::default(), rows: RowReader { dialect, sample: Vec::new(), shared: Shared::new(now) } }
    }

    /// A reader of one dialect of LIST, by its place in the table, whatever the rows look like.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn in_dialect(index: usize, now: i64) -> Self {
        let mut reader = Self::new(Format::List, now);
        reader.rows.dialect = LIST_DIALECTS.get(index).map(|make| make());
        reader
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
        reader.choose(rows);
        !begun.is_empty() && (self.format == Format::Mlsd || rows.unparsed.last() == Some(&begun))
    }
}

impl fmt::Debug for ListingReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListingReader").field("chosen", &self.rows.dialect.is_some()).finish_non_exhaustive()
    }
}

/// Reads rows, once it is known in which dialect.
struct RowReader {
    dialect: Option<Box<dyn Dialect>>,
    /// The first rows, while no dialect is chosen.
    sample: Vec<Box<[u8]>>,
    shared: Shared,
}

impl RowReader {
    fn line(&mut self, line: Line<'_>, rows: &mut Rows) {
        match line {
            Line::Cut(start) => rows.unparsed.push(start.into()),
            Line::Whole(b"") => {}
            Line::Whole(row) => match &mut self.dialect {
                Some(dialect) => read(dialect.as_mut(), row, &mut self.shared, rows),
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
        let Some(mut dialect) = self.best(&sample) else {
            rows.unparsed.extend(sample);
            return;
        };
        for row in &sample {
            read(dialect.as_mut(), row, &mut self.shared, rows);
        }
        self.dialect = Some(dialect);
    }

    /// The dialect that understands most of `sample`, with what it learnt from it.
    fn best(&mut self, sample: &[Box<[u8]>]) -> Option<Box<dyn Dialect>> {
        let shared = &mut self.shared;
        let tried = LIST_DIALECTS.iter().map(|make| {
            let mut dialect = make();
            let understood = sample.iter().filter(|row| dialect.read(row, shared) != Row::Unknown).count();
            (understood, dialect)
        });
        tried.filter(|(understood, _)| *understood > 0).min_by_key(|(understood, _)| Reverse(*understood)).map(|(_, dialect)| dialect)
    }
}

fn read(dialect: &mut dyn Dialect, row: &[u8], shared: &mut Shared, rows: &mut Rows) {
    match dialect.read(row, shared) {
        Row::Entry(entry) => rows.entries.push(entry),
        Row::Nothing => {}
        Row::Refused | Row::Unknown => rows.unparsed.push(row.into()),
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
