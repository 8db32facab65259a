//! The key bar: the F-keys of the action table, fitted to the width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::action::ACTIONS;
use crate::tui::layout::{KEYS, Plan};

use super::{Scene, pen};

/// Draws the key bar.
pub fn draw(scene: &Scene<'_>, plan: &Plan, buffer: &mut Buffer) {
    for item in 1..=KEYS {
        let area = plan.key_rect(item);
        let number = item.to_string();
        let used = pen::put(buffer, area, &number, scene.theme.key_number);
        // A blank between items, so that the words stay apart without colour.
        let width = area.width.saturating_sub(used + u16::from(item < KEYS));
        let label = Rect { x: area.x + used, width, ..area };
        pen::fill(buffer, label, scene.theme.key_label);
        let word = word(item);
        let fits = word.chars().take(usize::from(width)).collect::<String>();
        pen::put(buffer, label, &fits, scene.theme.key_label);
    }
}

/// The word of F1 to F10.
fn word(item: u16) -> &'static str {
    let key = format!("F{item}");
    ACTIONS.iter().filter(|row| row.keys.contains(&key.as_str())).find_map(|row| row.bar).unwrap_or("")
}
