//! The label that goes with the pointer while something is dragged.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Drag;
use crate::model::text::printable_str;
use crate::tui::text::{cut_middle, width};

use super::{Scene, pen};

/// Draws the label beside the pointer, inside the screen.
pub fn draw(scene: &Scene<'_>, drag: &Drag, screen: Rect, buffer: &mut Buffer) {
    let verb = if drag.over.is_some() { "copy" } else { "drag" };
    let label = printable_str(&drag.label);
    let text = format!(" {verb} {} ", cut_middle(&label, usize::from(screen.width / 2).saturating_sub(7)));
    let columns = width(&text) as u16;
    let (x, y) = drag.at;
    let right = x.saturating_add(2);
    let x = if right + columns <= screen.right() { right } else { x.saturating_sub(columns + 1).max(screen.x) };
    let y = y.min(screen.bottom().saturating_sub(1));
    let area = Rect { x, y, width: columns, height: 1 };
    pen::cover(buffer, area);
    pen::put(buffer, area, &text, scene.theme.drag);
}
