//! The list of charsets, and how names of the listing read in the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::charsets::Charsets;
use crate::model::charset::CHARSETS;
use crate::tui::layout::DialogPlan;
use crate::tui::text::cut_end;

use super::{Scene, dialog_frame, form, pen};

/// Columns of a charset's name.
const LABEL: u16 = 16;

/// Draws the list.
pub fn draw(scene: &Scene<'_>, charsets: &Charsets, plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, &format!("Charset of names: now {}", charsets.now.label()), plan, buffer);
    let Some(list) = plan.list else { return };
    for (index, area) in list.rows() {
        let Some(listed) = CHARSETS.get(index) else { continue };
        let chosen = index == charsets.selected;
        let style = if chosen { scene.theme.cursor } else { scene.theme.dialog };
        if chosen {
            pen::fill(buffer, area, style);
        }
        pen::put(buffer, Rect { width: LABEL.min(area.width), ..area }, listed.label, style);
        let rest = Rect { x: area.x + LABEL.min(area.width), width: area.width.saturating_sub(LABEL), ..area };
        pen::put(buffer, rest, listed.about, if chosen { style } else { style.patch(scene.theme.dim) });
    }
    preview(scene, charsets, plan.error.0, buffer);
    form::buttons(scene, charsets.buttons().iter().map(|(_, label)| label.as_str()), Some(0), plan, buffer);
}

/// Below the list: the names as they would read.
fn preview(scene: &Scene<'_>, charsets: &Charsets, area: Rect, buffer: &mut Buffer) {
    let names = charsets.preview();
    let head = if names.is_empty() { "every name here is plain ASCII: it reads the same in all" } else { "names here would read" };
    let lines = std::iter::once((head.to_owned(), scene.theme.dialog.patch(scene.theme.dim)))
        .chain(names.into_iter().map(|name| (format!("  {name}"), scene.theme.dialog.patch(scene.theme.heading))));
    for (row, (text, style)) in area.rows().zip(lines) {
        pen::put(buffer, row, &cut_end(&text, usize::from(row.width)), style);
    }
}
