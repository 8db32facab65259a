//! What IBM i (OS/400) answers in its own format (`SITE LISTFMT 0`): `PEP             36864 04/03/24 14:06:34 *FILE      DKLPLNQT.FILE`.
//!
//! Dates are in the order of the server's job, of which the rows must tell: the first numbers that only one order can explain. A member
//! is told with its file before it; it is of this directory only where that is the file itself, whose listing has nothing but members.

use crate::model::{Entry, Kind};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::scan::{number, skip_blanks, split_digits, split_field};
use super::time::{Calendar, Clock, Day, any_year, day_of_month, month_number};

/// An order of day, month and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

/// The orders, the likelier before the others where dashes, slashes or dots part the numbers.
const BY_SLASH: [Order; 3] = [Order::MonthDayYear, Order::DayMonthYear, Order::YearMonthDay];
const BY_DOT: [Order; 3] = [Order::DayMonthYear, Order::YearMonthDay, Order::MonthDayYear];
const BY_DASH: [Order; 3] = [Order::YearMonthDay, Order::DayMonthYear, Order::MonthDayYear];

/// Rows as IBM i writes them.
#[derive(Default)]
pub(super) struct As400 {
    /// The orders that some row cannot be of.
    excluded: Vec<Order>,
    /// The file that was listed last.
    file: Vec<u8>,
}

impl Dialect for As400 {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        self.parse(row, shared).unwrap_or(Row::Unknown)
    }

    fn again(&mut self) {
        self.file.clear();
    }
}

impl As400 {
    fn parse(&mut self, row: &[u8], shared: &mut Shared) -> Option<Row> {
        // An object without an owner has blanks in place of it.
        let (owner, mut rest) = if row.first().is_some_and(|byte| *byte != b' ') { split_field(row) } else { (&b""[..], row) };
        if owner.first() == Some(&b'*') || owner.len() > 10 {
            return None;
        }
        let (mut size, mut time) = (None, None);
        let (first, behind) = split_field(skip_blanks(rest));
        if let Some(bytes) = number(first) {
            size = Some(bytes);
            let (date, behind) = split_field(skip_blanks(behind));
            let (clock, behind) = split_field(skip_blanks(behind));
            let clock = Clock::parse(clock)?;
            time = Some((date, clock));
            rest = behind;
        } else if first.first() != Some(&b'*') {
            return None;
        }
        let (object, name) = split_field(skip_blanks(rest));
        let kind = kind_of(object)?;
        let modified = match time {
            Some((date, clock)) => Some(shared.calendar.timestamp(self.date(date, &shared.calendar)?, Some(clock))?),
            None => None,
        };
        let name = self.name(object, skip_blanks(name))?;
        let owner = shared.people.share(owner);
        Some(entry_row(name, kind, |entry: &mut Entry| {
            entry.size = size;
            // What the object takes up, rather than what is sent.
            entry.rounded = object != b"*STMF" && object != b"*DOC";
            entry.modified = modified;
            entry.owner = owner;
        }))
    }

    /// A member's own part of its name, where this is the listing of its file.
    fn name<'a>(&mut self, object: &[u8], name: &'a [u8]) -> Option<&'a [u8]> {
        if object == b"*FILE" {
            self.file = name.to_vec();
        }
        if object != b"*MEM" {
            return Some(name);
        }
        let Some(at) = name.iter().position(|&byte| byte == b'/') else { return Some(name) };
        let (file, member) = name.split_at_checked(at)?;
        // In a library's listing the file stands right before its members: those are refused with their path.
        if self.file == file { Some(name) } else { member.get(1..) }
    }

    fn date(&mut self, field: &[u8], calendar: &Calendar) -> Option<Day> {
        let (first, rest) = split_digits(field);
        let (&mark, rest) = rest.split_first()?;
        let (second, rest) = split_digits(rest);
        let third = rest.strip_prefix(&[mark])?;
        let orders = match mark {
            b'/' => BY_SLASH,
            b'.' | b',' => BY_DOT,
            b'-' => BY_DASH,
            _ => return None,
        };
        let in_order = |order: Order, is_past: bool| {
            let (year, month, day) = match order {
                Order::MonthDayYear => (third, first, second),
                Order::DayMonthYear => (third, second, first),
                Order::YearMonthDay => (first, second, third),
            };
            let day = Day { year: Some(any_year(year)?), month: month_number(month)?, day: day_of_month(day)? };
            calendar.timestamp(day, None).filter(|time| !is_past || calendar.may_be(*time)).map(|_| day)
        };
        if orders.iter().any(|order| in_order(*order, true).is_some()) {
            let news = orders.into_iter().filter(|order| in_order(*order, true).is_none() && !self.excluded.contains(order));
            self.excluded.extend(news.collect::<Vec<_>>());
        }
        let believed = orders.iter().filter(|order| !self.excluded.contains(order)).find_map(|&order| in_order(order, false));
        believed.or_else(|| orders.iter().find_map(|&order| in_order(order, false)))
    }
}

