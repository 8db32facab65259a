//! What OpenVMS answers: `NAME.EXT;3    2/6   18-APR-2000 10:40:39 [GROUP,OWNER] (RWED,RWED,RE,)`.
//!
//! The fields behind the name come in any order, and a long name has its fields in the next row. Sizes are in blocks of 512 bytes, so they
//! are rounded up. `.DIR;1` is how a directory is filed, not what it is called. The newest version comes first and goes by the name without
//! a version, which is what VMS takes such a name for; the older ones keep theirs.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::months::month_named;
use super::scan::{is_blank, is_digits, number, skip_blanks, split_field};
use super::time::{Clock, Day, any_year, day_of_month};

/// Bytes of a block.
const BLOCK: u64 = 512;
/// The longest name that is waited for the fields of: ODS-5 has 236 characters, doubled by escapes.
const LONGEST: usize = 512;

/// Rows as DIRECTORY writes them.
#[derive(Default)]
pub(super) struct Vms {
    /// The name of the row before, without its version.
    last: Vec<u8>,
}

impl Dialect for Vms {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let row = skip_blanks(row);
        words_around(row).or_else(|| self.parse(row, shared)).unwrap_or(Row::Unknown)
    }

    fn again(&mut self) {
        self.last.clear();
    }
}

/// `Directory DISK:[DIR]`, `Total of 3 files, 14 blocks.` and messages such as `%DIRECT-W-NOFILES, no files found`.
fn words_around(row: &[u8]) -> Option<Row> {
    let begins = |words: &[u8]| row.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words));
    let counts = |words: &[u8]| begins(words) && row.get(words.len()).is_some_and(u8::is_ascii_digit);
    let is_place = begins(b"Directory ") && row.ends_with(b"]");
    if is_place || counts(b"Total of ") || counts(b"Grand total of ") || contains(row, b"-W-NOFILES") {
        Some(Row::Nothing)
    } else {
        // What went wrong is worth seeing.
        (row.first() == Some(&b'%') && contains(row, b"-")).then_some(Row::Refused)
    }
}

impl Vms {
    fn parse(&mut self, row: &[u8], shared: &mut Shared) -> Option<Row> {
        let (token, rest) = split_field(row);
        let file = FileName::read(token)?;
        let rest = skip_blanks(rest);
        if rest.is_empty() {
            return (row.len() <= LONGEST).then_some(Row::Begun);
        }
        if file.version.is_some() && is_message(rest) {
            return Some(Row::Refused);
        }
        let facts = Facts::read(rest)?;
        if file.version.is_none() && facts.blocks.is_none() {
            return None;
        }
        let modified = shared.calendar.timestamp(facts.day?, facts.clock)?;
        let (name, kind) = self.name_of(&file);
        Some(entry_row(name, kind, |entry: &mut Entry| {
            entry.size = facts.blocks.and_then(|blocks| blocks.checked_mul(BLOCK));
            entry.rounded = true;
            entry.modified = Some(modified);
            let mut share = |name: Option<&[u8]>| name.and_then(|name| shared.people.share(name));
            entry.group = share(facts.group);
            entry.owner = share(facts.owner);
        }))
    }

    /// What it is called, and what it is.
    fn name_of<'a>(&mut self, file: &FileName<'a>) -> (&'a [u8], Kind) {
        let is_newest = !self.last.eq_ignore_ascii_case(file.stem);
        self.last.clear();
        self.last.extend_from_slice(file.stem);
        let extension = file.stem.len().checked_sub(4).and_then(|at| file.stem.split_at_checked(at));
        match extension {
            Some((name, extension)) if extension.eq_ignore_ascii_case(b".DIR") && !name.is_empty() && file.is_first() => (name, Kind::Dir),
            _ if is_newest => (file.stem, Kind::File),
            _ => (file.whole, Kind::File),
        }
    }
}

/// `[DIR]NAME.EXT;VERSION`, without the directory.
struct FileName<'a> {
    whole: &'a [u8],
    stem: &'a [u8],
    version: Option<&'a [u8]>,
}

