//! How far a server's clock on the wall is from UTC: what LIST tells times by.

use std::fmt;

/// Seconds that the clock is ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClockOffset(i32);

/// No zone is further from UTC, in seconds.
pub const FARTHEST: i32 = 14 * 3600;
/// Zones lie so many seconds apart, or a multiple of that.
pub const STEP: i64 = 15 * 60;

impl ClockOffset {
    /// From seconds; `None` where no zone is so far from UTC.
    pub fn of_seconds(seconds: i32) -> Option<Self> {
        (seconds.abs() <= FARTHEST).then_some(Self(seconds))
    }

    /// What a listed time of a file and the same time in UTC tell of the clock, the listed one being known to so many seconds; `None` where
    /// they lie apart as no zone does, as when the file has changed in between.
    pub fn between(listed: i64, utc: i64, known_to: i64) -> Option<Self> {
        let apart = listed.checked_sub(utc)?;
        let zone = apart.checked_add(STEP / 2)?.div_euclid(STEP).checked_mul(STEP)?;
        if apart.checked_sub(zone)?.abs() > known_to.max(2) {
            return None;
        }
        i32::try_from(zone).ok().and_then(Self::of_seconds)
    }

    /// Reads `+02:00`, `-0330`, `2` or `UTC`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Some(Self(0));
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
            None => (digits, "0"),
        };
        let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()));
        let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
        Self::of_seconds(sign * (hours * 3600 + minutes * 60))
    }

    /// In seconds.
    pub fn seconds(self) -> i64 {
        i64::from(self.0)
    }
}

impl fmt::Display for ClockOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.abs() / 60;
        write!(f, "{}{:02}:{:02}", if self.0 < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_as_it_is_written() {
        for (text, seconds) in
            [("+02:00", 7200), ("-03:30", -12_600), ("-0330", -12_600), ("2", 7200), ("+5", 18_000), ("UTC", 0), ("14:00", 50_400)]
        {
            let offset = ClockOffset::parse(text).unwrap();
            assert_eq!(offset.seconds(), seconds, "{text}");
            assert_eq!(ClockOffset::parse(&offset.to_string()), Some(offset));
        }
        for text in ["", "+", "x", "15", "+02:60", "2:", "002", "+-2", "14:01", "1:2:3", "é"] {
            assert_eq!(ClockOffset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn two_times_of_a_file_tell_the_clock_unless_they_are_of_no_zone() {
        let utc = 1_700_000_000;
        let between = |listed: i64| ClockOffset::between(listed, utc, 60).map(ClockOffset::seconds);
        for zone in [0, 3600, -3600, 19_800, 20_700, -12_600, 50_400] {
            assert_eq!(between(utc + zone), Some(zone));
            assert_eq!(between(utc + zone - 59), Some(zone), "the minute alone is listed");
        }
        for other in [100, 400, -400, 15 * 3600, 366 * 86_400, i64::MAX - utc, i64::MIN + utc] {
            assert_eq!(between(utc + other), None, "{other}");
        }
        assert_eq!(ClockOffset::between(i64::MIN, i64::MAX, 60), None);
    }
}
