//! Dates and modes as text of a known width; sizes, rates, counts and times left are those of [`figures`]. Pure: "now" is a value passed in.

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::model::figures;
use crate::model::{Kind, Precision, Timestamp};

pub use figures::{count, duration, grouped, rate, short_count, size, size_in_words};

/// The widest text that [`size`] makes.
pub const SIZE_WIDTH: u16 = figures::SIZE_WIDTH as u16;

/// The widest text that [`date`] makes.
pub const DATE_WIDTH: u16 = 7;

/// The time that dates are shown against. Its zone is the person's.
#[derive(Debug, Clone)]
pub struct Clock {
    now: Zoned,
}

impl Clock {
    /// Dates are shown as seen at `now`, in its time zone.
    pub fn at(now: Zoned) -> Self {
        Self { now }
    }

    fn local(&self, seconds: i64) -> Option<Zoned> {
        Some(jiff::Timestamp::from_second(seconds).ok()?.to_zoned(self.now.time_zone().clone()))
    }
}

/// A modification time in at most seven columns: `14:02` today, `11-20` this year, else `2023-05`.
pub fn date(time: Timestamp, clock: &Clock) -> String {
    let Some(local) = local_of(time, clock) else { return "?".to_owned() };
    if local.year() != clock.now.year() {
        return format!("{:04}-{:02}", local.year(), local.month());
    }
    if local.date() == clock.now.date() && time.precision != Precision::Day {
        return format!("{:02}:{:02}", local.hour(), local.minute());
    }
    format!("{:02}-{:02}", local.month(), local.day())
}

/// A modification time as far as it is known: `2026-11-20 14:02:11`, less where the precision is coarser.
pub fn full_date(time: Timestamp, clock: &Clock) -> String {
    let Some(local) = local_of(time, clock) else { return "?".to_owned() };
    let pattern = match time.precision {
        Precision::Second => "%Y-%m-%d %H:%M:%S",
        Precision::Minute => "%Y-%m-%d %H:%M",
        Precision::Day => "%Y-%m-%d",
    };
    local.strftime(pattern).to_string()
}

/// A day that is known without a time is shown as it was written: moving it into a zone could make it the day before.
fn local_of(time: Timestamp, clock: &Clock) -> Option<Zoned> {
    if time.precision == Precision::Day {
        return Some(jiff::Timestamp::from_second(time.seconds).ok()?.to_zoned(TimeZone::UTC));
    }
    clock.local(time.seconds)
}

/// A time of the log: `14:02:11.042`.
pub fn log_time(microseconds: i64, clock: &Clock) -> String {
    match jiff::Timestamp::from_microsecond(microseconds) {
        Ok(time) => time.to_zoned(clock.now.time_zone().clone()).strftime("%H:%M:%S%.3f").to_string(),
        Err(_) => "??:??:??.???".to_owned(),
    }
}

/// Permission bits as `rwxr-xr-x`, with `s` and `t` where they belong.
pub fn mode(bits: u16) -> String {
    let mut out = String::with_capacity(9);
    for (shift, special, set, unset) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let part = bits >> shift;
        out.push(if part & 4 != 0 { 'r' } else { '-' });
        out.push(if part & 2 != 0 { 'w' } else { '-' });
        out.push(match (bits & special != 0, part & 1 != 0) {
            (true, true) => set,
            (true, false) => unset,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// The letter for a kind, as `ls -l` has it.
pub fn kind_letter(kind: Kind) -> char {
    match kind {
        Kind::Dir => 'd',
        Kind::File => '-',
        Kind::Link => 'l',
        Kind::Other => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::at("2026-11-20T15:00:00+01:00[Europe/Berlin]".parse().unwrap())
    }

    fn time(text: &str, precision: Precision) -> Timestamp {
        Timestamp { seconds: text.parse::<jiff::Timestamp>().unwrap().as_second(), precision }
    }

    #[test]
    fn dates_are_a_time_today_a_day_this_year_and_a_month_before() {
        assert_eq!(date(time("2026-11-20T13:02:00Z", Precision::Second), &clock()), "14:02");
        assert_eq!(date(time("2026-11-19T22:59:00Z", Precision::Minute), &clock()), "11-19");
        assert_eq!(date(time("2023-05-01T00:00:00Z", Precision::Day), &clock()), "2023-05");
        assert_eq!(date(time("2027-01-02T00:00:00Z", Precision::Second), &clock()), "2027-01");
        assert_eq!(date(Timestamp::exact(i64::MAX), &clock()), "?");
    }

    #[test]
    fn a_day_without_a_time_stays_that_day_in_every_zone() {
        let far = Clock::at("2026-11-20T15:00:00-05:00[America/New_York]".parse().unwrap());
        assert_eq!(date(time("2026-11-01T00:00:00Z", Precision::Day), &far), "11-01");
        assert_eq!(full_date(time("2026-11-01T00:00:00Z", Precision::Day), &far), "2026-11-01");
        assert_eq!(date(time("2026-11-20T00:00:00Z", Precision::Day), &clock()), "11-20");
    }

    #[test]
    fn full_dates_show_no_more_than_is_known() {
        assert_eq!(full_date(time("2026-11-20T13:02:11Z", Precision::Second), &clock()), "2026-11-20 14:02:11");
        assert_eq!(full_date(time("2026-11-20T13:02:00Z", Precision::Minute), &clock()), "2026-11-20 14:02");
    }

    #[test]
    fn modes_show_special_bits() {
        assert_eq!(mode(0o755), "rwxr-xr-x");
        assert_eq!(mode(0o4644), "rwSr--r--");
        assert_eq!(mode(0o1777), "rwxrwxrwt");
    }
}
