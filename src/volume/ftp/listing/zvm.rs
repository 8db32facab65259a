//! What z/VM and VM/CMS answer: `PROFILE  EXEC     A1 V      17     3      1     9/12/91 12:39:07`, or newer
//! `PROFILE  EXEC     V        65      107       2 2005-10-04 15:28:42 060191`.
//!
//! Name and type are two words there and one name with a dot here, which the server takes. A file's records are of one length (F) or of
//! that at most (V): its size is known by that alone, and rounded up.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::scan::number;
use super::time::{Clock, Day, any_year, clipped_year, day_of_month, month_number};

/// Rows as LISTFILE writes them.
#[derive(Default)]
pub(super) struct Zvm;

impl Dialect for Zvm {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let fields = Fields::of(row);
        if let [b"Filename", b"FileType" | b"Filetype", ..] = fields.all() {
            return Row::Nothing;
        }
        parse(fields.all(), shared).unwrap_or(Row::Unknown)
    }
}

fn parse(all: &[&[u8]], shared: &mut Shared) -> Option<Row> {
    let at = (1..=3).find(|&at| all.get(at).is_some_and(|field| matches!(*field, b"F" | b"V" | b"DIR")))?;
    let [form, length, records, _blocks, date, clock, ..] = all.get(at..)? else { return None };
    let before = all.get(..at)?;
    let is_dir = *form == b"DIR";
    if !before.iter().all(|word| is_word(word)) {
        return None;
    }
    let size = match (number(length), number(records)) {
        (Some(length), Some(records)) if !is_dir => length.checked_mul(records),
        _ if is_dir && *length == b"-" => None,
        _ => return None,
    };
    let modified = shared.calendar.timestamp(day(date)?, Some(Clock::parse(clock)?))?;
    let name = match before {
        [name, kind] if is_mode(kind) && is_dir => name.to_vec(),
        [name, kind] | [name, kind, _] => [name, &b"."[..], kind].concat(),
        [name] => name.to_vec(),
        _ => return None,
    };
    Some(entry_row(&name, if is_dir { Kind::Dir } else { Kind::File }, |entry: &mut Entry| {
        entry.size = size;
        entry.rounded = true;
        entry.modified = Some(modified);
    }))
}

/// A word of a name: eight letters at most on the system itself.
fn is_word(word: &[u8]) -> bool {
    word.len() <= 16 && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"$#@+-:_".contains(byte))
}

/// A disk's letter and a digit.
fn is_mode(word: &[u8]) -> bool {
    matches!(word, [letter, digit] if letter.is_ascii_uppercase() && digit.is_ascii_digit())
}

/// `9/12/91`, `1/03/100` for a year counted from 1900, `2005-10-04`.
fn day(field: &[u8]) -> Option<Day> {
    let mark = if field.contains(&b'/') { b'/' } else { b'-' };
    let mut parts = field.split(|&byte| byte == mark);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = if a.len() == 4 { (any_year(a)?, b, c) } else { (clipped_year(c)?, a, b) };
    Some(Day { year: Some(year), month: month_number(month)?, day: day_of_month(day)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn row(line: &str) -> Row {
        Zvm.read(line.as_bytes(), &mut Shared::new(0))
    }

    #[test]
    fn old_and_new_rows_are_read() {
        for (line, name, kind, size, time) in [
            (
                "J43401   NETLOG    A0 V      77     1      1       9/12/91   12:36:04",
                "J43401.NETLOG",
                Kind::File,
                Some(77),
                "1991-09-12T12:36:04Z",
            ),
            (
                "ABADY2K  DATE      A0 V      1      1      1       1/03/100  10:11:12",
                "ABADY2K.DATE",
                Kind::File,
                Some(1),
                "2000-01-03T10:11:12Z",
            ),
            ("AUTHORS            A1 DIR    -      -      -       9/20/99   10:31:11", "AUTHORS", Kind::Dir, None, "1999-09-20T10:31:11Z"),
            (
                "ZVMFILE  TRACE   V        65      107       2 2005-10-04 15:28:42 060191",
                "ZVMFILE.TRACE",
                Kind::File,
                Some(6955),
                "2005-10-04T15:28:42Z",
            ),
            ("LONGNAME  DIR   -  -  - 2005-10-04 15:28:42 -", "LONGNAME", Kind::Dir, None, "2005-10-04T15:28:42Z"),
        ] {
            let Row::Entry(entry) = row(line) else { panic!("{line}") };
            assert_eq!((text(&entry), entry.kind, entry.size), (name, kind, size), "{line}");
            assert_eq!(jiff::Timestamp::from_second(entry.modified.unwrap().seconds).unwrap().to_string(), time, "{line}");
        }
        assert_eq!(row("Filename FileType  Fm Format Lrecl  Records Blocks Date      Time"), Row::Nothing);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "J43401   NETLOG    A0 V      77     1      1       9/32/91   12:36:04",
            "J43401   NETLOG    A0 X      77     1      1       9/12/91   12:36:04",
            "J43401   NETLOG    A0 V      77     1      1",
            "a/b      NETLOG    A0 V      77     1      1       9/12/91   12:36:04",
            "V",
            "",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
    }
}
