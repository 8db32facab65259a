//! Text cut to columns: at the end, in the middle (keeping a name's extension), at the start (keeping a path's end), and wrapped.
//!
//! Guarantee: no result is wider than asked for, counted in columns of grapheme clusters as the screen's buffer counts them.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_truncate::UnicodeTruncateStr;
use unicode_width::UnicodeWidthStr;

/// What stands for what was cut.
const CUT: &str = "…";
/// The longest extension that is kept when a name is cut, its dot included.
const LONGEST_EXTENSION: usize = 8;

/// Columns that `text` takes on the screen.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// `text`, cut at its end with `…` where it is wider than `columns`.
pub fn cut_end(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}{CUT}", head(text, columns - 1)))
}

/// `text`, cut at its start with `…`: for paths, whose end tells most.
pub fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{CUT}{}", tail(text, columns - 1)))
}

/// `text`, cut in its middle with `…`: for names. The extension and a little before it stay.
pub fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns < 6 {
        return cut_end(text, columns);
    }
    let room = columns - 1;
    let extension = text.rfind('.').filter(|&dot| dot > 0).and_then(|dot| text.get(dot..)).map_or(0, width);
    let kept = if extension > 1 && extension <= LONGEST_EXTENSION { (extension + 2).min(room / 2) } else { room / 3 };
    let end = tail(text, kept);
    let start = head(text, room - width(end));
    Cow::Owned(format!("{start}{CUT}{end}"))
}

/// The longest start of `text` that fits into `columns`.
pub fn head(text: &str, columns: usize) -> &str {
    text.unicode_truncate(columns).0
}

/// The longest end of `text` that fits into `columns`.
pub fn tail(text: &str, columns: usize) -> &str {
    text.unicode_truncate_start(columns).0
}

/// `text` without its first `columns` columns; a wide character that is cut in two gives a blank.
pub fn skip(text: &str, columns: usize) -> Cow<'_, str> {
    let mut passed = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if passed >= columns {
            let rest = text.get(at..).unwrap_or("");
            return if passed > columns { Cow::Owned(format!(" {rest}")) } else { Cow::Borrowed(rest) };
        }
        passed += grapheme.width();
    }
    Cow::Borrowed("")
}

/// `text` in lines of at most `columns`, broken at blanks where there are any. At least one line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= columns {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > columns {
            let start = head(rest, columns);
            lines.push(start.to_owned());
            rest = rest.get(start.len()..).unwrap_or("");
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_extension() {
        assert_eq!(cut_middle("holiday-in-the-mountains-2026.jpeg", 20), "holiday-in-t…26.jpeg");
        assert_eq!(cut_middle("short.txt", 20), "short.txt");
        assert_eq!(cut_middle("no-extension-at-all-but-long", 16), "no-extensi…-long");
        assert_eq!(cut_middle("abcdefghij", 4), "abc…");
    }

    #[test]
    fn no_cut_is_ever_wider_than_asked_for() {
        for text in
            ["日本語のファイル名.txt", "e\u{301}e\u{301}e\u{301}e\u{301}.gz", "👨‍👩‍👧 family.png", "plain name", "Grüße aus Köln.tar.gz"]
        {
            for columns in 0..30 {
                for cut in [cut_end(text, columns), cut_middle(text, columns), cut_start(text, columns)] {
                    assert!(width(&cut) <= columns, "{cut:?} in {columns}");
                }
                assert!(wrap(text, columns).iter().all(|line| width(line) <= columns.max(2)));
            }
        }
    }

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(cut_start("/very/long/path/to/here", 10), "…h/to/here");
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_breaks_long_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn skipping_half_of_a_wide_character_leaves_a_blank() {
        assert_eq!(skip("日本", 1), " 本");
        assert_eq!(skip("abc", 2), "c");
        assert_eq!(skip("abc", 5), "");
    }
}
