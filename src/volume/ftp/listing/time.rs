//! Times as listings write them.
//!
//! Guarantee: a date that does not exist is `None`, never another day. Without a zone a time is by the server's clock on the wall, whose
//! offset from UTC the calendar knows, or takes for none.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::{Precision, Timestamp};

use super::scan::{small, split_digits};

/// A day of a year, or of a year that the row does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    /// With its century.
    pub(super) year: Option<i16>,
    /// From 1.
    pub(super) month: i8,
    /// From 1.
    pub(super) day: i8,
}

/// A time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// 0 to 23.
    pub(super) hour: i8,
    /// 0 to 59.
    pub(super) minute: i8,
    /// 0 to 59, where told.
    pub(super) second: Option<i8>,
}

impl Clock {
    /// Reads `H:MM` or `HH:MM:SS`, a fraction of a second left out. What is behind comes back with it.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (hour, rest) = split_digits(bytes);
        let (minute, rest) = split_digits(rest.strip_prefix(b":")?);
        if !(1..=2).contains(&hour.len()) || minute.len() != 2 {
            return None;
        }
        let mut clock = Self { hour: within(small(hour)?, 0, 23)?, minute: within(small(minute)?, 0, 59)?, second: None };
        let Some(behind) = rest.strip_prefix(b":") else { return Some((clock, rest)) };
        let (second, rest) = split_digits(behind);
        if second.len() != 2 {
            return None;
        }
        // A leap second has no place of its own in Unix time.
        clock.second = Some(within(small(second)?, 0, 60)?.min(59));
        let rest = rest.strip_prefix(b".").map_or(rest, |fraction| split_digits(fraction).1);
        Some((clock, rest))
    }

    /// Reads a whole field as a time of the day.
    pub(super) fn parse(field: &[u8]) -> Option<Self> {
        Self::read(field).filter(|(_, rest)| rest.is_empty()).map(|(clock, _)| clock)
    }

    fn precision(self) -> Precision {
        if self.second.is_some() { Precision::Second } else { Precision::Minute }
    }
}

/// Turns days and times into timestamps; knows when it is now.
#[derive(Debug)]
pub(super) struct Calendar {
    /// The last second a date may be of.
    latest: i64,
    /// The year of `latest`.
    latest_year: i16,
    /// How many seconds the clock that times are told by is ahead of UTC.
    offset: i64,
}

impl Calendar {
    /// A server's clock may be ahead of ours, and its zone east of ours; more than a day it is not.
    const AHEAD: i64 = 86_400;
    /// From one 29 February to the next there are eight years at most.
    const YEARS_BACK: i16 = 8;

    /// For listings that are read at `now`, in seconds since 1970, and tell times in UTC.
    #[cfg(test)]
    pub(super) fn new(now: i64) -> Self {
        Self::by_clock(now, 0)
    }

    /// For listings that tell times by a clock that is `offset` seconds ahead of UTC.
    pub(super) fn by_clock(now: i64, offset: i64) -> Self {
        let latest = now.saturating_add(offset).saturating_add(Self::AHEAD);
        let latest_year = jiff::Timestamp::from_second(latest).map_or(1970, |time| time.to_zoned(TimeZone::UTC).year());
        Self { latest, latest_year, offset }
    }

    /// The time; of a day without a year the latest that is not more than a day ahead of the server's now. A day without a time of the day
    /// stays as it was written, whatever the server's zone.
    pub(super) fn timestamp(&self, day: Day, clock: Option<Clock>) -> Option<Timestamp> {
        let time = self.written(day, clock)?;
        let offset = if clock.is_some() { self.offset } else { 0 };
        Some(Timestamp { seconds: time.seconds.saturating_sub(offset), ..time })
    }

    /// The same of a row that tells its zone, as seconds ahead of UTC.
    pub(super) fn timestamp_in(&self, zone: i64, day: Day, clock: Clock) -> Option<Timestamp> {
        let time = self.written(day, Some(clock))?;
        Some(Timestamp { seconds: time.seconds.saturating_sub(zone), ..time })
    }

    /// Whether the time is not more than a day ahead of now.
    pub(super) fn may_be(&self, time: Timestamp) -> bool {
        time.seconds.saturating_add(self.offset) <= self.latest
    }

    fn written(&self, day: Day, clock: Option<Clock>) -> Option<Timestamp> {
        let precision = clock.map_or(Precision::Day, Clock::precision);
        let at = clock.unwrap_or(Clock { hour: 0, minute: 0, second: None });
        let seconds = match day.year {
            Some(year) => seconds(year, day, at)?,
            None => {
                (0..=Self::YEARS_BACK).find_map(|back| seconds(self.latest_year - back, day, at).filter(|&time| time <= self.latest))?
            }
        };
        Some(Timestamp { seconds, precision })
    }
}

fn seconds(year: i16, day: Day, at: Clock) -> Option<i64> {
    // What cannot be is asked here first: an error of jiff's is an allocation.
    if day.day > days_in(day.month, year) {
        return None;
    }
    let civil = DateTime::new(year, day.month, day.day, at.hour, at.minute, at.second.unwrap_or(0), 0).ok()?;
    Some(TimeZone::UTC.to_timestamp(civil).ok()?.as_second())
}

fn days_in(month: i8, year: i16) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// `value` where it lies between the two.
pub(super) fn within(value: i16, least: i8, most: i8) -> Option<i8> {
    i8::try_from(value).ok().filter(|value| (least..=most).contains(value))
}

