//! What IIS and other servers on Windows answer: `10-23-95  03:25PM       <DIR>          name`.
//!
//! Learns whether days or months come first: a date whose first number is above 12 tells.

use crate::model::{Entry, Kind, Timestamp};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::months::month_named;
use super::scan::{grouped, skip_blanks, split_digits, split_field};
use super::time::{Calendar, Clock, Day, any_year, day_of_month, full_year, month_number};

/// Where a layout puts what follows the time, in bytes behind it. Sizes end one byte before the name.
struct Columns {
    mark: usize,
    name: usize,
}

/// The layouts of IIS and of `dir`. In others, blanks that a name begins with are not told from padding.
const COLUMNS: &[Columns] = &[Columns { mark: 7, name: 22 }, Columns { mark: 4, name: 19 }];

/// Rows as `dir` writes them.
#[derive(Default)]
pub(super) struct Dos {
    day_first: bool,
}

impl Dialect for Dos {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        self.parse(row, &shared.calendar).unwrap_or(Row::Unknown)
    }
}

impl Dos {
    fn parse(&mut self, row: &[u8], calendar: &Calendar) -> Option<Row> {
        let (date, rest) = split_field(skip_blanks(row));
        let day = self.date(date)?;
        let (clock, rest) = time(skip_blanks(rest))?;
        let modified = calendar.timestamp(day, Some(clock))?;
        let (what, behind) = split_field(skip_blanks(rest));
        let name = name(rest, behind);
        Some(match Mark::read(what) {
            Some(Mark::Dir) => entry_row(name, Kind::Dir, |entry| entry.modified = Some(modified)),
            Some(Mark::Link) => link(name, modified),
            None => {
                let size = grouped(what)?;
                entry_row(name, Kind::File, |entry| {
                    entry.size = size;
                    entry.modified = Some(modified);
                })
            }
        })
    }

    /// `MM-DD-YY`, `DD.MM.YYYY`, `YYYY-MM-DD` and what lies between.
    fn date(&mut self, field: &[u8]) -> Option<Day> {
        let (first, rest) = split_digits(field);
        let (&mark, rest) = rest.split_first().filter(|(mark, _)| matches!(mark, b'-' | b'/' | b'.'))?;
        let (second, rest) = split_digits(rest);
        if second.is_empty() {
            return by_name(first, mark, rest);
        }
        let third = rest.strip_prefix(&[mark])?;
        // Hungary's dates end with a dot.
        let third = if mark == b'.' { third.strip_suffix(b".").unwrap_or(third) } else { third };
        if let Some(year) = full_year(first) {
            return Some(Day { year: Some(year), month: month_number(second)?, day: day_of_month(third)? });
        }
        let year = Some(any_year(third)?);
        match (month_number(first), month_number(second)) {
            (None, Some(_)) => self.day_first = true,
            (Some(_), None) => self.day_first = false,
            // Where dots part dates, days come first.
            (Some(_), Some(_)) if mark == b'.' => self.day_first = true,
            (Some(_), Some(_)) => {}
            (None, None) => return None,
        }
        let (day, month) = if self.day_first { (first, second) } else { (second, first) };
        Some(Day { year, month: month_number(month)?, day: day_of_month(day)? })
    }
}

/// `2-Sep-2013`.
fn by_name(day: &[u8], mark: u8, rest: &[u8]) -> Option<Day> {
    let mut parts = rest.splitn(2, |&byte| byte == mark);
    let (month, year) = (parts.next()?, parts.next()?);
    Some(Day { day: day_of_month(day)?, month: month_named(month)?, year: Some(any_year(year)?) })
}

/// What stands in the place of a size.
enum Mark {
    Dir,
    Link,
}

impl Mark {
    fn read(field: &[u8]) -> Option<Self> {
        let is = |word: &[u8]| field.eq_ignore_ascii_case(word);
        if is(b"<DIR>") {
            Some(Self::Dir)
        } else if is(b"<JUNCTION>") || is(b"<SYMLINKD>") || is(b"<SYMLINK>") {
            Some(Self::Link)
        } else {
            None
        }
    }
}

