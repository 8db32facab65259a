//! A longer text to read.

use ratatui::buffer::Buffer;

use crate::app::dialog::Scroll;
use crate::model::text::printable_str;
use crate::tui::layout::DialogPlan;

use super::{Scene, dialog_frame, form};

/// Draws the text; the plan holds it wrapped, from the first line that shows.
pub fn draw(scene: &Scene<'_>, (title, lines, scroll): (&str, usize, Scroll), plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, &printable_str(title), plan, buffer);
    form::text(scene, &plan.text, plan.inner, buffer);
    super::scroll_mark(scene, plan, scroll.top, lines, buffer);
}
