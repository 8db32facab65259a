//! Lines of text, wrapped or cut.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::app::viewer::{Viewer, is_utf8};
use crate::model::text::printable;
use crate::tui::view::{Scene, pen};

use super::{is_found, window_at};

/// Columns between tab stops.
const TAB: usize = 8;
/// The most of one line that is looked at when it is cut: what lies farther to the right is not shown.
const LONGEST: usize = 16 * 1024;

/// Draws as many lines as fit.
pub fn draw(scene: &Scene<'_>, viewer: &Viewer, area: Rect, buffer: &mut Buffer) {
    let utf8 = is_utf8(&viewer.bytes);
    let mut y = 0;
    let mut at = viewer.top;
    for line in window_at(viewer).split_inclusive(|&byte| byte == b'\n') {
        if y >= area.height {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let place = Rect { y: area.y + y, height: area.height - y, ..area };
        y += draw_line(scene, viewer, Piece { bytes: text, at, utf8 }, place, buffer);
        at += line.len() as u64;
    }
}

/// A line of the file: its bytes, where it begins in the file, and how to read them.
#[derive(Clone, Copy)]
struct Piece<'a> {
    bytes: &'a [u8],
    at: u64,
    utf8: bool,
}

/// Draws one line of the file; returns how many lines of the screen it took.
fn draw_line(scene: &Scene<'_>, viewer: &Viewer, piece: Piece<'_>, area: Rect, buffer: &mut Buffer) -> u16 {
    let columns = usize::from(area.width);
    let limit = if viewer.wrap { columns.saturating_mul(usize::from(area.height)).saturating_mul(4) } else { LONGEST };
    let mut row = 0;
    let mut column = 0;
    for (offset, text) in cells(piece, limit) {
        let shown = shown(&text, column);
        let width = shown.width();
        if viewer.wrap && column + width > columns && column > 0 {
            row += 1;
            column = 0;
        }
        if row >= area.height {
            break;
        }
        let style = if is_found(viewer, piece.at + offset as u64) { scene.theme.found } else { style_of(scene, &text) };
        let skipped = if viewer.wrap { 0 } else { viewer.left };
        if column >= skipped && column - skipped < columns {
            let x = area.x + (column - skipped) as u16;
            pen::put(buffer, Rect { x, y: area.y + row, width: area.right() - x, height: 1 }, &shown, style);
        }
        column += width;
        if !viewer.wrap && column >= skipped + columns {
            break;
        }
    }
    row + 1
}

/// The characters of a line, each with its place in it; at most `limit` bytes are looked at.
fn cells(piece: Piece<'_>, limit: usize) -> Vec<(usize, String)> {
    let bytes = piece.bytes.get(..limit.min(piece.bytes.len())).unwrap_or_default();
    if !piece.utf8 {
        return bytes.iter().enumerate().map(|(offset, byte)| (offset, from_1252(*byte))).collect();
    }
    let mut out = Vec::new();
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().grapheme_indices(true).map(|(at, text)| (offset + at, text.to_owned())));
        offset += chunk.valid().len();
        for byte in chunk.invalid() {
            out.push((offset, format!("\\x{byte:02x}")));
            offset += 1;
        }
    }
    out
}

fn from_1252(byte: u8) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned()
}

/// A character as it is drawn: a tab up to its stop, control characters as pictures.
fn shown(text: &str, column: usize) -> String {
    match text {
        "\t" => " ".repeat(TAB - column % TAB),
        _ => printable(text.as_bytes()).into_owned(),
    }
}

fn style_of(scene: &Scene<'_>, text: &str) -> Style {
    let odd = text != "\t" && text.chars().next().is_some_and(char::is_control);
    if odd { scene.theme.dim } else { scene.theme.text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_cuts_a_character_is_still_utf8() {
        let text = "für".as_bytes();
        assert!(is_utf8(&text[2..]));
        assert!(is_utf8(&text[..2]));
        assert!(is_utf8("plain".as_bytes()));
        assert!(!is_utf8(b"f\xfcr alle"));
    }

    #[test]
    fn characters_know_their_bytes() {
        let piece = Piece { bytes: "aüb".as_bytes(), at: 0, utf8: true };
        let places: Vec<usize> = cells(piece, 100).into_iter().map(|(at, _)| at).collect();
        assert_eq!(places, [0, 1, 3]);
        let latin = Piece { bytes: b"f\xfcr\x80", at: 0, utf8: false };
        let text: String = cells(latin, 100).into_iter().map(|(_, text)| text).collect();
        assert_eq!(text, "für€");
    }

    #[test]
    fn tabs_go_to_their_stop() {
        assert_eq!(shown("\t", 3).len(), 5);
        assert_eq!(shown("\t", 8).len(), 8);
        assert_eq!(shown("\u{1b}", 0), "␛");
    }
}