/// A time of the day, of 24 hours or of twice 12, and what is behind it.
fn time(bytes: &[u8]) -> Option<(Clock, &[u8])> {
    if let Some((afternoon, behind)) = half_before(bytes) {
        let (clock, behind) = Clock::read(skip_blanks(behind))?;
        return Some((of_half(clock, afternoon), behind));
    }
    let (clock, behind) = Clock::read(bytes)?;
    let (half, rest) = split_field(skip_blanks(behind));
    let is = |words: [&[u8]; 3]| words.iter().any(|word| half.eq_ignore_ascii_case(word));
    let afternoon = if is([b"PM", b"p", b"p.m."]) {
        true
    } else if is([b"AM", b"a", b"a.m."]) {
        false
    } else {
        return behind.first().is_none_or(|&byte| super::scan::is_blank(byte)).then_some((clock, behind));
    };
    Some((of_half(clock, afternoon), rest))
}

/// In the languages of East Asia the half of the day comes first; in UTF-8 and in the charsets of old systems.
fn half_before(bytes: &[u8]) -> Option<(bool, &[u8])> {
    const HALVES: &[(bool, &[u8])] = &[
        (false, "오전".as_bytes()),
        (true, "오후".as_bytes()),
        (false, "上午".as_bytes()),
        (true, "下午".as_bytes()),
        (false, "午前".as_bytes()),
        (true, "午後".as_bytes()),
        // EUC-KR, GBK, Big5, Shift_JIS.
        (false, b"\xbf\xc0\xc0\xfc"),
        (true, b"\xbf\xc0\xc8\xc4"),
        (false, b"\xc9\xcf\xce\xe7"),
        (true, b"\xcf\xc2\xce\xe7"),
        (false, b"\xa4\x57\xa4\xc8"),
        (true, b"\xa4\x55\xa4\xc8"),
        (false, b"\x8c\xdf\x91\x4f"),
        (true, b"\x8c\xdf\x8c\xe3"),
    ];
    if bytes.first().is_some_and(u8::is_ascii) {
        return None;
    }
    HALVES.iter().find_map(|(afternoon, word)| Some((*afternoon, bytes.strip_prefix(*word)?)))
}

fn of_half(clock: Clock, afternoon: bool) -> Clock {
    let hour = match (clock.hour, afternoon) {
        (12, false) => 0,
        (hour @ 1..=11, true) => hour + 12,
        (hour, _) => hour,
    };
    Clock { hour, ..clock }
}

/// The name: from its column on where the row has columns that are known, else from the first byte that is no blank.
fn name<'a>(behind_time: &'a [u8], behind_size: &'a [u8]) -> &'a [u8] {
    let size_end = behind_time.len() - behind_size.len();
    let is_laid_out = |columns: &&Columns| {
        let is_blank_before = |at: usize| behind_time.get(..at).is_some_and(|start| skip_blanks(start).is_empty());
        let has_mark = behind_time.get(columns.mark) == Some(&b'<') && is_blank_before(columns.mark);
        let gap = behind_time.get(size_end..columns.name);
        gap.is_some_and(|gap| skip_blanks(gap).is_empty() && (has_mark || gap.len() == 1))
    };
    match COLUMNS.iter().find(is_laid_out) {
        Some(columns) => behind_time.get(columns.name..).unwrap_or_default(),
        None => skip_blanks(behind_size),
    }
}

