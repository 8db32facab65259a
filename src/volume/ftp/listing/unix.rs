//! What `ls -l` writes and most servers imitate: `-rw-r--r--   1 user  group  1234 Jan 29 03:26 name`.
//!
//! Owners and groups may hold blanks, be missing or run into the size, so a row is read from its date: the first fields that are a date
//! and stand behind a size. Left of the size is who owns it, right of the date is the name, beginning one blank behind.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::scan::{grouped, is_digits, number, scaled, skip_blanks, split_field};
use super::time::Clock;
use super::unix_date::{self, Date};

/// Rows as `ls -l` writes them.
#[derive(Default)]
pub(super) struct Unix {
    /// How many blanks more than one the server puts before every name: the first row of `.` or `..` tells.
    padding: Option<usize>,
    /// Whether one blank parts a year from a name; else the year may stand at the left of a column of five.
    is_year_bare: bool,
}

impl Dialect for Unix {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        if is_total(row) {
            return Row::Nothing;
        }
        self.parse(row, shared).unwrap_or(Row::Unknown)
    }
}

impl Unix {
    fn parse(&mut self, row: &[u8], shared: &mut Shared) -> Option<Row> {
        let row = behind_counts(skip_blanks(row));
        let fields = Fields::of(row);
        let kind = kind_of(fields.get(0)?)?;
        let Some((at, date)) = find_date(&fields, shared) else {
            return without_date(&fields, kind, shared);
        };
        let name = self.name(row, &fields, at, date)?;
        let facts = Facts { mode: mode_of(fields.get(0)?), between: Between::read(&fields, at, kind), date: Some(date) };
        Some(finish(name, kind, facts, shared))
    }

    /// What is behind the date and one blank.
    fn name<'a>(&mut self, row: &'a [u8], fields: &Fields<'a>, at: usize, date: Date) -> Option<&'a [u8]> {
        let last = at + date.fields - 1;
        let mut name = row.get(fields.end(last)?..)?.split_first()?.1;
        if date.ends_with_year && fields.blanks_before(last) == Some(1) {
            match name.strip_prefix(b" ") {
                Some(behind) if !self.is_year_bare => name = behind,
                Some(_) => {}
                None => self.is_year_bare = true,
            }
        }
        let padding = name.len() - skip_blanks(name).len();
        if self.padding.is_none() && matches!(skip_blanks(name), b"." | b"..") {
            self.padding = Some(padding);
        }
        name.get(padding.min(self.padding.unwrap_or_default())..)
    }
}

/// `total 12`, in the languages that `ls` is spoken in.
fn is_total(row: &[u8]) -> bool {
    const WORDS: &str = " total insgesamt gesamt totale totaal totalt razem celkem spolu yhteensä összesen toplam итого всего всього общо \
         ukupno skupaj kokku summa kopā iš σύνολο samtals samanlagt osztály jumlah tổng 合計 合计 总用量 总计 總計 總用量 합계 총 ";
    let (word, rest) = split_field(row);
    let (size, behind) = split_field(skip_blanks(rest));
    let word = word.strip_suffix(b":").unwrap_or(word);
    skip_blanks(behind).is_empty()
        && size.first().is_some_and(u8::is_ascii_digit)
        && std::str::from_utf8(word).is_ok_and(|word| WORDS.contains(&format!(" {} ", word.to_lowercase())))
}

/// The row behind the number of its inode and its blocks, which `ls -i` and `ls -s` put before it.
fn behind_counts(row: &[u8]) -> &[u8] {
    let mut rest = row;
    for _ in 0..2 {
        if !rest.first().is_some_and(u8::is_ascii_digit) {
            return rest;
        }
        let (field, behind) = split_field(rest);
        if !is_digits(field) {
            return row;
        }
        rest = skip_blanks(behind);
    }
    rest
}

