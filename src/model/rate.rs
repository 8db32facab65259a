//! Speed limits as people write them: `500K`, `2M`, `1.5 MiB/s`, `800 kB/s`.

/// The words that say "no limit".
const NONE: [&str; 5] = ["", "0", "none", "off", "unlimited"];

/// Bytes a second, or `None` where the text says that there is no limit. `K`, `M` and `G` are steps of 1024, as sizes are shown; with a
/// `B` behind them (`kB`, `MB`) they are steps of 1000, as rates are shown, and with `iB` steps of 1024 again. `/s` may follow.
///
/// # Errors
/// A sentence for a person where the text is no speed.
pub fn parse_limit(text: &str) -> Result<Option<u64>, String> {
    let lower = text.trim().to_ascii_lowercase();
    if NONE.contains(&lower.as_str()) {
        return Ok(None);
    }
    let wrong = || format!("{} is no speed: write 500K, 2M or 1.5MiB/s, and 0 or nothing for no limit", super::text::printable_str(text));
    let bare = lower.strip_suffix("/s").unwrap_or(&lower).trim_end();
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len());
    let (number, unit) = bare.split_at(end);
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(wrong)?;
    let unit: f64 = match unit.trim() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return Err(wrong()),
    };
    let bytes = number * unit;
    if bytes < 1.0 {
        return if bytes == 0.0 { Ok(None) } else { Err(wrong()) };
    }
    // Beyond this a float holds no whole bytes any more; nothing is that fast.
    Ok(Some(bytes.min(9e15) as u64))
}

/// A limit as it is typed, so that [`parse_limit`] reads the same again: `2M`, `1536`, nothing for none.
pub fn limit_text(limit: Option<u64>) -> String {
    let Some(bytes) = limit else { return String::new() };
    for (unit, letter) in [(1 << 30, 'G'), (1 << 20, 'M'), (1 << 10, 'K')] {
        if bytes % unit == 0 {
            return format!("{}{letter}", bytes / unit);
        }
    }
    bytes.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("500K", Some(512_000)),
            ("500k", Some(512_000)),
            ("2M", Some(2 << 20)),
            ("1.5MiB/s", Some(1_572_864)),
            (" 1.5 MiB/s ", Some(1_572_864)),
            ("800 kB/s", Some(800_000)),
            ("1GB", Some(1_000_000_000)),
            ("4096", Some(4096)),
            ("12 B/s", Some(12)),
            ("", None),
            ("0", None),
            ("0K", None),
            ("none", None),
            ("Off", None),
        ] {
            assert_eq!(parse_limit(text), Ok(bytes), "{text}");
        }
        for text in ["fast", "-1", "1X", "K", "1..2M", "0.1", "1e5", "NaN", "inf"] {
            assert!(parse_limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_is_read_again_as_it_was_written() {
        for limit in [None, Some(1), Some(1023), Some(1024), Some(1536), Some(512_000), Some(3 << 20), Some(1 << 30), Some(999_999_999)] {
            assert_eq!(parse_limit(&limit_text(limit)), Ok(limit));
        }
    }
}