/// A day of the month.
pub(super) fn day_of_month(digits: &[u8]) -> Option<i8> {
    if digits.len() > 2 { None } else { within(small(digits)?, 1, 31) }
}

/// A month as a number.
pub(super) fn month_number(digits: &[u8]) -> Option<i8> {
    if digits.len() > 2 { None } else { within(small(digits)?, 1, 12) }
}

/// A year of four digits.
pub(super) fn full_year(digits: &[u8]) -> Option<i16> {
    if digits.len() == 4 { small(digits).filter(|year| (1900..=2999).contains(year)) } else { None }
}

/// A year of four digits, or of two: those below 70 are of this century, as no file is older than Unix.
pub(super) fn any_year(digits: &[u8]) -> Option<i16> {
    match digits.len() {
        2 => small(digits).map(|year| if year < 70 { 2000 + year } else { 1900 + year }),
        _ => full_year(digits),
    }
}

/// As [`any_year`], or of three digits: those who added to a 19 without looking wrote 100 for the year 2000.
pub(super) fn clipped_year(digits: &[u8]) -> Option<i16> {
    match digits {
        [b'1', _, _] => small(digits).map(|years| 1900 + years),
        _ => any_year(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_2026_03_01: i64 = 1_772_366_400;

    fn year_of(now: i64, month: i8, day: i8, clock: &[u8]) -> Option<i16> {
        let day = Day { year: None, month, day };
        let time = Calendar::new(now).timestamp(day, Clock::parse(clock))?;
        Some(jiff::Timestamp::from_second(time.seconds).unwrap().to_zoned(TimeZone::UTC).year())
    }

    #[test]
    fn a_date_without_a_year_is_the_latest_not_more_than_a_day_ahead() {
        assert_eq!(year_of(NOON_2026_03_01, 3, 1, b"11:59"), Some(2026));
        assert_eq!(year_of(NOON_2026_03_01, 3, 2, b"12:00"), Some(2026));
        assert_eq!(year_of(NOON_2026_03_01, 3, 2, b"12:01"), Some(2025));
        assert_eq!(year_of(NOON_2026_03_01, 12, 31, b"23:59"), Some(2025));
        // On the last day of a year the first of the next is no more than a day ahead.
        assert_eq!(year_of(NOON_2026_03_01 - 60 * 86_400, 1, 1, b"11:00"), Some(2026));
        assert_eq!(year_of(NOON_2026_03_01 - 60 * 86_400, 1, 1, b"13:00"), Some(2025));
    }

    #[test]
    fn the_29th_of_february_is_of_the_last_leap_year() {
        assert_eq!(year_of(NOON_2026_03_01, 2, 29, b"00:00"), Some(2024));
        assert_eq!(year_of(NOON_2026_03_01, 2, 30, b"00:00"), None);
    }

    #[test]
    fn the_servers_clock_tells_times_and_years() {
        let day = Day { year: None, month: 3, day: 2 };
        let at = |offset: i64, text: &[u8]| Calendar::by_clock(NOON_2026_03_01, offset).timestamp(day, Clock::parse(text)).unwrap().seconds;
        assert_eq!(at(0, b"12:00"), NOON_2026_03_01 + 86_400);
        // At the server it is two in the afternoon.
        assert_eq!(at(7200, b"14:00"), NOON_2026_03_01 + 86_400);
        assert_eq!(at(7200, b"14:01"), NOON_2026_03_01 + 86_400 + 60 - 365 * 86_400);
        assert_eq!(at(-7200, b"10:00"), NOON_2026_03_01 + 86_400);
        let written = Calendar::by_clock(NOON_2026_03_01, -7200).timestamp(Day { year: Some(2026), ..day }, None).unwrap();
        assert_eq!(written.seconds % 86_400, 0);
        let zoned =
            Calendar::by_clock(NOON_2026_03_01, -7200).timestamp_in(3600, Day { year: Some(2026), ..day }, Clock::parse(b"13:00").unwrap());
        assert_eq!(zoned.unwrap().seconds, NOON_2026_03_01 + 86_400);
    }

    #[test]
    fn no_clock_of_ours_makes_it_panic() {
        for now in [i64::MIN, -1, 0, i64::MAX] {
            Calendar::new(now).timestamp(Day { year: None, month: 1, day: 1 }, None);
        }
    }

    #[test]
    fn a_time_of_day_is_read_with_or_without_seconds_and_what_cannot_be_is_none() {
        assert_eq!(Clock::parse(b"7:05"), Some(Clock { hour: 7, minute: 5, second: None }));
        assert_eq!(Clock::parse(b"17:05:59.123456789"), Some(Clock { hour: 17, minute: 5, second: Some(59) }));
        assert_eq!(Clock::parse(b"23:59:60").unwrap().second, Some(59));
        for text in [&b"30:01"[..], b"12:60", b"1205", b"12:5", b"12:05:", b"12:05x", b":05", b"", b"012:05"] {
            assert_eq!(Clock::parse(text), None);
        }
    }

    #[test]
    fn a_year_of_two_digits_is_not_before_unix() {
        assert_eq!(any_year(b"69"), Some(2069));
        assert_eq!(any_year(b"70"), Some(1970));
        assert_eq!(any_year(b"2004"), Some(2004));
        assert_eq!(any_year(b"209"), None);
        assert_eq!(full_year(b"0209"), None);
    }
}
