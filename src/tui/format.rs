//! Sizes, dates, rates and durations as text of a known width. Pure: "now" is a value passed in.

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::model::{Kind, Precision, Timestamp};

/// The widest text that [`size`] makes.
pub const SIZE_WIDTH: u16 = 5;
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

/// Bytes in at most five columns: `812`, `4.1K`, `12.4K`, `1023K`, `3.0G`. (The `bytesize` crate has no form of bounded width.)
pub fn size(bytes: u64) -> String {
    const UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut value = bytes as f64;
    let mut unit = ' ';
    for next in UNITS {
        value /= 1024.0;
        unit = next;
        if value < 1023.5 {
            break;
        }
    }
    if value < 99.95 { format!("{value:.1}{unit}") } else { format!("{value:.0}{unit}") }
}

/// Bytes where no column's head says that it is a size: `1 byte`, `812 bytes`, `4.1K`.
pub fn size_in_words(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        _ => size(bytes),
    }
}

/// Bytes in full, in groups of three: `4,198,400`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes a second: `3.1 MB/s`, by powers of 1000 as networks are measured.
pub fn rate(bytes_per_second: f64) -> String {
    const UNITS: [&str; 4] = ["kB/s", "MB/s", "GB/s", "TB/s"];
    if bytes_per_second < 999.5 {
        return format!("{:.0} B/s", bytes_per_second.max(0.0));
    }
    let mut value = bytes_per_second;
    let mut unit = "";
    for next in UNITS {
        value /= 1000.0;
        unit = next;
        if value < 999.5 {
            break;
        }
    }
    if value < 99.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// Seconds as `0:04`, `12:34`, `1:02:03`, and days from a hundred hours on.
pub fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        1..100 => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{}d", hours / 24),
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

/// `1 entry`, `31 entries`: a number with its noun.
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// A count in at most four columns: `812`, `9999`, `12k`, `1.2M`.
pub fn short_count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{}k", number / 1000),
        1_000_000..10_000_000 => format!("{}.{}M", number / 1_000_000, number / 100_000 % 10),
        10_000_000..1_000_000_000 => format!("{}M", number / 1_000_000),
        _ => "many".to_owned(),
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
    fn sizes_are_short_and_never_wider_than_five_columns() {
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (4198, "4.1K"),
            (12_700, "12.4K"),
            (102_300, "99.9K"),
            (102_349, "100K"),
            (102_400, "100K"),
            (1_047_552, "1023K"),
            (1_048_575, "1.0M"),
            (5 << 30, "5.0G"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for shift in 0..64 {
            for bytes in [1u64 << shift, (1u64 << shift) - 1, (1u64 << shift) / 10 * 9] {
                assert!(size(bytes).len() <= usize::from(SIZE_WIDTH), "{bytes}: {}", size(bytes));
            }
        }
        assert!(size(u64::MAX).len() <= usize::from(SIZE_WIDTH));
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
    fn rates_and_durations_read_like_a_person_says_them() {
        assert_eq!(rate(0.0), "0 B/s");
        assert_eq!(rate(3_140_000.0), "3.1 MB/s");
        assert_eq!(rate(999_600.0), "1.0 MB/s");
        assert_eq!(duration(4), "0:04");
        assert_eq!(duration(754), "12:34");
        assert_eq!(duration(3723), "1:02:03");
        assert_eq!(duration(1_000_000), "11d");
    }

    #[test]
    fn modes_show_special_bits() {
        assert_eq!(mode(0o755), "rwxr-xr-x");
        assert_eq!(mode(0o4644), "rwSr--r--");
        assert_eq!(mode(0o1777), "rwxrwxrwt");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (9999, "9999"), (10_000, "10k"), (999_999, "999k"), (1_290_000, "1.2M"), (12_000_000, "12M")] {
            assert_eq!(short_count(number), text);
        }
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(4_198_400), "4,198,400");
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(100_000, "entry", "entries"), "100,000 entries");
    }
}
