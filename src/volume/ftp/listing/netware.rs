//! What NetWare answers: `d [RWCEAFMS] supervisor    512 Jan 16 18:53    name`, and HellSoft's server `-[RWCEMFA]  1 owner  512 Jun 20 14:35 name`.
//!
//! Between the brackets are the rights of whoever asks.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::scan::{is_digits, number, skip_blanks};
use super::unix_date;

/// Rows as NetWare's servers write them.
#[derive(Default)]
pub(super) struct Netware;

impl Dialect for Netware {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        if row.strip_prefix(b"total ").is_some_and(|count| is_digits(skip_blanks(count))) {
            return Row::Nothing;
        }
        parse(skip_blanks(row), shared).unwrap_or(Row::Unknown)
    }
}

fn parse(row: &[u8], shared: &mut Shared) -> Option<Row> {
    let (&letter, rest) = row.split_first()?;
    let kind = match letter {
        b'd' => Kind::Dir,
        b'-' => Kind::File,
        b'l' => Kind::Link,
        _ => return None,
    };
    let rights = skip_blanks(rest).strip_prefix(b"[")?;
    let end = rights.iter().position(|&byte| byte == b']')?;
    let (rights, behind) = rights.split_at_checked(end)?;
    if rights.is_empty() || !rights.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b' ')) {
        return None;
    }
    let fields = Fields::of(behind.get(1..)?);
    let all = fields.all();
    let (at, size, date) = (1..all.len()).find_map(|at| {
        let size = all.get(at - 1).and_then(|field| number(field))?;
        Some((at, size, unix_date::read(all.get(at..)?, &shared.calendar)?))
    })?;
    let name = fields.behind(at + date.fields - 1)?;
    // A count of links may stand before the owner.
    let first = usize::from(at > 2 && all.first().is_some_and(|field| is_digits(field)));
    let owner = (at > first + 1).then(|| fields.span(first, at - 2)).flatten().unwrap_or_default();
    Some(entry_row(name, kind, |entry: &mut Entry| {
        entry.size = Some(size);
        entry.modified = date.time;
        entry.owner = shared.people.share(owner);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn row(line: &str) -> Row {
        Netware.read(line.as_bytes(), &mut Shared::new(1_782_864_000))
    }

    #[test]
    fn rows_are_read_with_and_without_a_count_of_links() {
        for (line, name, kind, size, owner) in [
            ("d [R----F--] supervisor            512       Jan 16 18:53    login", "login", Kind::Dir, 512, "supervisor"),
            ("- [R----F--] rhesus             214059       Oct 20 15:27    cx.exe", "cx.exe", Kind::File, 214_059, "rhesus"),
            ("-[RWCEMFA]  1 *unknown    13312 May 27  1997 19calit.doc", "19calit.doc", Kind::File, 13_312, "*unknown"),
            ("- [R-CEAFMS] CN=Ann Lee.O=x    19968 Mar 12 15:20 two words.doc", "two words.doc", Kind::File, 19_968, "CN=Ann Lee.O=x"),
        ] {
            let Row::Entry(entry) = row(line) else { panic!("{line}") };
            assert_eq!((text(&entry), entry.kind, entry.size), (name, kind, Some(size)), "{line}");
            assert_eq!(entry.owner.as_deref(), Some(owner), "{line}");
        }
        assert_eq!(row("total 0"), Row::Nothing);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "a [-----F--] SCION_SYS                         512 Apr 13 23:52 SYS",
            "d [] x 512 Apr 13 23:52 SYS",
            "d [RW x 512 Apr 13 23:52 SYS",
            "d [-----F--] SCION_SYS 512 Apr 33 23:52 SYS",
            "drwxr-xr-x 1 a b 512 Apr 13 23:52 SYS",
            "d",
        ] {
            assert_eq!(row(line), Row::Unknown, "{line}");
        }
        assert_eq!(row("d [-----F--] x 512 Apr 13 23:52 .."), Row::Nothing);
        assert_eq!(row("- [-----F--] x 512 Apr 13 23:52 a/b"), Row::Refused);
    }
}
