//! Percent-encoding of bytes (RFC 1738 §2.2).
//!
//! Guarantee: `decode(encode(x)) == x` for any bytes and any set of kept punctuation that lacks `%`; neither ever panics.

use std::fmt::Write as _;

/// The bytes behind `text`; `None` where a `%` is not followed by two hexadecimal digits.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = hex(bytes.next()?)?;
            let low = hex(bytes.next()?)?;
            out.push(high << 4 | low);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

/// `bytes` as ASCII: letters, digits, `-._~` and what is in `keep` as they are, all else as `%XX`.
pub fn encode(bytes: &[u8], keep: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_encoding_and_a_bad_escape_is_refused() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(encode(&all, b"/").as_bytes()).unwrap(), all);
        assert_eq!(decode(b"a%2fb%2F"), Some(b"a/b/".to_vec()));
        for bad in [&b"%"[..], b"%4", b"%zz", b"a%+1"] {
            assert_eq!(decode(bad), None);
        }
    }
}
