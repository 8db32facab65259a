//! The one place that turns bytes of a server into text for a screen.
//!
//! Guarantee: what [`printable`] returns holds no control character, no bidirectional override, no zero-width or line-separating
//! character, and no more than a few combining marks in a row: it cannot drive the terminal, reorder a line or shift a column.

use std::borrow::Cow;

/// Two phrases as one sentence: `mark` stands between them instead of the full stop that the first may end with.
pub fn joined(first: &str, mark: char, then: &str) -> String {
    let first = first.trim_end();
    // Three dots are no full stop.
    let first = if first.ends_with("..") { first } else { first.strip_suffix(['.', ';', ':']).unwrap_or(first) };
    format!("{first}{mark} {then}")
}

/// Combining marks that may follow one another; more are noise that piles up on one cell.
const MAX_MARKS: usize = 4;

/// `bytes` as text that is safe on any terminal: UTF-8 where it is valid, else each bad byte as `\xNN`; what could do harm as a visible
/// placeholder.
pub fn printable(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.iter().all(|b| (0x20..0x7f).contains(b)) {
        return String::from_utf8_lossy(bytes);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        push_safe(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(out)
}

/// [`printable`] for text that is already Unicode.
pub fn printable_str(text: &str) -> Cow<'_, str> {
    printable(text.as_bytes())
}

fn push_safe(out: &mut String, text: &str) {
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\n' => out.push('␊'),
            '\t' => out.push('␉'),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␀')),
            '\x7f' => out.push('␡'),
            _ if is_harmful(c) => out.push_str(&format!("<{:04X}>", u32::from(c))),
            _ if marks > MAX_MARKS => {}
            _ => out.push(c),
        }
    }
}

/// Whether it could do harm or deceive on a screen: C1 controls, bidirectional controls, invisible and line-separating characters, tags, and what no terminal agrees on.
pub fn is_harmful(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// The common ranges of combining marks.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{e31}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_joined_without_two_marks_in_a_row() {
        assert_eq!(joined("530 Authentication failed.", ';', "check the user"), "530 Authentication failed; check the user");
        assert_eq!(joined("cannot list: ", ':', "the disk is full"), "cannot list: the disk is full");
        assert_eq!(joined("550 wait...", ';', "try again"), "550 wait...; try again");
    }

    #[test]
    fn escape_sequences_become_pictures() {
        assert_eq!(printable(b"\x1b]0;owned\x07"), "␛]0;owned␇");
        assert_eq!(printable("\u{9b}2J".as_bytes()), "<009B>2J");
        assert_eq!(printable(b"a\x9bb"), "a\\x9bb");
    }

    #[test]
    fn text_cannot_reorder_or_hide_itself() {
        assert_eq!(printable("a\u{202e}b\u{200b}c\u{2028}d".as_bytes()), "a<202E>b<200B>c<2028>d");
        let piled = format!("a{}", "\u{301}".repeat(40));
        assert!(printable(piled.as_bytes()).chars().count() <= 1 + MAX_MARKS);
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for text in ["index.html", "Grüße aus Köln.txt", "日本語", "a  b", "e\u{301}"] {
            assert_eq!(printable(text.as_bytes()), text);
        }
    }
}
