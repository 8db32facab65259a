//! Easily Parsed LIST Format, by D. J. Bernstein for publicfile and anonftpd: `+i8388621.48594,m825718503,r,s280,<TAB>name`.
//!
//! Everything behind the tab is the name. Times are seconds since 1970 in UTC, whatever the server's zone.

use crate::model::{Entry, Kind, Timestamp};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::scan::{number, octal};

/// Rows of facts.
#[derive(Default)]
pub(super) struct Eplf;

impl Dialect for Eplf {
    fn read(&mut self, row: &[u8], _shared: &mut Shared) -> Row {
        parse(row).unwrap_or(Row::Unknown)
    }
}

fn parse(row: &[u8]) -> Option<Row> {
    let facts = row.strip_prefix(b"+")?;
    let tab = facts.iter().position(|&byte| byte == b'\t')?;
    let (facts, name) = (facts.get(..tab)?, facts.get(tab + 1..)?);
    let (mut kind, mut size, mut modified, mut mode) = (None, None, None, None);
    for fact in facts.split(|&byte| byte == b',') {
        match fact {
            b"/" => kind = Some(Kind::Dir),
            b"r" => kind = kind.or(Some(Kind::File)),
            [b's', digits @ ..] => size = number(digits),
            [b'm', digits @ ..] => modified = number(digits).and_then(|seconds| i64::try_from(seconds).ok()),
            [b'u', b'p', digits @ ..] => mode = octal(digits),
            _ => {}
        }
    }
    // What can be neither fetched nor entered is still there.
    let kind = kind.unwrap_or(if size.is_some() { Kind::File } else { Kind::Other });
    Some(entry_row(name, kind, |entry: &mut Entry| {
        entry.size = size;
        entry.modified = modified.filter(|seconds| jiff::Timestamp::from_second(*seconds).is_ok()).map(Timestamp::exact);
        entry.mode = mode;
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Row {
        Eplf.read(line.as_bytes(), &mut Shared::new(0))
    }

    #[test]
    fn facts_are_read_and_everything_behind_the_tab_is_the_name() {
        let Row::Entry(entry) = row("+i8388621.48594,m825718503,r,s280,up644,\t a\tb ") else { panic!() };
        assert_eq!((entry.name.as_bytes(), entry.kind, entry.size, entry.mode), (&b" a\tb "[..], Kind::File, Some(280), Some(0o644)));
        assert_eq!(entry.modified, Some(Timestamp::exact(825_718_503)));
        let Row::Entry(entry) = row("+/,m824255907\tdir") else { panic!() };
        assert_eq!((entry.kind, entry.size), (Kind::Dir, None));
        let Row::Entry(entry) = row("+\tsomething") else { panic!() };
        assert_eq!(entry.kind, Kind::Other);
    }

    #[test]
    fn what_is_wrong_is_left_out_and_what_is_no_row_is_none() {
        let Row::Entry(entry) = row("+r,s-1,m99999999999999999999,up9\tx") else { panic!() };
        assert_eq!((entry.size, entry.modified, entry.mode), (None, None, None));
        for line in ["+i1,r no tab", "i1,r\tx", "+", ""] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
        assert_eq!(row("+/\t.."), Row::Nothing);
        assert_eq!(row("+r\ta/b"), Row::Refused);
    }
}
