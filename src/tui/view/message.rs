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
    // Lines that are broken make more than there are.
    let height = usize::from(plan.inner.height).min(if plan.most > 0 { lines.saturating_sub(1) } else { usize::MAX });
    super::scroll_mark_at(scene, plan, (scroll.top, height, lines), buffer);
}
