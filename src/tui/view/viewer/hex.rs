//! Bytes in hex: offset, sixteen bytes, and the same as characters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::viewer::Viewer;
use crate::tui::view::{Scene, pen};

use super::{is_found, window_at};

/// Bytes on a line: sixteen, or eight where sixteen do not fit.
fn per_line(columns: u16) -> usize {
    if columns >= 77 { 16 } else { 8 }
}

/// Draws the bytes.
pub fn draw(scene: &Scene<'_>, viewer: &Viewer, area: Rect, buffer: &mut Buffer) {
    let count = per_line(area.width);
    for (index, (bytes, line)) in window_at(viewer).chunks(count).zip(area.rows()).enumerate() {
        let at = viewer.top + (index * count) as u64;
        let mut x = line.x + pen::put(buffer, line, &format!("{at:08x}  "), scene.theme.dim);
        for (place, byte) in bytes.iter().enumerate() {
            let style = style_at(scene, viewer, at + place as u64);
            let gap = if place + 1 == count / 2 { "  " } else { " " };
            let rest = |x: u16| Rect { x, width: line.right().saturating_sub(x), ..line };
            x += pen::put(buffer, rest(x), &format!("{byte:02x}"), style);
            x += pen::put(buffer, rest(x), gap, scene.theme.text);
        }
        let characters = line.x + 10 + (count * 3 + 2) as u16;
        for (place, byte) in bytes.iter().enumerate() {
            let cell = Rect { x: characters + place as u16, width: 1, ..line };
            let (text, plain) = match byte {
                0x20..0x7f => (char::from(*byte).to_string(), scene.theme.text),
                _ => ("·".to_owned(), scene.theme.dim),
            };
            let style = if is_found(viewer, at + place as u64) { scene.theme.found } else { plain };
            pen::put(buffer, cell.intersection(line), &text, style);
        }
    }
}

fn style_at(scene: &Scene<'_>, viewer: &Viewer, at: u64) -> Style {
    if is_found(viewer, at) { scene.theme.found } else { scene.theme.text }
}
