//! A question with some buttons.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::dialog::Confirm;
use crate::model::listing::Count;
use crate::model::text::printable_str;
use crate::tui::format::{count, size_in_words};
use crate::tui::layout::DialogPlan;

use super::{Scene, dialog_frame, form, pen};

/// Draws the question.
pub fn draw(scene: &Scene<'_>, confirm: &Confirm, plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, &printable_str(&confirm.title), plan, buffer);
    form::text(scene, &plan.text, plan.inner, buffer);
    if let (Some((_, found, complete)), Some(area)) = (&confirm.count, plan.inner.rows().nth(plan.text.len())) {
        let more = if *complete { "" } else { " … counting" };
        let text = format!("{}{more}", summary(found));
        pen::put(buffer, area, &text, scene.theme.dialog.patch(scene.theme.warn));
    }
    if let Some(list) = plan.list {
        super::scroll_mark_at(scene, plan, (list.top, usize::from(list.area.height), list.len), buffer);
    }
    keys(scene, confirm, plan, buffer);
    form::buttons(scene, confirm.buttons.iter().map(|button| button.label.as_str()), Some(confirm.focus), plan, buffer);
}

/// On the lower edge which letters take the buttons, where one of them has to be a capital.
fn keys(scene: &Scene<'_>, confirm: &Confirm, plan: &DialogPlan, buffer: &mut Buffer) {
    if !confirm.buttons.iter().any(|button| button.then.is_grave()) {
        return;
    }
    let parts: Vec<String> =
        confirm.buttons.iter().filter_map(|button| Some(format!("{} {}", button.key()?, small(&button.label)))).collect();
    let line = Rect { x: plan.inner.x, y: plan.frame.bottom().saturating_sub(1), width: plan.inner.width, height: 1 };
    pen::put(buffer, line, &format!(" {} ", parts.join(" · ")), scene.theme.dialog.patch(scene.theme.dim));
}

/// With a small letter at its beginning.
fn small(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// What was counted, without the kinds of which there is none: `2 directories`, `1 file, 3.0K`.
fn summary(found: &Count) -> String {
    let mut parts = Vec::new();
    if found.files > 0 || found.dirs == 0 {
        parts.push(count(found.files, "file", "files"));
    }
    if found.dirs > 0 {
        parts.push(count(found.dirs, "directory", "directories"));
    }
    if found.files > 0 {
        parts.push(size_in_words(found.bytes));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_names_only_the_kinds_that_are_there() {
        let text = |files, dirs, bytes| summary(&Count { files, dirs, bytes });
        assert_eq!(text(0, 2, 0), "2 directories");
        assert_eq!(text(1, 0, 3072), "1 file, 3.0K");
        assert_eq!(text(12, 1, 0), "12 files, 1 directory, 0 bytes");
        assert_eq!(text(1, 0, 15), "1 file, 15 bytes");
        assert_eq!(text(0, 0, 0), "0 files");
    }
}
