//! Where the parts of a form are: the tabs of its pages, its fields, completions, error or help, buttons.

use ratatui::layout::Rect;

use crate::app::form::{Field, FieldKind, Form};
use crate::app::hit::DialogHit;
use crate::tui::text::{cut_end, width, wrap};

use super::dialog::{DialogPlan, ERROR_LINES, ListPlan, below, button_rows, clamp_u16, framed, inner_width, place_buttons};

/// Completions that show at once.
const COMPLETIONS: usize = 6;
/// Lines for what a field is for, below which is one for the keys.
const HELP_LINES: usize = 2;
/// How wide a form with help is, if the screen allows.
const HELP_WIDTH: usize = 62;

/// The plan of a form on a screen of `area`.
pub(super) fn plan(form: &Form, area: Rect) -> DialogPlan {
    let labels = form.fields.iter().map(|field| width(&field.label)).max().unwrap_or(0);
    let has_help = form.fields.iter().any(|field| !field.help.is_empty());
    let longest = form.text.iter().map(|line| width(line)).max().unwrap_or(0).max(labels + 38).max(if has_help { HELP_WIDTH } else { 0 });
    let inner_width = inner_width(longest, area);
    let columns = usize::from(inner_width);
    let text: Vec<String> = form.text.iter().flat_map(|line| wrap(line, columns)).collect();
    let error = error_lines(form, columns);
    let completions = form.completions.len().min(COMPLETIONS);
    let buttons = button_rows(form.buttons.iter().map(String::as_str), columns);
    let before = text.len() + usize::from(!text.is_empty()) + if form.pages.is_empty() { 0 } else { 2 };
    // Where there is help, an error comes in its place.
    let told = if has_help { HELP_LINES + 2 } else { error.len() };
    let fields = most_fields(form);
    let height = before + fields + completions + told + 1 + buttons.len();
    let mut plan = framed(area, inner_width, clamp_u16(height));
    place_tabs(&mut plan, form, before);
    let label = clamp_u16(labels + 1).min(inner_width / 2);
    let room = usize::from(plan.inner.height).saturating_sub(height - fields);
    let shown = shown_fields(form, room);
    for (line, (index, field)) in plan.inner.rows().skip(before).zip(shown.clone()) {
        place_field(&mut plan, Rect { x: line.x + label, width: line.width - label, ..line }, (index, field));
    }
    let y = plan.inner.y.saturating_add(clamp_u16(before + if form.pages.is_empty() { shown.count() } else { room.min(fields) }));
    let list = below(plan.inner, y, clamp_u16(completions));
    if completions > 0 {
        plan.list = Some(ListPlan { area: list, top: 0, len: form.completions.len() });
    }
    let blank = u16::from(has_help);
    plan.help = (below(plan.inner, list.bottom() + blank, clamp_u16(told).saturating_sub(blank)), help_lines(form, has_help, columns));
    plan.error = (below(plan.inner, list.bottom() + blank, clamp_u16(error.len())), error);
    place_buttons(&mut plan, &buttons);
    plan.text = text;
    plan
}

/// How many fields the page with the most has: a dialog that changes its size while one turns its pages is no comfort.
fn most_fields(form: &Form) -> usize {
    (0..form.pages.len().max(1)).map(|page| form.fields.iter().filter(|field| field.page == page).count()).max().unwrap_or(0)
}

/// The error, in no more lines than there are for it.
fn error_lines(form: &Form, columns: usize) -> Vec<String> {
    let mut error: Vec<String> = form.error.iter().flat_map(|line| wrap(line, columns)).collect();
    error.truncate(ERROR_LINES);
    error
}

/// What the field with the keys is for, and on the last line what keys do.
fn help_lines(form: &Form, has_help: bool, columns: usize) -> Vec<String> {
    if !has_help || form.error.is_some() {
        return Vec::new();
    }
    let field = form.fields.get(form.focus);
    let mut lines = field.map(|field| wrap(&field.help, columns)).unwrap_or_default();
    // Where even that is too narrow, the last line says that there would be more.
    if lines.len() > HELP_LINES {
        let rest = lines.split_off(HELP_LINES - 1).join(" ");
        lines.push(cut_end(&rest, columns).into_owned());
    }
    lines.resize(HELP_LINES, String::new());
    let keys = match field.map(|field| &field.kind) {
        Some(FieldKind::Choice { .. }) => "←→ Space change · ↑↓ fields · PgDn page · Enter save",
        Some(FieldKind::Text | FieldKind::Secret) => "↑↓ Tab fields · PgDn page · Enter save · Esc leave",
        None => "←→ choose · ↑↓ fields · PgDn page · Enter take",
    };
    lines.push(keys.to_owned());
    lines
}

