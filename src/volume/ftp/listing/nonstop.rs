//! What HP NonStop (Tandem) answers in the Guardian file system: `FILE3   101    16354 14-Mar-14 15:09:12 244, 10 "nunu"`.
//!
//! The letters in quotes say who may read, write, execute and purge. A text file of the editor (code 101) is sent as lines, and is then of
//! another size.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::months::month_named;
use super::scan::{number, split_digits};
use super::time::{Clock, Day, any_year, day_of_month};

/// What files of the editor have for a code.
const EDIT: &[u8] = b"101";

/// Rows as the Guardian's FTP writes them.
#[derive(Default)]
pub(super) struct NonStop;

impl Dialect for NonStop {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let fields = Fields::of(row);
        if matches!(fields.all(), [b"File", b"Code", b"EOF", ..]) {
            return Row::Nothing;
        }
        parse(&fields, shared).unwrap_or(Row::Unknown)
    }
}

fn parse(fields: &Fields<'_>, shared: &mut Shared) -> Option<Row> {
    let [name, code, size, date, clock, .., security] = fields.all() else { return None };
    let (digits, marks) = split_digits(code);
    let rights = security.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    // `O` is a file that is open, `P` and `+` mark what is licensed or audited.
    if digits.is_empty() || marks.len() > 3 || rights.is_empty() || rights.len() > 8 || rights.contains(&b'"') {
        return None;
    }
    let size = number(size)?;
    let mut parts = date.splitn(3, |&byte| byte == b'-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day { year: Some(any_year(year)?), month: month_named(month)?, day: day_of_month(day)? };
    let modified = shared.calendar.timestamp(day, Some(Clock::parse(clock)?))?;
    let owner = fields.all().len().checked_sub(2).filter(|last| *last > 4).and_then(|last| fields.span(5, last)).unwrap_or_default();
    let owner = shared.people.share(owner);
    Some(entry_row(name, Kind::File, |entry: &mut Entry| {
        entry.size = Some(size);
        entry.rounded = digits == EDIT;
        entry.modified = Some(modified);
        entry.owner = owner;
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Row {
        NonStop.read(line.as_bytes(), &mut Shared::new(0))
    }

    #[test]
    fn rows_are_read_with_their_owner_in_one_word_or_two() {
        for (line, size, rounded, owner) in [
            ("FILE3        101            16354 14-Mar-14 15:09:12 244, 10 \"nunu\"", 16_354, true, "244, 10"),
            ("FILE3        700O 528  6-Apr-07 14:21:18 255,255 \"oooo\"", 528, false, "255,255"),
        ] {
            let Row::Entry(entry) = row(line) else { panic!("{line}") };
            assert_eq!((entry.name.as_bytes(), entry.size, entry.rounded), (&b"FILE3"[..], Some(size), rounded));
            assert_eq!(entry.owner.as_deref(), Some(owner));
        }
        assert_eq!(row("File         Code             EOF  Last Modification    Owner  RWEP"), Row::Nothing);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "FILE3 101 16354 14-Mar-14 15:09:12 244, 10 nunu",
            "FILE3 101 16354 14-Mxr-14 15:09:12 244, 10 \"nunu\"",
            "FILE3 x 16354 14-Mar-14 15:09:12 244, 10 \"nunu\"",
            "FILE3 101 16354 14-Mar-14 25:09:12 244, 10 \"nunu\"",
            "\"nunu\"",
            "",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
    }
}
