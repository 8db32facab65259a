//! What a few servers answer that nobody else does, each with rows of one form:
//! VxWorks, also on Nortel's switches: `  2048    Feb-28-1998  05:23:30   name <DIR>`;
//! Nortel's wide-field FTP: `name       1014196  06/03/04  Thur.   10:20:03`;
//! VShell 2: `206876  Apr 04, 2000 21:06 name`, a directory with a slash behind it;
//! numbers alone: `0100644   500  101   12345    123456789       name`, mode, owner, group, size and seconds since 1970;
//! NetManage's Chameleon: `README.TXT    8192 May 04 1995 17:22`, `<DIR>` in place of a size.

use crate::model::{Entry, Kind, Timestamp};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::months::month_named;
use super::scan::{is_digits, number, octal};
use super::time::{Clock, Day, any_year, day_of_month, full_year, month_number};

/// Rows of any of these.
#[derive(Default)]
pub(super) struct Other;

impl Dialect for Other {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let fields = Fields::of(row);
        if matches!(fields.all(), [b"size", b"date", b"time", b"name"]) || is_rule(fields.all()) {
            return Row::Nothing;
        }
        let forms = [vxworks, wide_field, vshell, numeric, chameleon];
        forms.iter().find_map(|form| form(&fields, shared)).unwrap_or(Row::Unknown)
    }
}

/// The line under VxWorks's heading.
fn is_rule(fields: &[&[u8]]) -> bool {
    fields.len() == 4 && fields.iter().all(|field| field.len() >= 4 && field.iter().all(|&byte| byte == b'-'))
}

fn finish(name: &[u8], kind: Kind, size: Option<u64>, modified: Timestamp) -> Row {
    entry_row(name, kind, |entry: &mut Entry| {
        entry.size = size;
        entry.modified = Some(modified);
    })
}

fn vxworks(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let [size, date, clock, _, ..] = fields.all() else { return None };
    let size = number(size)?;
    let mut parts = date.splitn(3, |&byte| byte == b'-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day { year: Some(any_year(year)?), month: month_named(month)?, day: day_of_month(day)? };
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(clock)?))?;
    let name = fields.from(3)?.trim_ascii_end();
    Some(match name.strip_suffix(b"<DIR>") {
        Some(name) => finish(name.trim_ascii_end(), Kind::Dir, Some(size), modified),
        None => finish(name, Kind::File, Some(size), modified),
    })
}

fn wide_field(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let all = fields.all();
    let [.., size, date, weekday, clock] = all else { return None };
    let size = number(size)?;
    let mut parts = date.splitn(3, |&byte| byte == b'/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day { year: Some(any_year(year)?), month: month_number(month)?, day: day_of_month(day)? };
    if weekday.len() < 3 || !weekday.strip_suffix(b".").unwrap_or(weekday).iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(clock)?))?;
    Some(finish(fields.span(0, all.len().checked_sub(5)?)?, Kind::File, Some(size), modified))
}

fn vshell(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let [size, month, day, year, clock, _, ..] = fields.all() else { return None };
    let size = number(size)?;
    let day = Day { month: month_named(month)?, day: day_of_month(day.strip_suffix(b",")?)?, year: Some(full_year(year)?) };
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(clock)?))?;
    let name = fields.from(5)?;
    Some(finish(name, if name.ends_with(b"/") { Kind::Dir } else { Kind::File }, Some(size), modified))
}

fn numeric(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let [mode, owner, group, size, seconds, _, ..] = fields.all() else { return None };
    if !(6..=7).contains(&mode.len()) || !mode.iter().all(|byte| (b'0'..=b'7').contains(byte)) || !is_digits(owner) || !is_digits(group) {
        return None;
    }
    let bits = mode.iter().fold(0_u32, |sum, &digit| sum * 8 + u32::from(digit - b'0'));
    let kind = match bits >> 12 {
        0o10 => Kind::File,
        0o04 => Kind::Dir,
        0o12 => Kind::Link,
        0o01 | 0o02 | 0o06 | 0o14 => Kind::Other,
        _ => return None,
    };
    let (size, seconds) = (number(size)?, i64::try_from(number(seconds)?).ok()?);
    jiff::Timestamp::from_second(seconds).ok()?;
    let (owner, group) = (shared.people.share(owner), shared.people.share(group));
    Some(entry_row(fields.from(5)?, kind, |entry: &mut Entry| {
        entry.mode = octal(mode);
        entry.size = Some(size);
        entry.modified = Some(Timestamp::exact(seconds));
        entry.owner = owner;
        entry.group = group;
    }))
}

fn chameleon(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let [name, size, month, day, year, clock, attributes @ ..] = fields.all() else { return None };
    let is_dir = *size == b"<DIR>";
    let size = if is_dir { None } else { Some(number(size)?) };
    let day = Day { month: month_named(month)?, day: day_of_month(day)?, year: Some(full_year(year)?) };
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(clock)?))?;
    let is_plain = attributes.len() <= 1 && attributes.iter().all(|field| field.len() <= 4 && field.iter().all(u8::is_ascii_alphabetic));
    is_plain.then(|| finish(name, if is_dir { Kind::Dir } else { Kind::File }, size, modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn row(line: &str) -> Row {
        Other.read(line.as_bytes(), &mut Shared::new(0))
    }

    #[test]
    fn each_of_these_is_read() {
        for (line, name, kind, size, time) in [
            ("2048    Feb-28-1998  05:23:30   a dir <DIR>", "a dir", Kind::Dir, 2048, "1998-02-28T05:23:30Z"),
            ("   77    FEB-28-1998  05:23:30   a file            ", "a file", Kind::File, 77, "1998-02-28T05:23:30Z"),
            ("a  file       1014196  06/03/04  Thur.   10:20:03", "a  file", Kind::File, 1_014_196, "2004-06-03T10:20:03Z"),
            ("206876  Apr 04, 2000 21:06 a file", "a file", Kind::File, 206_876, "2000-04-04T21:06:00Z"),
            ("0  Dec 12, 2002 02:13 a dir/", "a dir", Kind::Dir, 0, "2002-12-12T02:13:00Z"),
            ("0100644   500  101   12345    123456789       a file", "a file", Kind::File, 12_345, "1973-11-29T21:33:09Z"),
            ("040755   500  101   12345    123456789       a dir", "a dir", Kind::Dir, 12_345, "1973-11-29T21:33:09Z"),
            ("README.TXT    8192 May 04 1995 17:22 A", "README.TXT", Kind::File, 8192, "1995-05-04T17:22:00Z"),
        ] {
            let Row::Entry(entry) = row(line) else { panic!("{line}") };
            assert_eq!((text(&entry), entry.kind, entry.size), (name, kind, Some(size)), "{line}");
            assert_eq!(jiff::Timestamp::from_second(entry.modified.unwrap().seconds).unwrap().to_string(), time, "{line}");
        }
        assert!(matches!(row("PUB    <DIR> May 04 1995 17:22"), Row::Entry(entry) if entry.kind == Kind::Dir));
        assert_eq!(row("  size          date       time       name"), Row::Nothing);
        assert_eq!(row("--------       ------     ------    --------"), Row::Nothing);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "2048 Feb-30-1998 05:23:30 x",
            "1 2 3 4 5 6",
            "0170644 1 1 1 1 x",
            "x 1 06/03/04 4 10:20:03",
            "1014196  06/03/04  Thur.   10:20:03",
            "",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
    }
}
