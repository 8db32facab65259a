//! The dates of `ls -l`, in the orders that languages and versions of it write them.

use crate::model::Timestamp;

use super::months::month_named;
use super::scan::{is_digits, split_digits};
use super::time::{Calendar, Clock, Day, any_year, day_of_month, full_year, month_number};

/// A date in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// When, unless there is no such day or time.
    pub(super) time: Option<Timestamp>,
    /// How many fields it took.
    pub(super) fields: usize,
    /// Whether it ends with a year, whose column has five bytes.
    pub(super) ends_with_year: bool,
}

/// Reads a date off the first of `fields`, which are none of them empty.
pub(super) fn read(fields: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let (&first, rest) = fields.split_first()?;
    if !first.first()?.is_ascii_digit() {
        return month_first(first, rest, calendar)
            .or_else(|| month_dashed(first, rest, calendar))
            .or_else(|| weekday(first, rest, calendar));
    }
    if first.len() > 5 && is_dashed(first) {
        return dashed(first, rest, calendar);
    }
    if first.len() == 5 && first.get(2) == Some(&b'-') {
        return month_and_day(first, rest, calendar);
    }
    day_first(first, rest, calendar).or_else(|| numbers(first, rest, calendar))
}

/// What has the shape of a date and is none: `Jan  0  1980`, `Jan 01  1601`, `Jan 29 24:00`, as clocks that were never set give. The row is one of
/// a file all the same.
pub(super) fn unreal(fields: &[&[u8]]) -> Option<Date> {
    let &[month, day, last, _, ..] = fields else { return None };
    let is_year = last.len() == 4 && is_digits(last);
    let is_clock = Clock::parse(last).is_some() || last == b"24:00";
    let is_day = day.len() <= 2 && is_digits(day);
    (month_named(month).is_some() && is_day && (is_year || is_clock)).then_some(Date { time: None, fields: 3, ends_with_year: is_year })
}

/// A day, and what stands behind it: a time or a year.
struct Begun {
    month: i8,
    day: i8,
    fields: usize,
    has_comma: bool,
}

impl Begun {
    /// `15:13`, `2004`, or `15:13:22 2004` as `ls -T` on BSD writes it.
    fn with(self, behind: &[&[u8]], calendar: &Calendar) -> Option<Date> {
        let (&field, rest) = behind.split_first()?;
        let (month, day) = (self.month, self.day);
        if let Some(clock) = Clock::parse(field) {
            let year = rest.first().filter(|_| clock.second.is_some() && rest.len() > 1).and_then(|year| full_year(year));
            let time = calendar.timestamp(Day { year, month, day }, Some(clock))?;
            return Some(Date { time: Some(time), fields: self.fields + 1 + usize::from(year.is_some()), ends_with_year: false });
        }
        let year = Some(full_year(unit(field)?)?);
        // `Dec 12, 2002 02:13`: a comma promises more than a year. Else what looks like a time is the name.
        let clock = rest.first().filter(|_| self.has_comma && rest.len() > 1).and_then(|field| Clock::parse(field));
        let time = calendar.timestamp(Day { year, month, day }, clock)?;
        Some(Date { time: Some(time), fields: self.fields + 1 + usize::from(clock.is_some()), ends_with_year: clock.is_none() })
    }
}

/// `Jan 29 …`.
fn month_first(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    // The day first: it tells sooner than the table of months that this is an owner's name.
    let (&word, behind) = rest.split_first()?;
    let day = day_of_month(without_mark(word))?;
    Begun { month: month_named(first)?, day, fields: 2, has_comma: word.ends_with(b",") }.with(behind, calendar)
}