/// What an object of this type is; `None` where it is no type.
fn kind_of(object: &[u8]) -> Option<Kind> {
    let letters = object.strip_prefix(b"*")?;
    if letters.is_empty() || letters.len() > 9 || !letters.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    Some(match letters {
        b"DIR" | b"DDIR" | b"LIB" | b"FLR" => Kind::Dir,
        b"SYMLNK" => Kind::Link,
        b"BLKSF" | b"CHRSF" | b"FIFO" | b"SOCKET" => Kind::Other,
        _ => Kind::File,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-01.
    const NOW: i64 = 1_782_864_000;

    fn rows(lines: &[&str]) -> Vec<Row> {
        let (mut as400, mut shared) = (As400::default(), Shared::new(NOW));
        lines.iter().for_each(|line| drop(as400.read(line.as_bytes(), &mut shared)));
        as400.again();
        lines.iter().map(|line| as400.read(line.as_bytes(), &mut shared)).collect()
    }

    fn entries(lines: &[&str]) -> Vec<Entry> {
        let entry = |row| if let Row::Entry(entry) = row { entry } else { panic!("{row:?}") };
        rows(lines).into_iter().map(entry).collect()
    }

    fn times(lines: &[&str]) -> Vec<String> {
        let text = |entry: Entry| jiff::Timestamp::from_second(entry.modified.unwrap().seconds).unwrap().strftime("%Y-%m-%d").to_string();
        entries(lines).into_iter().map(text).collect()
    }

    #[test]
    fn the_order_of_a_date_is_told_by_the_rows() {
        assert_eq!(times(&["QSYS 1 23/02/00 15:09:55 *STMF a", "QSYS 1 03/02/00 15:09:55 *STMF b"]), ["2000-02-23", "2000-02-03"]);
        assert_eq!(times(&["QSYS 1 03/02/00 15:09:55 *STMF b", "QSYS 1 02/23/00 15:09:55 *STMF a"]), ["2000-03-02", "2000-02-23"]);
        assert_eq!(times(&["QSYS 1 99/12/31 15:09:55 *STMF b", "QSYS 1 04/03/12 15:09:55 *STMF a"]), ["1999-12-31", "2004-03-12"]);
        assert_eq!(times(&["QPGMR 1 18.09.06 14:21:26 *FILE A.FILE"]), ["2006-09-18"]);
        assert_eq!(times(&["QPGMR 1 06-09-18 14:21:26 *FILE A.FILE"]), ["2006-09-18"]);
    }

    #[test]
    fn objects_are_read_with_their_kinds() {
        for (object, kind, rounded) in [
            ("*DIR", Kind::Dir, true),
            ("*LIB", Kind::Dir, true),
            ("*FLR", Kind::Dir, true),
            ("*FILE", Kind::File, true),
            ("*STMF", Kind::File, false),
            ("*SYMLNK", Kind::Link, true),
            ("*SOCKET", Kind::Other, true),
            ("*PGM", Kind::File, true),
        ] {
            let entry = &entries(&[&format!("QSYS            77824 02/23/00 15:09:55 {object}       a name/")
                .replace("a name/", if kind == Kind::Dir { "a name/" } else { "a name" })])[0];
            assert_eq!((entry.name.as_bytes(), entry.kind, entry.rounded, entry.size), (&b"a name"[..], kind, rounded, Some(77_824)));
            assert_eq!(entry.owner.as_deref(), Some("QSYS"));
        }
    }

    #[test]
    fn a_member_is_of_its_files_listing_and_of_no_other() {
        let entry = &entries(&["CFT                  *MEM       A.FILE/B.MBR"])[0];
        assert_eq!((entry.name.as_bytes(), entry.kind), (&b"B.MBR"[..], Kind::File));
        let rows = rows(&["CFT 45056 04/12/06 14:19:31 *FILE A.FILE", "CFT                  *MEM       A.FILE/B.MBR"]);
        assert!(matches!(rows[..], [Row::Entry(_), Row::Refused]));
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "PEP 4019 04/03/18 18:58:16 STMF einladung.zip",
            "PEP 422 03/24 14:06:26 *STMF readme",
            "PEP 6409 04/03/24 30:06:29 *STMF build.xml",
            "PEP USR 36864 04/03/24 14:06:34 *FILE x",
            "PEP 36864 40/30/50 14:06:34 *FILE x",
            "*MEM A",
            "",
        ] {
            assert_eq!(rows(&[line]), [Row::Unknown], "{line}");
        }
    }
}
