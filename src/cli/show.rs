//! How bytes of a server are printed: escaped so that a line stays a line and can be read back, or as JSON.
//!
//! Guarantee: nothing printed here holds a control character or what could deceive on a screen, and two different names never
//! print the same.

use std::fmt::Write as _;

use serde::Serialize;

use crate::model::text::is_harmful;

/// A name as one line of text: a backslash doubled, control characters, what deceives and bytes that are not UTF-8 as `\n`, `\xNN`.
pub fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() || is_harmful(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_hex(&mut out, byte)),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_hex(&mut out, *byte));
    }
    out
}

fn push_hex(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}

/// Bytes as text for JSON, with a placeholder for what is not UTF-8; and as hexadecimal digits where there is any.
pub fn text_and_hex(bytes: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => {
            let mut hex = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                let _ = write!(hex, "{byte:02x}");
            }
            (String::from_utf8_lossy(bytes).into_owned(), Some(hex))
        }
    }
}

/// An object as one line of JSON. What could deceive on a screen is escaped, which JSON allows inside strings, and it stands nowhere else.
pub fn json_line(value: &impl Serialize) -> String {
    // Structs of text and numbers always serialise.
    let line = serde_json::to_string(value).unwrap_or_default();
    if line.is_ascii() && !line.contains('\x7f') {
        return line;
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '\x7f' || is_harmful(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line_and_drives_no_terminal() {
        assert_eq!(escaped("Grüße 日本.txt".as_bytes()), "Grüße 日本.txt");
        assert_eq!(escaped(b"a\\n\n\r\t\x1b[2J\x7f"), "a\\\\n\\n\\r\\t\\x1b[2J\\x7f");
        assert_eq!(escaped(b"\xff\xc2\x9b"), "\\xff\\xc2\\x9b");
        assert_eq!(escaped("a\u{202e}b".as_bytes()), "a\\xe2\\x80\\xaeb");
    }

    #[test]
    fn json_says_the_same_in_safe_characters() {
        #[derive(Serialize)]
        struct Object {
            name: &'static str,
        }
        let name = "ü\u{9b}\u{202e}\u{7f}\u{e0041}\x1b";
        let line = json_line(&Object { name });
        assert!(line.chars().all(|c| !c.is_control() && !is_harmful(c)), "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["name"], name);
        assert_eq!(text_and_hex(b"a\xff"), ("a\u{fffd}".to_owned(), Some("61ff".to_owned())));
    }
}