/// The tabs stand on the line before the last one that is before the fields.
fn place_tabs(plan: &mut DialogPlan, form: &Form, before: usize) {
    let Some(line) = plan.inner.rows().nth(before.saturating_sub(2)).filter(|_| !form.pages.is_empty()) else { return };
    let mut x = line.x;
    for (page, word) in form.pages.iter().enumerate() {
        let tab = Rect { x, width: clamp_u16(width(word)) + 2, ..line };
        plan.parts.push((tab.intersection(line), DialogHit::Page(page)));
        x = tab.right() + 1;
    }
}

fn place_field(plan: &mut DialogPlan, area: Rect, (index, field): (usize, &Field)) {
    plan.parts.push((area, DialogHit::Field(index)));
    if let FieldKind::Choice { words, chosen } = &field.kind {
        let word = words.get(*chosen).map_or(0, |word| width(word));
        let back = Rect { width: 2, ..area }.intersection(area);
        let forward = Rect { x: back.right(), width: clamp_u16(word) + 2, ..area }.intersection(area);
        plan.turns.extend([(back, DialogHit::Turn(index, false)), (forward, DialogHit::Turn(index, true))]);
    }
}

/// The fields of the page that fit: where not all do, those around the one that has the keys.
fn shown_fields(form: &Form, room: usize) -> impl Iterator<Item = (usize, &Field)> + Clone {
    let of_page = form.fields.iter().enumerate().filter(|(_, field)| field.page == form.page);
    let count = of_page.clone().count();
    let last = of_page.clone().position(|(index, _)| index == form.focus).unwrap_or(count.saturating_sub(1));
    let first = (last + 1).saturating_sub(room.max(1)).min(count.saturating_sub(room));
    of_page.skip(first).take(room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::form::FormPurpose;

    #[test]
    fn help_that_is_too_long_for_its_lines_ends_in_dots() {
        let mut field = Field::text("Label", String::new());
        field.help = "word ".repeat(40).trim().to_owned();
        let mut form = Form {
            purpose: FormPurpose::Connect,
            title: String::new(),
            text: Vec::new(),
            fields: vec![field],
            pages: vec!["One".to_owned()],
            page: 0,
            focus: 0,
            buttons: vec!["Save".to_owned()],
            error: None,
            completions: Vec::new(),
        };
        let lines = help_lines(&form, true, 40);
        assert_eq!(lines.len(), HELP_LINES + 1);
        assert!(lines.iter().all(|line| width(line) <= 60) && lines[HELP_LINES - 1].ends_with('…'), "{lines:?}");
        form.error = Some("wrong".to_owned());
        assert!(help_lines(&form, true, 40).is_empty(), "an error comes in its place");
    }

    #[test]
    fn of_a_form_that_is_longer_than_the_screen_the_field_with_the_keys_shows_and_so_do_the_buttons() {
        let field = |index: usize| Field::text(&format!("Field {index}"), String::new());
        let mut form = Form {
            purpose: FormPurpose::Connect,
            title: "Long".to_owned(),
            text: vec!["What it is for.".to_owned()],
            fields: (0..20).map(field).collect(),
            pages: Vec::new(),
            page: 0,
            focus: 0,
            buttons: vec!["Save".to_owned(), "Cancel".to_owned()],
            error: Some("something is wrong".to_owned()),
            completions: Vec::new(),
        };
        for focus in 0..22 {
            form.focus = focus;
            for area in [Rect::new(0, 0, 60, 16), Rect::new(0, 0, 80, 24), Rect::new(0, 0, 120, 40)] {
                let plan = plan(&form, area);
                if focus < 20 {
                    assert!(plan.part(DialogHit::Field(focus)).is_some(), "field {focus} in {area}");
                }
                assert!(plan.part(DialogHit::Button(0)).is_some() && plan.part(DialogHit::Button(1)).is_some(), "{area}");
                let parts: Vec<_> = plan.parts.iter().map(|(rect, _)| *rect).collect();
                assert!(parts.iter().all(|rect| plan.inner.intersection(*rect) == *rect), "{area}: {parts:?}");
                let overlap = parts.iter().enumerate().any(|(at, rect)| parts.iter().skip(at + 1).any(|other| rect.intersects(*other)));
                assert!(!overlap, "{area}: {parts:?}");
            }
        }
    }
}
