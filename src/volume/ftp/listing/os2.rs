//! What OS/2's server answers: `  1123      A    07-14-99   12:37  name`, a directory with `DIR` in place of its attributes or before them.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::scan::number;
use super::time::{Clock, Day, clipped_year, day_of_month, month_number};

/// Rows as OS/2 writes them.
#[derive(Default)]
pub(super) struct Os2;

impl Dialect for Os2 {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        parse(row, shared).unwrap_or(Row::Unknown)
    }
}

/// Attributes: archived, hidden, read-only, system.
fn is_attributes(field: &[u8]) -> bool {
    (1..=5).contains(&field.len()) && field.iter().all(|byte| b"AHRSD-".contains(byte))
}

fn parse(row: &[u8], shared: &mut Shared) -> Option<Row> {
    let fields = Fields::of(row);
    let size = number(fields.get(0)?)?;
    let mut at = 1;
    let mut kind = Kind::File;
    loop {
        match fields.get(at)? {
            b"DIR" | b"<DIR>" => kind = Kind::Dir,
            field if is_attributes(field) || (at == 1 && number(field).is_some()) => {}
            _ => break,
        }
        at += 1;
    }
    let mut parts = fields.get(at)?.split(|&byte| byte == b'-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let day = Day { year: Some(clipped_year(year)?), month: month_number(month)?, day: day_of_month(day)? };
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(fields.get(at + 1)?)?))?;
    Some(entry_row(fields.behind(at + 1)?, kind, |entry: &mut Entry| {
        entry.size = Some(size);
        entry.modified = Some(modified);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn row(line: &str) -> Row {
        Os2.read(line.as_bytes(), &mut Shared::new(0))
    }

    #[test]
    fn rows_are_read_with_years_that_were_counted_on_from_1900() {
        for (line, name, kind, size, time) in [
            ("   0           DIR    05-12-97   16:44  a dir", "a dir", Kind::Dir, 0, "1997-05-12T16:44:00Z"),
            ("36611      A    04-23-103   10:57  file", "file", Kind::File, 36_611, "2003-04-23T10:57:00Z"),
            (" 1123 DIR  A   10-05-100   23:38  dir", "dir", Kind::Dir, 1123, "2000-10-05T23:38:00Z"),
            (" 1123           07-14-1999   12:37  file", "file", Kind::File, 1123, "1999-07-14T12:37:00Z"),
            (" 1123  RA  07-14-99   12:37  file", "file", Kind::File, 1123, "1999-07-14T12:37:00Z"),
        ] {
            let Row::Entry(entry) = row(line) else { panic!("{line}") };
            assert_eq!((text(&entry), entry.kind, entry.size), (name, kind, Some(size)), "{line}");
            assert_eq!(jiff::Timestamp::from_second(entry.modified.unwrap().seconds).unwrap().to_string(), time, "{line}");
        }
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in
            ["     0           DIR   13-05-97   25:49  MPTN", "0 A 12-25-10  99:00 x", "-1 A 12-25-10  09:00 x", "0 DIR 12-25-10", "0", ""]
        {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
        assert_eq!(row("0 DIR 12-25-10  09:00  .."), Row::Nothing);
        assert_eq!(row("0 DIR 12-25-10  09:00"), Row::Refused);
    }
}
