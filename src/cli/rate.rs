//! Rates as people write them: `500K`, `2M`, `1.5MiB`.

/// Bytes a second. K, M and G (also KiB …) count in 1024, kB, MB and GB in 1000; `/s` may stand at the end.
///
/// # Errors
/// A sentence for the command line.
pub fn parse(typed: &str) -> Result<u64, String> {
    let wrong = || "a rate is a number with K, M or G, such as 500K or 1.5MiB".to_owned();
    let text = typed.trim().to_ascii_lowercase();
    let text = text.strip_suffix("/s").unwrap_or(&text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).ok_or_else(wrong)?;
    let factor = match unit.trim_start() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<f64>().map_err(|_| wrong())? * factor;
    // Slower than a byte a second is no rate, and faster than 2^53 no limit.
    if (1.0..9e15).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        for (typed, bytes) in
            [("500K", 512_000), ("2M", 2 << 20), ("1.5MiB", 3 << 19), ("1000", 1000), ("2 MB/s", 2_000_000), ("1g", 1 << 30), ("7b", 7)]
        {
            assert_eq!(parse(typed), Ok(bytes), "{typed}");
        }
        for wrong in ["", "K", "0", "-1", "2X", "1e3", "1..5M", "ü", "inf", "0.1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
