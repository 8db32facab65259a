//! A dialog with fields: labels, lines to type in, choices, completions, an error, buttons.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::form::{Field, FieldKind, Form};
use crate::app::hit::DialogHit;
use crate::model::text::printable_str;
use crate::tui::layout::DialogPlan;
use crate::tui::text::width;

use super::{Scene, dialog_frame, pen};

/// Draws the form; returns where the terminal's cursor belongs.
pub fn draw(scene: &Scene<'_>, form: &Form, plan: &DialogPlan, buffer: &mut Buffer) -> Option<Position> {
    dialog_frame(scene, &printable_str(&form.title), plan, buffer);
    text(scene, &plan.text, plan.inner, buffer);
    tabs(scene, form, plan, buffer);
    let mut cursor = None;
    for (index, field) in form.fields.iter().enumerate() {
        let Some(area) = plan.part(DialogHit::Field(index)) else { continue };
        let label = Rect { x: plan.inner.x, width: area.x.saturating_sub(plan.inner.x), ..area };
        pen::put(buffer, label, &field.label, scene.theme.dialog);
        cursor = draw_field(scene, field, index == form.focus, area, buffer).or(cursor);
    }
    if let Some(list) = plan.list {
        for (index, area) in list.rows() {
            let Some(name) = form.completions.get(index) else { continue };
            let hidden = list.len.saturating_sub(usize::from(list.area.height));
            let last = index + 1 == usize::from(list.area.height);
            let shown = if last && hidden > 0 {
                format!("  {}  … and {hidden} more", printable_str(name))
            } else {
                format!("  {}", printable_str(name))
            };
            pen::put(buffer, area, &shown, scene.theme.dialog.patch(scene.theme.dim));
        }
    }
    for (line, area) in plan.error.1.iter().zip(plan.error.0.rows()) {
        pen::put(buffer, area, &printable_str(line), scene.theme.dialog.patch(scene.theme.error));
    }
    let dim = scene.theme.dialog.patch(scene.theme.dim);
    for (line, area) in plan.help.1.iter().zip(plan.help.0.rows()) {
        pen::put(buffer, area, &printable_str(line), dim);
    }
    let focus = form.focus.checked_sub(form.fields.len());
    buttons(scene, form.buttons.iter().map(String::as_str), focus, plan, buffer);
    cursor
}

/// The tabs of the pages; brackets tell the one that shows without colour too.
fn tabs(scene: &Scene<'_>, form: &Form, plan: &DialogPlan, buffer: &mut Buffer) {
    for (page, word) in form.pages.iter().enumerate() {
        let Some(area) = plan.part(DialogHit::Page(page)) else { continue };
        let (open, close, style) = if page == form.page { ("[", "]", scene.theme.button_focus) } else { (" ", " ", scene.theme.button) };
        pen::put_all(buffer, area, &[(open, style), (word, style), (close, style)]);
    }
}

fn draw_field(scene: &Scene<'_>, field: &Field, focused: bool, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let style = if focused { scene.theme.input_focus } else { scene.theme.input };
    match &field.kind {
        FieldKind::Text if focused => pen::input(buffer, area, &field.input, &printable_str(field.input.value()), style),
        FieldKind::Text => {
            // What is longer shows from its beginning, wherever its cursor is.
            pen::fill(buffer, area, style);
            pen::put(buffer, area, &printable_str(field.input.value()), style);
            None
        }
        FieldKind::Secret => {
            let dots = "•".repeat(field.input.value().chars().count());
            pen::input(buffer, area, &field.input, &dots, style).filter(|_| focused)
        }
        FieldKind::Choice { words, chosen } => {
            pen::fill(buffer, area, style);
            let word = words.get(*chosen).map(String::as_str).unwrap_or("");
            pen::put_all(buffer, area, &[("◂ ", style), (word, style), (" ▸", style)]);
            None
        }
    }
}

/// Lines from the top of a dialog.
pub fn text(scene: &Scene<'_>, lines: &[String], area: Rect, buffer: &mut Buffer) {
    for (line, area) in lines.iter().zip(area.rows()) {
        pen::put(buffer, area, &printable_str(line), scene.theme.dialog);
    }
}

/// The buttons of a dialog, where the plan has them.
pub fn buttons<'a>(scene: &Scene<'_>, labels: impl Iterator<Item = &'a str>, focus: Option<usize>, plan: &DialogPlan, buffer: &mut Buffer) {
    for (index, label) in labels.enumerate() {
        let Some(area) = plan.part(DialogHit::Button(index)) else { continue };
        let chosen = focus == Some(index);
        let style = if chosen { scene.theme.button_focus } else { scene.theme.button };
        button(label, chosen, style, area, buffer);
    }
}

/// One button; the brackets tell the chosen one without colour too.
fn button(label: &str, chosen: bool, style: Style, area: Rect, buffer: &mut Buffer) {
    pen::fill(buffer, area, style);
    let (open, close) = if chosen { ("[ ", " ]") } else { ("  ", "  ") };
    let room = usize::from(area.width).saturating_sub(4);
    let label = crate::tui::text::cut_end(label, room);
    debug_assert!(width(&label) <= room, "a cut text is never wider than asked for");
    pen::put_all(buffer, area, &[(open, style), (&label, style), (close, style)]);
}