impl<'a> FileName<'a> {
    fn read(token: &'a [u8]) -> Option<Self> {
        let is_placed = token.first() == Some(&b'[') || contains(token, b":[");
        let whole = match token.iter().rposition(|&byte| byte == b']') {
            Some(at) if is_placed => token.get(at + 1..)?,
            _ => token,
        };
        let parted = whole.iter().rposition(|&byte| byte == b';').and_then(|at| Some((whole.get(..at)?, whole.get(at + 1..)?)));
        let (stem, version) = match parted {
            Some((stem, version)) if is_digits(version) => (stem, Some(version)),
            Some(_) => return None,
            None => (whole, None),
        };
        let is_name = !stem.is_empty() && (version.is_some() || stem.contains(&b'.')) && !stem.contains(&b'/');
        is_name.then_some(Self { whole, stem, version })
    }

    /// Whether it is the only version there can be of a directory.
    fn is_first(&self) -> bool {
        self.version.is_none_or(|version| version == b"1")
    }
}

/// `insufficient privilege or file protection violation`, `%RMS-E-PRV, …`: what stands in place of the facts.
fn is_message(text: &[u8]) -> bool {
    text.first() == Some(&b'%') || contains(text, b"privilege") || contains(text, b"no such file") || contains(text, b"not found")
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words))
}

/// What is behind the name.
#[derive(Default)]
struct Facts<'a> {
    blocks: Option<u64>,
    day: Option<Day>,
    clock: Option<Clock>,
    group: Option<&'a [u8]>,
    owner: Option<&'a [u8]>,
    is_owned: bool,
    is_protected: bool,
}

impl<'a> Facts<'a> {
    /// Every field is one that a row has, and none is there twice.
    fn read(mut rest: &'a [u8]) -> Option<Self> {
        let mut facts = Self::default();
        loop {
            rest = skip_blanks(rest);
            let Some(&first) = rest.first() else { return Some(facts) };
            let end = match first {
                b'[' => rest.iter().position(|&byte| byte == b']')? + 1,
                b'(' => rest.iter().position(|&byte| byte == b')')? + 1,
                _ => rest.iter().position(|&byte| is_blank(byte)).unwrap_or(rest.len()),
            };
            let (field, behind) = rest.split_at_checked(end)?;
            facts.take(first, field)?;
            rest = behind;
        }
    }

    fn take(&mut self, first: u8, field: &'a [u8]) -> Option<()> {
        let is_new = match first {
            b'[' => {
                let inner = field.get(1..field.len() - 1)?;
                match inner.iter().position(|&byte| byte == b',') {
                    Some(at) => {
                        self.group = inner.get(..at).map(<[u8]>::trim_ascii);
                        self.owner = inner.get(at + 1..).map(<[u8]>::trim_ascii);
                    }
                    None => self.owner = Some(inner),
                }
                !std::mem::replace(&mut self.is_owned, true)
            }
            b'(' => !std::mem::replace(&mut self.is_protected, true),
            _ if self.day.is_none() && date(field).is_some() => {
                self.day = date(field);
                true
            }
            _ if self.clock.is_none() && Clock::parse(field).is_some() => {
                self.clock = Clock::parse(field);
                true
            }
            _ if self.blocks.is_none() && blocks(field).is_some() => {
                self.blocks = blocks(field);
                true
            }
            // An owner that is only a word.
            byte if byte.is_ascii_alphabetic() => {
                self.owner = Some(field);
                !std::mem::replace(&mut self.is_owned, true)
            }
            _ => false,
        };
        is_new.then_some(())
    }
}