/// `Feb-28-1998 05:23:30`.
fn month_dashed(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let mut parts = first.splitn(3, |&byte| byte == b'-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day { year: Some(any_year(year)?), day: day_of_month(day)?, month: month_named(month)? };
    optional_time(day, rest, 1, calendar)
}

/// `Thu Jan 29 03:26:00 2004`: the day of the week says nothing more.
fn weekday(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    const DAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    if !DAYS.iter().any(|day| day.eq_ignore_ascii_case(first)) {
        return None;
    }
    let (&month, rest) = rest.split_first()?;
    let date = month_first(month, rest, calendar)?;
    Some(Date { fields: date.fields + 1, ..date })
}

/// `09-26 2000`, `09-26 13:45`: the month comes first, unless it can only be the day.
fn month_and_day(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let (a, b) = (first.get(..2)?, first.get(3..)?);
    let (month, day) = match (month_number(a), month_number(b)) {
        (Some(month), _) => (month, day_of_month(b)?),
        (None, Some(month)) => (month, day_of_month(a)?),
        (None, None) => return None,
    };
    Begun { month, day, fields: 1, has_comma: false }.with(rest, calendar)
}

/// `26. Juli, …`, `01 oct …`.
fn day_first(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let day = day_of_month(without_mark(first))?;
    let (&month, behind) = rest.split_first()?;
    Begun { month: month_named(month)?, day, fields: 2, has_comma: false }.with(behind, calendar)
}

/// `3 29 03:26`, and with the signs for year, month and day `3月 2日 03:26`, `3月 2日 2003年`, `2005년 1월 6일`.
fn numbers(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let (&second, behind) = rest.split_first()?;
    // One sign among them is enough: old servers leave some out.
    let has_signs = !is_digits(first) || !is_digits(second);
    let (first, second) = (unit(first)?, unit(second)?);
    if has_signs && first.len() == 4 {
        let (&third, behind) = behind.split_first()?;
        let day = Day { year: Some(full_year(first)?), month: month_number(second)?, day: day_of_month(unit(third)?)? };
        return optional_time(day, behind, 3, calendar);
    }
    // Without signs only a time of day tells that two numbers are a date.
    if !has_signs && Clock::parse(behind.first()?).is_none() {
        return None;
    }
    Begun { month: month_number(first)?, day: day_of_month(second)?, fields: 2, has_comma: false }.with(behind, calendar)
}

/// Whether a byte parts the numbers of a date.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'-' | b'/' | b'.')
}

/// Whether it is three parts with dashes between, or with slashes or dots.
fn is_dashed(field: &[u8]) -> bool {
    field.iter().filter(|&&byte| is_mark(byte)).count() == 2
}

/// `2005-04-08 11:22`, `2004.07.15`, `24-04-2003 17:12`, `01-jun-99`.
fn dashed(first: &[u8], rest: &[&[u8]], calendar: &Calendar) -> Option<Date> {
    let mut parts = first.split(|&byte| is_mark(byte));
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if let Some(at) = c.iter().position(|&byte| byte == b'T') {
        // `2024-02-29T23:59:58Z` (RFC 3339).
        let (c, clock) = (c.get(..at)?, c.get(at + 1..)?);
        let day = Day { year: Some(full_year(a)?), month: month_number(b)?, day: day_of_month(c)? };
        let time = match clock.strip_suffix(b"Z") {
            Some(clock) => calendar.timestamp_in(0, day, Clock::parse(clock)?)?,
            None => calendar.timestamp(day, Some(Clock::parse(clock)?))?,
        };
        return Some(Date { time: Some(time), fields: 1, ends_with_year: false });
    }
    let month = || month_number(b).or_else(|| month_named(b));
    let day = match full_year(a) {
        Some(year) => Day { year: Some(year), month: month()?, day: day_of_month(c)? },
        None => Day { year: Some(any_year(c)?), month: month()?, day: day_of_month(a)? },
    };
    optional_time(day, rest, 1, calendar)
}

/// A day with its year, a time of day where there is one, and the zone that `ls --full-time` adds.
fn optional_time(day: Day, behind: &[&[u8]], fields: usize, calendar: &Calendar) -> Option<Date> {
    // The last field is the name, and a name may look like a time.
    let clock = behind.first().filter(|_| behind.len() > 1).and_then(|field| Clock::parse(field));
    let offset = behind.get(1).filter(|_| behind.len() > 2 && clock.is_some()).and_then(|field| zone(field));
    let time = match (clock, offset) {
        (Some(clock), Some(offset)) => calendar.timestamp_in(offset, day, clock)?,
        _ => calendar.timestamp(day, clock)?,
    };
    Some(Date { time: Some(time), fields: fields + usize::from(clock.is_some()) + usize::from(offset.is_some()), ends_with_year: false })
}