/// What the permissions say it is; `None` where they are none. Of a file any letters may follow: some servers write flags of their own.
fn kind_of(field: &[u8]) -> Option<Kind> {
    let (&letter, rest) = field.split_first()?;
    let kind = match letter {
        // Contiguous and migrated files, as GNU ls has them.
        b'-' | b'C' | b'M' | b'm' => Kind::File,
        b'd' => Kind::Dir,
        b'l' => Kind::Link,
        // Devices, pipes, sockets; doors and ports of Solaris, network devices of HP-UX, whiteouts of BSD.
        b'b' | b'c' | b'p' | b's' | b'D' | b'P' | b'n' | b'w' => Kind::Other,
        _ => return None,
    };
    // Nine letters, or eight where a server loses one. Behind a dash they may be any: no word begins so, as some do with the other letters.
    let is_mode = |byte: &u8| if letter == b'-' { byte.is_ascii_alphabetic() || *byte == b'-' } else { b"rwxsStTlL-?".contains(byte) };
    rest.get(..8)?.iter().all(is_mode).then_some(kind)
}

/// The permission bits, where the nine letters are those of `ls`; what follows (`+`, `@`, `.`) tells of lists beside them.
fn mode_of(field: &[u8]) -> Option<u16> {
    let letters = field.get(1..10)?;
    let (mut mode, mut specials) = (0, 0);
    for (triple, special) in letters.chunks_exact(3).zip([0o4000, 0o2000, 0o1000]) {
        let [read, write, execute] = *triple else { return None };
        let (is_run, is_special) = match execute {
            b'-' => (false, false),
            b'x' => (true, false),
            b's' | b't' => (true, true),
            // `l`: mandatory locking, written as set-group-id without the right to run.
            b'S' | b'T' | b'l' | b'L' => (false, true),
            _ => return None,
        };
        let bit = |letter: u8, set: u8, value: u16| if letter == set { Some(value) } else { (letter == b'-').then_some(0) };
        mode = mode << 3 | bit(read, b'r', 4)? | bit(write, b'w', 2)? | u16::from(is_run);
        if is_special {
            specials |= special;
        }
    }
    Some(mode | specials)
}

/// The first date that stands behind a size; else what is written as one and is on no calendar.
fn find_date(fields: &Fields<'_>, shared: &Shared) -> Option<(usize, Date)> {
    let all = fields.all();
    let behind_size = |read: &dyn Fn(&[&[u8]]) -> Option<Date>| {
        (2..all.len()).find_map(|at| {
            Size::read(all.get(at - 1)?)?;
            Some((at, read(all.get(at..)?)?))
        })
    };
    behind_size(&|rest| unix_date::read(rest, &shared.calendar)).or_else(|| behind_size(&unix_date::unreal))
}

/// The field of the size.
struct Size<'a> {
    bytes: Option<u64>,
    /// What ran into it: the end of a long group.
    stuck: &'a [u8],
    /// It was written for people.
    rounded: bool,
}

impl<'a> Size<'a> {
    fn read(field: &'a [u8]) -> Option<Self> {
        let last = field.last()?;
        if let Some(bytes) = grouped(field) {
            return Some(Self { bytes, stuck: b"", rounded: false });
        }
        if !last.is_ascii_digit() {
            return scaled(field).map(|size| Self { bytes: Some(size), stuck: b"", rounded: true });
        }
        let digits = field.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (stuck, digits) = field.split_at(field.len() - digits);
        match stuck {
            // A size below zero is none.
            b"-" => Some(Self { bytes: None, stuck: b"", rounded: false }),
            _ => Some(Self { bytes: number(digits), stuck, rounded: false }),
        }
    }
}

/// What stands between permissions and date.
#[derive(Default)]
struct Between<'a> {
    size: Option<u64>,
    rounded: bool,
    owner: &'a [u8],
    group: &'a [u8],
}

