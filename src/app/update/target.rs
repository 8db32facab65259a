//! Paths as a person sees and types them.
//!
//! Names are bytes; a line of text is Unicode. A byte that is no UTF-8 shows as `\xNN` and is read back from that, so that every path
//! survives the way through an input line.

use crate::model::VPath;

/// A path for an input line; `directory` adds a slash.
pub(super) fn typed(path: &VPath, directory: bool) -> String {
    let mut text = text_of(path.as_bytes());
    if directory && !path.is_root() {
        text.push('/');
    }
    text
}

/// Bytes for an input line.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
    }
    text
}

/// What was typed, as bytes: `\xNN` is that byte.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        let (before, code) = rest.split_at(at);
        out.extend_from_slice(before.as_bytes());
        match code.get(2..4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = code.get(4..).unwrap_or_default();
            }
            None => {
                out.extend_from_slice(b"\\x");
                rest = code.get(2..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_survives_the_way_through_an_input_line() {
        for name in [&b"plain"[..], b"a\xffb", b"back\\x41", "Gr\u{fc}n".as_bytes(), b"esc\x1b[2J"] {
            let text = text_of(name);
            assert!(!text.chars().any(char::is_control));
            assert_eq!(bytes(&text), name);
        }
    }
}
