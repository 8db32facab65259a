//! Small readings of bytes that the dialects share: fields, numbers, sizes.

/// Whether a byte parts two fields.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// `bytes` behind the blanks they begin with.
pub(super) fn skip_blanks(bytes: &[u8]) -> &[u8] {
    let at = bytes.iter().position(|&byte| !is_blank(byte)).unwrap_or(bytes.len());
    bytes.get(at..).unwrap_or_default()
}

/// The first field and what is behind it, beginning with the blank.
pub(super) fn split_field(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|&byte| is_blank(byte)).unwrap_or(bytes.len());
    bytes.split_at(at)
}

/// Whether there are bytes and all are digits.
pub(super) fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// A number written in digits alone; `None` too where it does not fit.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    if !is_digits(bytes) {
        return None;
    }
    bytes.iter().try_fold(0_u64, |sum, &digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// A short number: up to four digits, as in dates.
pub(super) fn small(bytes: &[u8]) -> Option<i16> {
    if bytes.len() > 4 || !is_digits(bytes) {
        return None;
    }
    Some(bytes.iter().fold(0, |sum, &digit| sum * 10 + i16::from(digit - b'0')))
}

/// Where a number ends that begins `bytes`: its digits and what is behind.
pub(super) fn split_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    bytes.split_at(at)
}

/// A number with its thousands parted by commas, dots, apostrophes or hard blanks (UTF-8, Latin-1, code page 850): `Some(None)` where it
/// is too large, `None` where it is no such number.
pub(super) fn grouped(bytes: &[u8]) -> Option<Option<u64>> {
    let (first, mut rest) = split_digits(bytes);
    if rest.is_empty() {
        return is_digits(first).then(|| number(first));
    }
    if !(1..=3).contains(&first.len()) {
        return None;
    }
    let mut sum = number(first);
    while !rest.is_empty() {
        let behind =
            [&b","[..], b".", b"'", b"\xc2\xa0", b"\xe2\x80\xaf", b"\xa0", b"\xff"].iter().find_map(|mark| rest.strip_prefix(*mark))?;
        let (group, next) = behind.split_at_checked(3)?;
        let group_value = number(group)?;
        sum = sum.and_then(|sum| sum.checked_mul(1000)?.checked_add(group_value));
        rest = next;
    }
    Some(sum)
}

/// A size as `ls -h` writes it, `33.5k`: a fraction of a binary multiple.
pub(super) fn scaled(bytes: &[u8]) -> Option<u64> {
    let (&unit, digits) = bytes.split_last()?;
    let shift = match unit.to_ascii_lowercase() {
        b'k' => 10,
        b'm' => 20,
        b'g' => 30,
        b't' => 40,
        b'p' => 50,
        _ => return None,
    };
    let (whole, rest) = split_digits(digits);
    let tenth = match rest {
        b"" => 0,
        [b'.' | b',', tenth @ b'0'..=b'9'] => u64::from(tenth - b'0'),
        _ => return None,
    };
    let tenths = number(whole)?.checked_mul(10)?.checked_add(tenth)?;
    tenths.checked_mul(1_u64 << shift).map(|tenths| tenths / 10)
}

/// Permission bits in octal; servers put the bits of the file's type in front of them.
pub(super) fn octal(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    let bits = digits.iter().try_fold(0_u32, |sum, &digit| (b'0'..=b'7').contains(&digit).then(|| sum * 8 + u32::from(digit - b'0')))?;
    u16::try_from(bits & 0o7777).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_may_be_parted() {
        assert_eq!(grouped(b"1234567"), Some(Some(1_234_567)));
        for text in [&b"1,234,567"[..], b"1.234.567", b"1'234'567", b"1\xc2\xa0234\xc2\xa0567", b"1\xff234\xff567"] {
            assert_eq!(grouped(text), Some(Some(1_234_567)));
        }
        for text in [&b"1,23"[..], b"1234,567", b"1,234,", b",123", b"", b"-1", b"1,2345"] {
            assert_eq!(grouped(text), None);
        }
    }

    #[test]
    fn a_size_beyond_64_bits_is_a_size_that_is_not_known() {
        assert_eq!(grouped(b"18446744073709551615"), Some(Some(u64::MAX)));
        assert_eq!(grouped(b"18446744073709551616"), Some(None));
        assert_eq!(grouped(b"18,446,744,073,709,551,616"), Some(None));
        assert_eq!(number(b"99999999999999999999999"), None);
    }

    #[test]
    fn a_size_for_people_is_a_binary_multiple() {
        assert_eq!(scaled(b"33.5k"), Some(34_304));
        assert_eq!(scaled(b"1M"), Some(1 << 20));
        assert_eq!(scaled(b"99999999999999999P"), None);
        assert_eq!(scaled(b"k"), None);
        assert_eq!(scaled(b"1.k"), None);
    }
}