/// `name [target]`, as `dir` writes links; IIS leaves the target out.
fn link(text: &[u8], modified: Timestamp) -> Row {
    let split = text.strip_suffix(b"]").and_then(|inner| {
        let at = inner.windows(2).position(|pair| pair == b" [")?;
        Some((inner.get(..at)?, inner.get(at + 2..)?))
    });
    let (name, target) = split.map_or((text, None), |(name, target)| (name, Some(target)));
    entry_row(name, Kind::Link, |entry: &mut Entry| {
        entry.modified = Some(modified);
        entry.target = target.filter(|target| !target.is_empty()).map(Into::into);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Row {
        Dos::default().read(line.as_bytes(), &mut Shared::new(0))
    }

    fn entry(line: &str) -> Entry {
        match row(line) {
            Row::Entry(entry) => entry,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn time_of(line: &str) -> String {
        jiff::Timestamp::from_second(entry(line).modified.unwrap().seconds).unwrap().to_string()
    }

    #[test]
    fn times_are_read_in_twelve_and_in_24_hours() {
        for (line, time) in [
            ("07-17-09  12:08AM  1 x", "2009-07-17T00:08:00Z"),
            ("07-17-09  12:08PM  1 x", "2009-07-17T12:08:00Z"),
            ("07-17-2009  11:59PM  1 x", "2009-07-17T23:59:00Z"),
            ("7/17/2009  1:08 pm  1 x", "2009-07-17T13:08:00Z"),
            ("17.07.2009  23:08  1 x", "2009-07-17T23:08:00Z"),
            ("2009-07-17  23:08  1 x", "2009-07-17T23:08:00Z"),
            ("07/17/09  01:08p  1 x", "2009-07-17T13:08:00Z"),
            ("2013-09-02  오후 07:06  1 x", "2013-09-02T19:06:00Z"),
            ("2013/09/02  上午 12:06  1 x", "2013-09-02T00:06:00Z"),
            ("2013.09.02.  19:06  1 x", "2013-09-02T19:06:00Z"),
            ("2-Sep-13  7:06  1 x", "2013-09-02T07:06:00Z"),
        ] {
            assert_eq!(time_of(line), time, "{line}");
        }
    }

    #[test]
    fn a_date_that_can_only_have_its_day_first_tells_for_the_rows_behind_it() {
        let mut dos = Dos::default();
        let mut shared = Shared::new(0);
        let mut day = |line: &[u8]| match dos.read(line, &mut shared) {
            Row::Entry(entry) => jiff::Timestamp::from_second(entry.modified.unwrap().seconds).unwrap().to_string(),
            other => panic!("{other:?}"),
        };
        assert!(day(b"03-04-20  10:00AM 1 x").starts_with("2020-03-04"));
        assert!(day(b"25-06-20  10:00AM 1 x").starts_with("2020-06-25"));
        assert!(day(b"03-04-20  10:00AM 1 x").starts_with("2020-04-03"));
    }

    #[test]
    fn sizes_may_have_thousand_separators_and_links_a_target() {
        assert_eq!(entry("2013-09-02  19:06                9,730 File17").size, Some(9730));
        assert_eq!(entry("2013-09-02  19:06   99999999999999999999 x").size, None);
        let link = entry("01-02-20  10:00AM    <JUNCTION>     Application Data [C:\\ProgramData [x]]");
        assert_eq!(
            (link.kind, link.name.as_bytes(), link.target.as_deref()),
            (Kind::Link, &b"Application Data"[..], Some(&b"C:\\ProgramData [x]"[..]))
        );
        let link = entry("01-02-20  10:00AM    <SYMLINKD>     plain");
        assert_eq!((link.name.as_bytes(), link.target), (&b"plain"[..], None));
    }

    #[test]
    fn blanks_around_a_name_are_kept_where_the_columns_tell_them() {
        assert_eq!(entry("10-23-95  03:25PM       <DIR>            two  before ").name.as_bytes(), b"  two  before ");
        assert_eq!(entry("07-17-00  02:08PM             12266720   two  before ").name.as_bytes(), b"  two  before ");
        assert_eq!(entry("10-23-1995  03:25PM       <DIR>           one").name.as_bytes(), b" one");
        assert_eq!(entry("01/02/2020  10:00 AM    <JUNCTION>      one").name.as_bytes(), b" one");
        assert_eq!(entry("01/02/2020  10:00 AM             1,234  one").name.as_bytes(), b" one");
        assert_eq!(entry(" 9/23/2018   2:16 PM  <DIR>         bin").name.as_bytes(), b"bin");
        assert_eq!(entry(" 7/26/2018   1:11 PM           189  win10.sh").name.as_bytes(), b"win10.sh");
        // A size wider than its column pushes the name to the right.
        assert_eq!(entry("07-17-00  02:08PM  1234567890123456789012 wide").name.as_bytes(), b"wide");
    }

    #[test]
    fn what_cannot_be_a_row_is_none() {
        for line in [
            "99-25-10  12:00AM                  0   months out of range",
            "12-25-10  99:00AM                  0   hours out of range",
            "02-30-10  10:00AM                  0   no such day",
            "11-02-09  05:32PM                 -1   NT",
            "11-02-09  05:32PM",
            "garbage",
            "-rw-r--r-- 1 a b 3 Jan 1 2020 x",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
        assert_eq!(row("12-07-10  12:05AM       <DIR>    "), Row::Refused);
        assert_eq!(row("12-07-10  12:05AM       <DIR>          .."), Row::Nothing);
        assert_eq!(row("12-07-10  12:05AM       1  ../x"), Row::Refused);
    }
}