impl<'a> Between<'a> {
    fn read(fields: &Fields<'a>, date_at: usize, kind: Kind) -> Self {
        let mut last = date_at - 1;
        let Some(field) = fields.get(last) else { return Self::default() };
        let device_major = |at: usize| fields.get(at).and_then(|field| field.strip_suffix(b",")).is_some_and(is_digits);
        let mut size = Size::read(field);
        if kind == Kind::Other && last > 1 && device_major(last - 1) {
            // `8, 1`: the numbers of a device.
            last -= 1;
            size = None;
        } else if kind == Kind::Other && field.contains(&b',') {
            size = None;
        }
        let rounded = size.as_ref().is_some_and(|size| size.rounded);
        let (bytes, stuck) = size.map_or((None, &b""[..]), |size| (size.bytes, size.stuck));
        let (owner, group) = people(fields, last, bytes);
        let group = if stuck.is_empty() { group } else { stuck };
        Self { size: bytes, rounded, owner, group }
    }
}

/// Owner and group, between the permissions and the field at `end`.
fn people<'a>(fields: &Fields<'a>, end: usize, size: Option<u64>) -> (&'a [u8], &'a [u8]) {
    let first = fields.get(1).unwrap_or_default();
    let from = if is_digits(first) { 2 } else { 1 };
    match end.saturating_sub(from) {
        0 => (b"", b""),
        1 => {
            let only = fields.get(from).unwrap_or_default();
            // The Mac's servers: `folder`, or the sizes of both forks, whose sum is the size.
            let is_forks = size.is_some() && number(first).zip(number(only)).and_then(|(a, b)| a.checked_add(b)) == size;
            if is_forks || (from == 1 && only == b"folder") { (b"", b"") } else { (only, b"") }
        }
        _ => {
            // With blanks in the names, the widest gap parts them: columns are padded. Of equal gaps it is the first.
            let split = (from + 1..end).max_by_key(|&at| (fields.blanks_before(at), std::cmp::Reverse(at))).unwrap_or(from + 1);
            (fields.span(from, split - 1).unwrap_or_default(), fields.span(split, end - 1).unwrap_or_default())
        }
    }
}

/// What is known of an entry beside its name.
struct Facts<'a> {
    mode: Option<u16>,
    between: Between<'a>,
    date: Option<Date>,
}

/// A row that ends `owner group size name`, without a date: only where nothing else could be meant.
fn without_date(fields: &Fields<'_>, kind: Kind, shared: &mut Shared) -> Option<Row> {
    let &[mode, links, owner, group, size, name] = fields.all() else { return None };
    if !is_digits(links) || !is_digits(size) || Clock::parse(name).is_some() || fields.end(5)? != fields.row().len() {
        return None;
    }
    let facts = Facts { mode: mode_of(mode), between: Between { size: number(size), owner, group, ..Between::default() }, date: None };
    Some(finish(name, kind, facts, shared))
}

fn finish(name: &[u8], kind: Kind, facts: Facts<'_>, shared: &mut Shared) -> Row {
    let (name, target) = if kind == Kind::Link { split_link(name, facts.between.size) } else { (name, None) };
    entry_row(name, kind, |entry: &mut Entry| {
        entry.mode = facts.mode;
        entry.size = facts.between.size;
        entry.rounded = facts.between.rounded;
        entry.modified = facts.date.and_then(|date| date.time);
        entry.owner = shared.people.share(facts.between.owner);
        entry.group = shared.people.share(facts.between.group);
        entry.target = target.map(Into::into);
    })
}

/// `name -> target`. Both may hold an arrow: the size of a link is the length of its target, which tells; else the first parts them.
fn split_link(text: &[u8], size: Option<u64>) -> (&[u8], Option<&[u8]>) {
    const ARROW: &[u8] = b" -> ";
    let splits = || text.windows(ARROW.len()).enumerate().filter(|(_, window)| *window == ARROW).map(|(at, _)| at);
    let target_at = |at: usize| text.get(at + ARROW.len()..).unwrap_or_default();
    let fitting = splits().find(|&at| u64::try_from(target_at(at).len()).ok() == size);
    match fitting.or_else(|| splits().next()) {
        Some(at) => (text.get(..at).unwrap_or_default(), Some(target_at(at)).filter(|target| !target.is_empty())),
        None => (text, None),
    }
}

#[cfg(test)]
#[path = "unix_tests.rs"]
mod tests;
