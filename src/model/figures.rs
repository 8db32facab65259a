//! Figures as a person reads them, the same in panes, bars and lines: sizes, rates, counts, times left, shares.
//!
//! One form for each: a size in steps of 1024 with a letter (`4.1K`), a rate in steps of 1000 as networks are measured (`3.1 MB/s`), a count in
//! groups of three (`20,000`), a time left as a clock (`12:34`). What a program reads (JSON) has none of these: there everything is a plain
//! number.

use super::listing::Count;

/// Columns of the widest text that [`size`] makes.
pub const SIZE_WIDTH: usize = 5;

/// Bytes in at most five columns: `812`, `4.1K`, `12.4K`, `1023K`, `3.0G`.
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

/// `1 entry`, `31 entries`: a number with its noun.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), noun(number, one, many))
}

/// The noun for a number that stands before it as it is, for logs and failures that programs read.
pub fn noun<'a>(number: u64, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
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

/// A short time to wait: `4 s`, from a minute on as [`duration`] has it.
pub fn pause(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { duration(seconds) }
}

/// How much of a copy is done, 0 to 1: by its bytes, in which each file counts one besides, so that files without any have their share.
/// Nothing to do is all done.
pub fn share(done: Count, all: Count) -> f64 {
    let weight = |count: Count| count.bytes as f64 + count.files as f64;
    if weight(all) > 0.0 { (weight(done) / weight(all)).min(1.0) } else { 1.0 }
}

/// A share in percent, in four columns: all of it is only told where nothing is missing.
pub fn percent(share: f64) -> String {
    format!("{:3.0}%", (share.clamp(0.0, 1.0) * 100.0).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

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
                assert!(size(bytes).len() <= SIZE_WIDTH, "{bytes}: {}", size(bytes));
            }
        }
        assert!(size(u64::MAX).len() <= SIZE_WIDTH);
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
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (9999, "9999"), (10_000, "10k"), (999_999, "999k"), (1_290_000, "1.2M"), (12_000_000, "12M")] {
            assert_eq!(short_count(number), text);
        }
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(4_198_400), "4,198,400");
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(100_000, "entry", "entries"), "100,000 entries");
    }

    #[test]
    fn files_without_a_byte_have_their_share_and_all_is_only_told_where_nothing_is_missing() {
        let of = |files, bytes| Count { files, dirs: 0, bytes };
        assert_eq!(percent(share(of(5_000, 0), of(20_000, 0))), " 25%");
        assert_eq!(percent(share(of(1, 1 << 30), of(2, 2 << 30))), " 50%");
        assert_eq!(percent(share(of(19_999, 0), of(20_000, 0))), " 99%");
        assert_eq!(percent(share(of(3, 9), of(3, 9))), "100%");
        assert_eq!(percent(share(of(0, 0), of(0, 0))), "100%");
    }
}