/// `18-APR-2000`, in the language of the system.
fn date(field: &[u8]) -> Option<Day> {
    let mut parts = field.splitn(3, |&byte| byte == b'-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Day { year: Some(any_year(year)?), month: month_named(month)?, day: day_of_month(day)? })
}

/// Blocks used, of `used` or `used/allocated`.
fn blocks(field: &[u8]) -> Option<u64> {
    match field.iter().position(|&byte| byte == b'/') {
        None => number(field),
        Some(at) => number(field.get(at + 1..)?).and_then(|_| number(field.get(..at)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn row(line: &str) -> Row {
        Vms::default().read(line.as_bytes(), &mut Shared::new(0))
    }

    fn entry(line: &str) -> Entry {
        match row(line) {
            Row::Entry(entry) => entry,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_fields_are_read_in_any_order() {
        for line in [
            "A.TXT;1  2/6  2-AUG-2006 13:05  [G,O]  (RWE,RWE,RE,)",
            "A.TXT;1  [G,O]  2/6  2-AUG-2006 13:05  (RWE,RWE,RE,)",
            "A.TXT;1  2-AUG-2006 13:05:00.00  2  (RWE, RWE, RE, ) [G, O]",
            " DISK$A:[X.Y]A.TXT;1  2  2-AUG-2006 13:05 [G,O]",
        ] {
            let entry = entry(line);
            assert_eq!((entry.name.as_bytes(), entry.kind, entry.size, entry.rounded), (&b"A.TXT"[..], Kind::File, Some(1024), true));
            assert_eq!((entry.owner.as_deref(), entry.group.as_deref()), (Some("O"), Some("G")), "{line}");
            assert_eq!(entry.modified.unwrap().seconds, 1_154_523_900, "{line}");
        }
    }

    #[test]
    fn a_name_alone_waits_for_its_fields() {
        assert_eq!(row("A-LONG-NAME.TXT;1"), Row::Begun);
        assert_eq!(row("A-LONG-NAME.WITHOUT-VERSION"), Row::Begun);
        assert_eq!(entry("A-LONG-NAME.WITHOUT-VERSION 213  29-JAN-1996 03:33 [A,B] (RWED,RWED,,)").size, Some(213 * BLOCK));
        for line in ["garbage", "aaa", "a/b.txt", "a;b"] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
    }

    #[test]
    fn directories_lose_how_they_are_filed_and_older_versions_keep_their_number() {
        let mut vms = Vms::default();
        let mut shared = Shared::new(0);
        let mut read = |name: &str| match vms.read(format!("{name} 1 1-JAN-2000 00:00").as_bytes(), &mut shared) {
            Row::Entry(entry) => (text(&entry).to_owned(), entry.kind),
            other => panic!("{other:?}"),
        };
        for (row, name, kind) in [
            ("A.DIR;1", "A", Kind::Dir),
            ("B.TXT;12", "B.TXT", Kind::File),
            ("B.TXT;11", "B.TXT;11", Kind::File),
            ("b.txt;3", "b.txt;3", Kind::File),
            ("C.;1", "C.", Kind::File),
            (".D;1", ".D", Kind::File),
        ] {
            assert_eq!(read(row), (name.to_owned(), kind), "{row}");
        }
    }

    #[test]
    fn what_stands_around_the_rows_is_nothing_and_what_went_wrong_is_shown() {
        for line in
            ["Directory DISK:[DIR.SUB]", "Total of 1 file, 2 blocks.", "Grand total of 2 directories", "%DIRECT-W-NOFILES, no files found"]
        {
            assert_eq!(row(line), Row::Nothing, "{line}");
        }
        for line in
            ["%RMS-E-PRV, insufficient privilege", "A.TXT;1   insufficient privilege or file protection violation", "A.TXT;1  %RMS-E-FNF"]
        {
            assert_eq!(row(line), Row::Refused, "{line}");
        }
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "A.TXT;1  2  30-FEB-2000 10:40",
            "A.TXT;1  2  18-APR-2000 30:40",
            "A.TXT;X  2  18-APR-2000 10:40",
            "A.TXT;1  2  18-APR-2000 10:40 3 4",
            "A.TXT;1  2  18-APR-2000 10:40 [A",
            "-rw-r--r--. 1 root root 12 Jan 29 03:33 x.txt",
            "A.TXT 18-APR-2000 10:40",
            "Total files",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
    }
}