/// `+0200`, in seconds.
fn zone(field: &[u8]) -> Option<i64> {
    let (&sign, digits) = field.split_first()?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    if digits.len() != 4 {
        return None;
    }
    let seconds = i64::from(super::scan::small(hours)?) * 3600 + i64::from(super::scan::small(minutes)?) * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// A number without the dot or comma behind it.
fn without_mark(field: &[u8]) -> &[u8] {
    field.strip_suffix(b".").or_else(|| field.strip_suffix(b",")).unwrap_or(field)
}

/// A number without the sign for year, month or day behind it, which is never ASCII.
fn unit(field: &[u8]) -> Option<&[u8]> {
    let (digits, sign) = split_digits(field);
    if digits.is_empty() || !(sign.is_empty() || sign.first().is_some_and(|byte| !byte.is_ascii())) { None } else { Some(digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-01.
    const NOW: i64 = 1_782_864_000;

    fn date(text: &str) -> Option<(String, usize)> {
        let fields: Vec<&[u8]> = text.split_whitespace().map(str::as_bytes).collect();
        let date = read(&fields, &Calendar::new(NOW))?;
        Some((jiff::Timestamp::from_second(date.time.unwrap().seconds).unwrap().to_string(), date.fields))
    }

    #[test]
    fn every_order_of_a_date_is_read_and_the_name_left_alone() {
        for (text, time, fields) in [
            ("Jan 29 03:26 name", "2026-01-29T03:26:00Z", 3),
            ("Dec 29 03:26 name", "2025-12-29T03:26:00Z", 3),
            ("Oct  5  2008 7 name", "2008-10-05T00:00:00Z", 3),
            ("26. Juli, 20:10 name", "2025-07-26T20:10:00Z", 3),
            ("01 oct 2004 name", "2004-10-01T00:00:00Z", 3),
            ("3 29 03:26 name", "2026-03-29T03:26:00Z", 3),
            ("3月 2日 2003年 name", "2003-03-02T00:00:00Z", 3),
            ("3月 2日 15:13 name", "2026-03-02T15:13:00Z", 3),
            ("2005년 1월 6일 name", "2005-01-06T00:00:00Z", 3),
            ("2005-04-08 11:22 name", "2005-04-08T11:22:00Z", 2),
            ("2005-04-08 11:22:33.123456789 +0200 name", "2005-04-08T09:22:33Z", 3),
            ("2005-04-08 11:22", "2005-04-08T00:00:00Z", 1),
            ("24-04-2003 17:12 name", "2003-04-24T17:12:00Z", 2),
            ("01-jun-99 name", "1999-06-01T00:00:00Z", 1),
            ("Mar 2 15:13:22 2003 name", "2003-03-02T15:13:22Z", 4),
            ("2024-02-29T23:59:58Z name", "2024-02-29T23:59:58Z", 1),
            ("09-26 2000 name", "2000-09-26T00:00:00Z", 2),
            ("09-26 13:45 name", "2025-09-26T13:45:00Z", 2),
            ("26-09 13:45 name", "2025-09-26T13:45:00Z", 2),
            ("2004.07.15 name", "2004-07-15T00:00:00Z", 1),
            ("1999/10/12 17:12 name", "1999-10-12T17:12:00Z", 2),
            ("2.   Okt.  2003 name", "2003-10-02T00:00:00Z", 3),
            ("2003 3月 20 name", "2003-03-20T00:00:00Z", 3),
            ("8月 17 08:52 name", "2025-08-17T08:52:00Z", 3),
            ("Apr 04, 2000 21:06 name", "2000-04-04T21:06:00Z", 4),
            ("Feb-28-1998 05:23:30 name", "1998-02-28T05:23:30Z", 2),
            ("Thu Jan 29 03:26:00 2004 name", "2004-01-29T03:26:00Z", 5),
            ("Mar 2 15:13:22 2003", "2026-03-02T15:13:22Z", 3),
            ("Mar 2 15:13 2003 name", "2026-03-02T15:13:00Z", 3),
        ] {
            assert_eq!(date(text), Some((time.into(), fields)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "May 4 abcd",
            "Jam 4 00:03",
            "Feb 23 30:01",
            "Feb 30 2020",
            "Dec 02 209",
            "5 12 2004",
            "13 29 03:26",
            "2005 1 6",
            "may",
            "12",
            "",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
