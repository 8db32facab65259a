//! A question with some buttons.

use ratatui::buffer::Buffer;

use crate::app::dialog::Confirm;
use crate::model::text::printable_str;
use crate::tui::format::{count, size};
use crate::tui::layout::DialogPlan;

use super::{Scene, dialog_frame, form, pen};

/// Draws the question.
pub fn draw(scene: &Scene<'_>, confirm: &Confirm, plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, &printable_str(&confirm.title), plan, buffer);
    form::text(scene, &plan.text, plan.inner, buffer);
    if let (Some((_, found, complete)), Some(area)) = (&confirm.count, plan.inner.rows().nth(plan.text.len())) {
        let more = if *complete { "" } else { " … counting" };
        let text = format!("{}, {}, {}{more}", count(found.files, "file", "files"), count(found.dirs, "directory", "directories"), size(found.bytes));
        pen::put(buffer, area, &text, scene.theme.dialog.patch(scene.theme.warn));
    }
    form::buttons(scene, confirm.buttons.iter().map(|button| button.label.as_str()), Some(confirm.focus), plan, buffer);
}
