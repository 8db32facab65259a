//! The key bar: what F1 to F10 do for what is in front, fitted to the width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::layout::{KEYS, key_rect};
use crate::tui::text::{head, width};

use super::{Scene, pen};

/// Draws the key bar on a line.
pub fn draw(scene: &Scene<'_>, line: Rect, buffer: &mut Buffer) {
    pen::fill(buffer, line, scene.theme.text);
    for (number, word) in scene.app.key_bar() {
        let area = key_rect(line, u16::from(number));
        let used = pen::put(buffer, area, &number.to_string(), scene.theme.key_number);
        let mut label = Rect { x: area.x + used, width: area.width.saturating_sub(used), ..area };
        let word = short(word, label.width);
        // A blank between items where there is room for one; without it the numbers, which look different, still part them.
        if width(word) < usize::from(label.width) && u16::from(number) < KEYS {
            label.width -= 1;
        }
        pen::fill(buffer, label, scene.theme.key_label);
        pen::put(buffer, label, word, scene.theme.key_label);
    }
}

/// The word as it fits: the one that would be cut at an odd place has a shorter form.
fn short(word: &str, columns: u16) -> &str {
    match word {
        "Delete" if columns < 6 => "Del",
        "Cancel" if columns < 6 => "Stop",
        _ => head(word, usize::from(columns)),
    }
}
